//! One person's machine: a private home, the real `tracenet`, and a terminal to type into.
//!
//! Nothing of whoever runs the tests is touched: the environment begins empty, every folder is
//! a temporary one, and no session bus is named, so no keychain answers. Nodes speak to this
//! machine only.

pub mod terminal;

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

/// What closes the key of every machine here.
pub const PASSPHRASE: &str = "quay lantern rope seven";

/// The command under test: `TRACENET_TEST_CLI`, else the one built beside this test.
///
/// `None`, with a line that says so, where neither is there.
pub fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TRACENET_TEST_CLI") {
        let named = PathBuf::from(named);
        assert!(named.is_file(), "TRACENET_TEST_CLI names no file: {}", named.display());
        return Some(named);
    }
    let own = std::env::current_exe().unwrap();
    let beside = own.parent().and_then(Path::parent).unwrap().join("tracenet");
    if beside.is_file() {
        return Some(beside);
    }
    eprintln!("skipped: no tracenet at {}: cargo build -p cli", beside.display());
    None
}

/// How a command ended. In what it said, the machine's temporary folder is called `[TMP]`.
#[derive(Debug, Clone)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// It did what it should, and says so on standard output only.
    #[track_caller]
    pub fn done(&self) -> &str {
        assert_eq!(self.code, 0, "{self:#?}");
        assert_eq!(self.err, "", "{self:#?}");
        &self.out
    }

    /// It was refused or failed, with exactly this said to the human.
    #[track_caller]
    pub fn refused(&self, told: &str) {
        assert_eq!(self.err.trim_end(), told, "{self:#?}");
        assert_eq!(self.code, 1, "{self:#?}");
    }

    /// It was refused or failed, and all of these were said to the human.
    #[track_caller]
    pub fn refused_with(&self, told: &[&str]) {
        assert_eq!(self.code, 1, "{self:#?}");
        assert!(self.err.lines().any(|line| line.starts_with("tracenet: ")), "{self:#?}");
        for fragment in told {
            assert!(self.err.contains(fragment), "not said: {fragment}\n{self:#?}");
        }
    }

    /// As [`Self::refused_with`], after the prompt was shown.
    #[track_caller]
    pub fn refused_with_prompt(&self, told: &[&str]) {
        assert_eq!(self.code, 1, "{self:#?}");
        assert!(self.out.contains("Code    "), "{self:#?}");
        for fragment in told {
            assert!(self.err.contains(fragment), "not said: {fragment}\n{self:#?}");
        }
    }

    /// It was used wrongly: exit code 2.
    #[track_caller]
    pub fn misused(&self, told: &str) {
        assert_eq!(self.code, 2, "{self:#?}");
        assert!(self.err.contains(told), "not said: {told}\n{self:#?}");
        assert_eq!(self.out, "", "{self:#?}");
    }

    /// What it printed, as JSON on one line.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "one line of JSON: {self:#?}");
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("no JSON ({e}): {self:#?}"))
    }
}

/// A machine.
pub struct Machine {
    ground: tempfile::TempDir,
    program: PathBuf,
    /// The data folder.
    pub home: PathBuf,
    /// What comes before every command, to run it somewhere else.
    pub enter: Vec<String>,
    node: Option<Child>,
    told: Option<BufReader<ChildStdout>>,
}

impl Machine {
    /// A machine on which nothing was started yet; `None`, said visibly, without a program.
    pub fn new() -> Option<Self> {
        let program = program()?;
        let ground = tempfile::tempdir().unwrap();
        let home = ground.path().join("data");
        let (node, told) = (None, None);
        Some(Self { ground, program, home, enter: Vec::new(), node, told })
    }

    /// A machine whose node has its keys, the human's in a file.
    pub fn ready() -> Option<Self> {
        let machine = Self::new()?;
        machine.init("north").done();
        Some(machine)
    }

    /// A machine whose node has its keys and runs.
    pub fn running() -> Option<Self> {
        Self::running_as("north")
    }

    /// The same under another name.
    pub fn running_as(name: &str) -> Option<Self> {
        let mut machine = Self::new()?;
        machine.init(name).done();
        machine.start();
        Some(machine)
    }

