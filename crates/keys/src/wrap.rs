//! The record a human's secret key is kept in, and the PIN or passphrase that closes it.
//!
//! Canonical CBOR: `{v: 0, human, wrap, protection}`, where `wrap` is `{"none": seed}` or
//! `{"argon2id": {m, t, p, salt, nonce, box}}`; `m` is in KiB. The box is XChaCha20-Poly1305
//! (<https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha-03>) of the seed under
//! Argon2id v0x13 (RFC 9106) of the PIN; its associated data are the version, the public key
//! and the protection.
//!
//! Promises: what opens is the secret half of the public key that the caller named; costs
//! outside the limits are refused before any work, so a changed record cannot exhaust memory;
//! the seed, the key made of the PIN and Argon2's memory are wiped. Without a PIN the seed
//! passes plainly through the encoding's buffers, as it lies plainly in the keychain.
//! It does not know where a record is kept.

use crate::entropy::{Entropy, EntropyError};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use artifact::{CanonError, Human, HumanKey, KeyProtection, Secret, canon, stack::traceless};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::ByteArray;
use zeroize::{Zeroize, Zeroizing};

/// The only version of a record.
pub const VERSION: u64 = 0;
/// Most bytes of a record; a wrapped one has about 230.
pub const CAP: usize = 1024;

/// What trying one PIN costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Memory, KiB.
    m: u32,
    /// Passes over it.
    t: u32,
    /// Lanes.
    p: u32,
}

impl Costs {
    /// What new records get: 256 MiB and three passes, about half a second.
    pub const NEW: Self = Self { m: 256 * 1024, t: 3, p: 1 };
    /// The least a record may ask for; tests that make many keys use it.
    pub const LEAST: Self = Self { m: 64 * 1024, t: 1, p: 1 };

    fn check(self) -> Result<Self, WrapError> {
        let fits = (Self::LEAST.m..=1024 * 1024).contains(&self.m)
            && (1..=10).contains(&self.t)
            && self.p == 1;
        if fits { Ok(self) } else { Err(WrapError::Costs { mib: self.m / 1024, t: self.t }) }
    }
}

/// Why a record cannot be made or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// Not a record.
    #[error("the key's record is garbled: {0}")]
    Garbled(#[from] CanonError),
    /// Written by a newer version of this program.
    #[error("the key's record has version {0}, this program knows {VERSION}: update it")]
    Newer(u64),
    /// Asks for too much or too little work.
    #[error("the key's record asks for {mib} MiB and {t} passes, outside what is allowed")]
    Costs {
        /// Memory, MiB.
        mib: u32,
        /// Passes.
        t: u32,
    },
    /// Says that it is wrapped and is not, or the reverse.
    #[error("the key's record is wrapped otherwise than it says")]
    Unfit,
    /// Another human's key.
    #[error("the key's record is of another key, {found}")]
    OtherKey {
        /// The public key it names.
        found: HumanKey,
    },
    /// The secret inside is not the one of the public key outside.
    #[error("the key's record holds a secret that does not belong to its public key")]
    Swapped,
    /// It needs a PIN and none was given.
    #[error("the PIN is needed")]
    PinNeeded,
    /// The PIN does not open it. A damaged box looks the same.
    #[error("the PIN is wrong")]
    WrongPin,
    /// This machine cannot spare the memory.
    #[error("no {mib} MiB of memory are free to check the PIN: close something and try again")]
    NoMemory {
        /// Memory asked for, MiB.
        mib: u32,
    },
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// A human's secret key as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    v: u64,
    human: HumanKey,
    wrap: Wrap,
    protection: KeyProtection,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wrap {
    None(Seed),
    Argon2id(Closed),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closed {
    m: u32,
    t: u32,
    p: u32,
    salt: ByteArray<16>,
    nonce: ByteArray<24>,
    #[serde(rename = "box")]
    sealed: ByteArray<48>,
}

struct Seed(Zeroizing<[u8; 32]>);

impl Serialize for Seed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_ref())
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ByteArray::<32>::deserialize(deserializer).map(|b| Self(Zeroizing::new(b.into_array())))
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Record");
        shown.field("human", &self.human).field("protection", &self.protection);
        shown.finish_non_exhaustive()
    }
}

impl Record {
    /// A record that anyone who can read the keychain can open.
    #[must_use]
    pub fn plain(key: &Secret<Human>) -> Self {
        let wrap = Wrap::None(Seed(Zeroizing::new(*key.seed())));
        Self { v: VERSION, human: key.public(), wrap, protection: KeyProtection::Keychain }
    }

    /// A record that only `pin` opens, to be kept as `protection` says (not
    /// [`KeyProtection::Keychain`], which means that there is no PIN).
    ///
    /// # Errors
    /// Costs or protection out of bounds, no memory, no random bytes.
    pub fn wrapped(
        key: &Secret<Human>,
        pin: &str,
        protection: KeyProtection,
        costs: Costs,
        entropy: &mut Entropy<'_>,
    ) -> Result<Self, WrapError> {
        let costs = costs.check()?;
        if protection == KeyProtection::Keychain {
            return Err(WrapError::Unfit);
        }
        let human = key.public();
        let by = (pin, bound(&human, protection));
        let closed = traceless(|| Closed::seal(key, (by.0, &by.1), costs, entropy))?;
        Ok(Self { v: VERSION, human, wrap: Wrap::Argon2id(closed), protection })
    }

