//! `tracenet import`: read logs, with progress; Ctrl-C stops and keeps what was read.
//! `tracenet sources`: where they are.

use crate::{
    Call, Ended,
    args::{Import, Sources},
    gates::Gates,
    gates::Notices,
    text,
};
use std::{
    collections::{BTreeMap, VecDeque},
    io::IsTerminal,
};
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

/// Imports the logs of every program that has any, all at once as far as the node takes them, and
/// adds up what came of it.
async fn every(call: &Call, gates: &mut Gates) -> Result<JobState, Fault> {
    let View::Found(found) = gates.view(Query::Found {}).await? else {
        return Err(node::Fault::broken("no logs were counted").into());
    };
    if found.logs.is_empty() {
        let hint = "name a log, or a folder of logs";
        return Err(node::Fault::invalid("no logs of agents were found here", hint).into());
    }
    let mut notices = gates.notices(call).await?;
    let mut waiting: VecDeque<String> = found.logs.into_iter().map(|logs| logs.folder).collect();
    let (mut running, mut sum) = (BTreeMap::new(), JobState::default());
    loop {
        while let Some(path) = waiting.pop_front() {
            match gates.act(Act::Import { path: path.clone() }).await {
                Ok(Done::Started { job }) => {
                    running.insert(job, JobState::default());
                }
                // The next that ends makes room for it.
                Err(fault) if fault.code == wire::Code::NotNow && !running.is_empty() => {
                    waiting.push_front(path);
                    break;
                }
                Err(fault) => sum = added(sum, not_started(&path, &fault)),
                Ok(_) => return Err(node::Fault::broken("the import did not start").into()),
            }
        }
        if running.is_empty() {
            return Ok(sum);
        }
        tokio::select! {
            notice = notices.next() => {
                let Notice::Job { state } = notice? else { continue };
                let Some(last) = running.get_mut(&state.job) else { continue };
                if state.state != "running" {
                    running.remove(&state.job);
                    sum = added(sum, state);
                    continue;
                }
                *last = state;
                if !call.json && std::io::stderr().is_terminal() {
                    text::progress(&running.values().cloned().fold(sum.clone(), added));
                }
            }
            _ = tokio::signal::ctrl_c() => {
                waiting.clear();
                for job in running.keys() {
                    gates.act(Act::CancelImport { job: *job }).await?;
                }
            }
        }
    }
}

/// An import that could not be begun, as one that failed.
fn not_started(path: &str, fault: &Fault) -> JobState {
    let failures = vec![format!("{path}: {}", fault.what)];
    JobState { state: "failed".to_owned(), failed: 1, failures, ..JobState::default() }
}

/// The sum of two imports; the worse end of the two. To one that was not begun the other is added
/// as it is.
fn added(a: JobState, b: JobState) -> JobState {
    let state = match (a.state.as_str(), b.state.as_str()) {
        ("", other) | (other, "") => other,
        ("cancelled", _) | (_, "cancelled") => "cancelled",
        ("failed", "failed") => "failed",
        _ => "finished",
    };
    JobState {
        job: b.job,
        file: b.file,
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
        links: a.links + b.links,
        malformed: a.malformed + b.malformed,
        unknown: a.unknown + b.unknown,
        oversized: a.oversized + b.oversized,
        failed: a.failed + b.failed,
        failures: [a.failures, b.failures].concat(),
        skips: [a.skips, b.skips].concat(),
    }
}

fn told(call: &Call, state: &JobState, watched: bool) -> Result<Ended, Fault> {
    if call.json {
        text::json(state);
    } else {
        text::show::job(state);
    }
    if !watched && (state.state == "failed" || state.failed > 0) {
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
