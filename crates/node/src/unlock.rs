//! Unlocking human_key: only after a human pressed Allow, one attempt at a time, and slower
//! after each wrong PIN. A right one holds for a while, in memory.

mod away;
mod change;
mod phrase;
mod tries;
mod window;

use crate::{
    Code, Fault, Node, Notice, answer::KEEPS_WAITING, event::Event, house::House, rules::Which,
};
use artifact::{Human, HumanKey, KeyProtection, Secret, UnixMillis};
use consent::{Event as Entry, Way};
use keys::{Custody, KeyState, UnlockError};
use std::sync::{Arc, atomic::Ordering};
use store::KeyCareRow;
use zeroize::Zeroizing;

pub(crate) use tries::Tries;
pub(crate) use window::{Locked, Moment, Window};

/// human_key, for one signature.
pub(crate) struct Unlocked {
    pub(crate) key: Secret<Human>,
    /// How it is kept.
    pub(crate) protection: KeyProtection,
    /// How often the key had been locked before: what was to hold until the next lock is not
    /// made of a key that was locked meanwhile.
    pub(crate) locks: u64,
}

/// How long human_key stays unlocked, as faces show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unlock {
    /// When it is locked again unless it is used; nothing while it is locked.
    pub until: Option<UnixMillis>,
    /// Whether the PIN is asked for at every grant.
    pub pin_always: bool,
    /// Whether the screen's lock and the machine's sleep are seen here.
    pub watched: bool,
    /// Whether the recovery phrase was written down and verified.
    pub phrase_verified: bool,
}

impl Node {
    /// How long human_key stays unlocked.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unlock(&self) -> Result<Unlock, Fault> {
        let care = self.0.look()?.key_care()?;
        Ok(Unlock {
            until: self.0.window.until(self.0.moment()),
            pin_always: care.pin_always,
            watched: self.0.watched.load(Ordering::Relaxed),
            phrase_verified: care.phrase_verified.is_some(),
        })
    }

    /// Locks human_key, and ends what holds until then. Needs no key.
    ///
    /// # Errors
    /// When that could not be written. The key is locked all the same.
    pub async fn lock(&self) -> Result<(), Fault> {
        self.0.lock_key(Locked::ByHand).await
    }

    /// Says whether the PIN is asked for at every grant. To be asked less often takes the PIN.
    ///
    /// # Errors
    /// When the PIN is wrong or missing, or the store cannot be written.
    pub async fn pin_always(
        &self,
        on: bool,
        pin: Zeroizing<String>,
        way: Way,
    ) -> Result<(), Fault> {
        if !on {
            self.0.unlock(pin, way, true).await?;
        }
        self.0.happen(|reply| Event::PinAlways(on, reply)).await?;
        if on {
            // Afterwards: an attempt that ends in between must not leave the key unlocked.
            self.lock().await?;
        }
        self.0.notify(Notice::Settings);
        Ok(())
    }
}

impl House {
    /// Refuses a key that was taken before the last lock: that ended what it was given for.
    pub(crate) fn not_locked_since(&self, key: &Unlocked) -> Result<(), Fault> {
        if key.locks == self.window.locks() {
            return Ok(());
        }
        let hint = "unlock it with the PIN, and allow it again";
        Err(Fault::not_now("the key was locked meanwhile", hint))
    }

    /// human_key, for one signature. An empty PIN means that none was given: then the key must
    /// still be unlocked, unless `anew` says that this takes the PIN every time.
    ///
    /// # Errors
    /// When the keychain is not ready, the PIN is needed or wrong, or tries are used up.
    pub(crate) async fn unlock(
        self: &Arc<Self>,
        pin: Zeroizing<String>,
        way: Way,
        anew: bool,
    ) -> Result<Unlocked, Fault> {
        let _turn = self.tries.turn.lock().await;
        let given = !pin.is_empty();
        if !given
            && !anew
            && let Some(held) = self.window.take(self.moment())
        {
            return Ok(held);
        }
        // One that has just run out is ended in order, before locks are counted.
        self.lock_if_due().await;
        let locks = self.window.locks();
        let is_wrong = |error: &UnlockError| matches!(error, UnlockError::WrongPin { .. });
        let unlocked = self.attempt(way, pin, is_wrong, Custody::unlock);
        let (key, protection) = unlocked.await?.map_err(|error| from_unlock(&error))?;
        if protection != self.me()?.row.protection {
            // The node was killed between changing the PIN and writing so.
            self.happen(|reply| Event::PinChanged(way, protection, reply)).await?;
        }
        // Again: when the node was killed while the PIN was taken away, the store did not know it.
        proves_a_human(way, protection, GRANT_ELSEWHERE)?;
        self.keep_unlocked(&key, protection, locks, way).await?;
        Ok(Unlocked { key, protection, locks })
    }

    /// One attempt at the key with a PIN, which is slowed down after wrong ones. For whoever
    /// holds the turn.
    async fn attempt<T: Send + 'static, E: Send + 'static>(
        self: &Arc<Self>,
        way: Way,
        pin: Zeroizing<String>,
        is_wrong: impl Fn(&E) -> bool,
        with: impl FnOnce(&Custody, &HumanKey, Option<&str>) -> Result<T, E> + Send + 'static,
    ) -> Result<Result<T, E>, Fault> {
        let (before, given) = (self.tries.count(way), !pin.is_empty());
        if given {
            self.tries.check(way, self.clock.awake())?;
            // It counts before it is tried: killing the node gains no try.
            self.put_tries(way, before + 1).await?;
        }
        let (human, custody) = (self.me()?.row.human, Arc::clone(&self.custody));
        let attempt = tokio::task::spawn_blocking(move || {
            with(&custody, &human, given.then_some(pin.as_str()))
        });
        let done = attempt.await.map_err(Fault::broken)?;
        match &done {
            Ok(_) if given => self.put_tries(way, 0).await?,
            // It said nothing about the PIN.
            Err(error) if given && !is_wrong(error) => self.put_tries(way, before).await?,
            // The wait begins at its end.
            Err(_) if given => self.tries.put(way, before + 1, self.clock.awake()),
            _ => {}
        }
        Ok(done)
    }

