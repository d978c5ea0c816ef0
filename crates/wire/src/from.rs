//! From the node's own words to the face's.

use crate::{
    Answered, Code, Done, Fault, JobState, Keychain, Notice, Rebuke, Term, act::revoke::Revoke,
};
use consent::AskId;
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
        // Some of these words came over the network: nothing invisible goes on to an eye. Names
        // in them were escaped where the sentence was made.
        let safe = |text: &str| artifact::display::still_line(text, 2_000);
        Self { code, what: safe(&fault.what), hint: safe(&fault.hint) }
    }
}

/// What who asks to share from below an agent's program is told: as the human's own ask it would
/// pass by what holds for that agent.
pub(crate) fn share_below_agent() -> Fault {
    node::Fault::refused(
        "this terminal runs below a connected agent's program, so the ask may be the agent's",
        "agents ask by their tool request_share; you: in the window, or in a terminal of your own",
    )
    .into()
}

/// What who asks for secrets from below an agent's program is told.
pub(crate) fn secrets_below_agent() -> Fault {
    node::Fault::refused(
        "this terminal runs below a connected agent's program, which is not told where keys stand",
        "look in the window, or in a terminal of your own",
    )
    .into()
}

/// What who asks for the whole journal from below an agent's program is told.
pub(crate) fn journal_below_agent() -> Fault {
    node::Fault::refused(
        "this terminal runs below a connected agent's program, which is not given the journal",
        "export it in the window, or in a terminal of your own",
    )
    .into()
}

/// What an answer from below an agent's program is told.
pub(crate) fn below_agent() -> Fault {
    node::Fault::refused(
        "this terminal runs below a connected agent's program, so the answer may be the agent's",
        "answer in the consent window, or in a terminal of your own",
    )
    .into()
}

/// Bytes of a file as they cross: in hex.
pub(crate) fn bytes(hex: &str) -> Result<Vec<u8>, Fault> {
    data_encoding::HEXLOWER.decode(hex.as_bytes()).map_err(|_| {
        node::Fault::invalid("these are no bytes in hex", "give the file itself").into()
    })
}

/// What is to be ended.
pub(crate) fn revoke(what: Revoke) -> node::Revoke {
    match what {
        Revoke::One { id } => node::Revoke::One(id),
        Revoke::Peer { name } => node::Revoke::Peer(name),
        Revoke::Agent { name } => node::Revoke::Agent(name),
        Revoke::All {} => node::Revoke::All,
    }
}

/// What was ended, in a sentence that promises no more than is kept.
pub(crate) fn revoked(ended: &node::Revoked) -> Done {
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let told = match ended.people {
        0 => "Nobody had been told of it.",
        _ => {
            "Those who were told of it learn it once you sign. Copies they have cannot be recalled."
        }
    };
    Done::Revoked {
        receipts: small(ended.receipts),
        asks: small(ended.asks),
        people: small(ended.people),
        unsigned: small(ended.unsigned),
        what: format!("Ended: nothing of it is served from now on. {told}"),
    }
}

pub(crate) const fn term(term: Term) -> consent::Term {
    match term {
        Term::Once => consent::Term::Once,
        Term::Session => consent::Term::Session,
        Term::Lock => consent::Term::Lock,
        Term::Day => consent::Term::Day,
    }
}

pub(crate) const fn shown_term(term: consent::Term) -> Term {
    match term {
        consent::Term::Once => Term::Once,
        consent::Term::Session => Term::Session,
        consent::Term::Lock => Term::Lock,
        consent::Term::Day => Term::Day,
    }
}

pub(crate) const fn rebuke(rebuke: Rebuke) -> node::Rebuke {
    match rebuke {
        Rebuke::Mute => node::Rebuke::Mute,
        Rebuke::Block => node::Rebuke::Block,
    }
}

/// What is to be taken out, of findings that the prompt counts from 1.
pub(crate) fn take_out(findings: Option<&[u32]>) -> node::TakeOut {
    // There is no finding 0: it becomes one that no prompt has.
    let place = |n: &u32| usize::try_from(*n).unwrap_or(0).wrapping_sub(1);
    findings
        .map_or(node::TakeOut::All, |these| node::TakeOut::These(these.iter().map(place).collect()))
}

