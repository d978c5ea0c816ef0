//! Drives [`doors::envelope`] with whatever the fuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::envelope(bytes));
