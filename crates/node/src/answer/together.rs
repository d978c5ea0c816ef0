//! One answer to several asks that go together: the PIN once, and of each its own transaction, its
//! own receipt and its own line in the journal.

use super::{Given, Key, Settled, other_code, still_waits};
use crate::{Fault, Node, ask::no_such_ask};
use consent::{Answer, Ask, AskId, Way};
use std::sync::Arc;
use zeroize::Zeroizing;

/// An answer to several asks.
pub struct Together {
    /// Each with the code that was shown for it.
    pub asks: Vec<(AskId, String)>,
    /// Yes to all, or no to all.
    pub answer: Answer,
    /// Through which face. Whoever calls vouches for it.
    pub way: Way,
    /// The PIN or passphrase; empty for none.
    pub pin: Zeroizing<String>,
}

impl Node {
    /// Takes one answer to asks that go together, in their order. Gives what came of each.
    ///
    /// # Errors
    /// Before anything is answered: when one of them does not go with the others, is settled
    /// already or was shown with another code, or the key cannot be had. When one cannot be
    /// settled later, those before it are, and the hint says how many.
    pub async fn answer_together(&self, together: Together) -> Result<Vec<Settled>, Fault> {
        let Together { asks, answer, way, pin } = together;
        let asks = self.that_go_together(asks)?;
        if answer == Answer::Allow {
            asks.iter().try_for_each(|(ask, _)| self.0.refuse_forbidden(ask))?;
        }
        let given = |(ask, code): &(Ask, String)| {
            Given::plain(ask.id, answer, way, code.clone(), pin.clone())
        };
        let key: Option<Key> = match (answer, asks.first().map(&given)) {
            (Answer::Allow, Some(first)) => match self.unlock_for(&first).await {
                Ok(key) => Some(Arc::new(key)),
                Err(fault) => {
                    self.0.grant_failed(first.ask, way, &fault).await;
                    return Err(fault);
                }
            },
            _ => None,
        };
        let mut settled = Vec::with_capacity(asks.len());
        for one in &asks {
            // A lock ends a batch that is under way.
            let held = key.as_ref().map_or(Ok(()), |key| self.0.not_locked_since(key));
            let done = match held {
                Ok(()) => self.settle(&one.0, given(one), key.clone()).await,
                Err(fault) => Err(fault),
            };
            match done {
                Ok(done) => settled.push(done),
                Err(fault) => {
                    let hint =
                        format!("{} of {} were answered before it", settled.len(), asks.len());
                    return Err(Fault { hint, ..fault });
                }
            }
        }
        Ok(settled)
    }

    fn that_go_together(&self, asks: Vec<(AskId, String)>) -> Result<Vec<(Ask, String)>, Fault> {
        let look = self.0.look()?;
        let mut found: Vec<(Ask, String)> = Vec::with_capacity(asks.len());
        for (id, code) in asks {
            let ask = look.ask(&id)?.ok_or_else(|| no_such_ask(&id))?;
            still_waits(&ask)?;
            if consent::words_of(&ask) != code {
                return Err(other_code());
            }
            let twice = found.iter().any(|(other, _)| other.id == id);
            let first = found.first().map_or(&ask, |(first, _)| first);
            if twice || !self.0.go_together(&look, first, &ask)? {
                let what = "these are not answered in one go";
                return Err(Fault::refused(what, "answer each by itself"));
            }
            found.push((ask, code));
        }
        Ok(found)
    }
}
