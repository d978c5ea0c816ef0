//! Reading: one consistent snapshot, and every question the node asks of it.

use crate::{
    keys::id_at,
    rows::{
        AgentRow, ConnectRow, CrystalRow, DeliveryRow, HeadRow, InviteRow, OutcomeRow, PeerRow,
        ReceiptRow, Self_, TicketRow, TraceRow,
    },
    shelf::{ShelfError, join, number},
};
use artifact::{ArtifactId, HumanKey, TransportKey, UnixMillis};
use consent::{Ask, AskId, ChainError, EntryHash, SignedHead, journal::Chain};
use redb::ReadTransaction;
use serde_bytes::ByteBuf;

pub(crate) mod books;
mod heads;
mod kept;
pub(crate) mod prefix;
mod reach;
pub(crate) mod revoke;
mod rotate;
mod rules;
pub(crate) mod shelves;
mod strangers;

use prefix::{Prefix, PrefixError, only, short};
use shelves::*;

/// The store cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be read: {0}")]
pub struct LookError(String);

impl From<ShelfError> for LookError {
    fn from(error: ShelfError) -> Self {
        Self(error.to_string())
    }
}

impl From<redb::Error> for LookError {
    fn from(error: redb::Error) -> Self {
        Self(error.to_string())
    }
}

/// A consistent snapshot of the store.
pub struct Look {
    tx: ReadTransaction,
}

/// Most rows one question gives back.
const PAGE: usize = 500;
/// The most ids of what was sealed anew that are looked up for one name.
const MOST_SEALS: usize = 64;

impl Look {
    pub(crate) const fn new(tx: ReadTransaction) -> Self {
        Self { tx }
    }

    /// Who this node is; `None` before the first start.
    ///
    /// # Errors
    /// When the file cannot be read; so for every question below.
    pub fn me(&self) -> Result<Option<Self_>, LookError> {
        Ok(SELF.get(&self.tx, b"self")?)
    }

    /// A trace.
    pub fn trace(&self, id: &ArtifactId) -> Result<Option<TraceRow>, LookError> {
        Ok(TRACES.get(&self.tx, id.as_bytes())?)
    }

    /// The trace that a raw log was imported as.
    pub fn trace_of_log(&self, log: &ArtifactId) -> Result<Option<ArtifactId>, LookError> {
        Ok(TRACE_OF_LOG.get(&self.tx, log.as_bytes())?)
    }

    /// A crystal's row.
    pub fn crystal(&self, id: &ArtifactId) -> Result<Option<CrystalRow>, LookError> {
        Ok(CRYSTALS.get(&self.tx, id.as_bytes())?)
    }

    /// A crystal's envelope.
    pub fn envelope(&self, id: &ArtifactId) -> Result<Option<Vec<u8>>, LookError> {
        Ok(ENVELOPES.get(&self.tx, id.as_bytes())?.map(ByteBuf::into_vec))
    }

    /// A crystal's anchors, as the distiller wrote them.
    pub fn sidecar(&self, id: &ArtifactId) -> Result<Option<Vec<u8>>, LookError> {
        Ok(SIDECARS.get(&self.tx, id.as_bytes())?.map(ByteBuf::into_vec))
    }

    /// Crystals, newest first, skipping those that `keep` refuses.
    pub fn crystals(
        &self,
        mut keep: impl FnMut(&ArtifactId, &CrystalRow) -> bool,
    ) -> Result<Vec<(ArtifactId, CrystalRow)>, LookError> {
        let mut ids = Vec::new();
        CRYSTALS_BY_TIME.walk(&self.tx, &[0xff; 41], true, |key, ()| {
            ids.extend(id_at(key, 8));
            true
        })?;
        let mut rows = Vec::new();
        for id in ids {
            if let Some(row) = self.crystal(&id)?.filter(|row| keep(&id, row)) {
                rows.push((id, row));
            }
        }
        Ok(rows)
    }

