//! Tells when the human goes away: their screen is locked, or the machine goes to sleep.
//!
//! Linux: logind on the system bus
//! (<https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.login1.html>), over
//! every session of this user, because a node may run in none of them. Elsewhere, and without
//! logind, it says that it sees nothing.
//!
//! Promises: sleep is held up until [`Presence::let_sleep`], for as long as logind allows, so that
//! what is to be wiped is wiped before memory is written to a disk. What cannot be told apart
//! counts as going away: to lock once too often costs a PIN.

/// How the human went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// The screen of a session of theirs is locked.
    ScreenLocked,
    /// The machine goes to sleep.
    Asleep,
}

/// Why it cannot be seen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("screen lock and sleep are not seen here: {0}")]
pub struct NotSeen(String);

#[cfg(target_os = "linux")]
mod logind;
#[cfg(target_os = "linux")]
pub use logind::Presence;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::Presence;
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{Away, NotSeen};

    /// Nothing is seen on this system yet.
    #[derive(Debug)]
    pub enum Presence {}

    impl Presence {
        /// Says that nothing is seen.
        ///
        /// # Errors
        /// Always.
        pub async fn follow() -> Result<Self, NotSeen> {
            Err(NotSeen("this system is not asked yet".to_owned()))
        }

        /// Cannot be called.
        ///
        /// # Errors
        /// Never.
        pub async fn next(&mut self) -> Result<Away, NotSeen> {
            match *self {}
        }

        /// Cannot be called.
        pub fn let_sleep(&mut self) {
            match *self {}
        }
    }
}
