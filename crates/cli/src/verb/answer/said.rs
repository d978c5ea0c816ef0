//! What can be typed at a prompt in a terminal: the answers that the window has buttons for.

use super::Choice;
use wire::{PromptView, Rebuke, Term};

/// What a human typed.
pub(super) enum Said {
    /// Yes, and for how long or how far.
    Allow(Choice),
    /// No, and what about the agent.
    Deny(Option<Rebuke>),
    /// Take these findings out, or all of them.
    Redact(Option<Vec<u32>>),
    /// No more of them now.
    Quit,
    /// Anything else: it waits.
    Later,
}

/// The question below what was shown; `through` where more may follow.
pub(super) fn question(shown: &[PromptView], through: bool) -> String {
    let mut words = vec!["`allow`"];
    if let [one] = shown {
        if one.choose_reach {
            words.push("`anywhere` to allow it by relays as well");
        }
        if !one.terms.is_empty() {
            words.push("`session`, `lock` or `day` to allow it for longer");
        }
    }
    words.push("`deny`");
    if let [one] = shown {
        if one.by_agent {
            words.push("`mute` or `block` to deny it and the agent");
        }
        if !one.found.is_empty() {
            words.push("`redact` or `redact 1 2` to take findings out");
        }
    }
    if through {
        words.push("`quit`");
    }
    let all = match shown.len() {
        1 => String::new(),
        n => format!(" (for all {n})"),
    };
    format!("Type {}{all}, or anything else to decide later: ", words.join(", "))
}

/// What was said, of what the question offered: everything else decides nothing.
pub(super) fn read(line: &str, shown: &[PromptView], through: bool) -> Said {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let numbers: Result<Vec<u32>, _> = words.map(str::parse).collect();
    let Ok(numbers) = numbers else { return Said::Later };
    if first == "redact" {
        let findings = Some(numbers).filter(|numbers| !numbers.is_empty());
        return match shown {
            [one] if !one.found.is_empty() => Said::Redact(findings),
            _ => Said::Later,
        };
    }
    if !numbers.is_empty() {
        return Said::Later;
    }
    let longer = |term| match shown {
        [one] if one.terms.contains(&term) => Said::Allow(Choice { anywhere: false, term }),
        _ => Said::Later,
    };
    let rebuke = |rebuke| match shown {
        [one] if one.by_agent => Said::Deny(Some(rebuke)),
        _ => Said::Later,
    };
    match (first, shown) {
        ("allow", _) => Said::Allow(Choice::default()),
        ("anywhere", [one]) if one.choose_reach => {
            Said::Allow(Choice { anywhere: true, term: Term::Once })
        }
        ("session", _) => longer(Term::Session),
        ("lock", _) => longer(Term::Lock),
        ("day", _) => longer(Term::Day),
        ("deny", _) => Said::Deny(None),
        ("mute", _) => rebuke(Rebuke::Mute),
        ("block", _) => rebuke(Rebuke::Block),
        ("quit", _) if through => Said::Quit,
        _ => Said::Later,
    }
}
