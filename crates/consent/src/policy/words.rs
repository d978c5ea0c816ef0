//! What a policy forbids, in words. They are ours: of the organisation's own text only its name is
//! ever shown, and what it lists are keys and words of a plain alphabet.

use super::Accepted;
use crate::prompt::day;
use artifact::{HumanKey, Policy, words::key_words};

/// The class of what the scanner did not look through.
pub(super) const UNREAD: &str = "unread";

/// Where the journal was changed.
pub(super) const UNKNOWN: &str =
    "which policies you accepted cannot be told: the journal was changed";

/// Classes of the scanner, as people call what they hold.
const CLASSES: [(&str, &str); 8] = [
    ("private-key", "private keys"),
    ("token", "access tokens"),
    ("password", "passwords"),
    ("email", "e-mail addresses"),
    ("phone", "telephone numbers"),
    ("home", "paths of homes"),
    ("host", "inner hosts and addresses"),
    (UNREAD, "text that was not looked through"),
];

/// Words of a list that are said one by one.
const NAMED: usize = 6;

pub(super) fn public() -> String {
    "no public sharing".to_owned()
}

pub(super) fn people(people: &[HumanKey]) -> String {
    match people.len() {
        0 => "no sharing with anybody".to_owned(),
        1 => "sharing with one person only, whom it names".to_owned(),
        n => format!("sharing with {n} people only, whom it names"),
    }
}

pub(super) fn agents(agents: &[String]) -> String {
    if agents.is_empty() {
        return "no sharing at the ask of any agent".to_owned();
    }
    format!("sharing at the ask of these agents only: {}", list(agents.iter().cloned()))
}

pub(super) fn findings(words: &[&str]) -> String {
    format!("no {}", list(words.iter().map(|word| found(word))))
}

/// What one word of the scanner stands for.
fn found(word: &str) -> String {
    let class = CLASSES.iter().find(|(class, _)| *class == word);
    class.map_or_else(|| format!("findings of the rule {word}"), |(_, said)| (*said).to_owned())
}

fn list(words: impl ExactSizeIterator<Item = String>) -> String {
    let more = words.len().saturating_sub(NAMED);
    let named: Vec<String> = words.take(NAMED).collect();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", named.join(", "))
}

/// A policy in one line: `no public sharing, no e-mail addresses`.
#[must_use]
pub fn in_short(policy: &Policy) -> String {
    let forbid = &policy.forbid;
    let mut parts = Vec::new();
    if forbid.public {
        parts.push(public());
    }
    parts.extend(forbid.people.as_deref().map(people));
    if !forbid.findings.is_empty() {
        let words: Vec<&str> = forbid.findings.iter().map(String::as_str).collect();
        parts.push(findings(&words));
    }
    parts.extend(forbid.agents.as_deref().map(agents));
    if parts.is_empty() { "forbids nothing".to_owned() } else { parts.join(", ") }
}

/// A policy in whole sentences, a line each. `known` names whom this human knows.
#[must_use]
pub fn in_words(policy: &Policy, known: &dyn Fn(&HumanKey) -> Option<String>) -> String {
    let forbid = &policy.forbid;
    let mut lines = Vec::new();
    if forbid.public {
        lines.push("Nothing may be shared publicly.".to_owned());
    }
    match forbid.people.as_deref() {
        None => {}
        Some([]) => lines.push("Nothing may be shared with anybody.".to_owned()),
        Some(people) => {
            lines.push("Nothing may be shared but with these people:".to_owned());
            lines.extend(people.iter().map(|human| {
                let name = known(human).unwrap_or_else(|| "somebody not known here".to_owned());
                format!("  {name} · key {}", key_words(human))
            }));
        }
    }
    if !forbid.findings.is_empty() {
        lines.push("Nothing may be shared in which the scanner finds:".to_owned());
        lines.extend(forbid.findings.iter().map(|word| format!("  {} ({word})", found(word))));
        lines.push("Nor anything that it could not look through.".to_owned());
    }
    match forbid.agents.as_deref() {
        None => {}
        Some([]) => lines.push("Nothing may be shared at the ask of an agent.".to_owned()),
        Some(agents) => {
            lines.push("Nothing may be shared at the ask of an agent, but of these:".to_owned());
            lines.extend(agents.iter().map(|name| format!("  {name}")));
        }
    }
    if lines.is_empty() {
        lines.push("It forbids nothing.".to_owned());
    }
    lines.push(match policy.until {
        Some(until) => format!("It forbids until {}, or until you drop it.", day(until)),
        None => "It forbids until you drop it.".to_owned(),
    });
    lines.join("\n")
}

/// What the newer version of a policy no longer forbids, in words; empty where it forbids all
/// that the older one did.
#[must_use]
pub fn eased(before: &Accepted, after: &Policy) -> Vec<String> {
    let (old, new) = (&before.policy.forbid, &after.forbid);
    let mut eased = Vec::new();
    let was_private = old.public || old.people.is_some();
    if was_private && !new.public && new.people.is_none() {
        eased.push("public sharing".to_owned());
    }
    match (&old.people, &new.people) {
        (Some(_), None) => eased.push("sharing with everybody you know".to_owned()),
        (Some(old), Some(new)) => {
            let more = new.iter().filter(|human| !old.contains(human)).count();
            if more > 0 {
                eased.push(format!("sharing with {more} more people"));
            }
        }
        _ => {}
    }
    let gone = old.findings.iter().filter(|word| !new.findings.contains(word));
    eased.extend(gone.map(|word| found(word)));
    match (&old.agents, &new.agents) {
        (Some(_), None) => eased.push("the asks of all agents".to_owned()),
        (Some(old), Some(new)) => {
            let more = new.iter().filter(|name| !old.contains(name));
            eased.extend(more.map(|name| format!("the asks of {name}")));
        }
        _ => {}
    }
    eased
}
