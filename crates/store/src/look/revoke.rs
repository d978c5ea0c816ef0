//! What was given and ended, and what others ended.

use super::{Look, LookError, only, prefix::Prefix, shelves::*, short};
use crate::{
    DeliveryRow, DueRow, PrefixError, ReceiptRow, StopRow,
    keys::{NOBODY, due_at, human_at, id_at, target_key},
    shelf::{join, number},
};
use artifact::{ArtifactId, HumanKey, Receipt, Target};
use consent::{Ask, Requester, State};
use serde_bytes::ByteBuf;

/// A receipt, and the human to whom serving under it was ended; nobody for everybody.
pub type Stop = (ArtifactId, Option<HumanKey>);

impl Look {
    /// Everything that was ended.
    pub fn stops(&self) -> Result<Vec<(Stop, StopRow)>, LookError> {
        let rows = STOPS.under(&self.tx, &[])?;
        let stop = |key: &[u8]| {
            let (receipt, to) = (id_at(key, 0)?, human_at(key, 32)?);
            let one = receipt.as_bytes() != &NOBODY;
            one.then_some((receipt, Some(to).filter(|to| to.as_bytes() != &NOBODY)))
        };
        Ok(rows.into_iter().filter_map(|(key, row)| Some((stop(&key)?, row))).collect())
    }

    /// When serving under a receipt was ended, to everybody or to this human.
    pub fn stop(&self, receipt: &ArtifactId, to: &HumanKey) -> Result<Option<StopRow>, LookError> {
        let all = STOPS.get(&self.tx, &join(receipt.as_bytes(), &NOBODY))?;
        match all {
            Some(row) => Ok(Some(row)),
            None => Ok(STOPS.get(&self.tx, &join(receipt.as_bytes(), to.as_bytes()))?),
        }
    }

    /// Whether serving under a receipt was ended for everybody.
    pub fn is_stopped(&self, receipt: &ArtifactId) -> Result<bool, LookError> {
        Ok(STOPS.get(&self.tx, &join(receipt.as_bytes(), &NOBODY))?.is_some())
    }

    /// The receipt whose id begins with these hex digits.
    pub fn receipt_named(&self, text: &str) -> Result<Result<ArtifactId, PrefixError>, LookError> {
        let Some(range) = Prefix::parse(text) else {
            return Ok(Err(PrefixError::NotAnId(short(text))));
        };
        let mut found = Vec::new();
        RECEIPTS.walk_encoded(&self.tx, &range.bytes, false, |key, _| {
            let inside = range.matches(key);
            if inside {
                found.extend(id_at(key, 0));
            }
            Ok(inside && found.len() < 2)
        })?;
        Ok(only(found, text))
    }

    /// Everybody who was told of what a receipt covers, or received of it.
    pub fn deliveries(
        &self,
        receipt: &ArtifactId,
    ) -> Result<Vec<(HumanKey, DeliveryRow)>, LookError> {
        let rows = DELIVERIES.under(&self.tx, receipt.as_bytes())?;
        Ok(rows.into_iter().filter_map(|(key, row)| Some((human_at(&key, 32)?, row))).collect())
    }

    /// Revocations that wait for a signature.
    pub fn due(&self) -> Result<Vec<(HumanKey, Target, DueRow)>, LookError> {
        Ok(REVOCATIONS_DUE.under(&self.tx, &[])?.into_iter().filter_map(due_at).collect())
    }

    /// How many wait.
    pub fn due_count(&self) -> Result<u64, LookError> {
        Ok(REVOCATIONS_DUE.len(&self.tx)?)
    }

    /// Whether what ended this receipt for this human still waits for a signature.
    pub fn is_due(&self, to: &HumanKey, receipt: &ArtifactId) -> Result<bool, LookError> {
        for target in [Target::All, Target::Receipt(*receipt)] {
            if REVOCATIONS_DUE.get(&self.tx, &target_key(to, &target))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The revocations that were signed for a human, with numbers above `after`, in order.
    pub fn revocations(&self, to: &HumanKey, after: u64) -> Result<Vec<Vec<u8>>, LookError> {
        let rows = REVOCATIONS_GIVEN.under(&self.tx, to.as_bytes())?;
        let above = |key: &[u8]| number(key.get(32..).unwrap_or_default()) > after;
        let rows = rows.into_iter().filter(|(key, _)| above(key));
        Ok(rows.map(|(_, envelope)| ByteBuf::into_vec(envelope)).collect())
    }

    /// The revocations of a giver that were taken, in order.
    pub fn revocations_taken(&self, giver: &HumanKey) -> Result<Vec<Vec<u8>>, LookError> {
        let rows = REVOCATIONS_TAKEN.under(&self.tx, giver.as_bytes())?;
        Ok(rows.into_iter().map(|(_, envelope)| envelope.into_vec()).collect())
    }

    /// Whether a giver has withdrawn this receipt.
    pub fn is_withdrawn(
        &self,
        giver: &HumanKey,
        id: &ArtifactId,
        receipt: &Receipt,
    ) -> Result<bool, LookError> {
        let has = |target: &Target| WITHDRAWN.get(&self.tx, &target_key(giver, target));
        let all = has(&Target::All)?.is_some_and(|at| receipt.iat <= at);
        let granted = match receipt.grant {
            Some(grant) => has(&Target::Grant(grant))?.is_some(),
            None => false,
        };
        Ok(all || granted || has(&Target::Receipt(*id))?.is_some())
    }

    /// The asks that became receipts, with those receipts.
    pub fn allowed(&self) -> Result<Vec<(ArtifactId, Ask)>, LookError> {
        let mut found = Vec::new();
        ASKS.walk(&self.tx, &[], false, |_, ask| {
            if let State::Allowed { receipt: Some(receipt), .. } = ask.state {
                found.push((receipt, ask));
            }
            true
        })?;
        Ok(found)
    }

    /// The receipts over an artifact, over what it was sealed anew as, and over what was redacted of
    /// any of these.
    pub fn receipts_about(
        &self,
        id: &ArtifactId,
    ) -> Result<Vec<(ArtifactId, ReceiptRow)>, LookError> {
        let seals = self.seals_of(id)?;
        let mut found = self.receipts_of(id)?;
        for (receipt, ask) in self.allowed()? {
            if ask.redacts.is_some_and(|redaction| seals.contains(&redaction.of))
                && let Some(row) = self.receipt(&receipt)?
            {
                found.push((receipt, row));
            }
        }
        Ok(found)
    }

    /// Whether an agent of this name ever asked for anything.
    pub fn has_asked(&self, agent: &str) -> Result<bool, LookError> {
        let mut has = false;
        ASKS.walk(&self.tx, &[], false, |_, ask| {
            has = matches!(&ask.by, Requester::Agent { name, .. } if name == agent);
            !has
        })?;
        Ok(has)
    }
}
