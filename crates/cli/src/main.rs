//! The `tracenet` command.
fn main() {}
