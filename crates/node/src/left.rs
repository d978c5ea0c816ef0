//! What ever left this machine, and to whom: read from the journal alone.
//!
//! The journal is what no forgetting, purge or ending takes anything from. It is walked from its
//! newest entry to its oldest; of what is not on the wanted page only its name is held, so that a
//! long journal costs time and no memory. What the human copied by hand is not in it.

use crate::{Fault, Node};
use artifact::{ArtifactId, Crystal, HumanKey, Revocation, UnixMillis, words::key_words};
use consent::{AskId, Entry, Event, Requester, Way, Wish};
use std::collections::{BTreeMap, BTreeSet};
use store::{Look, PeerRow};

/// What may leave, and to whom: one row each, however often it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leaver {
    /// An artifact, or its head alone, under a receipt.
    Artifact {
        /// The receipt.
        receipt: ArtifactId,
        /// What it covers.
        artifact: ArtifactId,
        /// Who was told of it or served.
        peer: HumanKey,
    },
    /// A ticket, by the ask that became it. The human handed it over, to whom only they know.
    Ticket(AskId),
    /// This node's card: its keys, and the name that it suggests.
    Card(HumanKey),
    /// The signed word of an ending, with its reason.
    Revocation(ArtifactId, HumanKey),
}

/// One thing that left, as the journal tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// What, and to whom.
    pub what: Leaver,
    /// The number of the newest entry about it.
    pub seq: u64,
    /// When it first left.
    pub first: UnixMillis,
    /// When last.
    pub last: UnixMillis,
    /// Bytes of the artifact that were sent, in all.
    pub bytes: u64,
    /// How often all of it was sent.
    pub whole: u64,
    /// Whether serving began of whose end nothing is written: they may have more of it.
    pub open: bool,
    /// Sessions whose end was met and whose beginning was not yet.
    ended: Vec<u64>,
    /// The ask that it comes from.
    pub ask: Option<AskId>,
    /// Where that was allowed; none where a rule allowed it.
    pub way: Option<Way>,
    /// Who asked.
    pub by: Option<Requester>,
    /// Why, as they said.
    pub reason: String,
}

/// A page of what left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllLeft {
    /// All that match.
    pub total: usize,
    /// This page, what left last first.
    pub rows: Vec<Left>,
    /// Entries that cannot be read: the list lacks what they told of.
    pub unreadable: usize,
}

impl Node {
    /// What ever left this machine, what left last first: all of it, or that in which `text`
    /// stands as a name, the words of a key, the beginning of a key or an id, or in a title.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn left(&self, text: &str, offset: usize, limit: usize) -> Result<AllLeft, Fault> {
        let look = self.0.look()?;
        let peers = look.peers()?;
        let search = Search { look: &look, peers: &peers, text: text.trim().to_lowercase() };
        let mut walk = Walk::new(search, offset, limit);
        let mut failed = None;
        look.journal(u64::MAX, |_, bytes| {
            match Entry::decode(&bytes) {
                Ok(entry) => failed = walk.meet(entry).err(),
                Err(_) => walk.found.unreadable += 1,
            }
            failed.is_none()
        })?;
        failed.map_or(Ok(walk.found), Err)
    }
}

/// The title of an artifact, where anything of it is still here.
///
/// # Errors
/// When the store cannot be read.
pub fn title_of(look: &Look, artifact: &ArtifactId) -> Result<Option<String>, Fault> {
    if let Some(row) = look.crystal(artifact)? {
        return Ok(Some(row.title));
    }
    let bytes = look.snapshot(artifact)?;
    let opened = bytes.and_then(|bytes| Crystal::open(&bytes).ok());
    Ok(opened.map(|(opened, _)| opened.payload.title))
}

/// What is looked for.
struct Search<'a> {
    look: &'a Look,
    peers: &'a [(HumanKey, PeerRow)],
    text: String,
}

impl Search<'_> {
    fn takes(&self, what: &Leaver) -> Result<bool, Fault> {
        if self.text.is_empty() {
            return Ok(true);
        }
        let begins = |id: &dyn ToString| id.to_string().starts_with(&self.text);
        Ok(match what {
            Leaver::Artifact { receipt, artifact, peer } => {
                begins(receipt)
                    || begins(artifact)
                    || self.names(peer)
                    || title_of(self.look, artifact)?
                        .is_some_and(|title| title.to_lowercase().contains(&self.text))
            }
            Leaver::Ticket(ask) => begins(ask),
            Leaver::Card(peer) => self.names(peer),
            Leaver::Revocation(id, peer) => begins(id) || self.names(peer),
        })
    }

    fn names(&self, human: &HumanKey) -> bool {
        let named = |(key, row): &(HumanKey, PeerRow)| {
            key == human && row.name.to_lowercase().contains(&self.text)
        };
        human.to_string().starts_with(&self.text)
            || key_words(human).contains(&self.text)
            || self.peers.iter().any(named)
    }
}