    /// One page of all crystals, newest first, and how many there are. Reads only the page.
    pub fn crystals_page(
        &self,
        offset: usize,
        limit: usize,
    ) -> Result<(usize, Vec<(ArtifactId, CrystalRow)>), LookError> {
        let total = usize::try_from(CRYSTALS.len(&self.tx)?).unwrap_or(usize::MAX);
        let (mut skipped, mut ids) = (0, Vec::new());
        CRYSTALS_BY_TIME.walk(&self.tx, &[0xff; 41], true, |key, ()| {
            if skipped < offset {
                skipped += 1;
            } else if ids.len() < limit {
                ids.extend(id_at(key, 8));
            }
            ids.len() < limit
        })?;
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            rows.extend(self.crystal(&id)?.map(|row| (id, row)));
        }
        Ok((total, rows))
    }

    /// How many crystals were made here, and how many came from peers.
    pub fn crystal_counts(&self) -> Result<(u64, u64), LookError> {
        let mut peers = 0;
        FROM_PEERS.walk(&self.tx, &[], false, |_, ()| {
            peers += 1;
            true
        })?;
        Ok((CRYSTALS.len(&self.tx)?.saturating_sub(peers), peers))
    }

    /// The crystal whose id, or the id of what it was sealed anew as, begins with these hex digits.
    pub fn crystal_named(
        &self,
        prefix: &str,
    ) -> Result<Result<ArtifactId, PrefixError>, LookError> {
        let mut found = Vec::new();
        let Some(range) = Prefix::parse(prefix) else {
            return Ok(Err(PrefixError::NotAnId(short(prefix))));
        };
        CRYSTALS.walk(&self.tx, &range.bytes, false, |key, _| {
            let inside = range.matches(key);
            if inside {
                found.extend(id_at(key, 0));
            }
            inside && found.len() < 2
        })?;
        let mut whole = Vec::new();
        SEALED_ANEW.walk(&self.tx, &range.bytes, false, |key, of| {
            let inside = range.matches(key);
            if inside {
                whole.push(of);
            }
            inside && whole.len() < MOST_SEALS
        })?;
        for id in whole {
            if !found.contains(&id) && self.crystal(&id)?.is_some() {
                found.push(id);
            }
        }
        Ok(only(found, prefix))
    }

    /// Crystals added since the change numbered `after`, with the number of each.
    pub fn changes(&self, after: u64) -> Result<Vec<(u64, ArtifactId)>, LookError> {
        let mut changes = Vec::new();
        let Some(first) = after.checked_add(1) else { return Ok(changes) };
        CHANGES.walk(&self.tx, &first.to_be_bytes(), false, |key, id| {
            changes.push((number(key), id));
            changes.len() < PAGE
        })?;
        Ok(changes)
    }

    /// The number of the last change; 0 when there is none.
    pub fn last_change(&self) -> Result<u64, LookError> {
        let mut last = 0;
        CHANGES.walk(&self.tx, &[0xff; 9], true, |key, _| {
            last = number(key);
            false
        })?;
        Ok(last)
    }

    /// How many changes there are beyond one for every artifact that is here.
    pub fn changes_beyond(&self) -> Result<u64, LookError> {
        let here = CRYSTALS.len(&self.tx)?.saturating_add(HEADS.len(&self.tx)?);
        Ok(CHANGES.len(&self.tx)?.saturating_sub(here))
    }

    /// One ask.
    pub fn ask(&self, id: &AskId) -> Result<Option<Ask>, LookError> {
        Ok(ASKS.get(&self.tx, &id.0)?)
    }

    /// The ask whose id begins with these hex digits.
    pub fn ask_named(&self, prefix: &str) -> Result<Result<AskId, PrefixError>, LookError> {
        let Some(range) = Prefix::parse(prefix) else {
            return Ok(Err(PrefixError::NotAnId(short(prefix))));
        };
        let mut found = Vec::new();
        ASKS.walk(&self.tx, &range.bytes, false, |key, ask| {
            let inside = range.matches(key);
            if inside {
                found.push(ask.id);
            }
            inside && found.len() < 2
        })?;
        Ok(only(found, prefix))
    }

    /// Asks that wait, oldest first.
    pub fn pending(&self) -> Result<Vec<Ask>, LookError> {
        let mut ids = Vec::new();
        ASKS_PENDING.walk(&self.tx, &[], false, |key, ()| {
            ids.extend(ask_at(key));
            true
        })?;
        self.asks(ids)
    }

    /// The last `limit` asks that reached a final state, newest first.
    pub fn decided(&self, limit: usize) -> Result<Vec<Ask>, LookError> {
        let mut ids = Vec::new();
        ASKS_ENDED.walk(&self.tx, &[0xff; 25], true, |key, ()| {
            ids.extend(ask_at(key));
            ids.len() < limit
        })?;
        self.asks(ids)
    }

    fn asks(&self, ids: Vec<AskId>) -> Result<Vec<Ask>, LookError> {
        let mut asks = Vec::new();
        for id in ids {
            asks.extend(self.ask(&id)?);
        }
        Ok(asks)
    }

    /// The frozen bytes of an artifact that was asked for.
    pub fn snapshot(&self, id: &ArtifactId) -> Result<Option<Vec<u8>>, LookError> {
        Ok(SNAPSHOTS.get(&self.tx, id.as_bytes())?.map(ByteBuf::into_vec))
    }

    /// The ticket that an ask became.
    pub fn ticket(&self, ask: &AskId) -> Result<Option<TicketRow>, LookError> {
        Ok(TICKETS.get(&self.tx, &ask.0)?)
    }

    /// Connections that were allowed and are still to be made.
    pub fn connects(&self) -> Result<Vec<(AskId, ConnectRow)>, LookError> {
        let rows = CONNECTS.under(&self.tx, &[])?;
        Ok(rows.into_iter().filter_map(|(key, row)| Some((ask_at(&key)?, row))).collect())
    }

    /// A receipt.
    pub fn receipt(&self, id: &ArtifactId) -> Result<Option<ReceiptRow>, LookError> {
        Ok(RECEIPTS.get(&self.tx, id.as_bytes())?)
    }

    /// Every receipt over one artifact, or over what it was sealed anew as.
    pub fn receipts_of(
        &self,
        artifact: &ArtifactId,
    ) -> Result<Vec<(ArtifactId, ReceiptRow)>, LookError> {
        let mut rows = Vec::new();
        for seal in self.seals_of(artifact)? {
            rows.extend(self.receipts_over(&seal)?);
        }
        Ok(rows)
    }

    /// Every receipt over exactly these bytes.
    fn receipts_over(
        &self,
        artifact: &ArtifactId,
    ) -> Result<Vec<(ArtifactId, ReceiptRow)>, LookError> {
        let mut rows = Vec::new();
        for (key, ()) in RECEIPTS_OF.under(&self.tx, artifact.as_bytes())? {
            if let Some(id) = id_at(&key, 32) {
                rows.extend(self.receipt(&id)?.map(|row| (id, row)));
            }
        }
        Ok(rows)
    }

    /// Every receipt.
    pub fn receipts(&self) -> Result<Vec<(ArtifactId, ReceiptRow)>, LookError> {
        let rows = RECEIPTS.under(&self.tx, &[])?;
        Ok(rows.into_iter().filter_map(|(key, row)| Some((id_at(&key, 0)?, row))).collect())
    }

    /// What a peer received under a receipt.
    pub fn delivery(
        &self,
        receipt: &ArtifactId,
        peer: &HumanKey,
    ) -> Result<Option<DeliveryRow>, LookError> {
        Ok(DELIVERIES.get(&self.tx, &join(receipt.as_bytes(), peer.as_bytes()))?)
    }

    /// Journal entries before number `before`, newest first, as far as `keep` goes on.
    pub fn journal(
        &self,
        before: u64,
        mut keep: impl FnMut(u64, Vec<u8>) -> bool,
    ) -> Result<(), LookError> {
        JOURNAL.walk(&self.tx, &before.to_be_bytes(), true, |key, entry| {
            keep(number(key), entry.into_vec())
        })?;
        Ok(())
    }

    /// Journal entries from the first, in order, as far as `keep` goes on.
    pub fn journal_from_start(&self, keep: impl FnMut(Vec<u8>) -> bool) -> Result<(), LookError> {
        self.journal_after(0, keep)
    }

    /// Journal entries after number `after`, in order, as far as `keep` goes on.
    pub fn journal_after(
        &self,
        after: u64,
        mut keep: impl FnMut(Vec<u8>) -> bool,
    ) -> Result<(), LookError> {
        let Some(first) = after.checked_add(1) else { return Ok(()) };
        JOURNAL.walk(&self.tx, &first.to_be_bytes(), false, |_, entry| keep(entry.into_vec()))?;
        Ok(())
    }

    /// How many entries the journal has.
    pub fn journal_len(&self) -> Result<u64, LookError> {
        Ok(JOURNAL.len(&self.tx)?)
    }

    /// The signed head of the journal.
    pub fn journal_head(&self) -> Result<Option<SignedHead>, LookError> {
        Ok(JOURNAL_HEAD.get(&self.tx, b"head")?.map(|head| SignedHead(head.into_vec())))
    }

    /// Reads the whole journal and checks every link and the signed head. Gives the number of
    /// entries and the last hash.
    pub fn verify_journal(
        &self,
        key: &artifact::JournalKey,
    ) -> Result<Result<(u64, EntryHash), ChainError>, LookError> {
        let mut chain = Chain::default();
        let mut last = EntryHash::ZERO;
        let mut broken = None;
        let mut seq = 0;
        JOURNAL.walk_encoded(&self.tx, &[], false, |key, row| {
            seq += 1;
            broken = follow(&mut chain, seq, key, row).map(|hash| last = hash).err();
            Ok(broken.is_none())
        })?;
        if let Some(error) = broken {
            return Ok(Err(error));
        }
        let head = match JOURNAL_HEAD.get(&self.tx, b"head") {
            Ok(head) => head.map(|head| SignedHead(head.into_vec())),
            Err(ShelfError::Row { .. }) => return Ok(Err(ChainError::BadHead)),
            Err(error) => return Err(error.into()),
        };
        // A node that knows who it is has at least the entry that says so.
        if seq == 0 && head.is_none() && self.me()?.is_some() {
            return Ok(Err(ChainError::BadHead));
        }
        Ok(chain.end(head.as_ref(), key).map(|entries| (entries, last)))
    }

    /// A pinned person.
    pub fn peer(&self, human: &HumanKey) -> Result<Option<PeerRow>, LookError> {
        Ok(PEERS.get(&self.tx, human.as_bytes())?)
    }

    /// Every pinned person.
    pub fn peers(&self) -> Result<Vec<(HumanKey, PeerRow)>, LookError> {
        let rows = PEERS.under(&self.tx, &[])?;
        let key = |key: Vec<u8>| Some(HumanKey::from_bytes(key.try_into().ok()?));
        Ok(rows.into_iter().filter_map(|(k, row)| Some((key(k)?, row))).collect())
    }

    /// Who was pinned behind an endpoint.
    pub fn human_at(&self, endpoint: &TransportKey) -> Result<Option<HumanKey>, LookError> {
        Ok(ENDPOINTS.get(&self.tx, endpoint.as_bytes())?)
    }

    /// Invites that can still be used at `now`.
    pub fn invites(&self, now: UnixMillis) -> Result<Vec<([u8; 16], InviteRow)>, LookError> {
        let rows = INVITES.under(&self.tx, &[])?;
        let live = |row: &InviteRow| row.spent.is_none() && now < row.expires;
        Ok(rows
            .into_iter()
            .filter(|(_, row)| live(row))
            .filter_map(|(key, row)| Some((key.try_into().ok()?, row)))
            .collect())
    }

    /// A paired agent, by its key.
    pub fn agent(&self, key: &[u8; 32]) -> Result<Option<AgentRow>, LookError> {
        Ok(AGENTS.get(&self.tx, key)?)
    }

    /// Every paired agent.
    pub fn agents(&self) -> Result<Vec<([u8; 32], AgentRow)>, LookError> {
        let rows = AGENTS.under(&self.tx, &[])?;
        Ok(rows.into_iter().filter_map(|(key, row)| Some((key.try_into().ok()?, row))).collect())
    }

    /// Whether another key than this was ever paired under this name.
    pub fn name_was_used(&self, name: &str, key: &[u8; 32]) -> Result<bool, LookError> {
        let prefix = join(name.as_bytes(), &[0]);
        let rows = AGENT_NAMES.under(&self.tx, &prefix)?;
        Ok(rows.iter().any(|(row, ())| !row.ends_with(key)))
    }

    /// A head that some peer told.
    pub fn head(&self, id: &ArtifactId) -> Result<Option<HeadRow>, LookError> {
        Ok(HEADS.under(&self.tx, id.as_bytes())?.into_iter().next().map(|(_, row)| row))
    }

    /// A head as this peer told it.
    pub fn head_from(
        &self,
        id: &ArtifactId,
        giver: &HumanKey,
    ) -> Result<Option<HeadRow>, LookError> {
        Ok(HEADS.get(&self.tx, &join(id.as_bytes(), giver.as_bytes()))?)
    }

    /// Heads whose bodies are not here.
    pub fn heads(&self) -> Result<Vec<(ArtifactId, HeadRow)>, LookError> {
        let rows = HEADS.under(&self.tx, &[])?;
        Ok(rows.into_iter().filter_map(|(key, row)| Some((id_at(&key, 0)?, row))).collect())
    }

    /// What agents said a crystal did for them.
    pub fn outcomes(&self, id: &ArtifactId) -> Result<Vec<OutcomeRow>, LookError> {
        let rows = OUTCOMES.under(&self.tx, id.as_bytes())?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }
}

/// Checks that the row which stands at place `seq` is that entry, and follows.
fn follow(chain: &mut Chain, seq: u64, key: &[u8], row: &[u8]) -> Result<EntryHash, ChainError> {
    if key != seq.to_be_bytes() && number(key) != seq {
        return Err(ChainError::Missing { expected: seq, found: number(key) });
    }
    let entry = JOURNAL.decode(row).map_err(|_| ChainError::Unreadable { seq })?;
    chain.next(&entry)?;
    if key != seq.to_be_bytes() {
        return Err(ChainError::Unreadable { seq });
    }
    Ok(consent::journal::hash(&entry))
}

/// The last sixteen bytes of a key name its ask.
fn ask_at(key: &[u8]) -> Option<AskId> {
    Some(AskId(key.get(key.len().checked_sub(16)?..)?.try_into().ok()?))
}
