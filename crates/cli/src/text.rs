//! What is printed: text for people on standard output, faults on standard error, JSON for
//! scripts. Texts from outside are already safe to show when they come through the gates.

pub(crate) mod autopsy;
pub(crate) mod bench;
pub(crate) mod books;
pub(crate) mod clients;
pub(crate) mod left;
pub(crate) mod network;
pub(crate) mod past;
pub(crate) mod policy;
pub(crate) mod prompt;
pub(crate) mod recall;
pub(crate) mod related;
pub(crate) mod screen;
pub(crate) mod shared;
pub(crate) mod show;
pub(crate) mod storage;
pub(crate) mod strangers;
pub(crate) mod worth;

use serde::Serialize;
use std::io::Write;
use wire::{Answered, Fault, JobState, View};

/// A line for people.
pub(crate) fn say(line: &str) {
    // A reader that went away (`| head`) is no failure of this command.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// One JSON value on a line of its own.
pub(crate) fn json<T: Serialize>(value: &T) {
    say(&serde_json::to_string(value).unwrap_or_default());
}

/// A view, as JSON or as text.
pub(crate) fn view(as_json: bool, view: &View) {
    if as_json {
        return json(view);
    }
    match view {
        View::Status(status) => show::status(status),
        View::Unlock(unlock) => show::unlock(unlock),
        View::Asks(asks) => show::asks(asks),
        View::Ask(ask) => show::ask(ask),
        View::Prompt(one) => prompt::prompt(one),
        // No terminal is ever shown it.
        View::Mark(_) => {}
        View::Memory(page) => show::memory(page),
        View::Recall(recall) => recall::recall(recall),
        View::Why(why) => past::why(why),
        View::Autopsy(_) => json(view), // its own verb puts several of these together
        View::Saved(saved) => past::saved(saved),
        View::Recurring(seen) => past::recurring(seen),
        View::Related(seen) => related::related(seen),
        View::Crystal(crystal) => show::crystal(crystal),
        View::Trace(page) => show::trace(page),
        View::Peers(peers) => network::peers(peers),
        View::Network(view) => network::network(view),
        View::Balances(view) => books::balances(view),
        View::Deliveries(page) => books::deliveries(page),
        // Envelopes are for a file, and for scripts.
        View::Proofs(page) => json(page),
        View::Inbox(inbox) => strangers::inbox(inbox),
        View::Blocked(blocked) => strangers::blocked(blocked),
        View::Receipts(page) => shared::receipts(page),
        View::WouldRevoke(would) => say(&shared::would_revoke(would)),
        View::Ahead(ahead) => shared::ahead(ahead),
        View::Offered(page) => shared::offered(page),
        View::Journal(page) => show::journal(page),
        View::Worth(worth) => worth::worth(worth),
        View::Left(page) => left::left(page),
        // Entries are for a file, and for scripts.
        View::Entries(page) => json(page),
        View::Verify(verdict) => show::verdict(verdict),
        View::Settings(settings) => show::agents(settings),
        View::Policies(seen) => policy::policies(seen),
        View::WouldAccept(would) => policy::would_accept(would),
        View::Doctor(doctor) => show::doctor(doctor),
        View::Found(found) => clients::found(found),
        View::Clients(found) => clients::clients(found),
        View::Storage(seen) => storage::storage(seen),
        View::Purge(plan) => storage::plan(plan),
        View::Evidence(evidence) => show::evidence(evidence),
        View::Export(export) => say(export.text.trim_end()),
    }
}

/// A fault: what happened, and what to do.
pub(crate) fn fault(fault: &Fault) {
    eprintln!("tracenet: {}", fault.what);
    if !fault.hint.is_empty() {
        eprintln!("  → {}", fault.hint);
    }
}

/// What came of an answer.
pub(crate) fn answered(as_json: bool, answered: &Answered) {
    if as_json {
        return json(answered);
    }
    say(&answered.what);
    if !answered.ticket.is_empty() {
        say(&answered.ticket);
    }
    if !answered.instead.is_empty() {
        say(&format!("  → tracenet answer {} allow", short(&answered.instead)));
    }
}

/// An ask that waits for the window or a terminal.
pub(crate) fn waiting(ask: &str, code: &str) {
    say(&format!("Ask {ask} waits for your answer (code {code})."));
    say(&format!("  → in the app's window, or: tracenet answer {} allow", short(ask)));
}

/// How an import moves on, on one line that is written over.
pub(crate) fn progress(state: &JobState) {
    let percent = state.bytes.saturating_mul(100).checked_div(state.total).unwrap_or(100);
    eprint!(
        "\r{percent:>3} %  {}/{}  {}\x1b[K",
        state.done,
        wire::count(state.files, "file", "files"),
        wire::count(state.crystals, "new crystal", "new crystals")
    );
    if state.done == state.files {
        eprintln!();
    }
}

/// A count as the gates take it.
pub(crate) fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Enough of an id for people to type.
pub(crate) fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

/// A time as people read it, in this machine's zone.
pub(crate) fn time(millis: u64) -> String {
    if millis == 0 {
        return "never".to_owned();
    }
    let stamp = i64::try_from(millis).ok().and_then(|m| jiff::Timestamp::from_millisecond(m).ok());
    stamp.map_or_else(
        || "unknown".to_owned(),
        |t| t.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

/// Bytes as people read them.
pub(crate) fn bytes(n: u64) -> String {
    let (unit, size) = match n {
        0..1_024 => return format!("{n} B"),
        1_024..1_048_576 => ("KiB", 1_024),
        1_048_576..1_073_741_824 => ("MiB", 1_048_576),
        _ => ("GiB", 1_073_741_824),
    };
    // One decimal, without floating point.
    let tenths = n.saturating_mul(10) / size;
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}
