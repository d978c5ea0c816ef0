//! The wrong process blamed: who connects to the agents' socket, asks, and then runs another program
//! under the same number, asks on over the same connection as somebody else. The first prompt says
//! whose program it was, the second one vouches for nobody.

use artifact::ArtifactId;
use door::{AgentName, AgentRequest, AgentSecret};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};
use town::Town;
use wire::{Face, Query, View};

/// A program that connects and then carries frames from its input to the node; what the node says
/// goes to its output. An empty frame makes it run `cat` in its own place, which carries on.
const CARRIER: &str = r"
import os, socket, subprocess, sys
node = socket.socket(socket.AF_UNIX)
node.connect(sys.argv[1])
subprocess.Popen(['cat'], stdin=node)

def take(wanted):
    got = b''
    while len(got) < wanted:
        more = os.read(0, wanted - len(got))
        if not more:
            sys.exit()
        got += more
    return got

while True:
    head = take(4)
    length = int.from_bytes(head, 'big')
    if length == 0:
        os.dup2(node.fileno(), 1)
        os.execvp('cat', ['cat'])
    node.sendall(head + take(length))
";

/// The carrier, and what is said through it as an agent.
struct Spoken {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
    last: u64,
}

impl Spoken {
    /// Connects, and enters as this agent.
    fn enter(home: &Path, name: &str) -> Self {
        let socket = node::socket_dir(home).join("agent.sock");
        let mut python = Command::new("python3");
        python.args(["-c", CARRIER]).arg(socket);
        let mut child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut spoken = Self { child, to, from, last: 0 };
        let name: AgentName = name.parse().unwrap();
        let none = || Err(std::io::Error::other("the key is there"));
        let key: AgentSecret = door::agent::load_or_make(home, &name, none).unwrap();
        let nonce = spoken.hears()["hello"]["nonce"].as_str().unwrap().to_owned();
        let nonce = data_encoding::HEXLOWER.decode(nonce.as_bytes()).unwrap();
        let signed = [&b"tracenet agent v0\0"[..], &nonce, key.public().as_bytes()].concat();
        let sig = data_encoding::HEXLOWER.encode(&key.sign(&signed));
        let (name, key) = (name.to_string(), key.public().to_string());
        spoken.says(
            &json!({ "enter": { "v": door::PROTOCOL, "name": name, "key": key, "sig": sig } }),
        );
        assert_eq!(spoken.hears(), json!({ "welcome": { "paired": true } }));
        spoken
    }

    fn says(&mut self, message: &Value) {
        let message = message.to_string();
        let length = u32::try_from(message.len()).unwrap();
        self.to.write_all(&length.to_be_bytes()).unwrap();
        self.to.write_all(message.as_bytes()).unwrap();
    }

    fn hears(&mut self) -> Value {
        let mut length = [0; 4];
        self.from.read_exact(&mut length).unwrap();
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        self.from.read_exact(&mut frame).unwrap();
        serde_json::from_slice(&frame).unwrap()
    }

    /// Asks to make a crystal public: the ask.
    fn asks(&mut self, id: &ArtifactId) -> String {
        self.last += 1;
        let (audience, reason) = (vec!["public".to_owned()], String::new());
        let request = AgentRequest::RequestShare { id: id.to_string(), audience, reason };
        self.says(&json!({ "call": { "id": self.last, "request": request } }));
        let said = self.hears();
        let ask = said["answer"]["reply"]["body"]["ask"].as_str();
        ask.unwrap_or_else(|| panic!("{said}")).to_owned()
    }

    /// Runs another program in its own place. What is said next goes through that one.
    fn runs_another(&mut self) {
        self.to.write_all(&[0; 4]).unwrap();
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The rows of the prompt that say who asks.
async fn requester(town: &Town, ask: &str) -> Vec<String> {
    let (gate, prompt) = (town.gate("north"), Query::Prompt { ask: ask.to_owned() });
    match gate.view(Face::ConsentWindow, prompt).await.unwrap() {
        View::Prompt(prompt) => prompt.who,
        other => panic!("no prompt: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_connects_and_runs_another_program_is_shown_as_unverified() {
    let town = Town::new().house("north").open().await;
    let ids = [town.import_small("north", 1).await, town.import_small("north", 2).await];
    drop(town.pair("north", "scribe").await);
    let home = town.home("north").to_owned();
    let asks = tokio::task::spawn_blocking(move || {
        let mut spoken = Spoken::enter(&home, "scribe");
        let first = spoken.asks(&ids[0]);
        spoken.runs_another();
        let second = spoken.asks(&ids[1]);
        (first, second)
    });
    let (first, second) = asks.await.unwrap();
    let (before, after) = (requester(&town, &first).await, requester(&town, &second).await);
    // The key is the agent's, whatever carries it: that is what the human let in.
    for rows in [&before, &after] {
        assert!(rows[0].starts_with("scribe, paired ") && rows[0].ends_with("verified by its key"));
    }
    let vouched = "verified: the kernel names it as the one that connected";
    assert!(before[1].contains("python") && before[1].ends_with(vouched), "{before:?}");
    assert!(after[1].contains("python") && after[1].ends_with("· unverified"), "{after:?}");
    assert!(!after.iter().any(|row| row.contains(vouched)), "{after:?}");
    town.close().await;
}
