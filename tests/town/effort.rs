//! How far a test goes: to a short figure in every run, to a long one in `./dev test --long`.

/// `long` where `TRACENET_LONG` is set, else `short`.
pub fn times(short: usize, long: usize) -> usize {
    if std::env::var_os("TRACENET_LONG").is_some_and(|said| !said.is_empty()) {
        long
    } else {
        short
    }
}

/// Says how far a test went, for whoever keeps the table of threats.
pub fn reached(what: &str) {
    println!("reached: {what}");
}
