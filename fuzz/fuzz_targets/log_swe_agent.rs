//! Drives [`doors::log_swe_agent`] with whatever the fuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::log_swe_agent(bytes));
