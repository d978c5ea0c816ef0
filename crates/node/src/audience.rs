//! Names of people: local, given by this human, each naming one key.

use crate::Fault;
use artifact::{HumanKey, display, words::key_words};
use store::PeerRow;

/// The most characters of a name.
pub(crate) const MAX_NAME: usize = 64;

/// Finds the one person that `name` names: the name this human gave, the six key words, or
/// the key in hex.
///
/// # Errors
/// When it names nobody; the hint lists who there is.
pub fn resolve(peers: &[(HumanKey, PeerRow)], name: &str) -> Result<HumanKey, Fault> {
    let name = name.trim();
    let by_key = |key: &HumanKey| key_words(key) == name || key.to_string() == name.to_lowercase();
    peers.iter().find(|(key, row)| row.name == name || by_key(key)).map(|(key, _)| *key).ok_or_else(
        || {
            let what = format!("nobody here is called {}", display::line(name, MAX_NAME));
            Fault::invalid(what, valid_names(peers))
        },
    )
}

/// Who can be named, in a sentence.
#[must_use]
pub fn valid_names(peers: &[(HumanKey, PeerRow)]) -> String {
    if peers.is_empty() {
        return "no peers yet: connect to one with a ticket first".into();
    }
    let names: Vec<String> =
        peers.iter().take(20).map(|(_, p)| display::line(&p.name, MAX_NAME)).collect();
    format!("peers are: {}", names.join(", "))
}

/// A name this human wants to give; `None` for an empty one.
///
/// # Errors
/// When it is too long or holds characters that do not show.
pub(crate) fn check_name(name: &str) -> Result<Option<String>, Fault> {
    let name = name.trim();
    if name.is_empty() {
        return Ok(None);
    }
    let safe = display::display_safe(name, MAX_NAME, false);
    if safe.cut || safe.escaped || name == "public" || name == "anyone" {
        let hint = format!("at most {MAX_NAME} visible characters, and not the word public");
        return Err(Fault::invalid("this name cannot be used", hint));
    }
    Ok(Some(name.to_owned()))
}

/// A name that nobody else here has: the wanted one, or it with a number.
#[must_use]
pub(crate) fn unique(peers: &[(HumanKey, PeerRow)], wanted: &str, whose: &HumanKey) -> String {
    let taken = |name: &str| peers.iter().any(|(key, row)| key != whose && row.name == name);
    let numbered = (2..).map(|n| format!("{wanted}-{n}"));
    std::iter::once(wanted.to_owned())
        .chain(numbered)
        .find(|name| !taken(name))
        .unwrap_or_else(|| whose.to_string())
}

/// What to call somebody who was given no name: what their card suggests, or their key.
#[must_use]
pub(crate) fn suggested(card: &artifact::Card) -> String {
    card.name
        .as_deref()
        .and_then(|name| check_name(name).ok().flatten())
        .unwrap_or_else(|| key_words(&card.human).split('-').take(2).collect::<Vec<_>>().join("-"))
}
