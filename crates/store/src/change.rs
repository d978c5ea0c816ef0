//! Changing: verbs inside one durable transaction.
//!
//! Every verb that concerns consent is meant to run beside [`Change::append`] in the same
//! transaction, so that the journal and the thing it tells of are never apart.

use crate::{
    look::shelves::*,
    rows::{
        AgentRow, ConnectRow, CrystalRow, DeliveryRow, InviteRow, OutcomeRow, PeerRow, ReceiptRow,
        Self_, TicketRow, TraceRow,
    },
    shelf::{Shelf, ShelfError, Writing, join},
};
use artifact::{ArtifactId, HumanKey, Journal, Nonce, Secret, TransportKey, UnixMillis};
use consent::{Ask, AskId, Entry, EntryHash, Event, SignedHead};
use serde_bytes::ByteBuf;

mod books;
mod forgotten;
mod heads;
mod kept;
mod reach;
mod revoke;
mod rotate;
mod rules;
mod strangers;
mod superseded;

pub use heads::Headed;

/// Why a change did not happen. When it is returned, nothing did.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The disk is full.
    #[error("the disk is full: free some space and try again; nothing was changed")]
    Full,
    /// An earlier failure of the disk closed the store.
    #[error("an earlier disk error closed the store: restart TraceNet once the disk is well")]
    Closed,
    /// There is no key to sign the journal with: the node has not been initialised.
    #[error("the node has no keys yet: run `tracenet init`")]
    NoJournalKey,
    /// A nonce that was used before.
    #[error("this receipt's nonce was used before")]
    NonceSpent,
    /// An invite that is not there, is over, or was used.
    #[error("this invite was already used or has expired")]
    InviteSpent,
    /// Anything else the store refuses.
    #[error("the store cannot be written: {0}")]
    Storage(String),
}

impl From<redb::Error> for ChangeError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(e)
                if matches!(
                    e.kind(),
                    std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
                ) =>
            {
                Self::Full
            }
            redb::Error::PreviousIo => Self::Closed,
            other => Self::Storage(other.to_string()),
        }
    }
}

impl From<ShelfError> for ChangeError {
    fn from(error: ShelfError) -> Self {
        match error {
            ShelfError::Storage(e) => e.into(),
            row @ ShelfError::Row { .. } => Self::Storage(row.to_string()),
        }
    }
}

type Changed<T = ()> = Result<T, ChangeError>;

/// A transaction that is open. Dropping it undoes everything.
pub struct Change<'a> {
    tx: Writing,
    journal: Option<&'a Secret<Journal>>,
    /// The last entry that this transaction appended: signed once, when it is committed.
    appended: Option<(u64, EntryHash)>,
    /// The journal_key that signs from this transaction on, where it is another.
    heir: Option<Secret<Journal>>,
}

impl<'a> Change<'a> {
    pub(crate) const fn new(tx: Writing, journal: Option<&'a Secret<Journal>>) -> Self {
        Self { tx, journal, appended: None, heir: None }
    }

    /// Gives the journal_key that signs from now on, where it is another.
    pub(crate) fn commit(self) -> Changed<Option<Secret<Journal>>> {
        if let Some((seq, hash)) = self.appended {
            let key = self.heir.as_ref().or(self.journal).ok_or(ChangeError::NoJournalKey)?;
            let head = SignedHead::seal(seq, hash, key)
                .map_err(|e| ChangeError::Storage(e.to_string()))?;
            JOURNAL_HEAD.put(&self.tx, b"head", &ByteBuf::from(head.0))?;
        }
        self.tx.commit()?;
        Ok(self.heir)
    }

    /// Appends an event to the journal, whose new head is signed with the transaction.
    ///
    /// # Errors
    /// Storage errors; so for every verb below. Nothing is changed then.
    pub fn append(&mut self, event: Event, at: UnixMillis) -> Changed<u64> {
        let key = self.journal.ok_or(ChangeError::NoJournalKey)?;
        let (seq, prev) = match self.appended {
            Some(end) => end,
            None => {
                let (seq, prev) = self.journal_end()?;
                self.check_end(seq, prev, key, &event)?;
                (seq, prev)
            }
        };
        let entry = Entry { v: 0, seq: seq + 1, prev, at, event };
        let (bytes, hash) = entry.encode().map_err(|e| ChangeError::Storage(e.to_string()))?;
        JOURNAL.put(&self.tx, &entry.seq.to_be_bytes(), &ByteBuf::from(bytes))?;
        self.appended = Some((entry.seq, hash));
        Ok(entry.seq)
    }

