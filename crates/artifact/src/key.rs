//! The roles of keys. A key of one role is never taken for another: the role is its type.
//!
//! All are Ed25519. Verification is `verify_strict`: small-order keys and points and
//! non-canonical scalars are refused.

use crate::stack::traceless;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{cmp::Ordering, fmt, hash::Hash, hash::Hasher, marker::PhantomData, str::FromStr};

/// What a key may be used for.
pub trait Role: 'static {
    /// The role's name as people and logs see it.
    const NAME: &'static str;
}

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident $alias:ident $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $role {}
        impl Role for $role { const NAME: &'static str = $name; }
        #[doc = concat!("The public half of ", $name, ".")]
        pub type $alias = Public<$role>;
    )*};
}

roles! {
    /// Signs consent, and nothing else. Lives in the OS keychain.
    Human HumanKey "human_key";
    /// Signs what this node wrote.
    Author AuthorKey "author_key";
    /// The identity on the wire; used by TLS, and once to sign the card.
    Transport TransportKey "transport_key";
    /// Signs the journal's head, unattended.
    Journal JournalKey "journal_key";
    /// Signs receipts under a grant. Lives in memory only.
    Rule RuleKey "rule_key";
    /// Signs the policies of an organisation. No node has one.
    Organisation OrganisationKey "organisation_key";
    /// Where settlement arrives. Lives in the OS keychain.
    Solana SolanaKey "solana_key";
}

/// An Ed25519 signature, 64 bytes.
pub type Signature = [u8; 64];

/// A public key of role `R`, 32 bytes. Not checked to be a point until it verifies something.
pub struct Public<R>([u8; 32], PhantomData<fn() -> R>);

/// Text that is not 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key is 64 hex digits")]
pub struct KeyTextError;

impl<R> Public<R> {
    /// A public key from its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes, PhantomData)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` is this key's strict signature over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }
}

impl<R> Clone for Public<R> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<R> Copy for Public<R> {}
impl<R> PartialEq for Public<R> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<R> Eq for Public<R> {}
impl<R> PartialOrd for Public<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<R> Ord for Public<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<R> Hash for Public<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<R: Role> fmt::Debug for Public<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({self})", R::NAME)
    }
}
impl<R> fmt::Display for Public<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}
impl<R> FromStr for Public<R> {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes());
        bytes.ok().and_then(|b| b.try_into().ok()).map(Self::from_bytes).ok_or(KeyTextError)
    }
}
impl<R> Serialize for Public<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}
impl<'de, R> Deserialize<'de> for Public<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_bytes::ByteArray::<32>::deserialize(deserializer)
            .map(|b| Self::from_bytes(b.into_array()))
    }
}

/// A secret key of role `R`. Zeroized on drop, never printed, never cloned. It lies in a box of its
/// own: a value that is moved would leave its bytes behind at every stop.
pub struct Secret<R>(Box<SigningKey>, PhantomData<fn() -> R>);

impl<R> Secret<R> {
    /// A secret key from its 32-byte seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(traceless(|| Box::new(SigningKey::from_bytes(seed))), PhantomData)
    }

    /// The 32-byte seed. Whoever calls this takes over the duty to zeroize it.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> Public<R> {
        Public::from_bytes(self.0.verifying_key().to_bytes())
    }

    /// Signs raw bytes. What is signed must name its own kind: see [`crate::envelope::pae`].
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        traceless(|| self.0.sign(message).to_bytes())
    }
}

impl<R: Role> fmt::Debug for Secret<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(secret)", R::NAME)
    }
}
