//! Ten thousand requests at each of the two sockets of a node in a process of its own, and noise
//! between them: what waits, what is written down and what is held in memory stay within bounds,
//! and a well-behaved agent is served meanwhile.

use crate::{
    rig::Machine,
    watched::{Ended, Watched, waiting},
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    process::{Child, ChildStdin, ChildStdout, Stdio},
    thread,
};
use town::{disk::next, effort};
use wire::{
    Act, Query,
    control::{Client, Request},
};

/// What the node may take more than before, in kB. Its calls and frames have caps of their own:
/// agents' frames alone may come to 64 × 8 × 4 KiB.
const ROOM: u64 = 96 << 10;
/// The most asks that such a flood leaves waiting: of one agent, of who wants in, of terminals.
const WAITING: usize = 5 + 3 + 20;
/// The most journal entries of it: sixty asks within the hour and what became of each, the others
/// of above, and what the human did before.
const WRITTEN: u64 = 2 * (60 + 20) + 40;
/// Crystals that it asks for: more than may wait.
const CRYSTALS: u32 = 8;
/// So many requests go before the well-behaved agent makes one.
const BETWEEN: usize = 50;

/// An agent's program, with the shim below it.
struct Agent {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last: u64,
}

impl Agent {
    fn enter(machine: &Machine, name: &str) -> Self {
        // The shell is the agent's program: the test itself stays the human's.
        let mut shell = machine.command("sh");
        shell.args(["-c", "\"$0\" mcp --as \"$1\"; exit 0"]).arg(machine.program()).arg(name);
        let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut agent = Self { child, to, from: BufReader::new(from), last: 0 };
        let hello = json!({
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "flood", "version": "0" },
        });
        agent.asks("initialize", &hello);
        agent.hears();
        agent.says(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        agent
    }

    fn says(&mut self, message: &Value) {
        writeln!(self.to, "{message}").unwrap();
    }

