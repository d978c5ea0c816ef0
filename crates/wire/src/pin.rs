//! A PIN on its way from a face to the node. Its bytes are wiped when it is dropped, and it is
//! never printed.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;
use zeroize::Zeroizing;

/// A PIN or passphrase; empty where none is needed.
#[derive(Clone, Default, PartialEq, Eq, TS)]
pub struct Pin(#[ts(type = "string")] Zeroizing<String>);

impl Pin {
    /// The PIN itself, still wiped when it is dropped.
    #[must_use]
    pub fn into_inner(self) -> Zeroizing<String> {
        self.0
    }
}

impl From<Zeroizing<String>> for Pin {
    fn from(pin: Zeroizing<String>) -> Self {
        Self(pin)
    }
}

/// Never prints what it holds.
impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(…)")
    }
}

impl Serialize for Pin {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Zeroizing::new).map(Self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;
    use crate::{Act, Answer, KeepKey, Verdict};

    #[test]
    fn a_pin_crosses_as_text_and_is_never_printed() {
        let pin = || Pin::from(Zeroizing::new("maple \"orbit\" ⟨tin⟩".to_owned()));
        let text = serde_json::to_string(&pin()).unwrap();
        assert_eq!(text, r#""maple \"orbit\" ⟨tin⟩""#);
        assert_eq!(serde_json::from_str::<Pin>(&text).unwrap(), pin());
        let (ask, code) = ("x".to_owned(), "y".to_owned());
        let answer = Answer::plain(ask, Verdict::Allow, code, pin());
        let acts = [
            Act::SignRevocations { pin: pin() },
            Act::ChangePin { old: pin(), new: pin() },
            Act::PinAlways { on: false, pin: pin() },
            Act::ShowPhrase { pin: pin() },
            Act::VerifyPhrase { phrase: pin() },
            Act::Init { keep: KeepKey::Pin { pin: pin() }, name: String::new() },
            Act::Init { keep: KeepKey::File { passphrase: pin() }, name: String::new() },
        ];
        let done = crate::Done::Phrase { phrase: pin() };
        let printed = format!("{:?} {answer:?} {acts:?} {done:?}", pin());
        assert!(!printed.contains("orbit"), "{printed}");
    }
}
