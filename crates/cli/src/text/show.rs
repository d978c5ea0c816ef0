//! Views as text.

use super::{bytes, say, short, time};
use wire::{
    AskRow, AskView, AsksView, CrystalRow, CrystalView, DoctorView, EvidenceView, JobState,
    JournalPage, JournalVerdict, MemoryPage, Phase, RuleView, SettingsView, StatusView, Term,
    TracePage, UnlockView, count,
};

/// An enum of the wire as its word.
fn word<T: serde::Serialize>(value: &T) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}

pub(crate) fn status(s: &StatusView) {
    if s.phase == Phase::New {
        say("This node has no keys yet. Open the app, or run `tracenet init`.");
    }
    say(&format!("folder     {}", s.home));
    if let Some(keys) = &s.keys {
        say(&format!("you        {}", keys.words));
        say(&format!("human      {}", keys.human));
        say(&format!("author     {}", keys.author));
        say(&format!("transport  {}", keys.transport));
        say(&format!("solana     {}", keys.solana));
        say(&format!("journal    {}", keys.journal));
    }
    let protection =
        if s.protection.is_empty() { String::new() } else { format!(", {}", s.protection) };
    say(&format!("keychain   {}{protection}", word(&s.keychain)));
    if !s.keychain_hint.is_empty() {
        say(&format!("           → {}", s.keychain_hint));
    }
    if !s.keychain_command.is_empty() {
        say(&format!("           → without a desktop: {}", s.keychain_command));
    }
    if !matches!(s.anchor.state.as_str(), "holds" | "not-yet") {
        super::storage::anchor(&s.anchor);
    }
    altered(s.altered);
    if matches!(s.protection.as_str(), "pin" | "file") {
        unlock(&s.unlock);
    }
    say(&format!(
        "memory     {}, {} from peers, {} still to come, {}",
        count(s.crystals, "crystal", "crystals"),
        s.from_peers,
        s.heads,
        count(s.traces, "trace", "traces")
    ));
    say(&format!("peers      {}, {} connected", s.peers, s.connected));
    say(&format!("agents     {}", s.agents));
    say(&format!("asks       {} waiting", s.pending));
    if s.unsigned > 0 {
        say(&format!("ended      {}", super::shared::to_sign(s.unsigned)));
        say("           → tracenet revoke --sign, or your next yes");
    }
    let network = match s.port {
        0 => "offline".to_owned(),
        port => format!("UDP port {port}, {}", s.reach),
    };
    say(&format!("network    {network}"));
}

/// For how long a right PIN holds.
pub(crate) fn unlock(unlock: &UnlockView) {
    let seen = if unlock.watched { "the lock of the screen, sleep or " } else { "" };
    say(&match (unlock.until, unlock.pin_always) {
        (0, true) => "key        locked, the PIN is asked for at every grant".to_owned(),
        (0, false) => "key        locked".to_owned(),
        (until, _) => format!("key        unlocked until {}, {seen}`tracenet lock`", time(until)),
    });
    if !unlock.phrase_verified {
        say("           → write down its recovery phrase: tracenet key phrase");
    }
}

pub(crate) fn asks(asks: &AsksView) {
    if asks.pending.is_empty() {
        say("Nothing waits for your answer.");
    }
    for row in &asks.pending {
        ask_row(row);
        say(&format!("          → tracenet answer {} allow|deny", short(&row.id)));
    }
    for row in asks.decided.iter().take(10) {
        ask_row(row);
    }
}

fn ask_row(row: &AskRow) {
    let to = if row.to.is_empty() { String::new() } else { format!(" → {}", row.to) };
    say(&format!(
        "{}  {:<9}  {}  {}: {}{to}  ({})",
        short(&row.id),
        row.state,
        time(row.at),
        row.heading,
        row.what,
        row.who
    ));
}

pub(crate) fn ask(ask: &AskView) {
    ask_row(&ask.row);
    if !ask.outcome.is_empty() {
        say(&ask.outcome);
    }
    if !ask.ticket.is_empty() {
        say(&ask.ticket);
    }
}

pub(crate) fn memory(page: &MemoryPage) {
    if page.rows.is_empty() {
        say("Nothing like this is remembered here.");
    }
    page.rows.iter().for_each(crystal_row);
    if page.heads > 0 {
        say(&format!("{} more were shared by peers and have not arrived yet.", page.heads));
    }
    if page.by_words {
        say("Found by words alone: there is no model here.");
    }
}

