//! A desktop session of its own: the one that the desktop tests run in (`tests/desktop`).

use serde::Deserialize;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

/// What `session.sh --hold` says on its one line: the variables of the session.
#[derive(Deserialize)]
#[serde(transparent)]
struct Variables(BTreeMap<String, String>);

/// A session that runs, and ends when this is dropped.
pub(crate) struct Session {
    variables: BTreeMap<String, String>,
    home: PathBuf,
    display: String,
    holder: Child,
    hold: Option<ChildStdin>,
}

impl Session {
    /// Starts one, or tells why there can be none here.
    pub(crate) fn start() -> Result<Self, String> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../desktop/session.sh");
        let mut holder = Command::new(program)
            .arg("--hold")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("tests/desktop/session.sh does not start: {e}"))?;
        let mut line = String::new();
        if let Some(said) = holder.stdout.take() {
            BufReader::new(said).read_line(&mut line).map_err(|e| e.to_string())?;
        }
        let Ok(Variables(mut variables)) = serde_json::from_str(&line) else {
            // It said why on stderr, above this line.
            let ended = holder.wait().map_or_else(|e| e.to_string(), |status| status.to_string());
            return Err(format!("no virtual desktop session ({ended}), see above"));
        };
        let told = |name: &str| variables.get(name).cloned().unwrap_or_default();
        let home = Path::new(&told("TRACENET_SESSION")).join("home/tracenet");
        let display = told("DISPLAY");
        variables.insert("TRACENET_HOME".to_owned(), home.display().to_string());
        variables.insert("TRACENET_NETWORK".to_owned(), "loopback".to_owned());
        let hold = holder.stdin.take();
        Ok(Self { variables, home, display, holder, hold })
    }

    /// The folder of the app's node.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// The session's screen.
    pub(crate) fn display(&self) -> &str {
        &self.display
    }

    /// A program inside the session, not started yet. What it says goes nowhere.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for name in ["WAYLAND_DISPLAY", "XAUTHORITY", "GTK_THEME", "RUST_LOG"] {
            command.env_remove(name);
        }
        command.envs(&self.variables).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.hold.take());
        // It ends with its stdin; there is nobody to tell if it did not.
        let _ = self.holder.wait();
    }
}
