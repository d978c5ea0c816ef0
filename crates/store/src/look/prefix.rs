//! Ids by the first of their hex digits, as people type them.

/// The start of an id that names none, or several.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrefixError {
    /// Nothing begins like this.
    #[error("nothing here has an id that begins with {0}")]
    Nothing(String),
    /// More than one does.
    #[error("more than one id begins with {0}: give more of it")]
    Several(String),
    /// Not hex, or too short to be looked up.
    #[error("{0} is not an id: give at least four of its hex digits")]
    NotAnId(String),
}

/// Hex digits, maybe an odd number of them, as the start of a key.
pub(super) struct Prefix {
    pub(super) bytes: Vec<u8>,
    digits: usize,
}

impl Prefix {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .trim()
            .chars()
            .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
            .collect::<Option<_>>()?;
        if !(4..=64).contains(&digits.len()) {
            return None;
        }
        let bytes = digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |n, d| (n << 4) | d) << (4 * (2 - pair.len())))
            .collect();
        Some(Self { bytes, digits: digits.len() })
    }

    pub(super) fn matches(&self, key: &[u8]) -> bool {
        let whole = self.digits / 2;
        let same = key.get(..whole) == self.bytes.get(..whole);
        let half = self.digits.is_multiple_of(2)
            || key.get(whole).map(|b| b >> 4) == self.bytes.get(whole).map(|b| b >> 4);
        same && half
    }
}

/// The one that was found, or why there is none.
pub(super) fn only<T: Copy>(found: Vec<T>, prefix: &str) -> Result<T, PrefixError> {
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(PrefixError::Nothing(short(prefix))),
        _ => Err(PrefixError::Several(short(prefix))),
    }
}

/// What was asked for, fit to be repeated.
pub(super) fn short(text: &str) -> String {
    artifact::display::line(text, 64)
}
