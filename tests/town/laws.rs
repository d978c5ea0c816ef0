//! The laws of consent, read from a journal: what must hold whatever happened.

use artifact::{ArtifactId, Grant, HumanKey, Receipt, SignedBy, TransportKey, UnixMillis};
use consent::{
    Accepted, Ask, AskId, Bounds, Entry, Event, Policies, Requester, Share, Term, Wish,
    policy::Forbidden,
};
use node::Node;
use std::collections::{BTreeMap, BTreeSet};

/// The whole journal, oldest entry first.
pub fn journal(node: &Node) -> Vec<Entry> {
    let mut entries = Vec::new();
    let look = node.look().unwrap();
    let keep = |bytes: Vec<u8>| {
        entries.push(Entry::decode(&bytes).unwrap());
        true
    };
    look.journal_from_start(keep).unwrap();
    entries
}

/// How often something from a peer was refused for this reason.
pub fn refusals(node: &Node, wanted: &str) -> usize {
    let refused = |e: &Entry| matches!(&e.event, Event::Refused { why, .. } if why == wanted);
    journal(node).iter().filter(|e| refused(e)).count()
}

/// Every byte and head that left belongs to exactly one receipt, signed earlier, over that very
/// artifact and for that very peer, ended for nobody it is about and told to nobody who is shut
/// out; every receipt to exactly one ask, answered once; and the chain is whole.
pub async fn hold(name: &str, node: &Node) {
    let verdict = node.verify_journal().await.unwrap();
    assert!(verdict.is_ok(), "{name}'s journal: {verdict:?}");
    let mut books = Books::new(name, node.me().unwrap().human);
    books.follow(node);
    books.agree_with_the_store(node);
}

/// The class of a rule of the scanner.
fn class_of(rule: &str) -> Option<&'static str> {
    screen::rules().iter().find(|known| known.id == rule).map(|known| known.class.word())
}

/// What a journal says so far.
pub struct Books {
    name: String,
    me: HumanKey,
    /// The number of the last entry that was read.
    read: u64,
    asked: BTreeMap<AskId, Ask>,
    answered: BTreeSet<AskId>,
    receipts: BTreeMap<ArtifactId, Receipt>,
    /// The receipts over each artifact.
    over: BTreeMap<ArtifactId, Vec<ArtifactId>>,
    /// What is served no more: the receipt, and to whom if not to everybody.
    stopped: BTreeSet<(ArtifactId, Option<HumanKey>)>,
    /// Humans who are shut out, by each endpoint of theirs that is.
    shut: BTreeSet<(TransportKey, HumanKey)>,
    /// Humans who are let.
    let_in: BTreeSet<HumanKey>,
    /// Who knocked, by endpoint, and was neither pinned nor shut out since.
    knocked: BTreeMap<TransportKey, HumanKey>,
    /// The rules that hold, by their grants: what the human signed, and what it is bound to.
    rules: BTreeMap<ArtifactId, (Grant, Bounds)>,
    /// The policies that hold.
    policies: Policies,
    /// The ask that the entry before this one allowed.
    granted: Option<AskId>,
    told: BTreeSet<(ArtifactId, HumanKey)>,
    /// Receipt, peer and session under which serving was announced.
    serving: BTreeSet<(ArtifactId, HumanKey, u64)>,
    /// Bytes that were sent, by the same.
    sent: BTreeMap<(ArtifactId, HumanKey, u64), u64>,
    /// The last entry that was read.
    last: Vec<u8>,
}

impl Books {
    /// Of a journal of which nothing was read.
    pub fn new(name: &str, me: HumanKey) -> Self {
        Self {
            name: name.to_owned(),
            me,
            read: 0,
            asked: BTreeMap::new(),
            answered: BTreeSet::new(),
            receipts: BTreeMap::new(),
            over: BTreeMap::new(),
            stopped: BTreeSet::new(),
            shut: BTreeSet::new(),
            let_in: BTreeSet::new(),
            knocked: BTreeMap::new(),
            rules: BTreeMap::new(),
            policies: Policies::default(),
            granted: None,
            told: BTreeSet::new(),
            serving: BTreeSet::new(),
            sent: BTreeMap::new(),
            last: Vec::new(),
        }
    }

