//! Rules: what the human allowed one agent for a while.
//!
//! The key of a rule lives here, in memory, from the human's answer until the rule ends: by its
//! time, with the agent's session, by the human's word, or when the node stops. What the store
//! keeps of it cannot sign anything.

use crate::{
    Fault, Node, Notice,
    event::Event,
    house::{House, lock},
    unlock::Unlocked,
};
use artifact::{
    Act, ArtifactId, Audience, Grant, Head, HumanKey, KeyProtection, Secret, UnixMillis, key::Rule,
};
use consent::{
    Ask, Bounds, Event as Entry, Requester, Term, Wish,
    rule::{self, MAX_RULES, Request},
};
use serde_bytes::ByteBuf;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use store::{Change, RuleRow};

/// Signs within one grant.
pub(crate) struct Signer {
    pub(crate) id: ArtifactId,
    pub(crate) key: Secret<Rule>,
    pub(crate) grant: Grant,
    pub(crate) envelope: Vec<u8>,
    /// How human_key was kept when it signed the grant.
    pub(crate) protection: KeyProtection,
}

/// A rule that was just made.
#[derive(Debug)]
pub(crate) struct Made {
    signer: Signer,
    bounds: Bounds,
}

/// Never prints the key.
impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.id.short())
    }
}

/// A rule that holds, as it was made and narrowed here. What the store says of it is for lists.
#[derive(Debug, Clone)]
struct Held {
    signer: Arc<Signer>,
    bounds: Bounds,
}

impl Held {
    /// Whether the store's row says of this rule what was made and narrowed here.
    fn is_as_made(&self, row: &RuleRow) -> bool {
        row.grant.as_slice() == self.signer.envelope.as_slice() && row.bounds == self.bounds
    }
}

/// All rules that hold, by the ids of their grants.
#[derive(Default)]
pub(crate) struct Rules(Mutex<BTreeMap<ArtifactId, Held>>);

impl Rules {
    fn count(&self) -> usize {
        lock(&self.0).len()
    }

    /// From now on this signs. Only after the transaction that made the rule.
    pub(crate) fn open(&self, Made { signer, bounds }: Made) {
        lock(&self.0).insert(signer.id, Held { signer: Arc::new(signer), bounds });
    }

    fn close(&self, id: &ArtifactId) {
        lock(&self.0).remove(id);
    }

    fn narrow(&self, id: &ArtifactId, without: &HumanKey) {
        if let Some(held) = lock(&self.0).get_mut(id) {
            held.bounds.peers.retain(|peer| peer != without);
        }
    }

    fn get(&self, id: &ArtifactId) -> Option<Held> {
        lock(&self.0).get(id).cloned()
    }
}

/// Which rules are to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// This one, by the start of its id.
    One(String),
    /// Those of a session that is over.
    Session(String),
    /// Those that hold until human_key is locked.
    Lock,
    /// Those whose time has passed.
    Over,
    /// Those of an agent, by its key.
    Agent([u8; 32]),
    /// Those of agents of this name.
    Named(String),
    /// Those about this artifact.
    About(ArtifactId),
    /// Every one.
    All,
    /// Every one that an earlier run of the node left behind.
    Left,
}

impl Which {
    /// The word for why, in the journal.
    const fn why(&self) -> &'static str {
        match self {
            Self::One(_) => "by-hand",
            Self::Session(_) => "session-over",
            Self::Lock => "locked",
            Self::Over => "over",
            Self::Agent(_) => "agent-shown-out",
            Self::Named(_) | Self::About(_) | Self::All => "revoked",
            Self::Left => "node-stopped",
        }
    }

    fn holds(&self, id: &ArtifactId, row: &RuleRow, now: UnixMillis) -> bool {
        let grant = || Grant::open(&row.grant).map(|(opened, _)| opened.payload).ok();
        match self {
            Self::One(start) => id.to_string().starts_with(start.as_str()),
            Self::Session(session) => {
                row.bounds.term == Term::Session && row.bounds.session == *session
            }
            Self::Lock => row.bounds.term == Term::Lock,
            Self::Over => grant().is_none_or(|grant| grant.until <= now),
            Self::Agent(key) => row.bounds.agent == *key,
            Self::Named(name) => row.bounds.name == *name,
            Self::About(artifact) => {
                row.bounds.shown == *artifact || grant().is_none_or(|g| g.line == *artifact)
            }
            Self::All | Self::Left => true,
        }
    }
}

impl Node {
    /// Ends one rule, named by the start of its id. What was shared under it stays shared.
    ///
    /// # Errors
    /// When no rule, or more than one, is meant.
    pub async fn end_rule(&self, id: &str) -> Result<(), Fault> {
        let id = self.rule_named(id)?;
        self.0.happen(|reply| Event::EndRules(Which::One(id.to_string()), reply)).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }

    /// Takes somebody out of a rule. A rule that names nobody any more ends.
    ///
    /// # Errors
    /// When there is no such rule, or it does not name them.
    pub async fn narrow_rule(&self, id: &str, without: &str) -> Result<(), Fault> {
        let id = self.rule_named(id)?;
        let human = crate::audience::resolve(&self.0.look()?.peers()?, without)?;
        self.0.happen(|reply| Event::NarrowRules(Some(id), human, reply)).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }

    fn rule_named(&self, text: &str) -> Result<ArtifactId, Fault> {
        let text = text.trim().to_lowercase();
        let rules = self.0.look()?.rules()?;
        let mut found = rules.iter().filter(|(id, _)| id.to_string().starts_with(&text));
        match (found.next(), found.next()) {
            (Some((id, _)), None) if !text.is_empty() => Ok(*id),
            (Some(_), _) => {
                Err(Fault::invalid("more than one rule begins so", "give more of its id"))
            }
            (None, _) => {
                Err(Fault::invalid("there is no such rule", "`tracenet rules` lists them"))
            }
        }
    }
}

impl House {
    /// Makes a rule of the human's answer, inside the transaction of that answer.
    pub(crate) fn make_rule(
        &self,
        change: &mut Change<'_>,
        ask: &Ask,
        term: Term,
        unlocked: &Unlocked,
        iat: UnixMillis,
    ) -> Result<Made, Fault> {
        let (Wish::SharePrivate { object, peers }, Some(life)) = (&ask.wish, term.lifetime())
        else {
            return Err(not_for_a_while());
        };
        let Requester::Agent { name, key: agent, session, .. } = &ask.by else {
            return Err(not_for_a_while());
        };
        if !rule::may_be_made(&ask.by, ask.scan_spent) || !self.is_distilled(&object.id)? {
            return Err(not_for_a_while());
        }
        if self.rules.count() >= MAX_RULES {
            let hint = "end some first, or allow it once: `tracenet rules` lists them";
            return Err(Fault::not_now(format!("{MAX_RULES} rules hold already"), hint));
        }
        if term == Term::Lock {
            self.not_locked_since(unlocked)?;
        }
        let head = self.frozen_head(&object.id)?;
        let secret = Secret::<Rule>::from_seed(&zeroize::Zeroizing::new(crate::clock::random()?));
        let grant = Grant {
            v: 0,
            rule: secret.public(),
            act: Act::SharePrivate,
            line: rule::line_of(&head),
            aud: Audience::Peers(peers.clone()),
            iat,
            until: iat.saturating_add(life),
        };
        let envelope = grant.seal(&unlocked.key).map_err(Fault::broken)?;
        let id = ArtifactId::of(&envelope);
        let bounds = Bounds {
            agent: *agent,
            name: name.clone(),
            term,
            session: session.clone(),
            peers: peers.clone(),
            shown: object.id,
        };
        let row = RuleRow {
            bounds: bounds.clone(),
            grant: ByteBuf::from(envelope.clone()),
            uses: 0,
            used: 0,
        };
        change.put_rule(&id, &row)?;
        let grant_bytes = ByteBuf::from(envelope.clone());
        change.append(
            Entry::RuleMade { ask: ask.id, bounds: Box::new(bounds.clone()), grant: grant_bytes },
            iat,
        )?;
        let signer = Signer { id, key: secret, grant, envelope, protection: unlocked.protection };
        Ok(Made { signer, bounds })
    }

    /// The rule that covers a request, if one does: the first in the order of their ids.
    pub(crate) fn covering(
        &self,
        by: &Requester,
        wish: &Wish,
        head: &Head,
        found: (&[consent::Finding], bool),
        now: UnixMillis,
    ) -> Result<Option<(Arc<Signer>, RuleRow)>, Fault> {
        let (Wish::SharePrivate { object, peers }, Requester::Agent { key, .. }) = (wish, by)
        else {
            return Ok(None);
        };
        if self.rules.count() == 0 {
            return Ok(None);
        }
        let look = self.look()?;
        // Whoever was told to be quiet is asked about.
        if look.mute(key)?.is_some_and(|mute| now < mute.until) {
            return Ok(None);
        }
        // An agent has a hand in what it wrote itself: that is looked at each time.
        if !self.is_distilled(&object.id)? {
            return Ok(None);
        }
        let request = Request { by, peers, head, findings: found.0, scan_spent: found.1 };
        for (id, row) in look.rules()? {
            let Some(held) = self.rules.get(&id) else { continue };
            if !held.is_as_made(&row) {
                self.refuse_altered(&id)?;
                continue;
            }
            if held.bounds.term == Term::Lock && self.window.due(self.moment()).is_some() {
                // The key is locked by now: only the tick has not come yet.
                continue;
            }
            if held.bounds.cover(&held.signer.grant, &request, now).is_ok() {
                return Ok(Some((held.signer, row)));
            }
        }
        Ok(None)
    }

