//! What a prompt says of the network: who learns where this machine is.

use super::Facts;
use crate::{Reach, Wish};
use artifact::display;

/// The most characters of a relay's URL that a prompt shows: all that a node uses. Its end says
/// whose it is.
const MAX_RELAY: usize = 255;

/// Who sees what, once relays are used.
const RELAYS: &str = "relays and the lookup service see this machine's addresses and whom it \
                      talks to, never what is said.";

/// A setting of the network in a line.
#[must_use]
pub fn reach_words(reach: &Reach) -> String {
    let far = match (&reach.relay, reach.anywhere) {
        (_, false) => "This network only".to_owned(),
        (None, true) => "Anywhere, by public relays".to_owned(),
        (Some(relay), true) => {
            format!("Anywhere, by a relay of your own: {}", display::line(relay, MAX_RELAY))
        }
    };
    if reach.nearby { format!("{far}; announced near by") } else { far }
}

/// Whether the human is to choose with the answer: the first ticket or connection asks.
pub(super) fn is_chosen(facts: &Facts<'_>) -> bool {
    facts.reach.is_none() && matches!(facts.ask.wish, Wish::Ticket { .. } | Wish::Connect { .. })
}

/// Who learns where this machine is, for either choice while there is one.
pub(super) fn warnings(facts: &Facts<'_>) -> Vec<String> {
    let far = facts.reach.map(|reach| reach.anywhere);
    match &facts.ask.wish {
        Wish::Ticket { hidden, .. } => ticket(*hidden, far),
        Wish::Connect { .. } => connect(far),
        Wish::Reach { reach } => switched(reach),
        Wish::Unhide { .. } => {
            vec!["They will see this machine's network addresses, and may keep them.".into()]
        }
        _ => Vec::new(),
    }
}

fn ticket(hidden: bool, far: Option<bool>) -> Vec<String> {
    let without = "it holds no address of this machine: who uses it is reached by relay alone";
    match (hidden, far) {
        (false, Some(false)) => vec!["A ticket holds this machine's network addresses.".into()],
        (false, Some(true)) => {
            vec!["A ticket holds this machine's network addresses and its relay's.".into()]
        }
        (true, Some(_)) => vec![capital(without, ".")],
        (false, None) => vec![
            "This network only: the ticket holds this machine's network addresses, which lead to \
             it from this network and perhaps from no other."
                .into(),
            format!("Anywhere: it holds the address of a relay as well; {RELAYS}"),
        ],
        (true, None) => vec![
            "This network only: nobody could use a ticket without addresses.".into(),
            format!("Anywhere: {without}; {RELAYS}"),
        ],
    }
}

fn connect(far: Option<bool>) -> Vec<String> {
    let see = "The other node will see this machine's network addresses.";
    match far {
        Some(_) => vec![see.into()],
        None => vec![
            see.into(),
            "This network only: it must be on this network, or at an address that leads to it."
                .into(),
            format!("Anywhere: it can be wherever it is; {RELAYS}"),
        ],
    }
}

fn switched(reach: &Reach) -> Vec<String> {
    let mut warnings = Vec::new();
    if reach.anywhere {
        warnings.push(capital(RELAYS, ""));
    }
    if reach.nearby {
        warnings.push("Everybody on this network can see that TraceNet runs here.".into());
    }
    warnings
}

/// A fragment as a sentence.
fn capital(text: &str, end: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(rest).chain(end.chars()).collect()
}

#[cfg(test)]
mod tests;