    /// The number and the hash of the last entry.
    fn journal_end(&self) -> Changed<(u64, EntryHash)> {
        let seq = JOURNAL.last_number(&self.tx)?;
        if seq == 0 {
            return Ok((0, EntryHash::ZERO));
        }
        let entry = JOURNAL.peek(&self.tx, &seq.to_be_bytes())?;
        let entry =
            entry.ok_or_else(|| ChangeError::Storage("the journal's end is gone".into()))?;
        Ok((seq, consent::journal::hash(&entry)))
    }

    /// A new head signs for every entry before it, so it is never put over an end that the
    /// old one does not sign: a cut or rewritten journal would look whole again.
    fn check_end(
        &self,
        seq: u64,
        last: EntryHash,
        key: &Secret<Journal>,
        event: &Event,
    ) -> Changed {
        let whole = match JOURNAL_HEAD.peek(&self.tx, b"head") {
            Ok(Some(head)) => SignedHead(head.into_vec()).signs(seq, last, &key.public()),
            Err(ShelfError::Row { .. }) => false,
            Err(error) => return Err(error.into()),
            Ok(None) => seq == 0 && (matches!(event, Event::Opened { .. }) || self.me()?.is_none()),
        };
        if whole { Ok(()) } else { Err(ChangeError::Storage(TAMPERED.into())) }
    }

    /// Says who this node is.
    pub fn put_me(&mut self, me: &Self_) -> Changed {
        Ok(SELF.put(&self.tx, b"self", me)?)
    }

    /// Who this node is.
    pub fn me(&self) -> Changed<Option<Self_>> {
        Ok(SELF.peek(&self.tx, b"self")?)
    }

    /// Keeps a trace's row. False when this log was imported before.
    pub fn put_trace(&mut self, id: &ArtifactId, row: &TraceRow) -> Changed<bool> {
        if !TRACE_OF_LOG.put_new(&self.tx, row.log.as_bytes(), id)? {
            return Ok(false);
        }
        TRACES.put(&self.tx, id.as_bytes(), row)?;
        Ok(true)
    }

    /// Keeps a crystal with its envelope and anchors. False when it was here before.
    pub fn put_crystal(
        &mut self,
        id: &ArtifactId,
        row: &CrystalRow,
        envelope: &[u8],
        sidecar: Option<&[u8]>,
    ) -> Changed<bool> {
        if !CRYSTALS.put_new(&self.tx, id.as_bytes(), row)? {
            return Ok(false);
        }
        ENVELOPES.put(&self.tx, id.as_bytes(), &ByteBuf::from(envelope))?;
        if let Some(sidecar) = sidecar {
            SIDECARS.put(&self.tx, id.as_bytes(), &ByteBuf::from(sidecar))?;
        }
        CRYSTALS_BY_TIME.put(&self.tx, &join(&row.at.to_be_bytes(), id.as_bytes()), &())?;
        if row.origin == consent::Origin::Peer {
            FROM_PEERS.put(&self.tx, id.as_bytes(), &())?;
        }
        self.drop_heads_of(id)?;
        self.note_change(id)?;
        Ok(true)
    }

    /// One ask, as this transaction sees it.
    pub fn ask(&self, id: &AskId) -> Changed<Option<Ask>> {
        Ok(ASKS.peek(&self.tx, &id.0)?)
    }

    /// Keeps an ask in the state it is in, and in the list that state belongs to.
    pub fn put_ask(&mut self, ask: &Ask) -> Changed {
        if let Some(before) = self.ask(&ask.id)? {
            let (list, key) = listed(&before);
            list.remove(&self.tx, &key)?;
        }
        ASKS.put(&self.tx, &ask.id.0, ask)?;
        let (list, key) = listed(ask);
        Ok(list.put(&self.tx, &key, &())?)
    }

