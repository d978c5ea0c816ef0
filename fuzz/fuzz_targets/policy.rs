//! Drives [`doors::policy`] with whatever the fuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::policy(bytes));
