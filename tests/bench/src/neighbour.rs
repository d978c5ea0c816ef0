//! Five thousand documents in ours and in a memory that other agents use: basic-memory.
//!
//! Both are programs of their own, asked by MCP over their standard streams. Each document is a
//! title and a problem: a note for them, an agent's log for us, out of which ours has to distil it.
//! Both answer by words: theirs fetches its model from elsewhere when it is first asked, and ours
//! would embed beside the questions.

use crate::{
    agent::Agent,
    apart::{Apart, peak_of},
    keychain::InMemory,
    logs,
    nodes::{home, imported, opened_by_words, yes},
    recall::Dice,
    report::{Measure, Outcome},
    sample::Samples,
};
use anyhow::{Context as _, Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use node::KeepKey;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

const DOCUMENTS: u32 = 5_000;
const QUESTIONS: u32 = 200;
/// Words of a question: part of a title, as somebody remembers it.
const WORDS: usize = 5;
const BEST: usize = 10;
const PEER: &str = "basic-memory";

/// The word on this program's command line that makes it the node.
pub(crate) const NODE: &str = "--node-beside-a-neighbour";

/// What one of the two needed for all of it.
struct Needed {
    ingest: Duration,
    answers: Samples,
    /// Questions whose document was among the best.
    found: u32,
    /// MiB.
    peak: f64,
}

/// Measures theirs, then ours.
pub(crate) async fn run() -> Result<Outcome> {
    let Some(program) = std::env::var_os("TRACENET_BENCH_BASIC_MEMORY").map(PathBuf::from) else {
        let why = "no basic-memory here: ./dev bench brings it where there is Python 3.12 or newer";
        return Ok(Outcome::Skipped(why.into()));
    };
    let Some(command) = std::env::var_os("TRACENET_TEST_CLI").map(PathBuf::from) else {
        return Ok(Outcome::Skipped("no tracenet here: ./dev bench builds it".into()));
    };
    let folder = tempfile::tempdir()?;
    // First theirs: what their importer needs at most is known of ended processes only.
    let theirs = theirs(&program, folder.path()).await?;
    let ours = ours(&command, folder.path()).await?;
    let found = |needed: &Needed| 100.0 * f64::from(needed.found) / f64::from(QUESTIONS);
    let rate = |needed: &Needed| f64::from(DOCUMENTS) / needed.ingest.as_secs_f64();
    Ok(Outcome::Measured(vec![
        Measure::new("neighbour-ingest", rate(&ours), "1/s", (PEER, rate(&theirs))),
        Measure::new(
            "neighbour-p95",
            ours.answers.quantile(0.95),
            "ms",
            (PEER, theirs.answers.quantile(0.95)),
        ),
        Measure::new("neighbour-found", found(&ours), "%", (PEER, found(&theirs))),
        Measure::new("neighbour-peak", ours.peak, "MiB", (PEER, theirs.peak)),
    ]))
}

/// Title and problem of a document.
fn document(number: u32) -> (String, String) {
    let mut dice = Dice::new(u64::from(number) + 1);
    (dice.words(8), dice.words(60))
}

/// The documents that are asked for, with the questions.
fn questions() -> impl Iterator<Item = (String, String)> {
    (0..QUESTIONS).map(|number| {
        let (title, _) = document(number * (DOCUMENTS / QUESTIONS));
        let question = title.split(' ').take(WORDS).collect::<Vec<_>>().join(" ");
        (title, question)
    })
}

async fn theirs(program: &Path, folder: &Path) -> Result<Needed> {
    let (notes, settings) = (folder.join("notes"), folder.join("settings"));
    fs::create_dir_all(&notes)?;
    for number in 0..DOCUMENTS {
        let (title, problem) = document(number);
        let note = format!("---\ntitle: {title}\ntype: note\n---\n\n{problem}\n");
        fs::write(notes.join(format!("{number}.md")), note)?;
    }
    let command = |words: &[&str]| {
        let mut command = Command::new(program);
        command
            .args(words)
            .env("BASIC_MEMORY_HOME", &notes)
            .env("BASIC_MEMORY_CONFIG_DIR", &settings)
            .env("BASIC_MEMORY_SEMANTIC_SEARCH_ENABLED", "false")
            .env("BASIC_MEMORY_NO_PROMOS", "1");
        command
    };
    let began = Instant::now();
    let read = command(&["reindex", "--search"]).output().await.context("it does not start")?;
    let ingest = began.elapsed();
    ensure!(read.status.success(), "basic-memory: {}", String::from_utf8_lossy(&read.stderr));
    #[expect(clippy::cast_precision_loss, reason = "some hundred thousand KiB")]
    let importer = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() as f64 / 1024.0;
    let (mut server, mut agent) = served(command(&["mcp"])).await?;
    let (mut answers, mut found) = (Samples::new(), 0);
    for (title, question) in questions() {
        let asked = json!({
            "name": "search_notes",
            "arguments": {
                "query": question, "search_type": "text", "page_size": BEST, "output_format": "json",
            },
        });
        let began = Instant::now();
        let answer = agent.request("tools/call", asked).await;
        answers.push(began.elapsed());
        ensure!(answer.get("isError") != Some(&json!(true)), "basic-memory: {answer}");
        found += u32::from(answer.to_string().contains(&title));
    }
    let peak = peak_of(server.id().context("it ended")?)?.max(importer);
    server.kill().await?;
    Ok(Needed { ingest, answers, found, peak })
}

async fn ours(command: &Path, folder: &Path) -> Result<Needed> {
    let logs = folder.join("logs");
    fs::create_dir_all(&logs)?;
    for number in 0..DOCUMENTS {
        let (title, problem) = document(number);
        logs::about(&logs.join(format!("{number}.jsonl")), number, &title, &problem)?;
    }
    let kept = folder.join("ours");
    fs::create_dir_all(&kept)?;
    let mut node = Apart::start(NODE, &kept)?;
    node.line().await?;
    let began = Instant::now();
    node.ask(&logs.to_string_lossy()).await?;
    let ingest = began.elapsed();
    let mut shim = Command::new(command);
    shim.args(["mcp", "--as", "bench"]).env("TRACENET_HOME", home(&kept));
    let (mut shim, mut agent) = served(shim).await?;
    let refused = agent.call("peers", json!({})).await;
    let ask = refused.body.get("ask").and_then(Value::as_str).context("it is not asked for")?;
    node.ask(ask).await?;
    let (mut answers, mut found) = (Samples::new(), 0);
    for (title, question) in questions() {
        let began = Instant::now();
        let answer = agent.call("recall", json!({ "query": question, "limit": BEST })).await;
        answers.push(began.elapsed());
        ensure!(!answer.refused, "recall: {}", answer.text);
        found += u32::from(answer.body.to_string().contains(&title));
    }
    let peak = node.peak()? + peak_of(shim.id().context("it ended")?)?;
    shim.kill().await?;
    node.end().await?;
    Ok(Needed { ingest, answers, found, peak })
}

/// Starts an MCP server and shakes hands with it.
async fn served(mut command: Command) -> Result<(Child, Agent)> {
    let mut server = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let (read, write) = (server.stdout.take(), server.stdin.take());
    let agent = Agent::over(read.context("no output")?, write.context("no input")?).await;
    Ok((server, agent))
}

/// This program as a new node: imports a folder and is done when it answers out of it, then lets the
/// agent in whose ask it is told.
pub(crate) async fn node(folder: &Path) -> Result<()> {
    let node = opened_by_words(folder, &Arc::new(InMemory::default()))?;
    node.init(KeepKey::Keychain, "neighbour").await?;
    node.open_doors()?;
    println!("up");
    let mut told = BufReader::new(tokio::io::stdin()).lines();
    if let Some(logs) = told.next_line().await? {
        imported(&node, Path::new(&logs)).await?;
        let (_, question) = questions().last().context("no question")?;
        let found = node.search(&question, BEST, node::Means::Words)?;
        println!("{}", found.len());
    }
    if let Some(ask) = told.next_line().await? {
        node.answer(yes(&node, ask.parse()?, "")?).await?;
        println!("in");
    }
    while told.next_line().await?.is_some() {}
    node.stop().await;
    Ok(())
}
