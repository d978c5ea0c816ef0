//! The prompt: what the human sees, in a fixed order, the same in the window and in the
//! terminal. A pure function of facts; only the row `says` quotes the requester.

use crate::{Ask, AskId, Finding, Reach, Requester, Term, Way, Wish, rule};
use artifact::{
    ArtifactId, Head, HumanKey, UnixMillis, display, display_safe,
    words::{code_words, key_words},
};

mod changes;
mod policy;
mod reach;
mod rotate;
mod unique;
mod warnings;

pub use changes::{Before, Changes};
pub use policy::PolicyFact;
pub use reach::reach_words;
pub use unique::Alike;

/// Rules whose findings tell of people and networks, or of what was not looked through: they are
/// listed, and not counted as secrets.
pub const NO_SECRETS: [&str; 8] = [
    "email",
    "phone-number",
    "named-phone-number",
    "home-path",
    "internal-host",
    "private-address",
    "private-address-6",
    "not-read",
];

/// A person in the audience, as this human knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerFact {
    /// The name this human gave.
    pub name: String,
    /// Their key.
    pub human: HumanKey,
    /// When they were pinned.
    pub since: UnixMillis,
}

/// Everything the prompt is computed from. `bytes` are the frozen ones.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The ask.
    pub ask: &'a Ask,
    /// The frozen envelope, for a share.
    pub bytes: Option<&'a [u8]>,
    /// The whole text the human can read: of a share, or of what would be signed.
    pub text: &'a str,
    /// What is known of the named audience. Who is named stands in the ask, but for the word of
    /// what was ended: then it is whoever is to learn it.
    pub audience: &'a [PeerFact],
    /// This ask's place among those that wait, counted from 1.
    pub position: (usize, usize),
    /// Whether Allow will ask for the PIN.
    pub pin: bool,
    /// From where this node may be reached; none while the human has not said.
    pub reach: Option<&'a Reach>,
    /// Whether what would leave was distilled here from a log, rather than written by an agent.
    pub distilled: bool,
    /// The version that everybody in the audience was given last.
    pub before: Option<Before<'a>>,
    /// Those that wait and may be answered with this one, itself among them; fewer than two are
    /// none.
    pub batch: &'a [AskId],
    /// How a public share stands among the crystals that are here; none where that could not be
    /// counted.
    pub alike: Option<&'a Alike>,
    /// What accepted policies have to do with it.
    pub policy: &'a PolicyFact,
}

/// What the human sees. Every text went through `display_safe`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What is asked, as a heading: `share privately with 2 people`.
    pub heading: String,
    /// `request 2 of 3`.
    pub position: (usize, usize),
    /// The title of what would leave, or the name of who wants in.
    pub what: String,
    /// Bytes that would leave; 0 where none would.
    pub size: u64,
    /// The artifact.
    pub artifact: Option<ArtifactId>,
    /// The head, which the audience sees at once.
    pub head: Option<Head>,
    /// The whole text.
    pub text: String,
    /// What changed since this audience was given a version.
    pub changes: Option<Changes>,
    /// What the scanner found.
    pub found: Vec<Finding>,
    /// Whether the scanner stopped early.
    pub scan_spent: bool,
    /// To whom, one line each.
    pub to: Vec<String>,
    /// Who asks, one line each; evidence is marked as verified or not.
    pub who: Vec<String>,
    /// Whether an agent asks, which can be muted or blocked with a no.
    pub by_agent: bool,
    /// Whether the requester is nobody this node knows.
    pub unknown: bool,
    /// What the requester says.
    pub says: String,
    /// Four words that the requester was told too.
    pub code: String,
    /// What the human should know before allowing this.
    pub warnings: Vec<String>,
    /// Whether granting needs a hold of one second, or the PIN.
    pub irrevocable: bool,
    /// Whether Allow will ask for the PIN.
    pub pin: bool,
    /// Whether the human is to choose with the answer: this network only, or anywhere.
    pub choose_reach: bool,
    /// For how long the human may allow this; empty where it is once and no choice.
    pub terms: Vec<Term>,
    /// The policies that this has to do with, one line each.
    pub policies: Vec<String>,
    /// Why it cannot be allowed, one sentence each; empty where it can.
    pub forbidden: Vec<String>,
    /// What may be answered together with this, itself among them; empty where it stands alone.
    pub batch: Vec<AskId>,
}

