//! The app's twin for tests: the same in everything, except that it leaves the automation
//! variables alone. Built only with the feature `webdriver`, and never installed.

fn main() -> std::process::ExitCode {
    shell::run(shell::Driven::ByWebDriver)
}