    /// After a right PIN the key stays unlocked, unless its human wants to be asked every time.
    async fn keep_unlocked(
        self: &Arc<Self>,
        key: &Secret<Human>,
        protection: KeyProtection,
        locks: u64,
        way: Way,
    ) -> Result<(), Fault> {
        let has_pin = protection != KeyProtection::Keychain;
        let stays = self.stays.load(Ordering::Relaxed);
        if !has_pin || !stays || self.look()?.key_care()?.pin_always {
            return Ok(());
        }
        let was_open = self.window.until(self.moment()).is_some();
        // Whoever locked the key while the PIN was looked at meant this one too.
        if self.window.open(key, protection, self.moment(), locks) && !was_open {
            let unlocked = Entry::KeyUnlocked { way };
            let told = self.happen(|reply| Event::Journal(Box::new(unlocked), reply)).await;
            // What cannot be written down does not hold.
            if let Err(fault) = told {
                self.window.close();
                return Err(fault);
            }
        }
        self.notify(Notice::Settings);
        Ok(())
    }

    async fn put_tries(&self, way: Way, wrong: u64) -> Result<(), Fault> {
        self.happen(|reply| Event::Tries(way, wrong, reply)).await?;
        self.tries.put(way, wrong, self.clock.awake());
        Ok(())
    }

    /// Locks human_key: first the key goes, then the word of it is kept, and what was to hold
    /// until then ends.
    pub(crate) async fn lock_key(self: &Arc<Self>, why: Locked) -> Result<(), Fault> {
        let was_open = self.window.close();
        let told = self.happen(|reply| Event::Locked(why, was_open, reply)).await;
        self.notify(Notice::Settings);
        told
    }

    /// Locks human_key once its time is over.
    pub(crate) async fn lock_if_due(self: &Arc<Self>) {
        if let Some(why) = self.window.due(self.moment()) {
            self.lock_or_say(why).await;
        }
    }

    /// Locks human_key where nobody can be told of a failure.
    pub(crate) async fn lock_or_say(self: &Arc<Self>, why: Locked) {
        if let Err(fault) = self.lock_key(why).await {
            tracing::error!(%fault, "the key is locked, and the word of it could not be kept");
        }
    }

    pub(crate) fn on_locked(&self, why: Locked, was_open: bool) -> Result<(), Fault> {
        let rules = self.on_end_rules(&Which::Lock);
        if was_open {
            self.on_journal(Entry::KeyLocked { why: why.word().to_owned() })?;
        }
        rules.map(drop)
    }

    pub(crate) fn on_tries(&self, way: Way, wrong: u64) -> Result<(), Fault> {
        let row = store::TryRow { wrong, at: self.now() };
        let row = Some(&row).filter(|row| row.wrong > 0);
        self.store.change::<_, Fault>(|change| Ok(change.put_tries(way.word(), row)?))
    }

    pub(crate) fn on_pin_always(&self, pin_always: bool) -> Result<(), Fault> {
        let care = KeyCareRow { pin_always, ..self.look()?.key_care()? };
        self.store.change::<_, Fault>(|change| Ok(change.put_key_care(&care)?))
    }

    /// What both clocks say now.
    pub(crate) fn moment(&self) -> Moment {
        Moment { now: self.now(), awake: self.clock.awake() }
    }

    /// How human_key stands. Asks the keychain, one question at a time: many faces that look at
    /// once must not look like a keychain that does not answer. Not for a serving path.
    pub(crate) async fn key_state(self: &Arc<Self>) -> KeyState {
        let _turn = self.key_look.lock().await;
        let human = self.me().ok().map(|me| me.row.human);
        let custody = Arc::clone(&self.custody);
        let state = tokio::task::spawn_blocking(move || custody.state(human.as_ref()));
        state.await.unwrap_or(KeyState::Missing)
    }
}

/// Where to answer instead.
pub(crate) const GRANT_ELSEWHERE: &str =
    "answer in the consent window: a terminal grants only where a PIN is set";

/// A terminal proves nothing by itself: without a PIN a program may be at it.
pub(crate) fn proves_a_human(
    way: Way,
    protection: KeyProtection,
    hint: &'static str,
) -> Result<(), Fault> {
    if way == Way::Terminal && protection == KeyProtection::Keychain {
        return Err(Fault::refused("this key has no PIN", hint));
    }
    Ok(())
}

fn from_unlock(error: &UnlockError) -> Fault {
    let waits = KEEPS_WAITING;
    let what = error.to_string();
    match error {
        UnlockError::PinNeeded { .. } => Fault::new(Code::PinNeeded, what, ""),
        UnlockError::WrongPin { .. } => Fault::new(Code::PinWrong, what, waits),
        UnlockError::Keychain(e) if e.state() == keys::KeychainState::Locked => {
            Fault::new(Code::KeychainLocked, what, waits)
        }
        UnlockError::Keychain(_) | UnlockError::Lost => {
            Fault::new(Code::KeychainMissing, what, waits)
        }
        UnlockError::Tampered(_) => Fault::refused(what, waits),
        UnlockError::NoMemory(_) => Fault::not_now(what, waits),
    }
}