    /// Reads what is new in the journal, and holds every law over it. Gives how many entries
    /// there were.
    pub fn follow(&mut self, node: &Node) -> usize {
        let (mut new, mut last, read) = (Vec::new(), Vec::new(), self.read);
        let keep = |seq: u64, bytes: Vec<u8>| {
            let is_new = seq > read;
            if is_new {
                new.push(Entry::decode(&bytes).unwrap());
                if new.len() == 1 {
                    last = bytes;
                }
            }
            is_new
        };
        node.look().unwrap().journal(u64::MAX, keep).unwrap();
        if !last.is_empty() {
            self.last = last;
        }
        let (count, name, me) = (new.len(), self.name.clone(), self.me);
        for entry in new.into_iter().rev() {
            assert_eq!(entry.seq, self.read + 1, "{name}: an entry is missing");
            self.read = entry.seq;
            self.enter(&name, &me, entry);
        }
        count
    }

    /// Nothing that was read before has gone or changed since: the last entry names all others.
    pub fn still_stand(&self, node: &Node) {
        let mut found = Vec::new();
        let keep = |_, bytes: Vec<u8>| {
            found = bytes;
            false
        };
        node.look().unwrap().journal(self.read + 1, keep).unwrap();
        assert_eq!(found, self.last, "{}: what stood in the journal has gone", self.name);
    }

    /// Bytes that were sent under a receipt to a peer in a session.
    pub fn sent(&self, receipt: &ArtifactId, peer: &HumanKey, session: u64) -> u64 {
        self.sent.get(&(*receipt, *peer, session)).copied().unwrap_or_default()
    }

    /// Every delivery of the store is the sum of what the journal says was sent.
    pub fn agree_with_deliveries(&self, node: &Node) {
        let look = node.look().unwrap();
        let mut sums: BTreeMap<(ArtifactId, HumanKey), u64> = BTreeMap::new();
        for ((receipt, peer, _), bytes) in &self.sent {
            *sums.entry((*receipt, *peer)).or_default() += bytes;
        }
        for ((receipt, peer), bytes) in sums {
            let row = look.delivery(&receipt, &peer).unwrap().unwrap();
            assert_eq!(row.bytes, bytes, "{}: bytes to {peer}", self.name);
        }
    }

    /// How many entries were read.
    pub const fn entries(&self) -> u64 {
        self.read
    }

    /// Every receipt of the store stands in the journal, and the other way round; so does what
    /// became of every ask.
    pub fn agree_with_the_store(&self, node: &Node) {
        let (name, look) = (&self.name, node.look().unwrap());
        let kept: BTreeSet<ArtifactId> =
            look.receipts().unwrap().into_iter().map(|(id, _)| id).collect();
        let signed: BTreeSet<ArtifactId> = self.receipts.keys().copied().collect();
        assert_eq!(kept, signed, "{name}: receipts in the store and in the journal");
        let waiting: BTreeSet<AskId> =
            look.pending().unwrap().into_iter().map(|ask| ask.id).collect();
        let unanswered: BTreeSet<AskId> =
            self.asked.keys().filter(|id| !self.answered.contains(id)).copied().collect();
        assert_eq!(waiting, unanswered, "{name}: asks that wait");
        let peers = look.peers().unwrap().into_iter();
        let let_in: BTreeSet<HumanKey> =
            peers.filter(|(_, row)| row.let_in).map(|(human, _)| human).collect();
        assert_eq!(let_in, self.let_in, "{name}: who is let");
        for (endpoint, row) in look.inbox().unwrap() {
            assert_eq!(self.knocked.get(&endpoint), Some(&row.human), "{name}: a row of the inbox");
        }
    }

    /// Whether a peer may have an artifact now, by what the journal says.
    pub fn covers(&self, artifact: &ArtifactId, peer: &HumanKey) -> bool {
        let Some(over) = self.over.get(artifact) else { return false };
        over.iter().any(|id| self.receipts[id].aud.holds(peer) && self.is_live(id, peer))
    }

