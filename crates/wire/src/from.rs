//! From the node's own words to the face's.

use crate::{Code, Fault, JobState, Keychain, Notice};
use node::{Job, JobPhase, KeyState};

impl From<node::Fault> for Fault {
    fn from(fault: node::Fault) -> Self {
        let code = match fault.code {
            node::Code::Invalid => Code::Invalid,
            node::Code::Refused => Code::Refused,
            node::Code::NotNow => Code::NotNow,
            node::Code::NotInitialised => Code::NotInitialised,
            node::Code::PinNeeded => Code::PinNeeded,
            node::Code::PinWrong => Code::PinWrong,
            node::Code::KeychainLocked => Code::KeychainLocked,
            node::Code::KeychainMissing => Code::KeychainMissing,
            node::Code::Broken => Code::Broken,
        };
        // Some of these words came over the network: nothing invisible goes on to an eye.
        let safe = |text: &str| artifact::display::line(text, 2_000);
        Self { code, what: safe(&fault.what), hint: safe(&fault.hint) }
    }
}

/// What an answer from below an agent's program is told.
pub(crate) fn below_agent() -> Fault {
    node::Fault::refused(
        "this terminal runs below a connected agent's program, so the answer may be the agent's",
        "answer in the consent window, or in a terminal of your own",
    )
    .into()
}

/// A notice as faces read it.
pub(crate) fn notice(notice: &node::Notice) -> Notice {
    match notice {
        node::Notice::Asked(ask) => Notice::Asked { ask: ask.to_string() },
        node::Notice::Settled(ask, state) => {
            Notice::Settled { ask: ask.to_string(), state: (*state).to_owned() }
        }
        node::Notice::Review(ask) => Notice::Review { ask: ask.to_string() },
        node::Notice::Memory => Notice::Memory {},
        node::Notice::Peers => Notice::Peers {},
        node::Notice::Settings => Notice::Settings {},
        node::Notice::Job(job) => Notice::Job { state: job_state(job) },
        node::Notice::Raise => Notice::Raise {},
    }
}

fn job_state(job: &Job) -> JobState {
    let state = match job.phase {
        JobPhase::Running => "running",
        JobPhase::Finished => "finished",
        JobPhase::Cancelled => "cancelled",
        JobPhase::Failed => "failed",
    };
    JobState {
        job: job.id,
        file: artifact::display::line(&job.file, 500),
        done: job.files.0,
        files: job.files.1,
        bytes: job.bytes.0,
        total: job.bytes.1,
        traces: job.traces,
        crystals: job.crystals,
        known: job.known,
        skipped: job.skipped,
        empty: job.empty,
        odd_lines: job.odd_lines,
        failures: job.failures.iter().map(|f| artifact::display::line(f, 500)).collect(),
        state: state.to_owned(),
    }
}

/// How the keychain stands, and what to do about it.
pub(crate) fn keychain(state: &KeyState) -> (Keychain, String) {
    let word = match state {
        KeyState::Ready { .. } | KeyState::NoKey => Keychain::Ready,
        KeyState::Locked => Keychain::Locked,
        KeyState::Missing => Keychain::Missing,
        KeyState::Unsupported => Keychain::Unsupported,
        KeyState::Lost => Keychain::Lost,
        KeyState::Tampered(_) => Keychain::Tampered,
    };
    let hint = if word == Keychain::Ready { String::new() } else { state.hint() };
    (word, hint)
}
