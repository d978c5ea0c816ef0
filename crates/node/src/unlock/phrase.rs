//! The recovery phrase of human_key: shown to whoever has the PIN, and verified once it is
//! written down.

use super::proves_a_human;
use crate::{Fault, Node, Notice, event::Event, house::House};
use consent::{Event as Entry, Way};
use keys::phrase;
use store::KeyCareRow;
use zeroize::Zeroizing;

impl Node {
    /// The recovery phrase. Takes the PIN every time.
    ///
    /// # Errors
    /// When the PIN is wrong or missing, or the key cannot be had; and in a terminal where there
    /// is no PIN that would tell a human from a program.
    pub async fn phrase(
        &self,
        pin: Zeroizing<String>,
        way: Way,
    ) -> Result<Zeroizing<String>, Fault> {
        let protection = self.0.me()?.row.protection;
        proves_a_human(way, protection, "look at it in the app's window")?;
        let key = self.0.unlock(pin, way, true).await?.key;
        self.0.happen(|reply| Event::Journal(Box::new(Entry::PhraseShown { way }), reply)).await?;
        Ok(phrase::of(&key))
    }

    /// Says that the phrase was written down, by typing it.
    ///
    /// # Errors
    /// When it is another's, or none.
    pub async fn verify_phrase(&self, typed: &str, way: Way) -> Result<(), Fault> {
        let key = phrase::key_of(typed).map_err(|e| Fault::invalid(e.to_string(), ""))?;
        if key.public() != self.0.me()?.row.human {
            let hint = "look at what you wrote down: it may be another node's";
            return Err(Fault::invalid("this is the recovery phrase of another key", hint));
        }
        self.0.happen(|reply| Event::PhraseVerified(way, reply)).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }
}

impl House {
    pub(crate) fn on_phrase_verified(&self, way: Way) -> Result<(), Fault> {
        let now = self.now();
        let care = KeyCareRow { phrase_verified: Some(now), ..self.look()?.key_care()? };
        self.store.change::<_, Fault>(|change| {
            change.put_key_care(&care)?;
            change.append(Entry::PhraseVerified { way }, now)?;
            Ok(())
        })
    }
}
