//! What a face is told when something did not happen.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of no it is. Only kinds on which a face branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The request makes no sense: a typo, an unknown id.
    Invalid,
    /// It is not allowed, and asking again will not help.
    Refused,
    /// It cannot happen now; the hint says what has to happen first.
    NotNow,
    /// `tracenet init`, or the first start, comes first.
    NotInitialised,
    /// A PIN is needed.
    PinNeeded,
    /// The PIN is wrong.
    PinWrong,
    /// The keychain is locked.
    KeychainLocked,
    /// There is no keychain, or no key in it.
    KeychainMissing,
    /// Something here is broken.
    Broken,
}

/// A refusal or a failure, in words for a human.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{what}")]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// What kind.
    pub code: Code,
    /// What happened.
    pub what: String,
    /// What to do; may be empty.
    pub hint: String,
}