    /// Frozen bytes, as this transaction sees them.
    pub fn snapshot(&self, id: &ArtifactId) -> Changed<Option<Vec<u8>>> {
        Ok(SNAPSHOTS.peek(&self.tx, id.as_bytes())?.map(ByteBuf::into_vec))
    }

    /// Freezes the bytes that an ask is about.
    pub fn put_snapshot(&mut self, bytes: &[u8]) -> Changed<ArtifactId> {
        let id = ArtifactId::of(bytes);
        SNAPSHOTS.put_new(&self.tx, id.as_bytes(), &ByteBuf::from(bytes))?;
        Ok(id)
    }

    /// Lets go of frozen bytes that nothing needs any more.
    pub fn drop_snapshot(&mut self, id: &ArtifactId) -> Changed {
        Ok(SNAPSHOTS.remove(&self.tx, id.as_bytes())?)
    }

    /// Keeps a receipt and spends its nonce.
    ///
    /// # Errors
    /// [`ChangeError::NonceSpent`] when the nonce was used before.
    pub fn put_receipt(&mut self, id: &ArtifactId, row: &ReceiptRow, nonce: &Nonce) -> Changed {
        if !NONCES.put_new(&self.tx, &nonce.0, &())? {
            return Err(ChangeError::NonceSpent);
        }
        RECEIPTS.put(&self.tx, id.as_bytes(), row)?;
        RECEIPTS_OF.put(&self.tx, &join(row.artifact.as_bytes(), id.as_bytes()), &())?;
        Ok(())
    }

    /// Marks that a peer is told a head under this number. False when it was told it before.
    pub fn put_told(&mut self, receipt: &ArtifactId, peer: &HumanKey, seq: u64) -> Changed<bool> {
        let key = join(receipt.as_bytes(), peer.as_bytes());
        let mut row = DELIVERIES.peek(&self.tx, &key)?.unwrap_or(EMPTY_DELIVERY);
        let new = !row.told;
        (row.told, row.seq) = (true, seq);
        DELIVERIES.put(&self.tx, &key, &row)?;
        Ok(new)
    }

    /// What a peer received under a receipt, as this transaction sees it.
    pub fn delivery(&self, receipt: &ArtifactId, peer: &HumanKey) -> Changed<Option<DeliveryRow>> {
        Ok(DELIVERIES.peek(&self.tx, &join(receipt.as_bytes(), peer.as_bytes()))?)
    }

    /// Adds what was sent to a peer under a receipt.
    pub fn add_served(
        &mut self,
        receipt: &ArtifactId,
        peer: &HumanKey,
        bytes: u64,
        whole: bool,
    ) -> Changed {
        let key = join(receipt.as_bytes(), peer.as_bytes());
        let mut row = DELIVERIES.peek(&self.tx, &key)?.unwrap_or(EMPTY_DELIVERY);
        row.bytes = row.bytes.saturating_add(bytes);
        row.whole = row.whole.saturating_add(u64::from(whole));
        row.open = None;
        DELIVERIES.put(&self.tx, &key, &row)?;
        if let Some(mut peer_row) = PEERS.peek(&self.tx, peer.as_bytes())? {
            peer_row.bytes_given = peer_row.bytes_given.saturating_add(bytes);
            PEERS.put(&self.tx, peer.as_bytes(), &peer_row)?;
        }
        Ok(())
    }

    /// Keeps what an allowed ticket became, with its invite.
    ///
    /// # Errors
    /// [`ChangeError::InviteSpent`] when there is an invite of this id: it is not made anew.
    pub fn put_ticket(
        &mut self,
        ask: &AskId,
        ticket: &TicketRow,
        invite: &[u8; 16],
        row: &InviteRow,
    ) -> Changed {
        if !INVITES.put_new(&self.tx, invite, row)? {
            return Err(ChangeError::InviteSpent);
        }
        Ok(TICKETS.put(&self.tx, &ask.0, ticket)?)
    }

