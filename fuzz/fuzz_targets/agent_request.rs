//! Drives [`doors::agent_request`] with whatever the fuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::agent_request(bytes));
