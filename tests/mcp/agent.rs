//! The agent's side: `agent.py`, which runs the official client.

use super::rig::Machine;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

/// What a tool answered.
#[derive(Debug)]
pub struct Reply {
    pub error: bool,
    pub text: String,
    pub body: Value,
}

impl Reply {
    /// The tool did what was asked.
    #[track_caller]
    pub fn good(self) -> Self {
        assert!(!self.error, "{self:#?}");
        self
    }

    /// Nothing was done, and exactly this was said.
    #[track_caller]
    pub fn refused(&self, told: &str) {
        assert!(self.error, "{self:#?}");
        assert_eq!(self.text, told);
    }

    /// A text of the answer for programs.
    #[track_caller]
    pub fn of(&self, key: &str) -> String {
        self.body[key].as_str().unwrap_or_else(|| panic!("no {key}: {self:#?}")).to_owned()
    }
}

/// An agent program that runs.
pub struct Agent {
    child: Child,
    ask: Option<ChildStdin>,
    told: BufReader<ChildStdout>,
}

/// The Python that has the official client; `None`, said visibly, where there is none.
pub fn python() -> Option<PathBuf> {
    let python = std::env::var_os("TRACENET_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: TRACENET_TEST_PYTHON names no Python with the package mcp");
    }
    python
}

impl Agent {
    /// Starts the agent program, which starts `tracenet mcp --as NAME`.
    pub fn enter(machine: &Machine, name: &str) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("mcp/agent.py");
        let mut command = machine.command(python()?);
        command.arg(script).arg(machine.program()).args(["mcp", "--as", name]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (ask, told) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Some(Self { child, ask, told })
    }

    /// The same for a name that the human has let in.
    pub fn paired(machine: &Machine, name: &str) -> Option<Self> {
        let mut agent = Self::enter(machine, name)?;
        let asked = agent.call("peers", json!({}));
        assert!(asked.error, "{asked:#?}");
        machine.allow(&asked.of("ask"));
        agent.call("peers", json!({})).good();
        Some(agent)
    }

    #[track_caller]
    pub fn request(&mut self, request: &Value) -> Value {
        writeln!(self.ask.as_mut().unwrap(), "{request}").unwrap();
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{request}: {e}: {line}"))
    }

    /// Calls a tool.
    #[track_caller]
    pub fn call(&mut self, tool: &str, with: Value) -> Reply {
        let answer = self.request(&json!({"call": tool, "with": with}));
        let text = answer["text"].as_str().unwrap().to_owned();
        assert!(text.len() <= 4096, "{} bytes: {text}", text.len());
        let error = answer["error"].as_bool().unwrap();
        Reply { error, text, body: answer["body"].clone() }
    }

    /// Ends the program in order: its input ends, so the shim's does.
    pub fn leave(mut self) {
        drop(self.ask.take());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It has left already, or its test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
