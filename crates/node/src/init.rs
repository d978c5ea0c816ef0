//! First start: the keys are made, once.
//!
//! Order: key files, then human_key in its place, then one transaction that makes this node
//! who it is. Killed in between, the next first start takes up what it finds: nothing before
//! the transaction was acknowledged.

use crate::{Fault, Node, Notice, anchor::Signed, event::Event, house::House, house::Me};
use artifact::{
    Card, CommitmentKey, Human, KeyProtection, Secret, SolanaKey, UnixMillis, card::MAX_LIFE,
};
use consent::Event as Entry;
use keys::{Custody, CustodyError, Keep, NodeKeys};
use store::{KeyCareRow, Self_};
use zeroize::Zeroizing;

/// Where the human wants their key kept.
pub enum KeepKey {
    /// In the OS keychain, wrapped by this PIN.
    Pin(Zeroizing<String>),
    /// In the OS keychain, without a PIN.
    Keychain,
    /// In a file wrapped by this passphrase.
    File(Zeroizing<String>),
}

/// Everything the store is told at first start.
pub(crate) struct Birth {
    row: Self_,
    keys: NodeKeys,
    /// For the first anchor.
    human: Secret<Human>,
    /// Whether the key came from its recovery phrase, which its human has then.
    restored: bool,
}

/// What the keys of a first start are made of.
struct Making {
    keep: KeepKey,
    name: Option<String>,
    /// The key that is to be restored, rather than a new one.
    restored: Option<Secret<Human>>,
    now: UnixMillis,
}

impl Node {
    /// Makes the keys and this node's card.
    ///
    /// # Errors
    /// When it has keys already, the PIN is too weak, or the chosen place is not ready.
    pub async fn init(&self, keep: KeepKey, name: &str) -> Result<(), Fault> {
        self.begin(keep, name, None).await
    }

    /// Makes this node one of the human whose recovery phrase this is: human_key is theirs, every
    /// other key and the card are new.
    ///
    /// # Errors
    /// When it is no phrase, this folder has an identity already, or as [`Node::init`].
    pub async fn restore(&self, keep: KeepKey, name: &str, phrase: &str) -> Result<(), Fault> {
        if let Some(me) = self.me() {
            let what = format!(
                "this folder is the home of {} already, whom nothing replaces",
                artifact::words::key_words(&me.human)
            );
            let hint = "restore into a folder of its own: set TRACENET_HOME";
            return Err(Fault::refused(what, hint));
        }
        let key = keys::phrase::key_of(phrase);
        let key = key.map_err(|e| Fault::invalid(e.to_string(), "look at what you wrote down"))?;
        self.begin(keep, name, Some(key)).await
    }

    async fn begin(
        &self,
        keep: KeepKey,
        name: &str,
        restored: Option<Secret<Human>>,
    ) -> Result<(), Fault> {
        if self.0.me().is_ok() {
            return Err(Fault::refused(
                "this node has its keys already",
                "`tracenet status` shows them",
            ));
        }
        let name = crate::audience::check_name(name)?;
        let making = Making { keep, name, restored, now: self.0.now() };
        let (custody, dir) = (std::sync::Arc::clone(&self.0.custody), self.0.home.join("keys"));
        let made = tokio::task::spawn_blocking(move || make(&custody, &dir, making));
        let birth = made.await.map_err(Fault::broken)??;
        let anchor = self.0.happen(|reply| Event::Birth(Box::new(birth), reply)).await?;
        if let Some(anchor) = anchor {
            self.0.keep_anchor_later(anchor);
        }
        self.0.notify(Notice::Settings);
        if self.0.online.load(std::sync::atomic::Ordering::Relaxed) {
            self.0.start_host().await?;
        }
        Ok(())
    }
}

impl House {
    pub(crate) fn on_birth(&self, birth: Birth) -> Result<Option<Signed>, Fault> {
        if self.me().is_ok() {
            return Err(Fault::refused("this node has its keys already", ""));
        }
        let now = self.now();
        let Birth { row, keys, human, restored } = birth;
        self.store.sign_with(Secret::from_seed(keys.journal.seed()));
        self.store.change::<_, Fault>(|change| {
            change.put_me(&row)?;
            if restored {
                let phrase_verified = Some(now);
                change.put_key_care(&KeyCareRow { pin_always: false, phrase_verified })?;
            }
            change.append(Entry::Opened { human: row.human, journal: row.journal }, now)?;
            Ok(())
        })?;
        self.take_keys(row, keys);
        self.forget_compared();
        self.sign_anchor(&human, false)
    }