    /// A path beside the data folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.ground.path().join(name)
    }

    /// Writes a file beside the data folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The variables of this machine.
    pub fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let folder = |name: &str| {
            let path = self.path(name);
            std::fs::create_dir_all(&path).unwrap();
            path
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        vec![
            ("PATH", path.into()),
            ("HOME", folder("home")),
            ("XDG_DATA_HOME", folder("home/.local/share")),
            ("XDG_CONFIG_HOME", folder("home/.config")),
            ("XDG_CACHE_HOME", folder("home/.cache")),
            ("XDG_RUNTIME_DIR", folder("home/run")),
            ("TRACENET_HOME", self.home.clone()),
            ("TZ", "UTC".into()),
            ("LANG", "C.UTF-8".into()),
        ]
    }

    /// Any program of this machine.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = match self.enter.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.env_clear().envs(self.variables()).stdin(Stdio::null());
        command
    }

    /// `tracenet`, with these arguments.
    pub fn tracenet(&self, args: &[&str]) -> Command {
        let mut command = self.command(&self.program);
        command.args(args);
        command
    }

    /// Where the program lies.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Runs `tracenet`, with nothing to read from.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.ended(self.tracenet(args).output().unwrap())
    }

    /// Runs `tracenet` with `input` on its standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.tracenet(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read has ended before all is written.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        self.ended(child.wait_with_output().unwrap())
    }

    /// Runs `tracenet … --json` and reads what it printed.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        let ran = self.run(&[&["--json"], args].concat());
        assert_eq!(ran.code, 0, "{ran:#?}");
        ran.json()
    }

    /// Makes the keys of this machine's node.
    pub fn init(&self, name: &str) -> Ran {
        let args = ["init", "--key-file", "--pin-fd", "0", "--name", name];
        self.run_with(&args, &format!("{PASSPHRASE}\n"))
    }

    /// How a command ended, with the temporary folder's name taken out of what it said.
    pub fn ended(&self, output: Output) -> Ran {
        let said = |bytes: Vec<u8>| self.tidy(&String::from_utf8(bytes).unwrap());
        let code = output.status.code().unwrap_or(-1);
        let ran = Ran { code, out: said(output.stdout), err: said(output.stderr) };
        assert!(!ran.err.contains("panicked at"), "{ran:#?}");
        ran
    }

    fn tidy(&self, text: &str) -> String {
        text.replace(self.ground.path().to_str().unwrap(), "[TMP]")
    }

    /// Starts this machine's node, speaking to this machine only, and waits until it says that
    /// it runs.
    pub fn start(&mut self) -> Value {
        assert!(self.node.is_none(), "the node runs");
        let log = std::fs::File::create(self.path("node.log")).unwrap();
        let mut command = self.tracenet(&["--json", "node", "--loopback"]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut told = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        self.node = Some(child);
        self.told = Some(told);
        serde_json::from_str(&line)
            .unwrap_or_else(|e| panic!("the node does not run ({e}): {line}{}", self.log()))
    }

    /// What the node wrote to standard error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("node.log")).unwrap()
    }

    /// The node's process id.
    pub fn pid(&self) -> u32 {
        self.node.as_ref().unwrap().id()
    }

    /// Sends the node a signal and waits until its process has ended.
    pub fn end(&mut self, signal: nix::sys::signal::Signal) -> std::process::ExitStatus {
        let mut child = self.node.take().unwrap();
        let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
        nix::sys::signal::kill(pid, signal).unwrap();
        let status = child.wait().unwrap();
        let mut rest = String::new();
        self.told.take().unwrap().read_to_string(&mut rest).unwrap();
        assert!(!self.log().contains("panicked at"), "{}", self.log());
        status
    }

    /// Stops the node in order.
    pub fn stop(&mut self) {
        let status = self.end(nix::sys::signal::Signal::SIGTERM);
        assert_eq!(status.code(), Some(0), "{status}: {}", self.log());
    }

    /// Answers an ask in a terminal of the human's own, with the passphrase.
    #[track_caller]
    pub fn allow(&self, ask: &str) -> terminal::Screen {
        let mut terminal = terminal::Terminal::open(self, &["answer", ask, "allow"]);
        terminal.type_unseen("PIN: ", PASSPHRASE);
        let screen = terminal.end();
        assert_eq!(screen.code, 0, "{screen:#?}");
        screen
    }

    /// Imports the built-in log number `n` and gives the crystal's id.
    pub fn remember(&self, n: u32) -> String {
        let log = self.file(&format!("logs/{n}.jsonl"), town::log::small(n));
        let job = self.json(&["import", log.to_str().unwrap()]);
        assert_eq!((&job["state"], &job["crystals"]), (&"finished".into(), &1.into()), "{job}");
        let page = self.json(&["recall", &format!("lighthouse number {n}")]);
        let title = format!("number {n} ");
        let rows = page["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["title"].as_str().unwrap().contains(&title));
        row.unwrap_or_else(|| panic!("{page}"))["id"].as_str().unwrap().to_owned()
    }

    /// The journal is whole, and this is how many entries it has.
    #[track_caller]
    pub fn verified(&self) -> u64 {
        let verdict = self.json(&["log", "verify"]);
        assert_eq!(verdict["whole"], true, "{verdict}");
        verdict["entries"].as_u64().unwrap()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(mut child) = self.node.take() {
            // It is gone already, or it goes now.
            drop(child.kill());
            drop(child.wait());
        }
    }
}