    /// Whether a receipt was signed, and nothing since says that this peer is served no more.
    pub fn is_live(&self, receipt: &ArtifactId, peer: &HumanKey) -> bool {
        let ended = [None, Some(*peer)].iter().any(|to| self.stopped.contains(&(*receipt, *to)));
        self.receipts.contains_key(receipt) && !ended && !self.is_shut_out(peer)
    }

    /// Whether this human is shut out.
    pub fn is_shut_out(&self, peer: &HumanKey) -> bool {
        self.shut.iter().any(|(_, human)| human == peer)
    }

    /// Whether this human's crystals are given to agents unasked.
    pub fn is_let(&self, peer: &HumanKey) -> bool {
        self.let_in.contains(peer)
    }

    /// Everybody who is let.
    pub fn let_in(&self) -> impl Iterator<Item = &HumanKey> {
        self.let_in.iter()
    }

    /// Whether a rule holds, and may be used for somebody.
    pub fn rule_names(&self, rule: &ArtifactId, peer: &HumanKey) -> bool {
        self.rules.get(rule).is_some_and(|(_, bounds)| bounds.peers.contains(peer))
    }

    /// The receipt's content, once it is signed.
    pub fn receipt(&self, id: &ArtifactId) -> Option<&Receipt> {
        self.receipts.get(id)
    }

    /// Every receipt, by id.
    pub fn receipts(&self) -> impl Iterator<Item = (&ArtifactId, &Receipt)> {
        self.receipts.iter()
    }

    /// Whether a peer was told the head under a receipt.
    pub fn was_told(&self, receipt: &ArtifactId, peer: &HumanKey) -> bool {
        self.told.contains(&(*receipt, *peer))
    }

    /// Whether it stands there that serving was to begin.
    pub fn was_announced(&self, receipt: &ArtifactId, peer: &HumanKey, session: u64) -> bool {
        self.serving.contains(&(*receipt, *peer, session))
    }

    /// Whether an ask was answered, withdrawn, or is over in any other way.
    pub fn is_settled(&self, ask: &AskId) -> bool {
        self.answered.contains(ask)
    }
}

