//! A desktop session that belongs to one test: screen, window manager, bus, keychain, and the
//! doubles of a notification service and a tray. Everything in it ends with it.

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio},
};

/// How long anything may take to be seen, in milliseconds: a busy machine is slow.
pub const PATIENCE_MS: u64 = 30_000;

/// How the keychain stands when the session begins.
#[derive(Debug, Clone, Copy)]
pub enum Keychain {
    Unlocked,
    Absent,
}

/// Tells the session's environment, then holds the session until stdin closes.
const HOLD: &str =
    "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()";

/// A session that runs.
pub struct Session {
    env: BTreeMap<String, String>,
    holder: Child,
    hold: Option<ChildStdin>,
}

/// Where the session's programs lie.
fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("desktop")
}

impl Session {
    /// Starts one.
    pub fn start(keychain: Keychain) -> Self {
        let keychain = match keychain {
            Keychain::Unlocked => "unlocked",
            Keychain::Absent => "absent",
        };
        let mut holder = Command::new(programs().join("session.sh"))
            .args(["/usr/bin/python3", "-c", HOLD])
            .env("TRACENET_SESSION_KEYCHAIN", keychain)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("session.sh starts");
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut env: BTreeMap<String, String> =
            serde_json::from_str(&line).expect("the session comes up: see its last words above");
        env.insert("TRACENET_NETWORK".to_owned(), "loopback".to_owned());
        env.insert("TRACENET_HOME".to_owned(), format!("{}/north", env["TRACENET_SESSION"]));
        let hold = holder.stdin.take();
        Self { env, holder, hold }
    }

    /// The session's folder.
    pub fn dir(&self) -> &Path {
        Path::new(&self.env["TRACENET_SESSION"])
    }

    /// The app's data folder.
    pub fn home(&self) -> PathBuf {
        PathBuf::from(&self.env["TRACENET_HOME"])
    }

    /// Its screen.
    pub fn display(&self) -> &str {
        &self.env["DISPLAY"]
    }

    /// A log file of this session.
    pub fn log(&self, name: &str) -> File {
        let path = self.dir().join("log").join(name);
        File::options().create(true).append(true).open(path).unwrap()
    }

    /// What was logged under this name.
    pub fn logged(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir().join("log").join(name)).unwrap_or_default()
    }

    /// A program inside the session, not started yet.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.env).env_remove("RUST_LOG");
        command
    }

    /// Runs a program inside the session to its end.
    pub fn run(&self, program: &str, args: &[&str]) -> Output {
        self.command(program).args(args).stdin(Stdio::null()).output().unwrap()
    }

    /// Locks or unlocks the keychain.
    pub fn keychain(&self, verb: &str) {
        let done = self.command(programs().join("keychain.py")).arg(verb).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// A double, ready.
    pub fn double(&self, program: &str) -> Double {
        let mut child = self
            .command("/usr/bin/python3")
            .arg(programs().join(program))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let mut from = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready", "{program}");
        Double { child, to: Some(to), from }
    }

    /// Keeps a picture of the screen, when `TRACENET_TEST_PICTURES` names a folder for them: once
    /// two in a row are equal, for a screen is painted later than a page says what it shows.
    pub fn picture(&self, name: &str) {
        self.picture_at("root", name);
    }

    /// The same of one window, without its frame.
    pub async fn picture_of(&self, title: &str, name: &str) {
        let window = self.window(title).await;
        self.picture_at(&window, name);
    }

    fn picture_at(&self, window: &str, name: &str) {
        let Ok(folder) = std::env::var("TRACENET_TEST_PICTURES") else { return };
        let file = format!("{folder}/{name}.png");
        let mut last = Vec::new();
        for _ in 0..10 {
            self.run("import", &["-window", window, &file]);
            let now = self.run("identify", &["-format", "%#", &file]).stdout;
            if now == last {
                return;
            }
            last = now;
            std::thread::sleep(std::time::Duration::from_millis(400));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for log in ["app", "driver"] {
                eprintln!("--- {log}\n{}", self.logged(log));
            }
            let test = std::thread::current().name().unwrap_or_default().replace(':', "-");
            self.picture(&format!("failed-{test}"));
        }
        // With its stdin the session loses its reason to be.
        drop(self.hold.take());
        let _ = self.holder.wait();
    }
}

/// A double that was started in a session.
pub struct Double {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Double {
    /// Sends a command and returns its answer, which may be a refusal.
    pub fn ask(&mut self, command: Value) -> Value {
        let to = self.to.as_mut().unwrap();
        writeln!(to, "{command}").unwrap();
        to.flush().unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Sends a command that must succeed in good time.
    pub fn must(&mut self, cmd: &str, mut words: Value) -> Value {
        words["cmd"] = json!(cmd);
        words["timeout_ms"] = json!(PATIENCE_MS);
        let answer = self.ask(words.clone());
        assert_eq!(answer["ok"], true, "{words}: {answer}");
        answer
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        drop(self.to.take());
        let _ = self.child.wait();
    }
}
