//! A session bus of a test's own, with a private home and gnome-keyring on it, so that no keychain
//! of whoever runs the tests is touched. What a bus is found by is the environment of a process, so
//! the test runs once more inside it, in a process of its own.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Set for the copy of a test that runs inside the bus: its ground.
const INSIDE: &str = "TRACENET_TEST_BUS_HOME";

/// Whether a program is found.
fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

/// The ground of a test inside its bus, whose keyring is open. Outside it runs this very test
/// inside and gives `None` when that has held, or where there is no bus or keyring to be had.
pub fn inside(test: &str) -> Option<PathBuf> {
    if let Some(home) = std::env::var_os(INSIDE) {
        unlock();
        return Some(home.into());
    }
    if !installed("dbus-daemon") || !installed("gnome-keyring-daemon") {
        eprintln!("skipped: dbus-daemon and gnome-keyring-daemon are not both installed");
        return None;
    }
    let home = tempfile::tempdir().unwrap();
    let (mut bus, address) = bus();
    let ended = again(test, home.path(), &address).status().unwrap();
    // The test may have ended it.
    drop(bus.kill());
    bus.wait().unwrap();
    assert!(ended.success(), "it failed inside its bus");
    None
}

/// A bus, and where it is.
fn bus() -> (Child, String) {
    let mut bus = Command::new("dbus-daemon")
        .args(["--session", "--nofork", "--print-address"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = String::new();
    BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
    (bus, address.trim().to_owned())
}

/// The same test once more, with nothing of the desktop around it.
fn again(test: &str, home: &Path, address: &str) -> Command {
    let mut run = Command::new(std::env::current_exe().unwrap());
    run.args(["--exact", test, "--nocapture"]);
    for gone in ["DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL"] {
        run.env_remove(gone);
    }
    run.env("DBUS_SESSION_BUS_ADDRESS", address).env(INSIDE, home).env("HOME", home);
    for place in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
        let folder = home.join(place);
        keys::private::folder(&folder).unwrap();
        run.env(place, folder);
    }
    run
}

/// Gives the bus a keyring that is open.
fn unlock() {
    let mut daemon = Command::new("gnome-keyring-daemon")
        .args(["--daemonize", "--replace", "--unlock", "--components=secrets"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    daemon.stdin.take().unwrap().write_all(b"keyring password").unwrap();
    assert!(daemon.wait().unwrap().success());
}