impl Books {
    fn enter(&mut self, name: &str, me: &HumanKey, entry: Entry) {
        let granted = self.granted.take();
        match entry.event {
            Event::Asked { ask } => {
                assert!(self.asked.insert(ask.id, *ask).is_none(), "{name}: asked twice");
            }
            Event::Allowed { ask, receipt, .. } => {
                self.answer(name, ask);
                self.granted = Some(ask);
                let share = self.asked[&ask].wish.object().is_some();
                assert_eq!(share, receipt.is_some(), "{name}: a receipt for a share, else none");
                self.is_not_forbidden(name, ask, entry.at);
                if let Some(envelope) = receipt {
                    let by = self.sign(name, ask, &envelope);
                    assert_eq!(by, SignedBy::Human(*me), "{name}: signed by this human");
                }
            }
            Event::PolicyAccepted { ask, policy } => {
                assert_eq!(granted, Some(ask), "{name}: a policy without a yes");
                let wish = Wish::AcceptPolicy { policy: policy.clone() };
                assert_eq!(self.asked[&ask].wish, wish, "{name}: another policy than was shown");
                self.policies.accept(Accepted::open(&policy, entry.at).unwrap());
            }
            Event::PolicyDropped { organisation } => {
                let ask = granted.expect("a policy is dropped by the human");
                let dropped = matches!(
                    &self.asked[&ask].wish,
                    Wish::DropPolicy { organisation: asked, .. } if *asked == organisation
                );
                assert!(dropped, "{name}: another policy than was asked for");
                self.policies.drop_one(organisation.as_ref());
            }
            Event::RuleMade { ask, bounds, grant } => {
                assert_eq!(granted, Some(ask), "{name}: a rule without a yes");
                self.rule(name, me, (ask, *bounds), &grant);
            }
            Event::AllowedByRule { ask, rule, receipt } => {
                self.answer(name, ask);
                self.is_not_forbidden(name, ask, entry.at);
                self.by_rule(name, ask, rule, &receipt, entry.at);
            }
            Event::RuleNarrowed { rule, peers } => {
                let (_, bounds) = self.rules.get_mut(&rule).expect("a rule that holds");
                let fewer = peers.iter().all(|peer| bounds.peers.contains(peer));
                assert!(fewer && peers.len() < bounds.peers.len(), "{name}: narrowed");
                bounds.peers = peers;
            }
            Event::RuleEnded { rule, why } => {
                // What another program put into the store was never a rule.
                let ends = self.rules.remove(&rule).is_some() || why == "altered";
                assert!(ends, "{name}: a rule ended twice");
            }
            Event::Denied { ask, .. }
            | Event::Expired { ask }
            | Event::Withdrawn { ask }
            | Event::Cancelled { ask } => self.answer(name, ask),
            Event::Exported { receipt, artifact } => {
                assert_eq!(self.receipts[&receipt].obj.id, artifact, "{name}: exported");
            }
            Event::Told { receipt, artifact, peer } => {
                self.covered(receipt, artifact, peer);
                assert!(self.is_live(&receipt, &peer), "{name}: told what has ended");
                self.told.insert((receipt, peer));
            }
            Event::Serving { receipt, artifact, peer, session } => {
                self.covered(receipt, artifact, peer);
                assert!(self.is_live(&receipt, &peer), "{name}: served what has ended");
                let first = self.serving.insert((receipt, peer, session));
                assert!(first, "{name}: one entry for each receipt, peer and session");
            }
            Event::Served { receipt, artifact, peer, session, bytes, .. } => {
                self.covered(receipt, artifact, peer);
                let announced = self.serving.contains(&(receipt, peer, session));
                assert!(announced, "{name}: served without a serving entry before");
                *self.sent.entry((receipt, peer, session)).or_default() += bytes;
            }
            Event::Stopped { receipt, peer } => {
                assert!(self.receipts.contains_key(&receipt), "{name}: ended before it began");
                self.stopped.insert((receipt, peer));
            }
            event => self.meet(name, granted, event),
        }
    }

    /// What happens with people: only a grant pins who knocked, lets, or lifts a block.
    fn meet(&mut self, name: &str, granted: Option<AskId>, event: Event) {
        let wish = granted.map(|ask| &self.asked[&ask].wish);
        match event {
            Event::Knocked { peer, endpoint } => {
                assert!(!self.is_shut_out(&peer), "{name}: a knock of somebody shut out");
                self.knocked.insert(endpoint, peer);
            }
            Event::PeerPinned { peer, endpoint, .. } => {
                assert!(!self.is_shut_out(&peer), "{name}: pinned somebody shut out");
                if let Some(Wish::Accept { peer: who, endpoint: at, .. }) = wish {
                    assert_eq!((who, at), (&peer, &endpoint), "{name}: accepted somebody else");
                    assert_eq!(self.knocked.get(at), Some(who), "{name}: who never knocked");
                }
                self.knocked.remove(&endpoint);
            }
            Event::PeerLet { peer } => {
                assert_eq!(wish, Some(&Wish::Let { peer }), "{name}: let without a grant");
                self.let_in.insert(peer);
            }
            Event::PeerUnlet { peer } => {
                assert!(self.let_in.remove(&peer), "{name}: let no more who never was");
            }
            Event::PeerBlocked { peer, endpoint, .. } => {
                self.knocked.retain(|at, human| *at != endpoint && Some(*human) != peer);
                self.shut.extend(peer.map(|peer| (endpoint, peer)));
            }
            Event::PeerUnblocked { peer, endpoint } => {
                let grant = Wish::Unblock { peer, endpoint };
                assert_eq!(wish, Some(&grant), "{name}: a block was lifted without a grant");
                self.shut.retain(|(at, human)| *at != endpoint && Some(*human) != peer);
            }
            _ => {}
        }
    }

