//! Bodies: fetched ahead from peers whom the human lets, within a quota; fetched when they are
//! asked for, from everybody else.
//!
//! Beyond the quota nothing that is here goes: further bodies stay where they are until somebody
//! asks for them. A giver that is away takes nothing along; its heads stay, and say so.

use crate::{
    Code, Fault, Node, Notice,
    event::Event,
    house::{House, lock},
    words::refusal,
};
use artifact::{ArtifactId, Head, HumanKey};
use consent::{Party, VerifiedCard};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};
use store::AheadRow;
use tokio::{sync::watch, time::timeout};

/// How long somebody who opens one body waits for it.
const OPENING: Duration = Duration::from_secs(20);

/// A body, and who is to give it.
pub(crate) type Body = (HumanKey, ArtifactId);

/// What is being fetched.
#[derive(Default)]
pub(crate) struct Fetching {
    /// Peers from whom bodies are fetched ahead: one at a time from each.
    ahead: Mutex<BTreeSet<HumanKey>>,
    under_way: Mutex<BTreeSet<Body>>,
    /// Why those that did not come did not, in their giver's session.
    failed: Mutex<BTreeMap<Body, Fault>>,
    ended: watch::Sender<u64>,
}

/// One fetch that is under way; over when it is dropped.
struct Mark<'a>(&'a Fetching, Body);

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        lock(&self.0.under_way).remove(&self.1);
        self.0.ended.send_modify(|n| *n = n.wrapping_add(1));
    }
}

impl Fetching {
    /// Marks a fetch; none when the same is under way.
    fn mark(&self, body: Body) -> Option<Mark<'_>> {
        lock(&self.under_way).insert(body).then(|| Mark(self, body))
    }

    /// Whether a body is on its way.
    pub(crate) fn is_under_way(&self, body: &Body) -> bool {
        lock(&self.under_way).contains(body)
    }

    /// A giver's session begins: what did not come in the last one may come in this.
    pub(crate) fn forget(&self, giver: &HumanKey) {
        lock(&self.failed).retain(|(of, _), _| of != giver);
    }

    /// A giver tells of these, again or for the first time. Whether one of them had not come.
    pub(crate) fn told(&self, giver: &HumanKey, ids: &[ArtifactId]) -> bool {
        let mut failed = lock(&self.failed);
        let known = failed.len();
        for id in ids {
            failed.remove(&(*giver, *id));
        }
        failed.len() < known
    }

    /// Whether the giver said no to this one, and would say it again.
    fn is_refused(&self, body: &Body) -> bool {
        lock(&self.failed).get(body).is_some_and(|fault| fault.code == Code::Refused)
    }

    /// Why none of these is here.
    fn why_not(&self, bodies: &[Body]) -> Fault {
        if bodies.iter().any(|body| self.is_under_way(body)) {
            return Fault::not_now("it has not come yet", "it is on its way: look again later");
        }
        let failed = lock(&self.failed);
        let last = bodies.iter().find_map(|body| failed.get(body).cloned());
        last.unwrap_or_else(|| Fault::not_now("it did not come", "try again"))
    }

    /// Waits until none of these is on its way, at most for `limit`.
    pub(crate) async fn wait(&self, bodies: &[Body], limit: Duration) {
        let mut ended = self.ended.subscribe();
        let all = async {
            while bodies.iter().any(|body| self.is_under_way(body)) {
                if ended.changed().await.is_err() {
                    return;
                }
            }
        };
        // What is not there by then comes later.
        drop(timeout(limit, all).await);
    }
}

impl Node {
    /// Fetches one body that a peer shares, now.
    ///
    /// # Errors
    /// When nobody shares it, its giver is away, or it was refused.
    pub async fn fetch(&self, id: &str) -> Result<ArtifactId, Fault> {
        let look = self.0.look()?;
        let id = look.head_named(id)??;
        let heads = look.heads_of(&id)?;
        let from: Vec<Body> = heads.iter().map(|row| (row.giver, id)).collect();
        let begun = self.0.begin_fetch(&from);
        if begun.is_empty() {
            let names: Vec<String> = self.0.names(heads.iter().map(|row| &row.giver))?;
            let what = format!("{} is away", names.join(", "));
            let hint = "it stays listed, and can be fetched when they are back";
            return Err(Fault::not_now(what, hint));
        }
        self.0.fetching.wait(&begun, OPENING).await;
        let look = self.0.look()?;
        if look.crystal(&id)?.is_some() {
            return Ok(id);
        }
        let refused = look.heads_of(&id)?.into_iter().find(|row| !row.refused.is_empty());
        Err(match refused {
            Some(row) => {
                let hint = "it is fetched again when its giver tells of it anew";
                Fault::refused(format!("it was refused. {}", refusal(&row.refused)), hint)
            }
            None => self.0.fetching.why_not(&begun),
        })
    }

    /// Says how much is fetched ahead: bytes of one peer, and of all.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn fetch_ahead(&self, per_peer: u64, total: u64) -> Result<(), Fault> {
        let row = AheadRow { per_peer, total };
        self.0.happen(|reply| Event::Ahead(row, reply)).await?;
        self.0.notify(Notice::Settings);
        self.0.fetch_late();
        Ok(())
    }
}

