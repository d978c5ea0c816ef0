//! Masks secrets: a prefix that everyone knows, an ellipsis, the last four characters.

use crate::{
    engine::{self, Match},
    finding::Class,
};

/// Characters of the secret that stay at its end.
const TAIL: usize = 4;

/// `text` with each private key and token replaced by its masked form; e-mail addresses stay.
///
/// Idempotent: a scan of the result finds no secrets. Reads all of the text, whatever its
/// length.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut text = text.to_owned();
    // What is left at the end of one secret can complete another with the text behind it.
    // Every round leaves a shorter text, so the rounds end.
    while let Some(masked) = mask_once(&text).filter(|masked| masked.len() < text.len()) {
        text = masked;
    }
    text
}

fn mask_once(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut secrets, _) = engine::find(bytes, usize::MAX);
    secrets.retain(|m| m.rule.class != Class::Email);
    if secrets.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for secret in &secrets {
        out.push_str(&lossy(bytes, at, secret.start));
        out.push_str(&masked(bytes, secret));
        at = secret.end;
    }
    out.push_str(&lossy(bytes, at, bytes.len()));
    Some(out)
}

/// How a match may be shown.
pub(crate) fn masked(bytes: &[u8], m: &Match) -> String {
    let kept = lossy(bytes, m.start, m.start + m.keep);
    match m.rule.class {
        Class::PrivateKey => format!("{kept} …"),
        Class::Token => format!("{kept}…{}", lossy(bytes, m.end.saturating_sub(TAIL), m.end)),
        Class::Email => {
            let address = lossy(bytes, m.start, m.end);
            let (name, domain) = address.split_once('@').unwrap_or_default();
            format!("{}…@{domain}", name.chars().next().unwrap_or('…'))
        }
    }
}

fn lossy(bytes: &[u8], start: usize, end: usize) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes.get(start..end).unwrap_or_default())
}

#[cfg(test)]
mod tests;
