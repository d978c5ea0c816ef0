//! What accepted policies have to do with a prompt.

use crate::policy::{Accepted, Objection, can_be_redacted, in_short};
use artifact::{Policy, display, policy::MAX_NAME, words::key_words};

/// What accepted policies have to do with what is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyFact {
    /// Those in force that this has to do with.
    pub touching: Vec<Accepted>,
    /// What they say against it.
    pub against: Vec<Objection>,
    /// Whether nobody can tell which policies hold.
    pub unknown: bool,
    /// The version that a policy about to be accepted takes the place of.
    pub replaces: Option<Accepted>,
    /// Words in such a policy that this node's scanner does not know.
    pub unknown_words: Vec<String>,
    /// Shares that run and that a policy about to be accepted would have forbidden.
    pub shares: usize,
    /// Rules that it ends.
    pub rules: usize,
    /// Asks that wait and that it forbids.
    pub asks: usize,
}

impl PolicyFact {
    pub(super) fn lines(&self) -> Vec<String> {
        let line =
            |held: &Accepted| format!("Policy of {}: {}", held.name(), in_short(&held.policy));
        self.touching.iter().map(line).collect()
    }

    pub(super) fn forbidden(&self) -> Vec<String> {
        let mut sentences: Vec<String> = self
            .against
            .iter()
            .map(|objection| {
                let sentence = objection.sentence();
                let mut letters = sentence.chars();
                let first = letters.next().map(|c| c.to_ascii_uppercase());
                format!("{}{}.", first.into_iter().collect::<String>(), letters.as_str())
            })
            .collect();
        if !sentences.is_empty() && can_be_redacted(&self.against) {
            sentences.push("Take that out, and you are asked about the rest.".into());
        }
        sentences
    }
}

/// The name of the organisation, and which version of its policy this is.
pub(super) fn name(envelope: &[u8]) -> String {
    match Policy::open(envelope) {
        Ok((opened, _)) => {
            let Policy { org, seq, .. } = opened.payload;
            format!("{}, version {seq}", display::line(&org, MAX_NAME))
        }
        Err(_) => "A policy that cannot be read".into(),
    }
}

/// What a human has to know before a policy binds this node.
pub(super) fn accepting(envelope: &[u8], fact: &PolicyFact) -> Vec<String> {
    let Ok((opened, organisation)) = Policy::open(envelope) else {
        return vec!["It cannot be read: deny it.".into()];
    };
    let mut warnings = vec![
        format!(
            "Anybody can give a policy this name. Compare these words of its key with the \
             organisation another way: {}.",
            key_words(&organisation)
        ),
        "It only forbids. You can drop it whenever you like, as you accept it now.".into(),
    ];
    if let Some(before) = &fact.replaces {
        warnings.push(format!("It takes the place of version {}.", before.policy.seq));
        let eased = crate::policy::eased(before, &opened.payload);
        if !eased.is_empty() {
            warnings.push(format!("It no longer forbids: {}.", eased.join(", ")));
        }
    }
    warnings.extend(count(fact.shares, "share that runs", "shares that run").map(|shares| {
        format!(
            "{shares} would have been forbidden by it. What you gave stays given until you end it."
        )
    }));
    warnings.extend(
        count(fact.rules, "rule", "rules")
            .map(|rules| format!("{rules} that it forbids will end.")),
    );
    warnings.extend(
        count(fact.asks, "ask that waits", "asks that wait")
            .map(|asks| format!("{asks} will be forbidden.")),
    );
    if !fact.unknown_words.is_empty() {
        warnings.push(format!(
            "This version's scanner knows nothing called {}: that is not forbidden here.",
            fact.unknown_words.join(", ")
        ));
    }
    warnings
}

/// What a human has to know before a policy no longer binds it.
pub(super) fn dropping(fact: &PolicyFact) -> Vec<String> {
    let mut warnings =
        vec!["What it forbids is yours to allow again. Rules that it ended stay ended.".into()];
    if fact.unknown {
        warnings.push(
            "The journal was changed, so nobody can tell which policies held. Find out who did it."
                .into(),
        );
    }
    warnings
}

fn count(n: usize, one: &str, many: &str) -> Option<String> {
    match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    }
}