impl House {
    pub(crate) fn on_ahead(&self, row: &AheadRow) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| Ok(change.put_ahead(row)?))
    }

    /// The names of people, for the human's eye.
    pub(crate) fn names<'a>(
        &self,
        people: impl Iterator<Item = &'a HumanKey>,
    ) -> Result<Vec<String>, Fault> {
        let look = self.look()?;
        let mut names = Vec::new();
        for human in people {
            let row = look.peer(human)?;
            let name = row.map_or_else(|| "somebody forgotten".to_owned(), |row| row.name);
            names.push(artifact::display::line(&name, 64));
        }
        Ok(names)
    }

    /// Whoever of these is connected begins to give: what is on its way is given back.
    pub(crate) fn begin_fetch(self: &Arc<Self>, bodies: &[Body]) -> Vec<Body> {
        let connected = self.host().map(|host| host.connected()).unwrap_or_default();
        let mut begun = Vec::new();
        for body in bodies {
            let party = connected.iter().map(|c| c.party).find(|party| party.human == body.0);
            let Some((party, card)) = party.and_then(|party| Some((party, self.card_of(&party)?)))
            else {
                continue;
            };
            begun.push(*body);
            // Marked before anybody waits for it; somebody else may be fetching the same.
            if !lock(&self.fetching.under_way).insert(*body) {
                continue;
            }
            let (house, id) = (Arc::clone(self), body.1);
            let mark = Owned(Arc::clone(self), *body);
            self.tasks.spawn(async move {
                let got = house.fetch_one(party, &card, &id).await;
                // Who waits for it looks into the store; the index follows.
                drop(mark);
                if got {
                    house.level_and_tell().await;
                }
            });
        }
        begun
    }

    /// Fetches one body, and remembers why when it does not come. True when it is new here.
    async fn fetch_one(
        self: &Arc<Self>,
        from: Party,
        card: &VerifiedCard,
        id: &ArtifactId,
    ) -> bool {
        let body = (from.human, *id);
        match self.fetch(from, card, id).await {
            Ok(new) => {
                lock(&self.fetching.failed).remove(&body);
                new
            }
            Err(fault) => {
                tracing::info!(%fault, artifact = %id.short(), "not fetched");
                lock(&self.fetching.failed).insert(body, fault);
                false
            }
        }
    }

    async fn level_and_tell(self: &Arc<Self>) {
        // It ends before the faces hear of it.
        drop(self.level_aside().await);
        self.notify(Notice::Memory);
    }

    fn card_of(&self, party: &Party) -> Option<VerifiedCard> {
        let row = self.look().ok()?.peer(&party.human).ok()??;
        VerifiedCard::open(&row.card).ok()
    }

    /// How many bytes may still be fetched ahead from a peer; none when the human does not let
    /// them.
    fn room_ahead(&self, giver: &HumanKey) -> Result<u64, Fault> {
        let look = self.look()?;
        let peers = look.peers()?;
        let Some((_, row)) = peers.iter().find(|(human, row)| human == giver && row.let_in) else {
            return Ok(0);
        };
        let ahead = look.ahead()?;
        let all = peers.iter().fold(0_u64, |sum, (_, row)| sum.saturating_add(row.bytes_taken));
        let theirs = ahead.per_peer.saturating_sub(row.bytes_taken);
        Ok(theirs.min(ahead.total.saturating_sub(all)))
    }

    /// Fetches ahead what is still open from a peer whose session is settled, unless that is
    /// under way already.
    pub(crate) fn fetch_open(self: &Arc<Self>, from: Party) {
        if self.room_ahead(&from.human).unwrap_or_default() == 0 {
            return;
        }
        let Some(card) = self.card_of(&from) else { return };
        if !lock(&self.fetching.ahead).insert(from.human) {
            return;
        }
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            let tried = house.fetch_all(from, &card).await;
            lock(&house.fetching.ahead).remove(&from.human);
            // A head may have come after the last look.
            let open = house.open_heads(&from.human);
            if open.iter().any(|id| !tried.contains(id)) && !house.stop.is_cancelled() {
                house.fetch_open(from);
            }
        });
    }

    fn open_heads(&self, giver: &HumanKey) -> Vec<ArtifactId> {
        self.look().and_then(|look| Ok(look.open_heads(giver)?)).unwrap_or_default()
    }

    /// Fetches one body after the other: a peer's share of this machine is one stream. What does
    /// not come is tried again later, but what its giver refused only in their next session, or
    /// when they tell of it anew; what the quota has no room for is not tried. Gives what was
    /// looked at.
    async fn fetch_all(self: &Arc<Self>, from: Party, card: &VerifiedCard) -> BTreeSet<ArtifactId> {
        let (mut got, mut tried) = (false, BTreeSet::new());
        loop {
            let mut open = self.open_heads(&from.human);
            open.retain(|id| !tried.contains(id));
            if open.is_empty() {
                break;
            }
            for id in open {
                tried.insert(id);
                if self.stop.is_cancelled() {
                    return tried;
                }
                let body = (from.human, id);
                if self.fetching.is_refused(&body) || !self.fits_ahead(&from.human, &id) {
                    continue;
                }
                let Some(_mark) = self.fetching.mark(body) else { continue };
                got |= self.fetch_one(from, card, &id).await;
            }
        }
        if got {
            self.level_and_tell().await;
        }
        tried
    }

    fn fits_ahead(&self, giver: &HumanKey, id: &ArtifactId) -> bool {
        let head = self.look().and_then(|look| Ok(look.head_from(id, giver)?)).ok().flatten();
        let size = head.and_then(|row| Head::decode(&row.head).ok()).map(|head| head.size);
        size.is_some_and(|size| size <= self.room_ahead(giver).unwrap_or_default())
    }

    /// Tries again what did not come, from everybody who is connected.
    pub(crate) fn fetch_late(self: &Arc<Self>) {
        let connected = self.host().map(|host| host.connected()).unwrap_or_default();
        connected.into_iter().for_each(|c| self.fetch_open(c.party));
    }
}

/// A fetch in a task of its own.
struct Owned(Arc<House>, Body);

impl Drop for Owned {
    fn drop(&mut self) {
        drop(Mark(&self.0.fetching, self.1));
    }
}