/// What came of taking something out.
pub(crate) fn redacted(ask: &AskId, instead: &AskId) -> Answered {
    Answered {
        ask: ask.to_string(),
        state: "denied".to_owned(),
        what: "Taken out, and nothing left. This is what you are asked about now.".to_owned(),
        ticket: String::new(),
        instead: instead.to_string(),
    }
}

/// What came of asks that were answered together.
pub(crate) fn together(ask: &AskId, settled: &[node::Settled]) -> Answered {
    let last = settled.last();
    let state = last.map_or("pending", |last| last.state);
    let what = match state {
        "allowed" => format!("Allowed {}, each with a receipt of its own.", settled.len()),
        _ => format!("Denied {}. Nothing left.", settled.len()),
    };
    let (ticket, instead) = (String::new(), String::new());
    Answered { ask: ask.to_string(), state: state.to_owned(), what, ticket, instead }
}

/// A notice as faces read it.
pub(crate) fn notice(notice: &node::Notice) -> Notice {
    match notice {
        node::Notice::Asked { ask, quiet } => Notice::Asked { ask: ask.to_string(), quiet: *quiet },
        node::Notice::Settled(ask, state) => {
            Notice::Settled { ask: ask.to_string(), state: (*state).to_owned() }
        }
        node::Notice::Review(ask) => Notice::Review { ask: ask.to_string() },
        node::Notice::Memory => Notice::Memory {},
        node::Notice::Peers => Notice::Peers {},
        node::Notice::Settings => Notice::Settings {},
        node::Notice::Altered => Notice::Altered {},
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
        links: job.links,
        malformed: job.odd_lines.malformed,
        unknown: job.odd_lines.unknown,
        oversized: job.odd_lines.oversized,
        failed: job.failures.count,
        failures: sentences(&job.failures),
        skips: sentences(&job.skips),
        state: state.to_owned(),
    }
}

pub(crate) fn sentences(said: &node::Said) -> Vec<String> {
    said.sentences.iter().map(|one| artifact::display::still_line(one, 500)).collect()
}

/// How the keychain stands, and what to do about it.
pub(crate) fn keychain(state: &KeyState) -> (Keychain, String, String) {
    let word = match state {
        KeyState::Ready { .. } | KeyState::NoKey => Keychain::Ready,
        KeyState::Locked => Keychain::Locked,
        KeyState::Missing => Keychain::Missing,
        KeyState::Unsupported => Keychain::Unsupported,
        KeyState::Lost => Keychain::Lost,
        KeyState::Tampered(_) => Keychain::Tampered,
    };
    let hint = if word == Keychain::Ready { String::new() } else { state.hint() };
    (word, hint, state.command().to_owned())
}

/// How a run ended, as a face says it; none where it says nothing.
pub(crate) fn outcome(word: &str) -> Result<Option<artifact::Outcome>, Fault> {
    if word.is_empty() {
        return Ok(None);
    }
    let hint = "an outcome is one of: passed, failed, accepted, unknown";
    let named = node::outcome_named(word);
    let named = named.ok_or_else(|| node::Fault::invalid("this is not an outcome", hint))?;
    Ok(Some(named))
}

#[cfg(test)]
mod tests {
    use crate::Fault;

    fn check(name: &str, shown: &str) {
        let told = artifact::display::line(name, 64);
        let fault = node::Fault::invalid(format!("nobody is called {told}"), format!("is {told}?"));
        let seen = Fault::from(fault);
        assert_eq!(seen.what, format!("nobody is called {shown}"));
        assert_eq!(seen.hint, format!("is {shown}?"));
    }

    #[test]
    fn names_in_faults_are_escaped_once() {
        check("north", "north");
        check("a\u{202E}b", "a⟨U+202E⟩b");
        check("⟨north⟩", "⟨U+27E8⟩north⟨U+27E9⟩");
        check("\u{338}", "⟨U+0338⟩");
    }

    #[test]
    fn what_nobody_escaped_before_is_escaped_here() {
        let fault = Fault::from(node::Fault::invalid("a\u{202E}\nb", "\u{1b}[31m"));
        assert_eq!(fault.what, "a⟨U+202E⟩⟨U+000A⟩b");
        assert_eq!(fault.hint, "⟨U+001B⟩[31m");
    }
}
