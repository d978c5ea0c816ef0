//! The `tracenet` command.

fn main() -> std::process::ExitCode {
    cli::main()
}
