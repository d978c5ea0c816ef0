//! The app. It cannot be driven by WebDriver, however it is built; its twin `driven.rs` can.

fn main() -> std::process::ExitCode {
    shell::run(shell::Driven::Never)
}
