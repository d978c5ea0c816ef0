//! How many bytes a second are scanned: `cargo run --release -p screen --example rate FILE`.
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "an example fails by panicking, and some millions fit"
)]

use std::time::Instant;

fn main() {
    let path = std::env::args_os().nth(1).unwrap();
    let bytes = std::fs::read(path).unwrap();
    // The first look compiles the rules.
    let first = Instant::now();
    std::hint::black_box(screen::scan(b"password"));
    println!("rules {:.1} ms", first.elapsed().as_secs_f64() * 1e3);
    let mut best = f64::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        for window in bytes.chunks(screen::MAX_BYTES) {
            std::hint::black_box(screen::scan(window));
        }
        best = best.min(began.elapsed().as_secs_f64());
    }
    println!("{:.0} MB/s of {} bytes", bytes.len() as f64 / best / 1e6, bytes.len());
}
