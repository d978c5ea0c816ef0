//! The shim, spoken to in MCP over a pipe, with a node
//! behind it, without one, and with one that restarts.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
use super::*;
use crate::serve::tests::Served;
use serde_json::{Value, json};
use std::{fs, path::PathBuf};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf},
    task::JoinHandle,
};

/// An agent's program, speaking MCP line by line.
struct Client {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    write: WriteHalf<DuplexStream>,
    shim: JoinHandle<Result<(), ShimError>>,
    last: u64,
    greeting: Value,
}

impl Client {
    async fn new(home: &Path, name: &str) -> Self {
        let (here, there) = tokio::io::duplex(1 << 16);
        let (read, write) = tokio::io::split(there);
        let (home, folder, name) = (home.to_owned(), home.join("run"), name.to_owned());
        let shim =
            tokio::spawn(async move { serve_over(&home, &folder, &name, read, write).await });
        let (read, write) = tokio::io::split(here);
        let lines = BufReader::new(read).lines();
        let mut client = Self { lines, write, shim, last: 0, greeting: Value::Null };
        let hello = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "0"},
        });
        client.greeting = client.request("initialize", hello).await;
        client.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        client
    }

    async fn send(&mut self, message: Value) {
        self.write.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    async fn request(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        let line = self.lines.next_line().await.unwrap().unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["id"], id, "{answer}");
        answer["result"].clone()
    }

    async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.request("tools/call", json!({"name": tool, "arguments": arguments})).await
    }

    /// Calls a tool; its text, and whether it is an error.
    async fn text(&mut self, tool: &str, arguments: Value) -> (String, bool) {
        let result = self.call(tool, arguments).await;
        assert_eq!(result["content"].as_array().unwrap().len(), 1, "{result}");
        assert!(result.get("structuredContent").is_none());
        let text = result["content"][0]["text"].as_str().unwrap().to_owned();
        assert!(text.len() <= MAX_TEXT);
        (text, result["isError"] == true)
    }

    async fn check(&mut self, tool: &str, arguments: Value, want: &str) {
        let (text, error) = self.text(tool, arguments).await;
        assert!(!error && text == want, "{tool}: {text}");
    }

    async fn refused(&mut self, tool: &str, arguments: Value, want: &str) {
        let (text, error) = self.text(tool, arguments).await;
        assert!(error && text.contains(want), "{tool}: {text}");
    }
}

fn home() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let run = home.path().join("run");
    (home, run)
}

#[tokio::test]
async fn the_tools_are_these_and_say_what_they_do() {
    let (home, _) = home();
    let mut client = Client::new(home.path(), "north").await;
    assert_eq!(client.greeting["serverInfo"]["name"], "tracenet");
    assert!(client.greeting["instructions"].as_str().unwrap().contains("Silence is no"));
    let tools = client.request("tools/list", json!({})).await["tools"].clone();
    let of = |tool: &Value| {
        let schema = &tool["inputSchema"];
        let mut words: Vec<String> = schema["properties"]
            .as_object()
            .map(|p| p.keys().cloned().collect())
            .unwrap_or_default();
        words.sort_unstable();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let required: Vec<_> = required.iter().map(|r| r.as_str().unwrap().to_owned()).collect();
        for (word, about) in schema["properties"].as_object().into_iter().flatten() {
            assert!(about["description"].as_str().is_some_and(|d| d.len() > 10), "{word}");
            assert!(about["type"].is_string(), "{word}: one plain type, not {}", about["type"]);
        }
        assert!(tool["description"].as_str().unwrap().len() > 40);
        let reads = if tool["annotations"]["readOnlyHint"] == true { "reads" } else { "writes" };
        let name = tool["name"].as_str().unwrap();
        format!("{name}({}) needs ({}) {reads}", words.join(" "), required.join(" "))
    };
    let tools: Vec<String> = tools.as_array().unwrap().iter().map(of).collect();
    assert_eq!(
        tools,
        [
            "open(id part) needs (id) reads",
            "outcome(id outcome) needs (id outcome) writes",
            "peers() needs () reads",
            "recall(cwd error files limit query) needs (query) reads",
            "remember(file text) needs () writes",
            "request_share(audience id reason) needs (id audience) writes",
            "share_status(id) needs (id) reads",
            "withdraw(id) needs (id) writes",
        ]
    );
}