/// A walk through the journal, from its end to its beginning.
struct Walk<'a> {
    search: Search<'a>,
    page: std::ops::Range<usize>,
    found: AllLeft,
    /// Rows of the page, by what they are about.
    on_page: BTreeMap<Leaver, usize>,
    /// What was met and is not on the page.
    seen: BTreeSet<Leaver>,
    /// Asks that were allowed and signed no receipt, until it is met what they were for.
    granted: BTreeMap<AskId, (UnixMillis, Way)>,
}

impl<'a> Walk<'a> {
    const fn new(search: Search<'a>, offset: usize, limit: usize) -> Self {
        let found = AllLeft { total: 0, rows: Vec::new(), unreadable: 0 };
        Self {
            search,
            page: offset..offset.saturating_add(limit),
            found,
            on_page: BTreeMap::new(),
            seen: BTreeSet::new(),
            granted: BTreeMap::new(),
        }
    }

    fn meet(&mut self, entry: Entry) -> Result<(), Fault> {
        let Entry { seq, at, event, .. } = entry;
        match event {
            Event::Told { receipt, artifact, peer } => {
                self.row(Leaver::Artifact { receipt, artifact, peer }, seq, at)?;
            }
            Event::Serving { receipt, artifact, peer, session } => {
                if let Some(row) =
                    self.row(Leaver::Artifact { receipt, artifact, peer }, seq, at)?
                {
                    match row.ended.iter().rposition(|ended| *ended == session) {
                        Some(place) => drop(row.ended.remove(place)),
                        None => row.open = true,
                    }
                }
            }
            Event::Served { receipt, artifact, peer, session, bytes, whole } => {
                if let Some(row) =
                    self.row(Leaver::Artifact { receipt, artifact, peer }, seq, at)?
                {
                    row.ended.push(session);
                    row.bytes = row.bytes.saturating_add(bytes);
                    row.whole = row.whole.saturating_add(u64::from(whole));
                }
            }
            Event::PeerPinned { peer, .. } => {
                self.row(Leaver::Card(peer), seq, at)?;
            }
            Event::Revoked { revocation } => {
                if let Ok((opened, _)) = Revocation::open(&revocation) {
                    let id = ArtifactId::of(&revocation);
                    self.row(Leaver::Revocation(id, opened.payload.to), seq, at)?;
                }
            }
            Event::Allowed { ask, way, receipt: Some(receipt) } => {
                self.asked_as(&ArtifactId::of(&receipt), ask, Some(way));
            }
            Event::AllowedByRule { ask, receipt, .. } => {
                self.asked_as(&ArtifactId::of(&receipt), ask, None);
            }
            Event::Allowed { ask, way, receipt: None } => {
                self.granted.insert(ask, (at, way));
            }
            Event::Asked { ask } => {
                let granted = self.granted.remove(&ask.id);
                if let (Wish::Ticket { .. }, Some((at, way))) = (&ask.wish, granted)
                    && let Some(row) = self.row(Leaver::Ticket(ask.id), seq, at)?
                {
                    (row.ask, row.way) = (Some(ask.id), Some(way));
                }
                for row in self.found.rows.iter_mut().filter(|row| row.ask == Some(ask.id)) {
                    (row.by, row.reason) = (Some(ask.by.clone()), ask.reason.clone());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The row of what left, where it is on the page.
    fn row(&mut self, what: Leaver, seq: u64, at: UnixMillis) -> Result<Option<&mut Left>, Fault> {
        if self.seen.contains(&what) {
            return Ok(None);
        }
        let place = match self.on_page.get(&what) {
            Some(place) => *place,
            None => {
                let matches = self.search.takes(&what)?;
                let number = self.found.total;
                self.found.total += usize::from(matches);
                if !matches || !self.page.contains(&number) {
                    self.seen.insert(what);
                    return Ok(None);
                }
                self.on_page.insert(what, self.found.rows.len());
                self.found.rows.push(Left::new(what, seq, at));
                self.found.rows.len() - 1
            }
        };
        let mut row = self.found.rows.get_mut(place);
        if let Some(row) = &mut row {
            row.first = at;
        }
        Ok(row)
    }

    /// Says which ask a receipt comes from.
    fn asked_as(&mut self, id: &ArtifactId, ask: AskId, way: Option<Way>) {
        let of = |row: &&mut Left| matches!(&row.what, Leaver::Artifact { receipt, .. } if receipt == id);
        for row in self.found.rows.iter_mut().filter(of) {
            (row.ask, row.way) = (Some(ask), way);
        }
    }
}

impl Left {
    const fn new(what: Leaver, seq: u64, at: UnixMillis) -> Self {
        Self {
            what,
            seq,
            first: at,
            last: at,
            bytes: 0,
            whole: 0,
            open: false,
            ended: Vec::new(),
            ask: None,
            way: None,
            by: None,
            reason: String::new(),
        }
    }
}