    /// Whether a crystal was distilled here from a log, rather than from what an agent said.
    pub(crate) fn is_distilled(&self, id: &ArtifactId) -> Result<bool, Fault> {
        let look = self.look()?;
        let Some(trace) = look.crystal(id)?.and_then(|row| row.trace) else { return Ok(false) };
        Ok(look.trace(&trace)?.is_some_and(|row| row.format != distil::NOTE_FORMAT))
    }

    /// The head of frozen bytes.
    fn frozen_head(&self, id: &ArtifactId) -> Result<Head, Fault> {
        let bytes = self.look()?.snapshot(id)?;
        let bytes = bytes.ok_or_else(|| Fault::broken("the frozen bytes of this ask are gone"))?;
        Head::of(&bytes).map_err(Fault::broken)
    }

    /// What the store says of a rule is not what the human signed: it signs nothing any more.
    fn refuse_altered(&self, id: &ArtifactId) -> Result<(), Fault> {
        tracing::error!(rule = %id.short(), "a rule is not what was signed for: it is ignored");
        self.end(&[*id], "altered")
    }

    /// A session is over, and what was allowed for it.
    pub(crate) fn end_session(self: &Arc<Self>, session: String) {
        if self.rules.count() > 0 {
            let (reply, _nobody_waits) = tokio::sync::oneshot::channel();
            self.send(Event::EndRules(Which::Session(session), reply));
        }
    }

    /// What an agent was allowed ends with it. That the word of it was not kept is no failure of
    /// what was decided: the keys are gone, and the next start ends what is left.
    pub(crate) fn end_rules_of_agent(&self, agent: [u8; 32]) {
        if let Err(fault) = self.on_end_rules(&Which::Agent(agent)) {
            tracing::error!(%fault, "that rules ended could not be kept");
        }
    }

    pub(crate) fn on_end_rules(&self, which: &Which) -> Result<usize, Fault> {
        let (look, now) = (self.look()?, self.now());
        let over = look.rules()?.into_iter().filter(|(id, row)| which.holds(id, row, now));
        let over: Vec<ArtifactId> = over.map(|(id, _)| id).collect();
        if !over.is_empty() {
            self.end(&over, which.why())?;
        }
        Ok(over.len())
    }

    /// Policies forbid what these would sign.
    pub(crate) fn end_forbidden_rules(&self, ids: &[ArtifactId]) -> Result<(), Fault> {
        if ids.is_empty() { Ok(()) } else { self.end(ids, "policy") }
    }

    /// First the keys go, then the word of it is kept: whatever fails, nothing more is signed.
    fn end(&self, ids: &[ArtifactId], why: &str) -> Result<(), Fault> {
        ids.iter().for_each(|id| self.rules.close(id));
        let now = self.now();
        self.store.change::<_, Fault>(|change| {
            for id in ids {
                change.remove_rule(id)?;
                change.append(Entry::RuleEnded { rule: *id, why: why.to_owned() }, now)?;
            }
            Ok(())
        })?;
        self.notify(Notice::Settings);
        Ok(())
    }

    /// Takes a human out of one rule, or of every rule. Gives how many name fewer people now.
    pub(crate) fn on_narrow_rules(
        &self,
        which: Option<ArtifactId>,
        human: &HumanKey,
    ) -> Result<usize, Fault> {
        let now = self.now();
        let named = |(id, row): &(ArtifactId, RuleRow)| {
            which.is_none_or(|one| one == *id) && row.bounds.peers.contains(human)
        };
        let rules: Vec<_> = self.look()?.rules()?.into_iter().filter(named).collect();
        if rules.is_empty() && which.is_some() {
            return Err(Fault::invalid("this rule does not name them", ""));
        }
        let count = rules.len();
        // What decides is narrowed first: whatever fails, nothing more is signed.
        rules.iter().for_each(|(id, _)| self.rules.narrow(id, human));
        let (last, narrower): (Vec<_>, Vec<_>) =
            rules.into_iter().partition(|(_, row)| row.bounds.peers.len() == 1);
        if !last.is_empty() {
            let ids: Vec<ArtifactId> = last.into_iter().map(|(id, _)| id).collect();
            self.end(&ids, "by-hand")?;
        }
        self.store.change::<_, Fault>(|change| {
            for (id, mut row) in narrower {
                row.bounds.peers.retain(|peer| peer != human);
                let peers = row.bounds.peers.clone();
                change.put_rule(&id, &row)?;
                change.append(Entry::RuleNarrowed { rule: id, peers }, now)?;
            }
            Ok(())
        })?;
        Ok(count)
    }
}

fn not_for_a_while() -> Fault {
    let hint = "allow it once";
    Fault::refused("this cannot be allowed for longer than once", hint)
}
