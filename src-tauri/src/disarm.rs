//! Starts this program anew without the variables by which another could drive or inspect its
//! windows. Tauri and WebKit obey them in every build; a variable of a running process cannot be
//! removed safely, so that the process replaces itself, before GTK and any thread has started.
//!
//! It does not stop a program of the same user that has a debugger; nothing here could.

use std::{
    env,
    ffi::{OsStr, OsString},
    io,
    process::Command,
};

/// Beginnings of the names that open a way in.
const ARMING: [&str; 5] = [
    "TAURI_WEBVIEW_AUTOMATION",
    "TAURI_AUTOMATION",
    "WEBKIT_INSPECTOR",
    "WEBKIT_INJECTED",
    "GTK_DEBUG",
];

/// Replaces this process when such a variable is set; returns when none is.
///
/// # Errors
/// When the program's own file cannot be started.
pub(crate) fn disarm() -> io::Result<()> {
    let armed: Vec<OsString> = env::vars_os().map(|(name, _)| name).filter(|n| arms(n)).collect();
    if armed.is_empty() {
        return Ok(());
    }
    let mut anew = Command::new(env::current_exe()?);
    anew.args(env::args_os().skip(1));
    for name in &armed {
        anew.env_remove(name);
    }
    replace(anew)
}

/// Whether a variable of this name lets another program in.
fn arms(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    ARMING.iter().any(|start| name.starts_with(start))
}

/// Becomes the other program. Returns only when that failed.
#[cfg(unix)]
fn replace(mut anew: Command) -> io::Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(anew.exec())
}

/// Where a process cannot be replaced, it waits for its successor and ends as that did.
#[cfg(not(unix))]
fn replace(mut anew: Command) -> io::Result<()> {
    let status = anew.status()?;
    std::process::exit(status.code().unwrap_or(1))
}

#[cfg(test)]
mod tests;
