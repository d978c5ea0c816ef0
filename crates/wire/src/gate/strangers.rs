//! Ending something with people: dismissing, blocking, letting no more. No key is needed, but a
//! human: not an agent's program.

use super::{Face, Gate};
use crate::{Act, Done, Fault, from};

impl Gate {
    pub(super) async fn part(&self, face: &Face, act: Act) -> Result<Done, Fault> {
        if face.is_below_agent() {
            return Err(from::below_agent());
        }
        match act {
            Act::Dismiss { who } => self.node.dismiss(&who).await?,
            Act::DismissAll {} => self.node.dismiss_all().await?,
            Act::Block { who, endpoint: true, reason } => {
                self.node.block_endpoint(&who, &reason).await?;
            }
            Act::Block { who, endpoint: false, reason } => self.node.block(&who, &reason).await?,
            Act::Unlet { who } => self.node.unlet(&who).await?,
            _ => return Err(node::Fault::broken("this act ends nothing").into()),
        }
        Ok(Done::Nothing {})
    }
}
