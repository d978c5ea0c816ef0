//! The name of an ask.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// 16 random bytes that name an ask. Written as 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AskId(#[serde(with = "serde_bytes")] pub [u8; 16]);

/// Text that is not 32 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an ask's id is 32 hex digits")]
pub struct AskIdError;

impl fmt::Display for AskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for AskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AskId({self})")
    }
}

impl FromStr for AskId {
    type Err = AskIdError;

    fn from_str(text: &str) -> Result<Self, AskIdError> {
        let text = text.trim();
        let mut bytes = [0_u8; 16];
        if text.len() != 32 {
            return Err(AskIdError);
        }
        // Digit by digit: the standard parser would take `+f` for a pair.
        for (n, c) in text.chars().enumerate() {
            let digit = c.to_digit(16).and_then(|d| u8::try_from(d).ok()).ok_or(AskIdError)?;
            let byte = bytes.get_mut(n / 2).ok_or(AskIdError)?;
            *byte = (*byte << 4) | digit;
        }
        Ok(Self(bytes))
    }
}