    /// Spends an invite.
    ///
    /// # Errors
    /// [`ChangeError::InviteSpent`] when it cannot be used any more.
    pub fn spend_invite(&mut self, id: &[u8; 16], by: HumanKey, now: UnixMillis) -> Changed {
        let mut row = INVITES.peek(&self.tx, id)?.ok_or(ChangeError::InviteSpent)?;
        if row.spent.is_some() || now >= row.expires {
            return Err(ChangeError::InviteSpent);
        }
        row.spent = Some(by);
        Ok(INVITES.put(&self.tx, id, &row)?)
    }

    /// Remembers a connection that was allowed and is still to be made.
    pub fn put_connect(&mut self, ask: &AskId, row: &ConnectRow) -> Changed {
        Ok(CONNECTS.put(&self.tx, &ask.0, row)?)
    }

    /// Forgets it, once made or given up.
    pub fn remove_connect(&mut self, ask: &AskId) -> Changed {
        Ok(CONNECTS.remove(&self.tx, &ask.0)?)
    }

    /// A pinned person, as this transaction sees them.
    pub fn peer(&self, human: &HumanKey) -> Changed<Option<PeerRow>> {
        Ok(PEERS.peek(&self.tx, human.as_bytes())?)
    }

    /// Pins a person, or renews what is known of them.
    pub fn put_peer(&mut self, human: &HumanKey, row: &PeerRow) -> Changed {
        if let Some(before) = self.peer(human)?.filter(|b| b.transport != row.transport) {
            // Somebody else may have been pinned behind the old endpoint since.
            if self.human_at(&before.transport)? == Some(*human) {
                ENDPOINTS.remove(&self.tx, before.transport.as_bytes())?;
            }
        }
        ENDPOINTS.put(&self.tx, row.transport.as_bytes(), human)?;
        Ok(PEERS.put(&self.tx, human.as_bytes(), row)?)
    }

    /// Who was pinned behind an endpoint, as this transaction sees it.
    pub fn human_at(&self, endpoint: &TransportKey) -> Changed<Option<HumanKey>> {
        Ok(ENDPOINTS.peek(&self.tx, endpoint.as_bytes())?)
    }

    /// A paired agent, as this transaction sees it.
    pub fn agent(&self, key: &[u8; 32]) -> Changed<Option<AgentRow>> {
        Ok(AGENTS.peek(&self.tx, key)?)
    }

    /// Pairs an agent, or renews its row.
    pub fn put_agent(&mut self, key: &[u8; 32], row: &AgentRow) -> Changed {
        let named = join(row.name.as_bytes(), &join(&[0], key));
        AGENT_NAMES.put(&self.tx, &named, &())?;
        Ok(AGENTS.put(&self.tx, key, row)?)
    }

    /// Shows an agent out.
    pub fn remove_agent(&mut self, key: &[u8; 32]) -> Changed {
        Ok(AGENTS.remove(&self.tx, key)?)
    }

    /// Keeps what an agent said a crystal did for it: its latest word counts. The same word again
    /// changes nothing.
    pub fn put_outcome(&mut self, id: &ArtifactId, agent: &[u8; 32], row: &OutcomeRow) -> Changed {
        let key = join(id.as_bytes(), agent);
        if OUTCOMES.peek(&self.tx, &key)?.is_some_and(|known| known.outcome == row.outcome) {
            return Ok(());
        }
        OUTCOMES.put(&self.tx, &key, row)?;
        self.note_change(id)
    }
}

const TAMPERED: &str = "the journal does not end where its signed head says, so nothing is added to it: \
    run `tracenet log verify`, and restore a backup";

/// The list that an ask in this state stands in, and its key there.
fn listed(ask: &Ask) -> (Shelf<()>, Vec<u8>) {
    match ask.state.ended() {
        None => (ASKS_PENDING, join(&ask.at.to_be_bytes(), &ask.id.0)),
        Some(at) => (ASKS_ENDED, join(&at.to_be_bytes(), &ask.id.0)),
    }
}

const EMPTY_DELIVERY: DeliveryRow =
    DeliveryRow { told: false, bytes: 0, whole: 0, seq: 0, open: None };
