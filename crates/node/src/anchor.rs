//! The journal's anchor in the keychain: written when the human decides, compared when the node
//! starts.
//!
//! Promises: an anchor is never written over one that this store does not reach, except by the
//! human's own decision; while a store is not the one that was signed for, nothing is served and
//! nothing else is granted; the keychain is never asked on a serving path, and one that is
//! locked or missing stops nothing: what could not be compared is said, and compared later.

use crate::{
    Fault, Node, Notice,
    ask::Unanswered,
    event::Event,
    house::{House, lock},
    rotate::Rotated,
};
use artifact::{Card, Human, Secret, UnixMillis};
use consent::{Anchor, AskId, Event as Entry, Standing, State, Wish};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};
use store::{Change, Store, VERSION};

/// How the store stands to what its human last signed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchored {
    /// Nothing was decided yet since there are anchors.
    NotYet,
    /// The keychain cannot be read now, for this reason.
    Unread(String),
    /// There was an anchor, and it is gone from the keychain.
    Lost,
    /// It was compared.
    Compared(Standing),
}

impl Anchored {
    /// Whether this store is not the one that was signed for: until its human decides, nothing
    /// leaves.
    #[must_use]
    pub fn is_distrusted(&self) -> bool {
        matches!(self, Self::Compared(standing) if !standing.holds())
    }
}

/// What is known of the anchor in this run.
#[derive(Default)]
pub(crate) struct Anchoring {
    seen: Mutex<Option<Anchored>>,
    /// The newest card that was signed for, as far as the keychain told in this run.
    card: AtomicU64,
    /// One question or write at a time; inside, the entry that was signed for last.
    turn: tokio::sync::Mutex<u64>,
}

/// An anchor on its way to the keychain.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    seq: u64,
    bytes: Vec<u8>,
    /// The human accepted this store: whatever lies in the keychain is replaced.
    resumes: bool,
}

impl Signed {
    pub(crate) const fn resumes(&self) -> bool {
        self.resumes
    }
}

impl Node {
    /// How the store stands to what its human last signed for. Asks the keychain once, and again
    /// while it could not be read.
    pub async fn anchored(&self) -> Anchored {
        self.0.anchored().await
    }
}

impl House {
    /// See [`Node::anchored`].
    pub(crate) async fn anchored(self: &Arc<Self>) -> Anchored {
        let _turn = self.anchoring.turn.lock().await;
        if let Some(seen) = lock(&self.anchoring.seen).clone()
            && !matches!(seen, Anchored::Unread(_))
        {
            return seen;
        }
        self.compare().await
    }

    /// Compares now, and remembers what was seen. For whoever holds the turn.
    async fn compare(self: &Arc<Self>) -> Anchored {
        // The keychain is asked one question at a time.
        let _look = self.key_look.lock().await;
        let house = Arc::clone(self);
        let seen = tokio::task::spawn_blocking(move || house.compare_blocking()).await;
        let seen = seen.map_err(Fault::broken).and_then(|seen| seen);
        let seen = seen.unwrap_or_else(|fault| Anchored::Unread(fault.what));
        if seen.is_distrusted() {
            tracing::error!(?seen, "this store is not the one that its human last signed for");
        }
        *lock(&self.anchoring.seen) = Some(seen.clone());
        seen
    }

    fn compare_blocking(&self) -> Result<Anchored, Fault> {
        let Ok(me) = self.me() else { return Ok(Anchored::NotYet) };
        let look = self.look()?;
        let bytes = match self.custody.anchor() {
            Ok(Some(bytes)) => bytes,
            Ok(None) if look.anchored()? > 0 => return Ok(Anchored::Lost),
            Ok(None) => return Ok(Anchored::NotYet),
            Err(e) => return Ok(Anchored::Unread(e.to_string())),
        };
        let anchor = match Anchor::open(&bytes) {
            Ok((anchor, human)) if human == me.row.human => anchor,
            _ => return Ok(Anchored::Compared(Standing::Forged)),
        };
        self.anchoring.card.fetch_max(anchor.card, Ordering::Relaxed);
        let (found, at) = (look.journal_len()?, look.journal_hash(anchor.seq)?);
        // Signed before another journal_key went on, and over an entry of its time.
        let former = look.former_journal(&anchor.journal)?;
        let is_former = former.is_some_and(|last| anchor.seq <= last);
        let signer = if is_former { &anchor.journal } else { &me.row.journal };
        let standing = anchor.standing(signer, found, at);
        let card = card_seq(&me.row.card)?;
        Ok(Anchored::Compared(match standing {
            Standing::Holds if card < anchor.card => {
                Standing::Behind { anchored: anchor.seq, found }
            }
            standing => standing,
        }))
    }

