//! The ticket: where a node is, which human must answer, and a one-use secret to be let in.
//!
//! `tracenet` followed by lowercase base32 of
//! `version ‖ endpoint(32) ‖ human digest(32) ‖ invite id(16) ‖ secret(32) ‖ expires(8)
//!  ‖ count ‖ addresses ‖ checksum(4)`.
//! An address is `4 ‖ ip(4) ‖ port(2)`, `6 ‖ ip(16) ‖ port(2)`, or for a relay `r ‖ length ‖ url`
//! as [`ServerUrl`] writes it. Numbers are big-endian.
//! The checksum is the start of BLAKE3 over all before it, so that a typo is called a typo.

use crate::{Address, ServerUrl};
use artifact::{TransportKey, UnixMillis};
use iroh_tickets::ParseError;
use session::{Invitation, Invite, InviteId};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// The version this crate writes and reads.
const VERSION: u8 = 0;
/// The most addresses in a ticket.
pub(crate) const MAX_ADDRESSES: usize = 16;
/// The most characters that are looked at.
const MAX_TEXT: usize = 8192;
const CHECKSUM: usize = 4;
/// Begins a relay's address.
const RELAY: u8 = b'r';

/// A way in, for one human, once.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The endpoint to dial.
    pub endpoint: TransportKey,
    /// Where it was last; may be empty.
    pub addresses: Vec<Address>,
    /// [`session::human_digest`] of the human who must answer.
    pub human: [u8; 32],
    /// The invite's name.
    pub invite: InviteId,
    /// The invite's secret.
    pub secret: [u8; 32],
    /// When it stops being good.
    pub expires: UnixMillis,
}

/// What is wrong with a ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Something else.
    #[error("this is not a ticket: a ticket is one word that begins with \"tracenet\"")]
    NotATicket,
    /// The checksum does not match.
    #[error("this ticket has a typo or is cut off: copy it again, whole")]
    Typo,
    /// Written by a newer version.
    #[error("this ticket is of version {0}, which is not known here: update this node")]
    Unsupported(u8),
    /// A right checksum over wrong content.
    #[error("this ticket is not well-formed: ask for a new one")]
    Malformed,
    /// Its time has passed.
    #[error("this ticket expired {}: ask for a new one", ago(*.0))]
    Expired(UnixMillis),
}

/// How long ago, for people.
fn ago(millis: UnixMillis) -> String {
    let (n, unit) = match millis / 60_000 {
        0 => return "just now".to_owned(),
        minutes @ 1..60 => (minutes, "minute"),
        minutes @ 60..2_880 => (minutes / 60, "hour"),
        minutes => (minutes / 1_440, "day"),
    };
    format!("{n} {unit}{} ago", if n == 1 { "" } else { "s" })
}

impl Ticket {
    /// The ticket that gives `invite`.
    #[must_use]
    pub fn new(
        endpoint: TransportKey,
        mut addresses: Vec<Address>,
        human: [u8; 32],
        invite: &Invite,
    ) -> Self {
        addresses.truncate(MAX_ADDRESSES);
        let Invite { id, secret, expires } = *invite;
        Self { endpoint, addresses, human, invite: id, secret, expires }
    }

    /// Whether the ticket is still good at `now`.
    ///
    /// # Errors
    /// [`TicketError::Expired`], with how long ago in milliseconds.
    pub const fn check(&self, now: UnixMillis) -> Result<(), TicketError> {
        if now < self.expires { Ok(()) } else { Err(TicketError::Expired(now - self.expires)) }
    }

    /// What the dialling session needs of it.
    #[must_use]
    pub const fn invitation(&self) -> Invitation {
        Invitation { human: self.human, secret: self.secret }
    }