/// One crystal on one line.
pub(crate) fn crystal_row(row: &CrystalRow) {
    let from = if row.peer.is_empty() { row.repo.clone() } else { format!("from {}", row.peer) };
    // What others wrote stands last: it cannot pretend to be what follows it.
    say(&format!(
        "{}  {:<8}  {}  {from}  {}",
        short(&row.id),
        row.outcome,
        time(row.at),
        row.title
    ));
}

pub(crate) fn evidence(e: &EvidenceView) {
    say(&format!("crystal {}  trace {}  {}", short(&e.crystal), short(&e.trace), e.format));
    let lines = count(e.lines, "line", "lines");
    say(&format!("{}: {lines}, {} not understood", e.place, e.odd));
    for field in &e.fields {
        let lines = if field.from == field.to {
            format!("line {}", field.from)
        } else {
            format!("lines {} to {}", field.from, field.to)
        };
        let holds = if field.holds { "" } else { ", WHICH SAY SOMETHING ELSE NOW" };
        say(&format!("\n{} from {lines}{holds}", field.field));
        field.says.lines().for_each(|line| say(&format!("  {line}")));
        // What the log says stands last: it cannot pretend to be what follows it.
        field.evidence.lines().for_each(|line| say(&format!("  | {line}")));
    }
}

pub(crate) fn crystal(c: &CrystalView) {
    say(&c.row.title);
    let from = if c.row.peer.is_empty() {
        "yours".to_owned()
    } else {
        format!("from {}, verified", c.row.peer)
    };
    say(&format!(
        "{} ({})  {}  {}  {from}",
        short(&c.row.id),
        c.row.words,
        c.row.outcome,
        bytes(c.row.size)
    ));
    if c.row.withdrawn > 0 {
        say(&format!(
            "{} withdrew this on {}: your agents are not given it any more.",
            c.row.peer,
            time(c.row.withdrawn)
        ));
    }
    section("Problem", std::slice::from_ref(&c.problem));
    let fix: Vec<String> = c
        .fix
        .iter()
        .map(|f| {
            if f.kind == "edit" {
                format!("edit {}\n{}", f.file, f.text)
            } else {
                format!("$ {}", f.text)
            }
        })
        .collect();
    let never = if c.row.peer.is_empty() { "" } else { " (from a peer, never run here)" };
    section(&format!("Fix{never}"), &fix);
    section(&format!("Checks{never}"), &c.checks);
    let ends: Vec<String> =
        c.dead_ends.iter().map(|d| format!("{}\n→ {}", d.file, d.text)).collect();
    section(&format!("Dead ends{never}"), &ends);
    section("Lesson", &c.lesson);
    section("Files", &c.files);
    let shared: Vec<String> = c
        .receivers
        .iter()
        .map(|r| {
            let state = if r.delivered {
                "has it"
            } else if r.told {
                "was told"
            } else {
                "may have it"
            };
            format!("{} {state} ({}, {})", r.name, r.act, time(r.at))
        })
        .collect();
    section("Shared with", &shared);
    if c.trace_purged > 0 {
        let what = format!("purged {}; this crystal stays", time(c.trace_purged));
        section("Trace", &[what]);
    }
    if !c.source.is_empty() {
        section("Source", std::slice::from_ref(&c.source));
    }
    say(&format!("\n{}", c.row.id));
}

fn section(heading: &str, entries: &[String]) {
    if entries.iter().all(|e| e.trim().is_empty()) {
        return;
    }
    say(&format!("\n{heading}"));
    for entry in entries {
        entry.lines().for_each(|line| say(&format!("  {line}")));
    }
}

pub(crate) fn trace(page: &TracePage) {
    for step in &page.steps {
        let failed = if step.failed { " FAILED" } else { "" };
        say(&format!("{:>6}  {:<6} {}{failed}", step.line, step.kind, step.name));
        step.text.lines().take(12).for_each(|line| say(&format!("        {line}")));
    }
}

