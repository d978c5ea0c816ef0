//! Old stores, brought to today's form: one step for each version there has been.
//!
//! Promises: a step imports no type that may change, so that it does for ever what it did when
//! it was written; every step of an upgrade runs in the transaction of the one that opens the
//! store, so an upgrade that is killed or refused has not happened.
//!
//! A program that learns a new version of an envelope also takes a step that sets every peer's
//! `heads_kept` back to 0: heads whose receipts the old one could not open it passed over, and a
//! peer does not tell again what lies at or below that number.

mod fields;
mod one_to_two;

use crate::{VERSION, shelf::ShelfError};
use redb::WriteTransaction;

type Step = fn(&WriteTransaction) -> Result<(), ShelfError>;

/// The first goes from version 1 to version 2, and so on.
const STEPS: [Step; VERSION as usize - 1] = [one_to_two::step];

/// Runs every step that a store of version `found` still needs.
pub(crate) fn from(tx: &WriteTransaction, found: u64) -> Result<(), ShelfError> {
    let done = usize::try_from(found.saturating_sub(1)).unwrap_or(usize::MAX);
    STEPS.iter().skip(done).try_for_each(|step| step(tx))
}