    /// Signs for the journal as it stands after what was just decided.
    pub(crate) fn sign_anchor(
        &self,
        key: &Secret<Human>,
        resumes: bool,
    ) -> Result<Option<Signed>, Fault> {
        let (me, look) = (self.me()?, self.look()?);
        let seq = look.journal_len()?;
        let Some(hash) = look.journal_hash(seq)? else { return Ok(None) };
        let anchor = Anchor {
            v: 0,
            journal: me.row.journal,
            seq,
            hash,
            card: card_seq(&me.row.card)?,
            store: VERSION,
            iat: self.now(),
        };
        let bytes = anchor.seal(key).map_err(Fault::broken)?;
        Ok(Some(Signed { seq, bytes, resumes }))
    }

    /// Puts an anchor into the keychain, unless one lies there that this store does not reach.
    ///
    /// # Errors
    /// When the keychain does not take it. What was decided stands all the same.
    pub(crate) async fn keep_anchor(self: &Arc<Self>, signed: Signed) -> Result<(), Fault> {
        let mut turn = self.anchoring.turn.lock().await;
        if signed.seq <= *turn {
            return Ok(());
        }
        if !signed.resumes {
            let seen = self.compare().await;
            if seen.is_distrusted() {
                self.notify(Notice::Settings);
                return Err(distrusted());
            }
        }
        let (house, bytes) = (Arc::clone(self), signed.bytes);
        let kept = tokio::task::spawn_blocking(move || house.custody.keep_anchor(&bytes));
        kept.await.map_err(Fault::broken)?.map_err(|e| Fault::not_now(e.to_string(), ""))?;
        *turn = signed.seq;
        *lock(&self.anchoring.seen) = Some(Anchored::Compared(Standing::Holds));
        self.happen(|reply| Event::Anchored(signed.seq, reply)).await?;
        self.notify(Notice::Settings);
        Ok(())
    }

    /// Puts an anchor into the keychain in the background: a decision does not wait for it.
    pub(crate) fn keep_anchor_later(self: &Arc<Self>, signed: Signed) {
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            if let Err(fault) = house.keep_anchor(signed).await {
                tracing::warn!(%fault, "the journal's anchor was not renewed");
            }
        });
    }

    pub(crate) fn on_anchored(&self, seq: u64) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| Ok(change.put_anchored(seq)?))
    }

    /// Before a grant: only one thing can be granted over a store that was not signed for.
    pub(crate) async fn check_anchored(self: &Arc<Self>, wish: &Wish) -> Result<(), Fault> {
        let distrusted_now = self.anchored().await.is_distrusted();
        match (distrusted_now, matches!(wish, Wish::Resume { .. })) {
            (true, false) => Err(distrusted()),
            (false, true) => {
                Err(Fault::not_now("this store is the one you signed for already", ""))
            }
            _ => Ok(()),
        }
    }

    /// What was seen before there were keys counts no more.
    pub(crate) fn forget_compared(&self) {
        lock(&self.anchoring.seen).take();
    }

    /// The wish to go on with a store that was not signed for.
    pub(crate) fn resume_wish(&self) -> Result<Wish, Fault> {
        let found = self.look()?.journal_len()?;
        let seen = lock(&self.anchoring.seen).clone();
        let anchored = match seen {
            Some(Anchored::Compared(Standing::Behind { anchored, .. }))
            | Some(Anchored::Compared(Standing::Elsewhere { anchored })) => anchored,
            Some(Anchored::Compared(Standing::Forged)) => 0,
            _ => {
                let what = "there is nothing to accept: this store is the one you signed for";
                return Err(Fault::not_now(what, ""));
            }
        };
        Ok(Wish::Resume { anchored, found })
    }

    /// The human goes on with this store. What waits in it may have been answered, and what was
    /// given out may have been used, since the day it is of: none of it is valid any more. Peers may
    /// know cards that this store does not: the next one is above those.
    pub(crate) fn allow_resume(
        &self,
        change: &mut Change<'_>,
        resume: &AskId,
        (anchor, found): (u64, u64),
        human: &Secret<Human>,
        now: UnixMillis,
    ) -> Result<Rotated, Fault> {
        let look = self.look()?;
        for ask in look.pending()?.into_iter().filter(|ask| ask.id != *resume) {
            self.end_ask(change, ask, Unanswered::Cancelled, now)?;
        }
        for (id, _) in look.invites(now)? {
            change.end_invite(&id, now)?;
        }
        for (ask, _) in look.connects()? {
            change.remove_connect(&ask)?;
        }
        change.append(Entry::Restored { anchor, found }, now)?;
        self.renew(change, human, (self.anchoring.card.load(Ordering::Relaxed), now))
    }

    /// Makes this store the one that was signed for, and speaks to peers again.
    pub(crate) async fn resume(self: &Arc<Self>, signed: Signed) -> Result<String, Fault> {
        self.keep_anchor(signed).await.map_err(|fault| {
            let hint = "accept it again once the keychain is ready: `tracenet storage accept`";
            Fault::not_now(format!("the keychain did not take your word: {}", fault.what), hint)
        })?;
        for ask in self.look()?.decided(consent::ask::MAX_PENDING)? {
            if matches!(ask.state, State::Cancelled { .. }) {
                self.notify(Notice::Settled(ask.id, ask.state.word()));
            }
        }
        if self.online.load(Ordering::Relaxed) {
            self.start_host().await?;
        }
        Ok("This store is the one you go on with. What waited in it was cancelled.".into())
    }

    /// What could not be compared when the node started is compared as soon as it can be; a
    /// store that turns out not to be the one that was signed for is not served from any more.
    pub(crate) async fn compare_late(self: &Arc<Self>) {
        if self.anchored().await.is_distrusted()
            && let Some(host) = self.set_host(None)
        {
            host.shutdown().await;
            self.notify(Notice::Settings);
        }
    }
}