    fn answer(&mut self, name: &str, ask: AskId) {
        assert!(self.asked.contains_key(&ask), "{name}: an answer to nothing");
        assert!(self.answered.insert(ask), "{name}: {ask} was settled twice");
    }

    /// No policy that was accepted before stands against what was allowed.
    fn is_not_forbidden(&self, name: &str, ask: AskId, at: u64) {
        let Some(share) = Share::of_ask(&self.asked[&ask]) else { return };
        let mut against = self.policies.against(&share, &class_of, at);
        against.retain(|one| one.what != Forbidden::Unread);
        assert!(against.is_empty(), "{name}: {ask} was allowed against {against:?}");
    }

    /// A rule says no more than what was asked for and allowed.
    fn rule(&mut self, name: &str, me: &HumanKey, made: (AskId, Bounds), envelope: &[u8]) {
        let (opened, signer) = Grant::open(envelope).unwrap();
        let ((ask, bounds), grant) = (made, opened.payload);
        assert_eq!(signer, *me, "{name}: a rule of this human");
        let asked = &self.asked[&ask];
        let Wish::SharePrivate { object, peers } = &asked.wish else {
            panic!("{name}: a rule for {:?}", asked.wish);
        };
        assert_eq!((&bounds.shown, &bounds.peers), (&object.id, peers), "{name}: as asked");
        let Requester::Agent { key, paired: Some(_), .. } = &asked.by else {
            panic!("{name}: a rule for {:?}", asked.by);
        };
        assert_eq!(bounds.agent, *key, "{name}: for the agent that asked");
        self.rules.insert(opened.id, (grant, bounds));
    }

    /// What a rule allowed lies within it, and was signed by its key.
    fn by_rule(
        &mut self,
        name: &str,
        ask: AskId,
        rule: ArtifactId,
        envelope: &[u8],
        now: UnixMillis,
    ) {
        let (grant, bounds) = self.rules.get(&rule).expect("a rule that holds").clone();
        let Requester::Agent { key, session, .. } = &self.asked[&ask].by else {
            panic!("{name}: no agent");
        };
        assert_eq!(bounds.agent, *key, "{name}: the rule of another agent");
        let here = bounds.term != Term::Session || bounds.session == *session;
        assert!(here, "{name}: the rule of another session");
        assert!((grant.iat..grant.until).contains(&now), "{name}: a rule that is over");
        let by = self.sign(name, ask, envelope);
        assert_eq!(by, SignedBy::Rule(grant.rule), "{name}: signed by the rule's key");
        let receipt = Receipt::open(envelope).unwrap().0.payload;
        assert_eq!(receipt.grant, Some(rule), "{name}: names its grant");
        assert!(grant.covers(&receipt), "{name}: outside of what was granted");
        assert!(named(&receipt).iter().all(|peer| bounds.peers.contains(peer)), "{name}: narrowed");
    }

    fn sign(&mut self, name: &str, ask: AskId, envelope: &[u8]) -> SignedBy {
        let (opened, signer) = Receipt::open(envelope).unwrap();
        let receipt = opened.payload;
        match &self.asked[&ask].wish {
            Wish::SharePrivate { object, peers } => {
                assert_eq!((object, peers.as_slice()), (&receipt.obj, named(&receipt)));
            }
            Wish::SharePublic { object } => assert_eq!(*object, receipt.obj),
            other => panic!("{name}: a receipt for {other:?}"),
        }
        self.over.entry(receipt.obj.id).or_default().push(opened.id);
        assert!(self.receipts.insert(opened.id, receipt).is_none(), "{name}: signed twice");
        signer
    }

    fn covered(&self, receipt: ArtifactId, artifact: ArtifactId, peer: HumanKey) {
        let receipt = self.receipts.get(&receipt).expect("signed before anything left");
        assert_eq!(receipt.obj.id, artifact, "the artifact of its receipt");
        assert!(receipt.aud.holds(&peer), "only to the audience");
    }
}

fn named(receipt: &Receipt) -> &[HumanKey] {
    match &receipt.aud {
        artifact::Audience::Peers(peers) => peers,
        artifact::Audience::Public => &[],
    }
}
