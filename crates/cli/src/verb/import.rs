//! `tracenet import`: read logs, with progress; Ctrl-C stops and keeps what was read.
//! `tracenet sources`: where they are.

use crate::{
    Call, Ended,
    args::{Import, Sources},
    gates::Gates,
    gates::Notices,
    text,
};
use std::io::IsTerminal;
use wire::{Act, Done, Fault, JobState, Notice, Query, View};

pub(crate) async fn sources(call: &Call, args: &Sources) -> Result<Ended, Fault> {
    if let Some(on) = args.follow {
        let mut gates = Gates::open(call).await?;
        let done = gates.act(Act::Follow { on }).await;
        gates.close().await;
        done?;
    }
    super::look::show_one(call, Query::Found {}).await
}

pub(crate) async fn import(call: &Call, args: &Import) -> Result<Ended, Fault> {
    let path = match &args.path {
        Some(path) => {
            let path = std::path::absolute(path);
            let path = path.map_err(|e| Fault::from(node::Fault::invalid(e.to_string(), "")))?;
            Some(path.display().to_string())
        }
        None => None,
    };
    let mut gates = Gates::open(call).await?;
    let outcome = match path {
        _ if args.watch => {
            let act = Act::Watch { path: path.unwrap_or_default() };
            follow(call, &mut gates, act, true).await
        }
        Some(path) => follow(call, &mut gates, Act::Import { path }, false).await,
        None => every(call, &mut gates).await,
    };
    gates.close().await;
    told(call, &outcome?, args.watch)
}

/// Imports the logs of every program that has any, one after the other, and adds up what came
/// of it.
async fn every(call: &Call, gates: &mut Gates) -> Result<JobState, Fault> {
    let View::Found(found) = gates.view(Query::Found {}).await? else {
        return Err(node::Fault::broken("no logs were counted").into());
    };
    let mut sum: Option<JobState> = None;
    for logs in found.logs {
        let state = follow(call, gates, Act::Import { path: logs.folder }, false).await?;
        sum = Some(match sum {
            Some(sum) => added(sum, state),
            None => state,
        });
    }
    sum.ok_or_else(|| {
        node::Fault::invalid("no logs of agents were found here", "name a log, or a folder of logs")
            .into()
    })
}

/// The sum of two imports; the worse end of the two.
fn added(a: JobState, b: JobState) -> JobState {
    let ended = |state: &str| a.state == state && b.state == state;
    let state = match () {
        () if a.state == "cancelled" || b.state == "cancelled" => "cancelled",
        () if ended("failed") => "failed",
        () => "finished",
    };
    JobState {
        state: state.to_owned(),
        done: a.done + b.done,
        files: a.files + b.files,
        bytes: a.bytes + b.bytes,
        total: a.total + b.total,
        traces: a.traces + b.traces,
        crystals: a.crystals + b.crystals,
        known: a.known + b.known,
        skipped: a.skipped + b.skipped,
        empty: a.empty + b.empty,
        odd_lines: a.odd_lines + b.odd_lines,
        failures: [a.failures, b.failures].concat(),
        ..b
    }
}

fn told(call: &Call, state: &JobState, watched: bool) -> Result<Ended, Fault> {
    if call.json {
        text::json(state);
    } else {
        text::show::job(state);
    }
    let lost = state.failures.len() > state.skipped as usize;
    if !watched && (state.state == "failed" || lost) {
        let what = if state.state == "failed" {
            "nothing could be imported"
        } else {
            "not everything could be imported"
        };
        let hint = if state.skipped > 0 {
            "this version reads logs of Claude Code, Codex, Gemini CLI, OpenCode and SWE-agent, and ATIF"
        } else {
            ""
        };
        return call.ill(node::Fault::not_now(what, hint));
    }
    Ok(Ended::Well)
}

/// Does what begins a job, and shows it until it ends. A job that watches is shown as it finds.
async fn follow(
    call: &Call,
    gates: &mut Gates,
    act: Act,
    watches: bool,
) -> Result<JobState, Fault> {
    let mut notices = gates.notices(call).await?;
    let started = gates.act(act).await?;
    let Done::Started { job } = started else {
        return Err(node::Fault::broken("the import did not start").into());
    };
    let mut seen = 0;
    loop {
        tokio::select! {
            state = next(&mut notices, job) => {
                let state = state?;
                if state.state != "running" {
                    return Ok(state);
                }
                if watches {
                    if state.done != seen {
                        seen = state.done;
                        found_more(call, &state);
                    }
                } else if !call.json && std::io::stderr().is_terminal() {
                    text::progress(&state);
                }
            }
            _ = tokio::signal::ctrl_c() => {
                gates.act(Act::CancelImport { job }).await?;
            }
        }
    }
}

/// A line for each time that a watch read something.
fn found_more(call: &Call, state: &JobState) {
    if call.json {
        text::json(state);
    } else {
        let new = wire::count(state.crystals, "new crystal", "new crystals");
        text::say(&format!("{} read, {new} so far: {}", state.done, state.file));
    }
}

async fn next(notices: &mut Notices, job: u64) -> Result<JobState, Fault> {
    loop {
        if let Notice::Job { state } = notices.next().await?
            && state.job == job
        {
            return Ok(state);
        }
    }
}
