//! Masks secrets: a prefix that everyone knows, an ellipsis, the last four characters.

use crate::{
    engine::Match,
    finding::Class,
    search::{self, Found},
};

/// Characters of the secret that stay at its end.
const TAIL: usize = 4;
/// A secret with fewer characters behind its prefix shows none of them.
const LEAST: usize = 16;

/// `text` with each secret replaced by its masked form; what is personal stays.
///
/// Idempotent: a scan of the result finds no secrets. Reads all of the text, whatever its
/// length. Of what stands in another layer all of the encoding goes.
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
    let (mut secrets, _) = search::search(bytes, usize::MAX);
    secrets.retain(|one| one.class().is_secret());
    if secrets.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for Found { start, end, masked, .. } in &secrets {
        out.push_str(&lossy(bytes, at, *start));
        // What is short already goes altogether: a mask must never be longer than the secret.
        out.push_str(if masked.len() < end - start { masked } else { "…" });
        at = *end;
    }
    out.push_str(&lossy(bytes, at, bytes.len()));
    Some(out)
}

/// How a match may be shown.
pub(crate) fn masked(bytes: &[u8], m: &Match) -> String {
    let kept = lossy(bytes, m.start, m.start + m.keep);
    let text = || lossy(bytes, m.start, m.end);
    match m.rule.class {
        Class::PrivateKey => format!("{kept} …").trim_start().to_owned(),
        Class::Token if m.end - m.start - m.keep >= LEAST => {
            format!("{kept}…{}", lossy(bytes, m.end.saturating_sub(TAIL), m.end))
        }
        Class::Token => format!("{kept}…"),
        Class::Password | Class::Unread => "…".to_owned(),
        Class::Email => {
            let address = text();
            let (name, domain) = address.split_once('@').unwrap_or_default();
            format!("{}…@{domain}", name.chars().next().unwrap_or('…'))
        }
        Class::Phone => {
            let digits: String = text().chars().filter(char::is_ascii_digit).collect();
            let tail = digits.get(digits.len().saturating_sub(2)..).unwrap_or_default();
            format!("…{tail}")
        }
        Class::Home => {
            let path = text();
            let base = path.rfind(['/', '\\']).and_then(|at| path.get(..=at));
            format!("{}…", base.unwrap_or_default())
        }
        Class::Host => {
            let host = text();
            match host.split_once('.') {
                Some((first, rest)) if first.bytes().any(|b| b.is_ascii_alphabetic()) => {
                    format!("….{rest}")
                }
                Some((first, _)) => format!("{first}.…"),
                None => "…".to_owned(),
            }
        }
    }
}

fn lossy(bytes: &[u8], start: usize, end: usize) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes.get(start..end).unwrap_or_default())
}

#[cfg(test)]
mod tests;