    /// The bytes to keep.
    ///
    /// # Errors
    /// None that a record made here can cause.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, WrapError> {
        Ok(Zeroizing::new(canon::encode(self)?))
    }

    /// Reads what [`Record::encode`] wrote, and checks everything but the PIN.
    ///
    /// # Errors
    /// Garbled, newer, or outside the limits.
    pub fn decode(bytes: &[u8]) -> Result<Self, WrapError> {
        // The shortest key sorts first, so every version's record begins `{v: …`.
        if let [_, 0x61, b'v', v @ 1..=23, ..] = bytes {
            return Err(WrapError::Newer(u64::from(*v)));
        }
        let record: Self = canon::decode(bytes, CAP)?;
        if record.v != VERSION {
            return Err(WrapError::Newer(record.v));
        }
        match (&record.wrap, record.protection) {
            (Wrap::None(seed), KeyProtection::Keychain) => {
                if Secret::<Human>::from_seed(&seed.0).public() != record.human {
                    return Err(WrapError::Swapped);
                }
            }
            (Wrap::Argon2id(c), KeyProtection::Pin | KeyProtection::File) => {
                Costs { m: c.m, t: c.t, p: c.p }.check()?;
            }
            _ => return Err(WrapError::Unfit),
        }
        Ok(record)
    }

    /// The public key whose secret this holds. Proven only by [`Record::open`].
    #[must_use]
    pub const fn human(&self) -> &HumanKey {
        &self.human
    }

    /// How it is kept.
    #[must_use]
    pub const fn protection(&self) -> KeyProtection {
        self.protection
    }

    /// Opens the record of `expected`. Takes as long as its costs say when it is wrapped;
    /// `pin` is not looked at when it is not.
    ///
    /// # Errors
    /// Another key's record, a missing or wrong PIN, no memory, a swapped secret.
    pub fn open(&self, expected: &HumanKey, pin: Option<&str>) -> Result<Secret<Human>, WrapError> {
        if self.human != *expected {
            return Err(WrapError::OtherKey { found: self.human });
        }
        let key = match &self.wrap {
            Wrap::None(seed) => Secret::from_seed(&seed.0),
            Wrap::Argon2id(closed) => {
                let pin = pin.ok_or(WrapError::PinNeeded)?;
                traceless(|| closed.open(pin, &bound(expected, self.protection)))?
            }
        };
        if key.public() == *expected { Ok(key) } else { Err(WrapError::Swapped) }
    }
}

impl Closed {
    fn open(&self, pin: &str, bound: &[u8]) -> Result<Secret<Human>, WrapError> {
        let costs = Costs { m: self.m, t: self.t, p: self.p }.check()?;
        let nonce = XNonce::from(self.nonce.into_array());
        let mut seed = Zeroizing::new(self.sealed.to_vec());
        cipher(pin, &self.salt, costs)?
            .decrypt_in_place(&nonce, bound, &mut *seed)
            .map_err(|_| WrapError::WrongPin)?;
        let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| WrapError::Swapped)?;
        Ok(Secret::from_seed(seed))
    }

    fn seal(
        key: &Secret<Human>,
        (pin, bound): (&str, &[u8]),
        costs: Costs,
        entropy: &mut Entropy<'_>,
    ) -> Result<Self, WrapError> {
        let (mut salt, mut nonce) = ([0_u8; 16], [0_u8; 24]);
        entropy(&mut salt)?;
        entropy(&mut nonce)?;
        let mut seed = Zeroizing::new(Vec::with_capacity(48));
        seed.extend_from_slice(key.seed());
        cipher(pin, &salt, costs)?
            .encrypt_in_place(&XNonce::from(nonce), bound, &mut *seed)
            .map_err(|_| WrapError::Unfit)?;
        let sealed: [u8; 48] = seed.as_slice().try_into().map_err(|_| WrapError::Unfit)?;
        let Costs { m, t, p } = costs;
        let (salt, nonce, sealed) =
            (ByteArray::new(salt), ByteArray::new(nonce), ByteArray::new(sealed));
        Ok(Self { m, t, p, salt, nonce, sealed })
    }
}

/// The associated data: what may not change without the box refusing to open.
fn bound(human: &HumanKey, protection: KeyProtection) -> Vec<u8> {
    let word: &[u8] = match protection {
        KeyProtection::File => b"file",
        KeyProtection::Keychain => b"keychain",
        KeyProtection::Pin => b"pin",
    };
    [b"tracenet human_key record v0\0", human.as_bytes().as_slice(), word].concat()
}

/// Argon2's memory, wiped when it is given back.
struct Memory(Vec<Block>);

impl Drop for Memory {
    fn drop(&mut self) {
        // Block by block: wiping the vector as a whole goes over its bytes one at a time.
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

fn cipher(pin: &str, salt: &[u8; 16], costs: Costs) -> Result<XChaCha20Poly1305, WrapError> {
    let refused = |_| WrapError::Costs { mib: costs.m / 1024, t: costs.t };
    let params = Params::new(costs.m, costs.t, costs.p, Some(32)).map_err(refused)?;
    let mut memory = Memory(Vec::new());
    let blocks = params.block_count();
    memory.0.try_reserve_exact(blocks).map_err(|_| WrapError::NoMemory { mib: costs.m / 1024 })?;
    memory.0.resize(blocks, Block::default());
    let mut key = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(pin.as_bytes(), salt, key.as_mut(), &mut memory.0)
        .map_err(refused)?;
    XChaCha20Poly1305::new_from_slice(key.as_ref()).map_err(|_| WrapError::Unfit)
}

#[cfg(test)]
mod tests;
