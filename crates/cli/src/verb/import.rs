//! `tracenet import`: read logs, with progress; Ctrl-C stops and keeps what was read.

use crate::{Call, Ended, args::Import, gates::Gates, gates::Notices, text};
use std::io::IsTerminal;
use wire::{Act, Done, Fault, JobState, Notice};

pub(crate) async fn import(call: &Call, args: &Import) -> Result<Ended, Fault> {
    let path = std::path::absolute(&args.path)
        .map_err(|e| Fault::from(node::Fault::invalid(e.to_string(), "")))?;
    let mut gates = Gates::open(call).await?;
    let outcome = follow(call, &mut gates, path.display().to_string()).await;
    gates.close().await;
    let state = outcome?;
    if call.json {
        text::json(&state);
    } else {
        text::show::job(&state);
    }
    let lost = state.failures.len() > state.skipped as usize;
    if state.state == "failed" || lost {
        let what = if state.state == "failed" {
            "nothing could be imported"
        } else {
            "not everything could be imported"
        };
        let hint = if state.skipped > 0 {
            "this version reads the session logs of Claude Code: .jsonl files in ~/.claude/projects"
        } else {
            ""
        };
        return call.ill(node::Fault::not_now(what, hint));
    }
    Ok(Ended::Well)
}

async fn follow(call: &Call, gates: &mut Gates, path: String) -> Result<JobState, Fault> {
    let mut notices = gates.notices(call).await?;
    let started = gates.act(Act::Import { path }).await?;
    let Done::Started { job } = started else {
        return Err(node::Fault::broken("the import did not start").into());
    };
    loop {
        tokio::select! {
            state = next(&mut notices, job) => {
                let state = state?;
                if state.state != "running" {
                    return Ok(state);
                }
                if !call.json && std::io::stderr().is_terminal() {
                    text::progress(&state);
                }
            }
            _ = tokio::signal::ctrl_c() => {
                gates.act(Act::CancelImport { job }).await?;
            }
        }
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