    /// Keeps the unattended keys at hand.
    pub(crate) fn take_keys(&self, row: Self_, keys: NodeKeys) {
        let commitments = CommitmentKey::of(&keys.author);
        let NodeKeys { transport, author, .. } = keys;
        self.set_me(Me { row, author, transport, commitments });
    }
}

fn make(custody: &Custody, dir: &std::path::Path, making: Making) -> Result<Birth, Fault> {
    let Making { keep, name, restored, now } = making;
    let (keep_as, pin, protection) = match &keep {
        KeepKey::Pin(pin) => {
            (Keep::Keychain { pin: Some(pin) }, Some(pin.as_str()), KeyProtection::Pin)
        }
        KeepKey::Keychain => (Keep::Keychain { pin: None }, None, KeyProtection::Keychain),
        KeepKey::File(passphrase) => {
            (Keep::File { passphrase }, Some(passphrase.as_str()), KeyProtection::File)
        }
    };
    let keys = NodeKeys::open_or_create(dir, &mut keys::entropy::os)
        .map_err(|e| Fault::not_now(e.to_string(), ""))?;
    let entropy: &mut keys::Entropy<'_> = &mut keys::entropy::os;
    let kept = match &restored {
        Some(key) => custody.restore(key, keep_as, entropy),
        None => custody.create(keep_as, entropy),
    };
    let (human, is_new) = match kept {
        Ok(human) => (human, restored.is_none()),
        Err(CustodyError::Exists { place }) => (adopt(custody, pin, protection, &place)?, false),
        Err(e) => return Err(from_custody(&e)),
    };
    if restored.as_ref().is_some_and(|key| key.public() != human) {
        return Err(Fault::refused(
            "another human_key lies in this folder's place already, whom nothing replaces",
            "restore into a folder of its own: set TRACENET_HOME",
        ));
    }
    let (human_key, _) =
        custody.unlock(&human, pin).map_err(|e| Fault::not_now(e.to_string(), ""))?;
    let solana = solana_key(&human_key);
    // Whoever pinned this human has seen a card of theirs: this one is to be newer.
    let seq = if is_new { 1 } else { now };
    let card = card(&human_key, &keys, name, (seq, now))?;
    let row = Self_ {
        human,
        author: keys.author.public(),
        transport: keys.transport.public(),
        journal: keys.journal.public(),
        solana,
        protection,
        card,
        port: 0,
    };
    Ok(Birth { row, keys, human: human_key, restored: restored.is_some() })
}

/// Takes up a key that an interrupted first start left, when this PIN opens it.
fn adopt(
    custody: &Custody,
    pin: Option<&str>,
    protection: KeyProtection,
    place: &str,
) -> Result<artifact::HumanKey, Fault> {
    let found = custody.found().map_err(|e| Fault::not_now(e.to_string(), ""))?;
    let other = || {
        Fault::refused(
            format!("{place} holds a human_key of an earlier node in this folder"),
            "give the PIN it was made with to take it up again, or use another TRACENET_HOME",
        )
    };
    let (human, kept) = found.ok_or_else(other)?;
    if kept != protection {
        return Err(other());
    }
    custody.unlock(&human, pin).map(|_| human).map_err(|_| other())
}

fn card(
    human: &Secret<Human>,
    keys: &NodeKeys,
    name: Option<String>,
    (seq, now): (u64, UnixMillis),
) -> Result<Vec<u8>, Fault> {
    let card = Card {
        human: human.public(),
        author: keys.author.public(),
        transport: keys.transport.public(),
        solana: None,
        name,
        seq,
        iat: now,
        exp: now.saturating_add(MAX_LIFE),
    };
    card.seal(human, &keys.author, &keys.transport).map_err(Fault::broken)
}

/// solana_key is derived from human_key's seed under its own context, so it is kept, wrapped
/// and unlocked exactly as human_key is, and one recovery restores both.
fn solana_key(human: &Secret<Human>) -> SolanaKey {
    artifact::stack::traceless(|| {
        let seed = Zeroizing::new(blake3::derive_key("tracenet 2026 v0 solana_key", human.seed()));
        Secret::<artifact::Solana>::from_seed(&seed).public()
    })
}

pub(crate) fn from_custody(error: &CustodyError) -> Fault {
    use crate::Code;
    let what = error.to_string();
    match error {
        CustodyError::Weak(_) => Fault::invalid("this PIN or passphrase is too weak", what),
        CustodyError::Keychain(e) if e.state() == keys::KeychainState::Locked => {
            Fault::new(Code::KeychainLocked, what, "")
        }
        CustodyError::Keychain(_) => {
            let hint = "or keep the key in a passphrase-wrapped file: `tracenet init --key-file`";
            Fault::new(Code::KeychainMissing, what, hint)
        }
        _ => Fault::not_now(what, ""),
    }
}