/// The most characters of the whole text that a prompt carries.
pub const MAX_TEXT: usize = 1 << 20;

/// Why something is not to be allowed whose frozen bytes are not there, or are others.
pub const GONE: &str = "What would leave is gone from this machine";

/// Builds the prompt.
#[must_use]
pub fn prompt(facts: &Facts<'_>) -> Prompt {
    let ask = facts.ask;
    // What is shown is what would be signed for, or nothing.
    let bytes = facts.bytes.filter(|bytes| names(&ask.wish, bytes));
    let head = bytes.and_then(|bytes| Head::of(bytes).ok()).map(safe_head);
    let is_gone = ask.wish.object().is_some() && bytes.is_none();
    let text = display_safe(if is_gone { "" } else { facts.text }, MAX_TEXT, true);
    let (who, unknown) = who(&ask.by);
    Prompt {
        heading: heading(&ask.wish),
        position: facts.position,
        what: what(&ask.wish, head.as_ref()),
        size: bytes.map_or(0, |bytes| bytes.len() as u64),
        artifact: bytes.map(ArtifactId::of),
        changes: facts.before.map(|before| {
            let safe = display_safe(before.text, MAX_TEXT, true);
            changes::changes(before.at, &safe.text, &text.text)
        }),
        found: ask.findings.iter().map(safe_finding).collect(),
        scan_spent: ask.scan_spent,
        to: to(&ask.wish, facts.audience),
        who,
        by_agent: matches!(ask.by, Requester::Agent { .. }),
        unknown,
        says: display::line(&ask.reason, crate::ask::MAX_REASON),
        code: code(facts),
        warnings: warnings::warnings(facts, &text),
        text: text.text,
        irrevocable: matches!(ask.wish, Wish::SharePublic { .. }),
        pin: facts.pin,
        choose_reach: reach::is_chosen(facts),
        terms: terms(facts, bytes.is_some()),
        policies: facts.policy.lines(),
        forbidden: if is_gone {
            vec![format!("{GONE}: deny it.")]
        } else {
            facts.policy.forbidden()
        },
        batch: if facts.batch.len() > 1 { facts.batch.to_vec() } else { Vec::new() },
        head,
    }
}

/// Only what named people get, at the ask of a known agent, of what this machine distilled from a
/// log: text that an agent wrote is looked at each time.
fn terms(facts: &Facts<'_>, is_here: bool) -> Vec<Term> {
    let private = matches!(facts.ask.wish, Wish::SharePrivate { .. });
    let may = rule::may_be_made(&facts.ask.by, facts.ask.scan_spent);
    let forbidden = !facts.policy.against.is_empty();
    if private && is_here && facts.distilled && may && !forbidden {
        vec![Term::Once, Term::Session, Term::Lock, Term::Day]
    } else {
        Vec::new()
    }
}

/// The code of what is shown. The word of what was ended is signed as it stands at the answer:
/// when more was ended meanwhile the code is another, and the old answer is refused.
fn code(facts: &Facts<'_>) -> String {
    match facts.ask.wish {
        Wish::SignRevocations {} => {
            code_words(&facts.ask.id.0, &ArtifactId::of(facts.text.as_bytes()))
        }
        _ => words_of(facts.ask),
    }
}

/// The four words of an ask: what the prompt shows and the requester was told.
#[must_use]
pub fn words_of(ask: &Ask) -> String {
    let snapshot = ask.wish.object().map_or_else(|| ArtifactId::of(&ask.id.0), |object| object.id);
    code_words(&ask.id.0, &snapshot)
}

