//! The prompt: what the human sees, in a fixed order, the same in the window and in the
//! terminal. A pure function of facts; only the row `says` quotes the requester.

use crate::{Ask, Finding, Requester, Way, Wish};
use artifact::{
    ArtifactId, Head, HumanKey, UnixMillis, display,
    display::display_safe,
    words::{code_words, key_words},
};

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
    /// The whole text the human can read, for a share.
    pub text: &'a str,
    /// The named audience.
    pub audience: &'a [PeerFact],
    /// This ask's place among those that wait, counted from 1.
    pub position: (usize, usize),
    /// Whether Allow will ask for the PIN.
    pub pin: bool,
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
    /// What the scanner found.
    pub found: Vec<Finding>,
    /// Whether the scanner stopped early.
    pub scan_spent: bool,
    /// To whom, one line each.
    pub to: Vec<String>,
    /// Who asks, one line each; evidence is marked as verified or not.
    pub who: Vec<String>,
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
}

/// The most characters of the whole text that a prompt carries.
pub const MAX_TEXT: usize = 1 << 20;

/// Builds the prompt.
#[must_use]
pub fn prompt(facts: &Facts<'_>) -> Prompt {
    let ask = facts.ask;
    let head = facts.bytes.and_then(|bytes| Head::of(bytes).ok()).map(safe_head);
    let (who, unknown) = who(&ask.by);
    let snapshot = facts.bytes.map_or_else(|| ArtifactId::of(&ask.id.0), ArtifactId::of);
    Prompt {
        heading: heading(&ask.wish, facts.audience.len()),
        position: facts.position,
        what: what(&ask.wish, head.as_ref()),
        size: facts.bytes.map_or(0, |bytes| bytes.len() as u64),
        artifact: facts.bytes.map(ArtifactId::of),
        text: display_safe(facts.text, MAX_TEXT, true).text,
        found: ask.findings.clone(),
        scan_spent: ask.scan_spent,
        to: to(&ask.wish, facts.audience),
        who,
        unknown,
        says: display::line(&ask.reason, crate::ask::MAX_REASON),
        code: code_words(&ask.id.0, &snapshot),
        warnings: warnings(facts),
        irrevocable: matches!(ask.wish, Wish::SharePublic { .. }),
        pin: facts.pin,
        head,
    }
}

fn safe_head(head: Head) -> Head {
    Head {
        title: display::line(&head.title, artifact::crystal::MAX_TITLE),
        problem: display_safe(&head.problem, artifact::head::MAX_PROBLEM, true).text,
        family: head.family.iter().map(|term| display::line(term, 64)).collect(),
        ..head
    }
}

fn heading(wish: &Wish, people: usize) -> String {
    match wish {
        Wish::SharePrivate { .. } if people == 1 => "Share privately with 1 person".into(),
        Wish::SharePrivate { .. } => format!("Share privately with {people} people"),
        Wish::SharePublic { .. } => "Share publicly, with anyone".into(),
        Wish::Pair { .. } => "Let a local agent in".into(),
        Wish::Ticket { .. } => "Give out a ticket".into(),
        Wish::Connect { .. } => "Connect to a peer".into(),
    }
}

fn what(wish: &Wish, head: Option<&Head>) -> String {
    match wish {
        Wish::SharePrivate { object, .. } | Wish::SharePublic { object } => {
            head.map_or_else(|| format!("artifact {}", object.id.short()), |h| h.title.clone())
        }
        Wish::Pair { name, .. } => display::line(name, 64),
        Wish::Ticket { lifetime } => {
            format!("One use, valid for {} hours", lifetime / 3_600_000)
        }
        Wish::Connect { name, .. } => name
            .as_deref()
            .map_or_else(|| "The giver of this ticket".into(), |n| display::line(n, 64)),
    }
}

fn to(wish: &Wish, audience: &[PeerFact]) -> Vec<String> {
    match wish {
        Wish::SharePrivate { .. } => audience
            .iter()
            .map(|p| format!("{} · key {}", display::line(&p.name, 64), key_words(&p.human)))
            .collect(),
        Wish::SharePublic { .. } => vec!["Anyone. Copies cannot be recalled.".into()],
        Wish::Ticket { .. } => vec!["Whoever holds the ticket, once".into()],
        Wish::Pair { .. } | Wish::Connect { .. } => Vec::new(),
    }
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
        Requester::Agent { name, paired, session, process, .. } => {
            let name = display::line(name, 64);
            let standing = if paired.is_some() {
                format!(
                    "{name}, paired, session {} · verified by its key",
                    display::line(session, 16)
                )
            } else {
                format!("{name}, not paired yet · the name is its own choice")
            };
            (vec![standing, chain(process)], paired.is_none())
        }
        Requester::Human { way: Way::Terminal, process } => {
            (vec!["You, from a terminal".into(), chain(process)], false)
        }
        Requester::Human { process, .. } if process.is_empty() => {
            (vec!["You, from this app".into()], false)
        }
        Requester::Human { process, .. } => {
            (vec!["You, from this app".into(), chain(process)], false)
        }
    }
}

fn warnings(facts: &Facts<'_>) -> Vec<String> {
    let ask = facts.ask;
    let mut warnings = Vec::new();
    match &ask.wish {
        Wish::SharePublic { .. } => {
            warnings.push("Public copies cannot be recalled, by anyone, ever.".into());
        }
        Wish::SharePrivate { .. } => {
            if facts.audience.len() > 1 {
                warnings.push("The people in this audience see each other's keys.".into());
            }
            warnings.push("Copies already received cannot be recalled.".into());
        }
        Wish::Pair { known_before: true, .. } => {
            warnings.push("Another key has used this name before.".into());
        }
        Wish::Pair { .. } => {}
        Wish::Ticket { .. } => {
            warnings.push("A ticket holds this machine's network addresses.".into());
        }
        Wish::Connect { .. } => {
            warnings.push("The other node will see this machine's network addresses.".into());
        }
    }
    let tokens = ask.findings.iter().filter(|f| f.rule != "email").count();
    if tokens > 0 {
        warnings.push(format!("{tokens} possible secrets were found in what would leave."));
    }
    if ask.scan_spent {
        warnings.push("The text is too large to be scanned whole.".into());
    }
    let mixed = display_safe(facts.text, MAX_TEXT, true);
    if mixed.escaped {
        warnings.push("Invisible characters in it are shown as ⟨U+…⟩.".into());
    }
    warnings
}

#[cfg(test)]
mod tests;