    fn asks(&mut self, method: &str, with: &Value) {
        self.last += 1;
        let id = self.last;
        self.says(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": with }));
    }

    /// The next answer, whichever it is of.
    fn hears(&mut self) -> Value {
        let mut line = String::new();
        assert!(self.from.read_line(&mut line).unwrap() > 0, "the shim ended");
        serde_json::from_str(&line).unwrap()
    }

    fn calls(&mut self, tool: &str, with: &Value) -> Value {
        self.asks("tools/call", &json!({ "name": tool, "arguments": with }));
        self.hears()["result"].clone()
    }

    /// The human lets it in.
    fn paired(machine: &Machine, name: &str) -> Self {
        let mut agent = Self::enter(machine, name);
        let refused = agent.calls("peers", &json!({}));
        let ask = refused["_meta"][door::mcp::BODY]["ask"].as_str().unwrap().to_owned();
        machine.allow(&ask);
        assert_eq!(agent.calls("peers", &json!({}))["isError"], json!(false));
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn is_bounded(ended: &Ended, waiting: usize) {
    assert!((1..=WAITING).contains(&waiting), "{waiting} asks wait");
    assert!(ended.written <= WRITTEN, "{} entries more", ended.written);
    assert!(ended.grown < ROOM, "{} kB more", ended.grown);
}

/// Request number `n` of an agent that means harm.
fn harmful(n: usize, crystals: &[String], dice: &mut u64) -> (&'static str, Value) {
    let long = "x".repeat(usize::try_from(next(dice) % 4_000).unwrap());
    match n % 8 {
        0..=3 => {
            let audience = if n.is_multiple_of(2) { "public" } else { "nobody" };
            let id = &crystals[n / 8 % crystals.len()];
            ("request_share", json!({ "id": id, "audience": [audience], "reason": long }))
        }
        4 => ("share_status", json!({ "id": long })),
        5 => ("withdraw", json!({ "id": format!("{n:032x}") })),
        6 => ("no-such-tool", json!({ "id": long })),
        _ => ("peers", json!({ "what": long })),
    }
}

/// Bytes that are no frame, and a length that nothing follows, at a socket.
fn noise(machine: &Machine, socket: &str, dice: &mut u64) {
    let path = node::socket_dir(&machine.home).join(socket);
    let Ok(mut stream) = UnixStream::connect(path) else { return };
    let bytes: Vec<u8> = (0..512).flat_map(|_| next(dice).to_be_bytes()).collect();
    // It may hang up before it has read all of it.
    let _ = stream.write_all(&bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read(&mut [0; 64]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_an_agents_requests_is_bounded_and_another_is_served() {
    let Some(mut machine) = Machine::running() else { return };
    let requests = effort::times(1_000, 10_000);
    let crystals: Vec<String> = (0..CRYSTALS).map(|n| machine.remember(n)).collect();
    let mut bystander = Agent::paired(&machine, "bystander");
    let floods = [Agent::paired(&machine, "flood"), Agent::enter(&machine, "stranger")];
    let watched = Watched::begin(&machine);
    let flooding: Vec<_> = floods
        .into_iter()
        .enumerate()
        .map(|(who, mut agent)| {
            let crystals = crystals.clone();
            thread::spawn(move || {
                let mut dice = who as u64;
                // Eight are worked on at once: always more than that wait.
                for n in 0..requests / 2 {
                    let (tool, with) = harmful(n, &crystals, &mut dice);
                    agent.asks("tools/call", &json!({ "name": tool, "arguments": with }));
                    if n >= 16 {
                        agent.hears();
                    }
                }
                (0..16).for_each(|_| drop(agent.hears()));
            })
        })
        .collect();
    let (mut served, mut dice) = (0, 3);
    while flooding.iter().any(|flood| !flood.is_finished()) || served < requests / BETWEEN / 4 {
        let found = bystander.calls("recall", &json!({ "query": "the lighthouse test" }));
        assert_eq!(found["isError"], json!(false), "{found}");
        noise(&machine, "agent.sock", &mut dice);
        served += 1;
    }
    flooding.into_iter().for_each(|flood| flood.join().unwrap());
    let (ended, waiting) = (watched.end(&machine), waiting(&machine).await);
    is_bounded(&ended, waiting);
    effort::reached(&format!(
        "{requests} requests of agents: {waiting} asks wait, {} entries and at most {} MiB more, \
         another agent served {served} times",
        ended.written,
        ended.grown >> 10
    ));
    machine.stop();
}

/// Request number `n` of a program at the control socket. None of them could grant.
fn meddling(n: usize) -> Request {
    match n % 4 {
        0 => Request::Act(Act::Ticket {}),
        1 => Request::Act(Act::Review { ask: format!("{n:032x}") }),
        2 => Request::View(Query::Ask { ask: "x".repeat(n % 4_000) }),
        _ => Request::Act(Act::Pair { name: format!("claude-{}", n % 100) }),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_at_the_control_socket_is_bounded_and_an_agent_is_served() {
    let Some(mut machine) = Machine::running() else { return };
    let requests = effort::times(1_000, 10_000);
    machine.remember(1);
    let mut bystander = Agent::paired(&machine, "bystander");
    let watched = Watched::begin(&machine);
    // Ninety-six at once, where sixty-four have a place.
    let flooding: Vec<_> = (0..96)
        .map(|who| {
            let home = machine.home.clone();
            tokio::spawn(async move {
                let mut refused = 0;
                for n in (who..requests).step_by(96) {
                    let client = Client::connect(&home).await;
                    let Ok(Some(mut client)) = client else {
                        refused += 1;
                        continue;
                    };
                    refused += usize::from(client.request(&meddling(n)).await.is_err());
                }
                refused
            })
        })
        .collect();
    let (mut served, mut dice) = (0, 5);
    while flooding.iter().any(|flood| !flood.is_finished()) || served < requests / BETWEEN / 4 {
        let found = bystander.calls("recall", &json!({ "query": "the lighthouse test" }));
        assert_eq!(found["isError"], json!(false), "{found}");
        noise(&machine, "control.sock", &mut dice);
        served += 1;
    }
    let mut refused = 0;
    for flood in flooding {
        refused += flood.await.unwrap();
    }
    assert!(refused > requests / 2, "only {refused} of {requests} were refused");
    let (ended, waiting) = (watched.end(&machine), waiting(&machine).await);
    is_bounded(&ended, waiting);
    effort::reached(&format!(
        "{requests} requests at the control socket: {waiting} asks wait, {} entries and at most \
         {} MiB more, an agent served {served} times",
        ended.written,
        ended.grown >> 10
    ));
    machine.stop();
}
