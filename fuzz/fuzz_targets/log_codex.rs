//! Drives [`doors::log_codex`] with whatever the fuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::log_codex(bytes));
