//! The rules that hold, in memory: the only word on what they cover and when they end.

use crate::{Fault, Node, house::lock};
use artifact::{ArtifactId, Grant, HumanKey, KeyProtection, Secret, UnixMillis, key::Rule};
use consent::Bounds;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use store::RuleRow;

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
    pub(super) signer: Signer,
    pub(super) bounds: Bounds,
}

/// Never prints the key.
impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.id.short())
    }
}

/// A rule that holds, as it was made and narrowed here. What the store says of it is for lists.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) signer: Arc<Signer>,
    pub(super) bounds: Bounds,
}

impl Held {
    /// Whether the store's row says of this rule what was made and narrowed here.
    pub(super) fn is_as_made(&self, row: &RuleRow) -> bool {
        row.grant.as_slice() == self.signer.envelope.as_slice() && row.bounds == self.bounds
    }
}

/// All rules that hold, by the ids of their grants.
#[derive(Default)]
pub(crate) struct Rules {
    held: Mutex<BTreeMap<ArtifactId, Held>>,
    /// Those that ended, with why, while the word of it could not be written yet.
    unwritten: Mutex<BTreeMap<ArtifactId, String>>,
}

impl Rules {
    pub(crate) fn count(&self) -> usize {
        lock(&self.held).len()
    }

    /// From now on this signs. Only after the transaction that made the rule.
    pub(crate) fn open(&self, Made { signer, bounds }: Made) {
        lock(&self.held).insert(signer.id, Held { signer: Arc::new(signer), bounds });
    }

    /// From now on this signs nothing; why is still to be written.
    pub(super) fn close(&self, id: &ArtifactId, why: &str) {
        if lock(&self.held).remove(id).is_some() {
            lock(&self.unwritten).insert(*id, why.to_owned());
        }
    }

    /// Why what an earlier run left is over is still to be written.
    pub(super) fn left(&self, id: &ArtifactId, why: &str) {
        lock(&self.unwritten).insert(*id, why.to_owned());
    }

    /// What ended and is not written yet, by why.
    pub(super) fn unwritten(&self) -> BTreeMap<ArtifactId, String> {
        lock(&self.unwritten).clone()
    }

    pub(super) fn written(&self, id: &ArtifactId) {
        lock(&self.unwritten).remove(id);
    }

    pub(super) fn narrow(&self, id: &ArtifactId, without: &HumanKey) {
        if let Some(held) = lock(&self.held).get_mut(id) {
            held.bounds.peers.retain(|peer| peer != without);
        }
    }

    /// Each that holds, in the order of their ids.
    pub(super) fn all(&self) -> BTreeMap<ArtifactId, Held> {
        lock(&self.held).clone()
    }

    /// What each that holds is bound to.
    pub(crate) fn bounds(&self) -> Vec<(ArtifactId, Bounds)> {
        self.all().into_iter().map(|(id, held)| (id, held.bounds)).collect()
    }
}

/// A rule that holds, as faces show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRule {
    /// The id of its grant.
    pub id: ArtifactId,
    /// What it is bound to.
    pub bounds: Bounds,
    /// Until when it holds at most.
    pub until: UnixMillis,
    /// How often something was allowed by it.
    pub uses: u64,
    /// When that was last; 0 before the first time.
    pub used: UnixMillis,
}

impl Node {
    /// Every rule that holds and of which the store says what was signed for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rules(&self) -> Result<Vec<HeldRule>, Fault> {
        // What holds is read first: of a rule that is made meanwhile there is a row by then.
        let all = self.0.rules.all();
        let look = self.0.look()?;
        let mut rules = Vec::with_capacity(all.len());
        for (id, held) in all {
            let Some(row) = look.rule(&id)?.filter(|row| held.is_as_made(row)) else { continue };
            let (until, uses, used) = (held.signer.grant.until, row.uses, row.used);
            rules.push(HeldRule { id, bounds: held.bounds, until, uses, used });
        }
        Ok(rules)
    }
}
