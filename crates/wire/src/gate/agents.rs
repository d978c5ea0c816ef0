//! What the human decides about agents. None of it grants anything, and none is an agent's to do.

use super::{Face, Gate};
use crate::{Act, Done, Fault, from};
use consent::AskId;
use node::{Given, Rebuke};
use zeroize::Zeroizing;

impl Gate {
    pub(super) async fn agents(&self, face: &Face, act: Act) -> Result<Done, Fault> {
        let node = &self.node;
        // A no comes from anywhere; what is done about an agent comes from the human.
        if !matches!(act, Act::Deny { rebuke: None, .. }) {
            face.may_take_away()?;
        }
        match act {
            Act::Deny { ask, rebuke } => {
                self.deny(face, self.ask_id(&ask)?, rebuke.map(from::rebuke)).await?;
            }
            Act::DenyAll {} => {
                let pending = node.look()?.pending().map_err(node::Fault::from)?;
                for ask in pending {
                    self.deny(face, ask.id, None).await?;
                }
            }
            Act::Unpair { name } => node.unpair(&name).await?,
            Act::EndRule { rule } => node.end_rule(&rule).await?,
            Act::NarrowRule { rule, without } => node.narrow_rule(&rule, &without).await?,
            Act::AlteredSeen {} => node.altered_seen().await?,
            Act::Unmute { name } => node.unmute(&name).await?,
            Act::BlockAgent { name } => node.block_agent(&name).await?,
            Act::UnblockAgent { name } => node.unblock_agent(&name).await?,
            _ => return Err(node::Fault::broken("this act is not about agents").into()),
        }
        Ok(Done::Nothing {})
    }

    async fn deny(&self, face: &Face, ask: AskId, rebuke: Option<Rebuke>) -> Result<(), Fault> {
        let (way, no) = (face.way(), consent::Answer::Deny);
        let plain = Given::plain(ask, no, way, String::new(), Zeroizing::default());
        self.node.answer(Given { rebuke, ..plain }).await?;
        Ok(())
    }
}
