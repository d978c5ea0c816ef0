//! A node in a process of its own, the real `tracenet`, so that it can be killed.
//!
//! Its key lies in a passphrase-wrapped file, so that no keychain is needed, or in the keychain of a
//! test's own [`crate::bus`]. The test is its human and speaks over the control socket, as the
//! command line does.

use crate::PATIENCE;
use node::{Clock, SystemClock};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};
use wire::{
    Act, Answer, Answered, Done, Fault, Query, Verdict, View,
    control::{Client, Request, Response},
};
use zeroize::Zeroizing;

/// The passphrase or PIN of every such node.
pub const PASSPHRASE: &str = "quay lantern rope seven";

/// The folder of a node, and its process while it runs.
pub struct ChildNode {
    program: PathBuf,
    ground: tempfile::TempDir,
    keeps: Keeps,
    running: Option<Child>,
}

/// Where a node keeps its key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// In a file.
    File,
    /// In the keychain of the bus that this process is on, which is a test's own.
    Keychain,
}

impl ChildNode {
    /// Makes a node's keys. `None`, with a line that says so, where the program is not built.
    pub fn init(name: &str) -> Option<Self> {
        Self::keeping(name, Keeps::File)
    }

    /// The same, with human_key kept there.
    pub fn keeping(name: &str, keeps: Keeps) -> Option<Self> {
        let program = program()?;
        let ground = tempfile::tempdir().unwrap();
        let mut child = Self { program, ground, keeps, running: None };
        let mut init = child.command();
        init.args(["init", "--pin-fd", "0", "--name", name]);
        if keeps == Keeps::File {
            init.arg("--key-file");
        }
        let mut init = init.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        writeln!(init.stdin.take().unwrap(), "{PASSPHRASE}").unwrap();
        assert!(init.wait().unwrap().success());
        child.start();
        Some(child)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--home").arg(self.home());
        if self.keeps == Keeps::File {
            // No keychain of whoever runs the tests is touched.
            command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        }
        command
    }

    /// Starts the process and waits until it says that it runs.
    pub fn start(&mut self) {
        self.start_with(self.command());
    }

    /// The same, and what it tells of itself, by this filter, goes into a file.
    pub fn start_telling(&mut self, file: &Path, filter: &str) {
        let mut node = self.command();
        node.env("TRACENET_LOG", filter).stderr(std::fs::File::create(file).unwrap());
        self.start_with(node);
    }

    fn start_with(&mut self, mut node: Command) {
        assert!(self.running.is_none());
        node.args(["--json", "node", "--loopback"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = node.spawn().unwrap();
        let mut text = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        loop {
            assert!(out.read_line(&mut text).unwrap() > 0, "the node ended: {text}");
            if let Ok(said) = serde_json::from_str::<Value>(&text) {
                assert_eq!(said["ready"], true, "{said}");
                break;
            }
        }
        self.running = Some(child);
    }

    /// Kills it as the system does when it must: nothing in it runs any more.
    pub fn kill(&mut self) {
        let mut child = self.running.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// The id of its process.
    pub fn pid(&self) -> u32 {
        self.running.as_ref().unwrap().id()
    }

    /// The data folder.
    pub fn home(&self) -> &Path {
        self.ground.path()
    }

    /// Runs the command over this node's folder to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command().args(args).stdin(Stdio::null()).output().unwrap()
    }

    /// A connection to the running node.
    pub async fn client(&self) -> Client {
        Client::connect(self.home()).await.unwrap().expect("the node runs")
    }

    /// Looks at something.
    pub async fn view(&self, query: Query) -> View {
        match self.client().await.request(&Request::View(query)).await {
            Ok(Response::View(view)) => *view,
            other => panic!("no view: {other:?}"),
        }
    }

    /// Does something that grants nothing.
    pub async fn act(&self, act: Act) -> Done {
        self.client().await.act(act).await.unwrap()
    }

    /// Makes an ask.
    pub async fn ask(&self, act: Act) -> String {
        match self.act(act).await {
            Done::Asked { ask, .. } => ask,
            other => panic!("no ask: {other:?}"),
        }
    }

    /// The answer that allows an ask, with the code that is shown.
    pub async fn yes(&self, ask: &str) -> Answer {
        let View::Prompt(prompt) = self.view(Query::Prompt { ask: ask.to_owned() }).await else {
            panic!("no prompt")
        };
        let (ask, code) = (ask.to_owned(), prompt.code);
        let pin = Zeroizing::new(PASSPHRASE.to_owned()).into();
        Answer::plain(ask, Verdict::Allow, code, pin)
    }

    /// Allows an ask with the passphrase.
    pub async fn allow(&self, ask: &str) -> Answered {
        let answer = self.yes(ask).await;
        let answered = self.client().await.request(&Request::Answer(answer)).await;
        match answered {
            Ok(Response::Answered(answered)) => answered,
            other => panic!("not allowed: {other:?}"),
        }
    }

    /// Reads the whole journal: how many entries, if it holds.
    pub async fn verified(&self) -> Result<u64, Fault> {
        match self.client().await.request(&Request::View(Query::Verify {})).await? {
            Response::View(view) => match *view {
                View::Verify(verdict) if verdict.whole => Ok(verdict.entries),
                other => panic!("the journal does not hold: {other:?}"),
            },
            other => panic!("no verdict: {other:?}"),
        }
    }

    /// Imports a log and gives the crystal it became.
    pub async fn import(&self, log: &Path) -> String {
        let before = self.crystals().await;
        let mut notices = self.client().await.subscribe().await.unwrap();
        self.act(Act::Import { path: log.display().to_string() }).await;
        let ended = async {
            loop {
                if let wire::Notice::Job { state } = notices.next().await.unwrap()
                    && state.state != "running"
                {
                    return state;
                }
            }
        };
        let state = tokio::time::timeout(PATIENCE, ended).await.unwrap();
        assert_eq!((state.state.as_str(), state.crystals), ("finished", 1), "{state:?}");
        let mut new = self.crystals().await;
        new.retain(|id| !before.contains(id));
        new.pop().expect("a new crystal")
    }

    /// The ids of all crystals.
    async fn crystals(&self) -> Vec<String> {
        let (text, origin, outcome) = (String::new(), String::new(), String::new());
        let all = Query::Memory { text, origin, outcome, offset: 0, limit: 200, at_once: false };
        let View::Memory(page) = self.view(all).await else { panic!("no memory") };
        page.rows.into_iter().map(|row| row.id).collect()
    }
}

impl Drop for ChildNode {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.kill();
        }
    }
}

/// What the clock of such a node says: a ticket is good only in its time, so a town that meets
/// one goes by the same.
pub fn now() -> u64 {
    SystemClock.now()
}

/// The built program, beside the tests or where the test run says.
fn program() -> Option<PathBuf> {
    let beside = || {
        let exe = std::env::current_exe().ok()?;
        Some(exe.parent()?.parent()?.join("tracenet"))
    };
    let path = std::env::var_os("TRACENET_TEST_CLI").map(PathBuf::from).or_else(beside)?;
    if !path.is_file() {
        eprintln!("skipped: {} is not built: cargo build -p cli", path.display());
        return None;
    }
    Some(path)
}
