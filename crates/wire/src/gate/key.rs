//! What is done with human_key itself: it is made or locked, or, by its PIN, looked after.

use super::{Face, Gate};
use crate::{Act, Done, Fault, KeepKey, NodeKey, from};

impl Gate {
    pub(super) async fn key(&self, face: &Face, act: Act) -> Result<Done, Fault> {
        let (node, way) = (&self.node, face.way());
        if face.is_below_agent() {
            return Err(from::below_agent());
        }
        if !matches!(act, Act::Init { .. } | Act::Restore { .. } | Act::Lock {}) {
            super::check_owner(face)?;
        }
        match act {
            Act::Init { keep, name } => node.init(keep_key(keep), &name).await?,
            Act::Restore { keep, name, phrase } => {
                node.restore(keep_key(keep), &name, &phrase.into_inner()).await?;
            }
            Act::Lock {} => node.lock().await?,
            Act::ChangePin { old, new } => {
                node.change_pin(old.into_inner(), new.into_inner(), way).await?;
            }
            Act::PinAlways { on, pin } => node.pin_always(on, pin.into_inner(), way).await?,
            Act::Rotate { key } => {
                let request = node::Request::Rotate(node_key(key));
                return self.asked(face, request, String::new()).await;
            }
            Act::ShowPhrase { pin } => {
                let phrase = node.phrase(pin.into_inner(), way).await?.into();
                return Ok(Done::Phrase { phrase });
            }
            Act::VerifyPhrase { phrase } => node.verify_phrase(&phrase.into_inner(), way).await?,
            _ => return Err(node::Fault::broken("this act is not about the key").into()),
        }
        Ok(Done::Nothing {})
    }
}

const fn node_key(key: NodeKey) -> consent::NodeKey {
    match key {
        NodeKey::Author => consent::NodeKey::Author,
        NodeKey::Transport => consent::NodeKey::Transport,
        NodeKey::Journal => consent::NodeKey::Journal,
    }
}

fn keep_key(keep: KeepKey) -> node::KeepKey {
    match keep {
        KeepKey::Pin { pin } => node::KeepKey::Pin(pin.into_inner()),
        KeepKey::Keychain {} => node::KeepKey::Keychain,
        KeepKey::File { passphrase } => node::KeepKey::File(passphrase.into_inner()),
    }
}
