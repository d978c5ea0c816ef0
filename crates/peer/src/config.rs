//! What a host is started with.

use crate::{OnlyByRelay, Reach};
use artifact::{Kind, Secret, key::Transport};
use std::{path::PathBuf, time::Duration};

/// What a host is started with.
#[derive(Debug)]
pub struct Config {
    /// The endpoint's key; its public half must be the card's.
    pub transport: Secret<Transport>,
    /// The UDP port to keep, 0 for any. When it is taken another is used: see
    /// [`crate::Host::port_kept`].
    pub port: u16,
    /// Binds 127.0.0.1 only; otherwise every interface, which is the local network.
    pub loopback_only: bool,
    /// How far to reach: see [`crate::Host::set_reach`].
    pub reach: Reach,
    /// Whom this machine's addresses are hidden from: see [`crate::Host::hide_from`].
    pub only_by_relay: OnlyByRelay,
    /// The folder of the outbox.
    pub outbox: PathBuf,
    /// How long to wait for what.
    pub timings: Timings,
    /// The most bytes one fetch takes, whatever was announced. 1 MiB, the cap of a crystal.
    pub largest: u64,
}

impl Config {
    /// A host on every interface, on any port, that reaches no further, with the timings of the specification.
    #[must_use]
    pub fn new(transport: Secret<Transport>, outbox: PathBuf) -> Self {
        let largest = Kind::Crystal.cap() as u64;
        let timings = Timings::default();
        let (reach, only_by_relay) = (Reach::default(), OnlyByRelay::default());
        let (port, loopback_only) = (0, false);
        Self { transport, port, loopback_only, reach, only_by_relay, outbox, timings, largest }
    }
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// For the first message of a handshake.
    pub introduce: Duration,
    /// For a handshake as a whole, from the connection to the session.
    pub handshake: Duration,
    /// For the rest of a frame or a request once it began, and for the other to take bytes.
    pub read: Duration,
    /// For anything at all on any channel of a Ready session.
    pub idle: Duration,
    /// Between two pings.
    pub ping: Duration,
    /// For a connection to be made.
    pub dial: Duration,
}

impl Timings {
    /// For the first message, which is part of the whole.
    pub(crate) fn first(&self) -> Duration {
        self.introduce.min(self.handshake)
    }
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            introduce: Duration::from_secs(10),
            handshake: Duration::from_secs(20),
            read: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            ping: Duration::from_secs(20),
            dial: Duration::from_secs(10),
        }
    }
}
