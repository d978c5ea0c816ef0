//! Measures what was built: `./dev bench [NAME] [--json]`.
//!
//! Each benchmark measures a peer beside ours in the same run, one after the other in turns, so
//! that a busy or a slow machine touches both. What each one is, and what it leaves out, stands in
//! the README beside this package. One that cannot run here says why and is skipped; the others
//! run. Nothing here judges a figure.

#[path = "../../town/agent.rs"]
#[allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "the tests' own agent fails by panicking"
)]
mod agent;
mod apart;
mod connect;
mod crowd;
mod desktop;
mod fetch;
mod first_byte;
mod grep;
mod heads;
mod import;
mod keychain;
mod link;
mod logs;
#[path = "../../../crates/screen/tests/corpus/made.rs"]
#[allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "the scanner's own corpus, written for tests"
)]
mod made;
mod memory;
mod neighbour;
mod nodes;
mod people;
mod prompt;
mod recall;
mod report;
mod sample;
mod scan;
mod start;
mod wanted;

use clap::{Parser, ValueEnum};
use nodes::PATIENCE;
use report::{Measure, Outcome};
use std::{ffi::OsString, process::ExitCode};

/// Measures a release build against stated peers in the same run.
#[derive(Debug, Parser)]
#[command(name = "./dev bench")]
struct Args {
    /// The one to run; all of them when none is named.
    #[arg(value_enum)]
    name: Option<Name>,
    /// Prints a list of {name, value, unit, against, ratio} on stdout, and nothing else there.
    #[arg(long)]
    json: bool,
}

/// The benchmarks, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Ask received → prompt painted.
    Prompt,
    /// Allow → first byte at the peer.
    FirstByte,
    /// Gated fetch against plain iroh-blobs.
    Fetch,
    /// Dial → Ready → first byte, against a plain iroh connection.
    Connect,
    /// A question → the body of a crystal that only a peer has.
    Wanted,
    /// Ten thousand heads at one Ready.
    Heads,
    /// A thousand connected peers that say nothing.
    Crowd,
    /// Process start → usable window.
    Start,
    /// A 200 MB agent log.
    Import,
    /// A question to a hundred thousand crystals.
    Recall,
    /// The same to a million.
    RecallMillion,
    /// The right log of twenty, against ripgrep.
    Grep,
    /// A node's memory with fifty thousand crystals.
    Memory,
    /// Five thousand documents, against a memory that other agents use.
    Neighbour,
    /// Secrets in a labelled corpus, and a log's bytes a second.
    Scan,
}

impl Name {
    async fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::Prompt => prompt::run().await,
            Self::FirstByte => first_byte::run().await,
            Self::Fetch => fetch::run().await,
            Self::Connect => connect::run().await,
            Self::Wanted => wanted::run().await,
            Self::Heads => heads::run().await,
            Self::Crowd => crowd::run().await,
            Self::Start => start::run().await,
            Self::Import => import::run().await,
            Self::Recall => recall::run(),
            Self::RecallMillion => recall::grown(),
            Self::Grep => grep::run().await,
            Self::Memory => memory::run().await,
            Self::Neighbour => neighbour::run().await,
            Self::Scan => scan::run(),
        }
    }

    fn word(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    if let Some(ended) = as_node(&words).await {
        return match ended {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("bench: a node apart FAILED: {error:#}");
                ExitCode::FAILURE
            }
        };
    }
    let args = Args::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error,iroh_blobs::store::gc=off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let names = args.name.map_or_else(|| Name::value_variants().to_vec(), |name| vec![name]);
    let (mut measures, mut failed) = (Vec::new(), false);
    for name in names {
        let word = name.word();
        eprintln!("bench: {word} …");
        match name.run().await {
            Ok(Outcome::Measured(more)) => measures.extend(more),
            Ok(Outcome::Skipped(why)) => eprintln!("bench: {word} skipped: {why}"),
            Err(error) => {
                failed = true;
                eprintln!("bench: {word} FAILED: {error:#}");
            }
        }
    }
    print(&measures, args.json);
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Where the command line says so: this process as a node that another measures.
async fn as_node(words: &[OsString]) -> Option<anyhow::Result<()>> {
    let [_, word, folder] = words else { return None };
    match word.to_str()? {
        crowd::NODE => Some(crowd::node(folder.as_ref()).await),
        neighbour::NODE => Some(neighbour::node(folder.as_ref()).await),
        memory::NODE => Some(memory::node(folder.as_ref()).await),
        _ => None,
    }
}

fn print(measures: &[Measure], json: bool) {
    if json {
        match serde_json::to_string_pretty(measures) {
            Ok(list) => println!("{list}"),
            Err(error) => eprintln!("bench: the figures cannot be written: {error}"),
        }
    } else if !measures.is_empty() {
        print!("{}", report::table(measures));
    }
}