fn safe_head(head: Head) -> Head {
    Head {
        title: display::line(&head.title, artifact::crystal::MAX_TITLE),
        problem: display_safe(&head.problem, artifact::head::MAX_PROBLEM, true).text,
        family: head.family.iter().map(|term| display::line(term, 64)).collect(),
        ..head
    }
}

/// A finding's mask keeps ends of the value, and those come from the artifact. They were escaped
/// when the ask was made.
fn safe_finding(finding: &Finding) -> Finding {
    Finding {
        rule: display::line(&finding.rule, 64),
        label: display::line(&finding.label, 200),
        line: finding.line,
        masked: display::still_line(&finding.masked, 200),
    }
}

/// Whether these are the bytes that the wish is about.
fn names(wish: &Wish, bytes: &[u8]) -> bool {
    wish.object().is_some_and(|o| o.size == bytes.len() as u64 && o.id == ArtifactId::of(bytes))
}

/// The prompt's heading, for lists.
#[must_use]
pub fn heading(wish: &Wish) -> String {
    match wish {
        Wish::SharePrivate { peers, .. } if peers.len() == 1 => {
            "Share privately with 1 person".into()
        }
        Wish::SharePrivate { peers, .. } => format!("Share privately with {} people", peers.len()),
        Wish::SharePublic { .. } => "Share publicly, with anyone".into(),
        Wish::Pair { .. } => "Let a local agent in".into(),
        Wish::Ticket { .. } => "Give out a ticket".into(),
        Wish::Connect { .. } => "Connect to a peer".into(),
        Wish::Accept { .. } => "Let a stranger in".into(),
        Wish::Unblock { .. } => "Lift a block".into(),
        Wish::Let { .. } => "Let a peer".into(),
        Wish::Reach { .. } => "Be reached from further away".into(),
        Wish::Unhide { .. } => "Show a peer where this machine is".into(),
        Wish::Resume { .. } => "Go on with a store of another day".into(),
        Wish::SignRevocations {} => "Sign what you ended".into(),
        Wish::Rotate { .. } => "Replace a key of this node".into(),
        Wish::AcceptPolicy { .. } => "Accept what an organisation forbids".into(),
        Wish::DropPolicy { organisation: Some(_), .. } => "Drop a policy".into(),
        Wish::DropPolicy { organisation: None, .. } => "Drop every policy".into(),
    }
}

/// What is wished for, in a line; a share is named by its head, where there is one.
#[must_use]
pub fn what(wish: &Wish, head: Option<&Head>) -> String {
    match wish {
        Wish::SharePrivate { object, .. } | Wish::SharePublic { object } => {
            head.map_or_else(|| format!("artifact {}", object.id.short()), |h| h.title.clone())
        }
        Wish::Pair { name, .. } => display::line(name, 64),
        Wish::Ticket { lifetime, hidden } => {
            let hidden = if *hidden { ", without addresses" } else { "" };
            format!("One use, valid for {}{hidden}", duration(*lifetime))
        }
        Wish::Connect { name, .. } => name
            .as_deref()
            .map_or_else(|| "The giver of this ticket".into(), |n| display::line(n, 64)),
        Wish::Accept { peer, name, .. } => {
            name.as_deref().map_or_else(|| key_words(peer), |n| display::line(n, 64))
        }
        Wish::Unblock { peer: Some(peer), .. } | Wish::Let { peer } | Wish::Unhide { peer } => {
            key_words(peer)
        }
        Wish::Unblock { peer: None, endpoint } => format!("endpoint {}", endpoint),
        Wish::Reach { reach } => reach_words(reach),
        Wish::Resume { anchored, found } => {
            let found = display::count(*found, "entry", "entries");
            format!("Its journal has {found}; you last signed for {anchored}")
        }
        Wish::SignRevocations {} => "The endings that wait for your signature".into(),
        Wish::Rotate { role } => format!("A new {}", role.name()),
        Wish::AcceptPolicy { policy } => policy::name(policy),
        Wish::DropPolicy { organisation: Some(_), name } => display::line(name, 64),
        Wish::DropPolicy { organisation: None, .. } => "All that were accepted here".into(),
    }
}