    /// The bytes of the ticket.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend_from_slice(self.endpoint.as_bytes());
        out.extend_from_slice(&self.human);
        out.extend_from_slice(&self.invite);
        out.extend_from_slice(&self.secret);
        out.extend_from_slice(&self.expires.to_be_bytes());
        let addresses = self.addresses.iter().take(MAX_ADDRESSES);
        out.push(u8::try_from(addresses.len()).unwrap_or_default());
        for address in addresses {
            write(address, &mut out);
        }
        let sum = checksum(&out);
        out.extend_from_slice(&sum);
        out
    }

    /// Reads the bytes of a ticket. Any bytes may be given.
    ///
    /// # Errors
    /// Checksum first, then version, then shape.
    pub fn decode(bytes: &[u8]) -> Result<Self, TicketError> {
        let at = bytes.len().checked_sub(CHECKSUM).ok_or(TicketError::Typo)?;
        let (body, sum) = bytes.split_at_checked(at).ok_or(TicketError::Typo)?;
        if checksum(body) != sum {
            return Err(TicketError::Typo);
        }
        let mut rest = Rest(body);
        let version = rest.byte()?;
        if version != VERSION {
            return Err(TicketError::Unsupported(version));
        }
        let ticket = Self {
            endpoint: TransportKey::from_bytes(rest.take()?),
            human: rest.take()?,
            invite: rest.take()?,
            secret: rest.take()?,
            expires: u64::from_be_bytes(rest.take()?),
            addresses: rest.addresses()?,
        };
        if rest.0.is_empty() { Ok(ticket) } else { Err(TicketError::Malformed) }
    }
}

fn write(address: &Address, out: &mut Vec<u8>) {
    match address {
        Address::Ip(socket) => {
            match socket.ip() {
                IpAddr::V4(ip) => {
                    out.push(4);
                    out.extend_from_slice(&ip.octets());
                }
                IpAddr::V6(ip) => {
                    out.push(6);
                    out.extend_from_slice(&ip.octets());
                }
            }
            out.extend_from_slice(&socket.port().to_be_bytes());
        }
        Address::Relay(url) => {
            let url = url.as_str().as_bytes();
            out.push(RELAY);
            // A server's address fits: it has at most 255 bytes.
            out.push(u8::try_from(url.len()).unwrap_or_default());
            out.extend_from_slice(url);
        }
    }
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM] {
    let mut sum = [0; CHECKSUM];
    blake3::Hasher::new().update(body).finalize_xof().fill(&mut sum);
    sum
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], TicketError> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(TicketError::Malformed)?;
        self.0 = tail;
        Ok(*head)
    }

    fn byte(&mut self) -> Result<u8, TicketError> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn addresses(&mut self) -> Result<Vec<Address>, TicketError> {
        let count = usize::from(self.byte()?);
        if count > MAX_ADDRESSES {
            return Err(TicketError::Malformed);
        }
        (0..count).map(|_| self.address()).collect()
    }

    fn address(&mut self) -> Result<Address, TicketError> {
        let ip = match self.byte()? {
            4 => IpAddr::from(self.take::<4>()?),
            6 => IpAddr::from(self.take::<16>()?),
            RELAY => return self.relay().map(Address::Relay),
            _ => return Err(TicketError::Malformed),
        };
        Ok(Address::Ip(SocketAddr::new(ip, u16::from_be_bytes(self.take()?))))
    }

    /// A relay's address, written in the one way there is.
    fn relay(&mut self) -> Result<ServerUrl, TicketError> {
        let length = usize::from(self.byte()?);
        let (text, rest) = self.0.split_at_checked(length).ok_or(TicketError::Malformed)?;
        self.0 = rest;
        let text = str::from_utf8(text).map_err(|_| TicketError::Malformed)?;
        let url: ServerUrl = text.parse().map_err(|_| TicketError::Malformed)?;
        if url.as_str() == text { Ok(url) } else { Err(TicketError::Malformed) }
    }
}

impl iroh_tickets::Ticket for Ticket {
    const KIND: &'static str = "tracenet";

    fn encode_bytes(&self) -> Vec<u8> {
        self.encode()
    }

    fn decode_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
        Self::decode(bytes).map_err(|e| {
            ParseError::verification_failed(match e {
                TicketError::Typo => "typo",
                TicketError::Unsupported(_) => "unsupported version",
                _ => "malformed",
            })
        })
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&iroh_tickets::Ticket::encode_string(self))
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("endpoint", &self.endpoint)
            .field("addresses", &self.addresses)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl FromStr for Ticket {
    type Err = TicketError;

    /// Reads a ticket as people paste it: white space in it and capitals do not matter.
    fn from_str(text: &str) -> Result<Self, TicketError> {
        let kind = <Self as iroh_tickets::Ticket>::KIND;
        let plain = text.chars().filter(|c| !c.is_whitespace()).take(MAX_TEXT);
        let plain = plain.collect::<String>().to_ascii_lowercase();
        let rest = plain.strip_prefix(kind).ok_or(TicketError::NotATicket)?;
        let bytes = data_encoding::BASE32_NOPAD.decode(rest.to_ascii_uppercase().as_bytes());
        Self::decode(&bytes.map_err(|_| TicketError::Typo)?)
    }
}

#[cfg(test)]
mod tests;
