//! human_key: for how long a right PIN holds.

use crate::{Fault, UnlockView};
use node::Node;

pub(crate) fn unlock(node: &Node) -> Result<UnlockView, Fault> {
    let unlock = node.unlock()?;
    Ok(UnlockView {
        until: unlock.until.unwrap_or_default(),
        pin_always: unlock.pin_always,
        watched: unlock.watched,
        phrase_verified: unlock.phrase_verified,
    })
}