fn duration(millis: UnixMillis) -> String {
    match millis / 60_000 {
        60 => "1 hour".into(),
        minutes if minutes >= 60 && minutes % 60 == 0 => format!("{} hours", minutes / 60),
        1 => "1 minute".into(),
        minutes => format!("{minutes} minutes"),
    }
}

/// One row for each key that the receipt would name, known here or not.
fn to(wish: &Wish, audience: &[PeerFact]) -> Vec<String> {
    match wish {
        Wish::SharePrivate { peers, .. } => peers.iter().map(|h| person(h, audience)).collect(),
        Wish::SharePublic { .. } => vec!["Anyone. Copies cannot be recalled.".into()],
        Wish::Ticket { .. } => vec!["Whoever holds the ticket, once".into()],
        Wish::Accept { peer, .. }
        | Wish::Unblock { peer: Some(peer), .. }
        | Wish::Let { peer }
        | Wish::Unhide { peer } => {
            vec![person(peer, audience)]
        }
        Wish::SignRevocations {} => audience.iter().map(|p| person(&p.human, audience)).collect(),
        Wish::Pair { .. }
        | Wish::Connect { .. }
        | Wish::Unblock { .. }
        | Wish::Reach { .. }
        | Wish::Resume { .. }
        | Wish::Rotate { .. }
        | Wish::AcceptPolicy { .. }
        | Wish::DropPolicy { .. } => Vec::new(),
    }
}

fn person(human: &HumanKey, audience: &[PeerFact]) -> String {
    let known = audience.iter().find(|p| p.human == *human);
    let name =
        known.map_or_else(|| "somebody not known here".into(), |p| display::line(&p.name, 64));
    let since = known.map_or(0, |p| p.since);
    let paired = if since == 0 { String::new() } else { format!(" · paired {}", day(since)) };
    format!("{name}{paired} · key {}", key_words(human))
}

/// The day of a time in UTC, as `12 Nov 2026`: the prompt is the same wherever it is shown.
pub(crate) fn day(at: UnixMillis) -> String {
    let millis = i64::try_from(at).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    jiff::tz::Offset::UTC.to_datetime(time).strftime("%-d %b %Y").to_string()
}

fn who(by: &Requester) -> (Vec<String>, bool) {
    let chain = |process: &[String]| {
        let names: Vec<String> = process.iter().map(|p| display::line(p, 200)).collect();
        if names.is_empty() {
            "process unknown".to_owned()
        } else {
            format!("{} · unverified", names.join(" ← "))
        }
    };
    match by {
        Requester::Agent { name, paired, session, process, verified, .. } => {
            let name = display::line(name, 64);
            let standing = match paired {
                Some(at) => format!(
                    "{name}, paired {}, session {} · verified by its key",
                    day(*at),
                    display::line(session, 16)
                ),
                None => format!("{name}, not paired yet · the name is its own choice"),
            };
            let mut rows = vec![standing];
            match process.split_first() {
                Some((program, above)) if *verified => {
                    rows.push(format!(
                        "program {} · verified: the kernel names it as the one that connected",
                        display::line(program, 200)
                    ));
                    rows.push(format!("started by {}", chain(above)));
                }
                _ => rows.push(chain(process)),
            }
            (rows, paired.is_none())
        }
        Requester::Human { way: Way::Terminal, process } => {
            (vec!["From a terminal of this user".into(), chain(process)], false)
        }
        Requester::Human { process, .. } if process.is_empty() => {
            (vec!["You, from this app".into()], false)
        }
        Requester::Human { process, .. } => {
            (vec!["You, from this app".into(), chain(process)], false)
        }
    }
}

#[cfg(test)]
mod tests;
