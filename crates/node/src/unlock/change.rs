//! Another PIN for human_key: the first one, a new one, or none any more.

use super::{Locked, from_unlock, proves_a_human};
use crate::{
    Fault, Node, Notice,
    event::Event,
    house::{House, Me},
    init::from_custody,
};
use artifact::{CommitmentKey, KeyProtection, Secret};
use consent::{Event as Entry, Way};
use keys::{ChangePinError, KeyState, UnlockError};
use store::Self_;
use zeroize::Zeroizing;

impl Node {
    /// Closes human_key by `new` instead of `old`; an empty one is none. Wrong ones are slowed
    /// down as they are at an answer.
    ///
    /// # Errors
    /// When `old` is wrong or missing, `new` is too weak, or the key cannot be written.
    pub async fn change_pin(
        &self,
        old: Zeroizing<String>,
        new: Zeroizing<String>,
        way: Way,
    ) -> Result<(), Fault> {
        let turn = self.0.tries.turn.lock().await;
        // Whoever sets the first PIN has the key from then on.
        if let KeyState::Ready { protection } = self.0.key_state().await {
            proves_a_human(way, protection, "set the first PIN in the app's window")?;
        }
        let is_wrong = |error: &ChangePinError| {
            matches!(error, ChangePinError::Unlock(UnlockError::WrongPin { .. }))
        };
        let changed = self.0.attempt(way, old, is_wrong, move |custody, human, old| {
            let new = (!new.is_empty()).then_some(new.as_str());
            custody.change_pin(human, old, new, &mut keys::entropy::os)
        });
        let protection = changed.await?.map_err(|error| match &error {
            ChangePinError::Unlock(e) => Fault { hint: String::new(), ..from_unlock(e) },
            ChangePinError::Custody(e) => from_custody(e),
            ChangePinError::FileNeedsPassphrase => Fault::invalid(error.to_string(), ""),
        })?;
        drop(turn);
        // What was unlocked by the PIN before is locked with it.
        self.0.lock_key(Locked::PinChanged).await?;
        self.0.happen(|reply| Event::PinChanged(way, protection, reply)).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }
}

impl House {
    pub(crate) fn on_pin_changed(&self, way: Way, protection: KeyProtection) -> Result<(), Fault> {
        let (now, me) = (self.now(), self.me()?);
        let row = self.store.change::<_, Fault>(|change| {
            let row = Self_ { protection, ..change.me()?.ok_or_else(Fault::not_initialised)? };
            change.put_me(&row)?;
            change.append(Entry::PinChanged { way, protection }, now)?;
            Ok(row)
        })?;
        let author = Secret::from_seed(me.author.seed());
        let transport = Secret::from_seed(me.transport.seed());
        let commitments = CommitmentKey::of(&author);
        self.set_me(Me { row, author, transport, commitments });
        Ok(())
    }
}
