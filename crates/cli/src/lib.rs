//! The `tracenet` command, and the MCP shim.
//!
//! A face like the window: it goes through the same three gates. It talks to the running node
//! over the control socket, or takes the data folder itself when no node runs. Exit codes:
//! 0 done, 1 refused or failed, 2 wrong use.

mod args;
mod gates;
mod terminal;
mod text;
mod verb;

use args::{Args, BenchVerb, Verb};
use clap::Parser;
use std::{path::PathBuf, process::ExitCode};
use wire::Fault;

/// What every verb is given.
pub(crate) struct Call {
    /// The data folder.
    home: PathBuf,
    /// Print JSON instead of text.
    json: bool,
}

/// How a verb ended that has said all there is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It did what it was asked.
    Well,
    /// It did not, and what it printed says so.
    Ill,
}

impl Call {
    /// The end of a verb whose JSON says already what is wrong: people are told in words.
    fn ill(&self, fault: impl Into<Fault>) -> Result<Ended, Fault> {
        if self.json { Ok(Ended::Ill) } else { Err(fault.into()) }
    }
}

/// Runs the command of this process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    let is_hook = matches!(args.verb, Verb::Hook(_));
    let code = finished(args);
    // A program reads more into the end of its hook than that it failed.
    if is_hook { ExitCode::SUCCESS } else { code }
}

fn finished(args: Args) -> ExitCode {
    let Some(home) = args.home.or_else(node::default_home) else {
        return fail(args.json, &no_home());
    };
    let home = std::path::absolute(&home).unwrap_or(home);
    log_to_stderr(&args.verb);
    // Every verb may read a PIN.
    node::forbid_core_dumps();
    node::keep_private();
    if home.exists() && !home.is_dir() {
        let what = format!("{} is not a folder", home.display());
        let hint = "move it away, or point TRACENET_HOME at a folder";
        return fail(args.json, &node::Fault::invalid(what, hint).into());
    }
    let call = Call { home, json: args.json };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return fail(args.json, &node::Fault::broken(e).into()),
    };
    let outcome = runtime.block_on(run(&call, args.verb));
    // What still blocks (a keychain that does not answer) must not keep a finished command.
    runtime.shutdown_background();
    match outcome {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::Ill) => ExitCode::from(1),
        Err(fault) => fail(args.json, &fault),
    }
}

async fn run(call: &Call, verb: Verb) -> Result<Ended, Fault> {
    match verb {
        Verb::Init(args) => verb::init::init(call, args).await,
        Verb::Node(args) => verb::node::run(call, &args).await,
        Verb::Mcp(args) => verb::mcp::serve(call, &args).await,
        Verb::Hook(args) => Ok(verb::mcp::hook(call, &args).await),
        Verb::Status => verb::look::status(call).await,
        Verb::Peers(args) => verb::network::peers(call, args).await,
        Verb::Network(args) => verb::network::network(call, args).await,
        Verb::Agents(args) => verb::agents::agents(call, args).await,
        Verb::Balances(args) => verb::balances::balances(call, args).await,
        Verb::Inbox => verb::strangers::inbox(call).await,
        Verb::Accept(args) => verb::strangers::accept(call, args).await,
        Verb::Dismiss(args) => verb::strangers::dismiss(call, args).await,
        Verb::Block(args) => verb::strangers::block(call, args).await,
        Verb::Blocked => verb::strangers::blocked(call).await,
        Verb::Unblock(args) => verb::strangers::unblock(call, args).await,
        Verb::Let(args) => verb::strangers::let_in(call, args).await,
        Verb::Unlet(args) => verb::strangers::unlet(call, args).await,
        Verb::Recall(args) => verb::look::recall(call, args).await,
        Verb::Why(args) => verb::why::why(call, args).await,
        Verb::Saved => verb::look::show_one(call, wire::Query::Saved {}).await,
        Verb::Autopsy => verb::autopsy::autopsy(call).await,
        Verb::Solved => verb::look::show_one(call, wire::Query::Recurring {}).await,
        Verb::Worth(args) => verb::worth::worth(call, args).await,
        Verb::Related(args) => verb::look::related(call, args).await,
        Verb::Show(args) => verb::look::show(call, args).await,
        Verb::Revoke(args) => verb::revoke::revoke(call, args).await,
        Verb::Receipts(args) => verb::revoke::receipts(call, args).await,
        Verb::Offered(args) => verb::revoke::offered(call, args).await,
        Verb::Fetch(args) => verb::revoke::fetch(call, args).await,
        Verb::Asks => verb::look::asks(call).await,
        Verb::Policy(args) => verb::policy::policy(call, args).await,
        Verb::Lock => verb::key::lock(call).await,
        Verb::Key(args) => verb::key::key(call, args).await,
        Verb::Log(args) => verb::log::log(call, args).await,
        Verb::Storage(args) => verb::storage::storage(call, args).await,
        Verb::Doctor => verb::doctor::doctor(call).await,
        Verb::Screen(args) => verb::screen::screen(call, &args),
        Verb::Bench(args) => match args.verb {
            BenchVerb::Recall(args) => verb::bench::recall(call, &args),
        },
        Verb::Import(args) => verb::import::import(call, &args).await,
        Verb::Sources(args) => verb::import::sources(call, &args).await,
        Verb::Distil(args) => verb::look::distil(call, args).await,
        Verb::Outcome(args) => verb::forget::outcome(call, args).await,
        Verb::Forget(args) => verb::forget::forget(call, args).await,
        Verb::Share(args) => verb::ask::share(call, args).await,
        Verb::Ticket(args) => verb::ask::ticket(call, &args).await,
        Verb::Connect(args) => verb::ask::connect(call, args).await,
        Verb::Pair(args) => verb::ask::pair(call, args).await,
        Verb::Unpair(args) => verb::ask::unpair(call, args).await,
        Verb::Rules(args) => verb::answer::rules(call, args).await,
        Verb::Withhold(args) => verb::answer::deny(call, args).await,
        Verb::Answer(args) => verb::answer::answer(call, args).await,
    }
}

fn no_home() -> Fault {
    node::Fault::invalid("no data folder is known", "set TRACENET_HOME or HOME").into()
}

fn fail(json: bool, fault: &Fault) -> ExitCode {
    if json {
        text::json(&serde_json::json!({ "fault": fault }));
    } else {
        text::fault(fault);
    }
    ExitCode::from(1)
}

/// The node and the shim log what they do; the other verbs only what is wrong.
fn log_to_stderr(verb: &Verb) {
    let usual = if matches!(verb, Verb::Node(_)) {
        "info,iroh=warn,iroh_blobs::store::gc=off,tantivy=warn,noq=warn"
    } else {
        "error"
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("TRACENET_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(usual));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
