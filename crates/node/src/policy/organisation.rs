//! The organisation's side: its key in a file, and policies that it signs. No node is needed, and
//! no node ever has that key.

use crate::{Clock, Fault, SystemClock};
use artifact::{Forbid, HumanKey, Policy, policy::is_word, words::key_words};
use std::path::Path;

/// What a policy is to say.
#[derive(Debug, Clone, Default)]
pub struct PolicyTerms {
    /// What the organisation calls itself.
    pub org: String,
    /// The number of this version.
    pub seq: u64,
    /// Human keys it is meant for, in hex; none for whoever accepts it.
    pub meant: Vec<String>,
    /// Whether nothing may be shared publicly.
    pub public: bool,
    /// Human keys of those with whom alone something may be shared, in hex.
    pub people: Option<Vec<String>>,
    /// Classes and rules of the scanner that must not be in what is shared.
    pub findings: Vec<String>,
    /// Names of the agents that alone may ask to share.
    pub agents: Option<Vec<String>>,
    /// For how many days it forbids; none for as long as it is accepted.
    pub days: Option<u32>,
}

/// Makes an organisation's key in a new file. Gives the six words of its public half, and that in
/// hex.
///
/// # Errors
/// When there is such a file already, or it cannot be written.
pub fn new_organisation_key(file: &Path) -> Result<(String, String), Fault> {
    let key = keys::organisation::new(file, &mut keys::entropy::os).map_err(key_fault)?;
    Ok((key_words(&key), key.to_string()))
}

/// The six words of the public half of an organisation's key, and that in hex.
///
/// # Errors
/// When the file holds no such key.
pub fn organisation_words(file: &Path) -> Result<(String, String), Fault> {
    let key = keys::organisation::read(file).map_err(key_fault)?.public();
    Ok((key_words(&key), key.to_string()))
}

/// Signs a policy with the key in a file.
///
/// # Errors
/// When a term makes no sense, or the file holds no such key.
pub fn make_policy(file: &Path, terms: PolicyTerms) -> Result<Vec<u8>, Fault> {
    let iat = SystemClock.now();
    let day = 24 * 60 * 60 * 1000;
    if let Some(word) = terms.findings.iter().find(|word| !super::is_scanner_word(word)) {
        let what = format!("the scanner knows no class or rule called {word:?}");
        return Err(Fault::invalid(what, SCANNER));
    }
    if let Some(name) = terms.agents.iter().flatten().find(|name| !is_word(name)) {
        let what = format!("{name:?} is no name of an agent");
        return Err(Fault::invalid(what, "names are of a-z, 0-9, _ and -"));
    }
    let meant = people(terms.meant)?;
    let policy = Policy {
        v: 0,
        seq: terms.seq,
        org: terms.org,
        meant: (!meant.is_empty()).then_some(meant),
        forbid: Forbid {
            public: terms.public,
            people: terms.people.map(people).transpose()?,
            findings: each_once(terms.findings),
            agents: terms.agents.map(each_once),
        },
        iat,
        until: terms.days.map(|days| iat.saturating_add(u64::from(days).saturating_mul(day))),
    };
    let key = keys::organisation::read(file).map_err(key_fault)?;
    policy.seal(&key).map_err(|e| Fault::invalid(format!("this cannot be a policy: {e}"), ""))
}

const SCANNER: &str = "classes are private-key, token, password, email, phone, home, host; rules \
    are what `tracenet screen --json` names";

fn people(keys: Vec<String>) -> Result<Vec<HumanKey>, Fault> {
    let parsed = keys.iter().map(|key| {
        key.parse().map_err(|_| {
            let what = format!("{key:?} is no human_key");
            Fault::invalid(what, "64 hex digits: each person's `tracenet status` shows theirs")
        })
    });
    Ok(each_once(parsed.collect::<Result<_, Fault>>()?))
}

fn each_once<T: Ord>(mut entries: Vec<T>) -> Vec<T> {
    entries.sort();
    entries.dedup();
    entries
}

fn key_fault(error: keys::KeyFileError) -> Fault {
    Fault::not_now(error.to_string(), "`tracenet policy key new FILE` makes one")
}