#[tokio::test]
async fn a_node_that_is_not_running_comes_and_is_started_anew() {
    let (home, run) = home();
    let mut client = Client::new(home.path(), "north").await;
    client.refused("recall", json!({"query": "x"}), "TraceNet is not running").await;
    assert!(!home.path().join("agents").exists(), "no key before there is a node");
    for _ in 0..2 {
        let served = Served::at(&run);
        client.check("recall", json!({"query": "ports"}), "nothing on ports").await;
        client.check("remember", json!({"text": "x"}), "kept 1 bytes").await;
        served.end().await;
        // The line that broke is noticed, also by verbs that must not be asked twice.
        client.refused("remember", json!({"text": "x"}), "TraceNet is not running").await;
    }
    let _served = Served::at(&run);
    client.check("remember", json!({"text": "x"}), "kept 1 bytes").await;
}

#[tokio::test]
async fn every_tool_reaches_the_node() {
    let (home, run) = home();
    let mut served = Served::at(&run);
    let mut client = Client::new(home.path(), "north").await;
    for (tool, arguments) in [
        ("open", json!({"id": "a"})),
        ("outcome", json!({"id": "a", "outcome": "helped"})),
        ("request_share", json!({"id": "a", "audience": ["public"], "reason": "r"})),
        ("share_status", json!({"id": "k"})),
        ("withdraw", json!({"ask": "k"})),
        ("peers", json!({})),
    ] {
        client.check(tool, arguments, &format!("{tool} by north")).await;
        assert_eq!(served.started.recv().await.unwrap().verb(), tool);
    }
    client.refused("recall", json!({}), "query").await;
    client.refused("recall", json!({"query": "x".repeat(5000)}), "`query` has 5000 bytes").await;
    let text = "\u{1}".repeat(1 << 20);
    client.refused("remember", json!({"text": text}), "bytes as JSON").await;
    client.check("peers", json!({}), "peers by north").await;
}

#[tokio::test]
async fn an_unpaired_agent_is_told_what_to_do() {
    let (home, run) = home();
    let _served = Served::at(&run);
    let mut client = Client::new(home.path(), "stranger").await;
    client.refused("peers", json!({}), "stranger is not paired: ask the human").await;
    let key = home.path().join("agents/stranger.key");
    let first = fs::read(&key).unwrap();
    client.refused("peers", json!({}), "not paired").await;
    assert_eq!(fs::read(&key).unwrap(), first);
}

#[tokio::test]
async fn answers_keep_to_their_cap() {
    let (home, run) = home();
    let _served = Served::at(&run);
    let mut client = Client::new(home.path(), "north").await;
    let (text, _) = client.text("recall", json!({"query": "long"})).await;
    assert!(text.ends_with("… (cut)"));
    let result = client.call("recall", json!({"query": "ports"})).await;
    assert_eq!(result["_meta"][BODY], json!({"hits": 0}));
}

#[tokio::test]
async fn a_file_is_read_by_the_shim() {
    let (home, run) = home();
    let mut served = Served::at(&run);
    let mut client = Client::new(home.path(), "north").await;
    let at = |name: &str| home.path().join(name);
    fs::write(at("good"), "é".repeat(1 << 19)).unwrap();
    fs::write(at("big"), "é".repeat((1 << 19) + 1)).unwrap();
    fs::write(at("noise"), [0xff, 0xfe]).unwrap();
    fs::write(at("empty"), "").unwrap();
    nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    client.check("remember", json!({"file": at("good")}), "kept 1048576 bytes").await;
    for (file, want) in [
        (at("big"), "more than 1048576 bytes"),
        (at("noise"), "not UTF-8"),
        (at("empty"), "is empty"),
        (at("pipe"), "not a file"),
        (at("agents"), "not a file"),
        (at("missing"), "cannot read"),
        ("relative".into(), "not an absolute path"),
    ] {
        client.refused("remember", json!({ "file": file }), want).await;
    }
    client.refused("remember", json!({}), "exactly one").await;
    client.refused("remember", json!({"text": "a", "file": at("good")}), "exactly one").await;
    let asked = served.started.recv().await.unwrap();
    assert_eq!(asked, AgentRequest::Remember { text: "é".repeat(1 << 19) }, "text, never a path");
    assert!(served.started.try_recv().is_err());
}

#[tokio::test]
async fn the_end_of_the_input_ends_the_shim_well() {
    let (home, run) = home();
    let _served = Served::at(&run);
    let mut client = Client::new(home.path(), "north").await;
    client.check("peers", json!({}), "peers by north").await;
    let Client { lines, write, shim, .. } = client;
    drop(lines.into_inner().into_inner().unsplit(write));
    shim.await.unwrap().unwrap();

    let silent = serve_over(home.path(), &run, "north", tokio::io::empty(), tokio::io::sink());
    silent.await.unwrap();
    let nobody = serve_over(home.path(), &run, "No Body", tokio::io::empty(), tokio::io::sink());
    assert!(matches!(nobody.await, Err(ShimError::Name(_))));
}
