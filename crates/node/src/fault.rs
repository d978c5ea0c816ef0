//! What a face or an agent is told when something did not happen.
//!
//! *Refused* and *not now* are not *broken*: only the last is this program's fault, and only
//! the last is logged as one.

use std::fmt;

/// What kind of no it is. Only kinds on which a caller branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The request makes no sense: a typo, an unknown id.
    Invalid,
    /// It is not allowed, and asking again will not help.
    Refused,
    /// It cannot happen now; the hint says what has to happen first.
    NotNow,
    /// The node has no keys yet.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind.
    pub code: Code,
    /// What happened.
    pub what: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl Fault {
    /// A fault of this kind.
    pub fn new(code: Code, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, what: what.into(), hint: hint.into() }
    }

    /// The request makes no sense.
    pub fn invalid(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Code::Invalid, what, hint)
    }

    /// It is not allowed.
    pub fn refused(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Code::Refused, what, hint)
    }

    /// It cannot happen now.
    pub fn not_now(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Code::NotNow, what, hint)
    }

    /// Something here is broken.
    pub fn broken(what: impl fmt::Display) -> Self {
        let what = what.to_string();
        tracing::error!(%what, "broken");
        Self::new(Code::Broken, what, "see `tracenet doctor`; the log has more")
    }

    /// The node has no keys yet.
    #[must_use]
    pub fn not_initialised() -> Self {
        let hint = "open the app and choose a PIN, or run `tracenet init`";
        Self::new(Code::NotInitialised, "this node has no keys yet", hint)
    }

    /// The node is stopping.
    #[must_use]
    pub fn stopping() -> Self {
        Self::not_now("the node is stopping", "start it again and repeat this")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hint.as_str() {
            "" => f.write_str(&self.what),
            hint => write!(f, "{}: {hint}", self.what),
        }
    }
}

impl std::error::Error for Fault {}

impl From<store::ChangeError> for Fault {
    fn from(error: store::ChangeError) -> Self {
        use store::ChangeError as E;
        match &error {
            E::Full => Self::not_now(
                "the disk is full; nothing was changed",
                "free some space and try again",
            ),
            E::Closed => Self::new(Code::Broken, error.to_string(), "restart TraceNet"),
            E::NoJournalKey => Self::not_initialised(),
            E::NonceSpent | E::InviteSpent => Self::refused(error.to_string(), ""),
            E::Storage(_) => Self::broken(error),
        }
    }
}

impl From<store::LookError> for Fault {
    fn from(error: store::LookError) -> Self {
        Self::broken(error)
    }
}

impl From<store::PrefixError> for Fault {
    fn from(error: store::PrefixError) -> Self {
        Self::invalid(error.to_string(), "`tracenet recall` and `tracenet asks` show ids")
    }
}

impl From<door::KeyFileError> for Fault {
    fn from(error: door::KeyFileError) -> Self {
        match &error {
            door::KeyFileError::Io { source, .. }
                if source.kind() == std::io::ErrorKind::StorageFull =>
            {
                Self::not_now("the disk is full; nothing was kept", "free some space and try again")
            }
            _ => Self::not_now(error.to_string(), ""),
        }
    }
}

impl From<store::VaultError> for Fault {
    fn from(error: store::VaultError) -> Self {
        match &error {
            store::VaultError::Io(e) if e.kind() == std::io::ErrorKind::StorageFull => {
                Self::not_now("the disk is full; nothing was kept", "free some space and try again")
            }
            store::VaultError::Io(e) if e.kind() == std::io::ErrorKind::ReadOnlyFilesystem => {
                Self::not_now("the data folder cannot be written", "make it writable for this user")
            }
            _ => Self::broken(error),
        }
    }
}