pub(crate) fn journal(page: &JournalPage) {
    for row in &page.rows {
        let about: String = row.about.chars().take(12).collect();
        say(&format!("{:>6}  {}  {:<13}  {}  {about}", row.seq, time(row.at), row.event, row.what));
    }
    if page.rows.is_empty() {
        say("The journal has no such entries.");
    }
}

pub(crate) fn verdict(v: &JournalVerdict) {
    if v.whole {
        say(&format!("The journal is whole. Entries: {}, head {}.", v.entries, short(&v.head)));
        say(&format!("The anchor: {}.", v.anchor.what));
    } else {
        say(&format!("THE JOURNAL IS NOT WHOLE: {}.", v.problem));
        say(&format!("  → {}", v.hint));
    }
}

pub(crate) fn agents(settings: &SettingsView) {
    if settings.agents.is_empty() {
        say("No agents are paired. Connect one, or let it start this, and answer its pairing:");
        say(&format!("  {}", settings.mcp_command));
    }
    for a in &settings.agents {
        let here = if a.connected { "connected" } else { "not connected" };
        let muted = match a.muted_until {
            0 => String::new(),
            until => format!("  muted until {}", time(until)),
        };
        say(&format!(
            "{:<20}  since {}  {here}  {}, {}{muted}",
            a.name,
            time(a.since),
            count(a.asks, "ask", "asks"),
            count(a.recalls, "recall", "recalls")
        ));
    }
    for blocked in &settings.blocked_agents {
        say(&format!("{:<20}  blocked {}", blocked.name, time(blocked.at)));
    }
}

/// Rules that another program wrote into the store, or changed there.
pub(crate) fn altered(altered: u32) {
    if altered > 0 {
        let rules = count(altered, "RULE IS", "RULES ARE");
        say(&format!(
            "rules      {rules} NOT WHAT YOU SIGNED FOR: another program wrote into the store of \
             this node. It was ignored, and is ended: nothing left by it"
        ));
        say("           → look which program may write there, then say: tracenet rules seen");
    }
}

pub(crate) fn rules(rules: &[RuleView]) {
    if rules.is_empty() {
        say("Nothing is allowed for longer than once.");
        say("  → `tracenet answer ASK allow --for session` (or `day`) makes a rule");
    }
    for rule in rules {
        let until = match rule.term {
            Term::Session => format!("its session ends, {} at most", time(rule.until)),
            Term::Lock => format!("the key is locked, {} at most", time(rule.until)),
            Term::Day | Term::Once => time(rule.until),
        };
        say(&format!("{}  {} may share with {}", short(&rule.id), rule.agent, rule.to.join(", ")));
        say(&format!("          “{}” and later versions of it", rule.what));
        let used = match rule.used {
            0 => "not used yet".to_owned(),
            at => format!("used {}, last {}", count(rule.uses, "time", "times"), time(at)),
        };
        say(&format!("          until {until}; {used}"));
    }
}

pub(crate) fn doctor(view: &DoctorView) {
    for check in &view.checks {
        let mark = if check.well { "ok " } else { "!! " };
        say(&format!("{mark} {:<14} {}", check.name, check.what));
        if !check.hint.is_empty() {
            say(&format!("                   → {}", check.hint));
        }
    }
}

pub(crate) fn job(state: &JobState) {
    say(&format!(
        "{}: {} of {}, {}, {}, {} known, {} without an ask, {} skipped, {} not followed, {} failed",
        state.state,
        state.done,
        count(state.files, "file", "files"),
        count(state.traces, "new trace", "new traces"),
        count(state.crystals, "new crystal", "new crystals"),
        state.known,
        state.empty,
        state.skipped,
        count(state.links, "link", "links"),
        state.failed
    ));
    if state.malformed + state.unknown + state.oversized > 0 {
        say(&format!(
            "  lines kept but not understood: {} malformed, {} of an unknown kind, {} too long",
            state.malformed, state.unknown, state.oversized
        ));
    }
    sentences("!", &state.failures, state.failed);
    sentences("-", &state.skips, state.skipped.saturating_add(state.links));
}

/// What is said of the first of so many.
fn sentences(mark: &str, said: &[String], of: u32) {
    said.iter().for_each(|sentence| say(&format!("  {mark} {sentence}")));
    let more = of.saturating_sub(super::small(said.len()));
    if more > 0 {
        say(&format!("  {mark} and {more} more"));
    }
}