fn card_seq(card: &[u8]) -> Result<u64, Fault> {
    Ok(Card::open(card).map_err(Fault::broken)?.payload.seq)
}

/// What is refused while a store waits for its human's word.
pub(crate) fn distrusted() -> Fault {
    Fault::refused(
        "this store is not the one you last signed for: it was put back from a backup, or changed",
        "nothing is served meanwhile; put the newer one back, or accept this one: `tracenet storage accept`",
    )
}

/// The lowest version of the store that was signed for, as far as the keychain tells.
pub(crate) fn floor(keychain: &dyn keys::SecretStore) -> Option<u64> {
    let bytes = keychain.read(keys::ANCHOR).ok().flatten()?;
    Some(Anchor::open(&bytes).ok()?.0.store)
}

/// The human opens a store of an older version than they signed for. It grants nothing: what
/// opens is still not the store that was signed for.
///
/// # Errors
/// When there is no such anchor, the keychain is not ready, or the PIN is wrong.
pub fn accept_older(config: &crate::Config, pin: &str) -> Result<(), Fault> {
    let not_now = |e: &dyn std::fmt::Display| Fault::not_now(e.to_string(), "");
    let file = config.home.join("keys/human_key.wrapped");
    let custody = keys::Custody::new(Arc::clone(&config.keychain), file);
    let nothing = || Fault::not_now("the keychain holds no anchor of this folder", "");
    let bytes = custody.anchor().map_err(|e| not_now(&e))?.ok_or_else(nothing)?;
    let (anchor, human) = Anchor::open(&bytes).map_err(|_| nothing())?;
    let pin = (!pin.is_empty()).then_some(pin);
    let (key, _) = custody.unlock(&human, pin).map_err(|e| not_now(&e))?;
    let lower = Anchor { store: 1, ..anchor }.seal(&key).map_err(Fault::broken)?;
    custody.keep_anchor(&lower).map_err(|e| not_now(&e))
}

/// Tells the journal of upgrades that it does not tell of yet.
pub(crate) fn tell_upgrades(store: &Store, now: UnixMillis) -> Result<(), Fault> {
    for row in store.look()?.untold_upgrades()? {
        store.change::<_, Fault>(|change| {
            change.append(Entry::Upgraded { from: row.from, to: row.to }, now)?;
            Ok(change.put_upgrade_told(&row)?)
        })?;
    }
    Ok(())
}
