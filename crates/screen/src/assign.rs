//! The value that is given to a name: in code, settings, environments, YAML, JSON, XML, headers
//! and options of commands, also inside a string of another of these.
//!
//! It does not judge the value. A name that speaks of something else (`token_count`,
//! `password_hash`) is told apart here.

use crate::check;
use regex::bytes::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// The longest part of a name before and behind its keyword.
const MAX_NAME: usize = 40;

/// How much of a value the patterns take.
const PATTERN: usize = 300;
/// The most that is taken behind it, where a quote has not ended it by then.
const MAX_VALUE: usize = 8_192;

/// Behind a keyword: the values of such names are no secrets.
const BEHIND: &str = r"hash digest checksum fingerprint count length len size limit max min url uri path file
    dir name type field label hint policy regex pattern expir expires ttl timeout date time
    version format prefix index usage kind scope arn status valid error message input title
    rotation algorithm endpoint id_ issuer sha[0-9_-] at\z budget cost per_ izer ids
    logprobs";
/// Before one.
const AHEAD: &str = "public page cancel continuation sync design eos bos pad unk mask stop primary foreign \
    cache partition sort object idempotency row i18n translation max min num total prompt \
    completion input output group map hot short bucket context integrity query lookup \
    registry sha hash checksum digest commit tree etag storage-cache";

/// What stands around a keyword of a name.
pub(crate) struct Name {
    ahead: Vec<u8>,
    behind: Vec<u8>,
}

fn in_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

impl Name {
    /// The name of which the bytes from `at` to `end` are part.
    pub(crate) fn around(bytes: &[u8], at: usize, end: usize) -> Self {
        let before = bytes.get(at.saturating_sub(MAX_NAME)..at).unwrap_or_default();
        let ahead = before.iter().rev().take_while(|b| in_name(b)).count();
        let ahead = before.get(before.len() - ahead..).unwrap_or_default();
        let after = bytes.get(end..).unwrap_or_default();
        let behind = after.iter().take(MAX_NAME).take_while(|b| in_name(b));
        Self {
            ahead: ahead.to_ascii_lowercase(),
            behind: behind.map(u8::to_ascii_lowercase).collect(),
        }
    }

    /// Whether such a name is not the name of what its keyword says.
    pub(crate) fn speaks_of_something_else(&self) -> bool {
        static OTHERS: LazyLock<[Option<Regex>; 3]> = LazyLock::new(|| {
            let behind = format!(r"(?:\A|[_.-])(?:{})", check::words(BEHIND));
            let ahead = format!(r"(?:\A|[_.-])(?:{})[_-]?\z", check::words(AHEAD));
            // `passwordless`, `tokenize`, `secretary` are words of their own.
            let own = r"\A(?:less|ize|ary|aries|ed|ing|ism|able|ation|ly|s?_?-?id)\z";
            [behind, ahead, own.to_owned()].map(|p| Regex::new(&p).ok())
        });
        let [behind, ahead, own] = &*OTHERS;
        let holds = |pattern: &Option<Regex>, text: &[u8]| {
            pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
        };
        holds(behind, &self.behind) || holds(own, &self.behind) || holds(ahead, &self.ahead)
    }
}

/// Where a value stands.
pub(crate) struct Value {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) quoted: bool,
}

/// From the end of the keyword on: the rest of the name, what ends and assigns it, the value.
static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r"[A-Za-z0-9_.-]{0,40}(?:[ \t][A-Za-z0-9_-]{1,16}){0,2}?";
    // Quotes may be escaped more than once, and a name may be an index.
    let close = r#"(?:\\{0,4}["'`\])*]){0,4}"#;
    let of_type = r"(?::[ \t]*&?(?:'static )?[A-Za-z_][A-Za-z0-9_<>\[\], |.?&]{0,30}?[ \t]*=)";
    let sign = r"(?:[=:]={0,2}>?|!==?|:=|[?+|]{1,2}=|->|~>)";
    let assigns = format!(r"[ \t]*(?:{of_type}|{sign})[ \t]*(?:\r?\n[ \t]+)?");
    // `("name", "value")`, `name("value")`, `name: X` with its `value: Y` beside it.
    let call = r#"(?:\\{0,4}["'`][ \t]*,[ \t]*|\([ \t]*)"#;
    let pair = r#"[\s,"'\\nr-]{1,40}?(?i:value)\\{0,4}["']?[ \t]*[=:][ \t]*"#;
    let is = r"[ \t]+(?:is|was)[ \t]*:?[ \t]+";
    let scheme = r"(?:(?i:bearer|basic|token|apikey|api-key)[ \t]+)?";
    let quoted = r#"[bBrRfFuULN@]{0,2}\\{0,4}(?:"{1,3}SCHEME(?P<d>[^"\r\n\\]{1,300})|'{1,3}SCHEME(?P<s>[^'\r\n\\]{1,300})|`SCHEME(?P<t>[^`\r\n\\]{1,300}))"#;
    let quoted = quoted.replace("SCHEME", scheme);
    let bare = r#"(?P<u>[^\s"'`,;(){}\[\]<>|&\\=][^\s"'`,;(){}\[\]<>|&\\]{0,300})"#;
    // An element of XML, whose value ends where the next begins.
    let element = r"[A-Za-z0-9_.-]{0,40}>(?P<x>[^<>\s]{1,256})</";
    let whole = format!(
        r"\A(?:{element}|{name}{close}(?:(?:{assigns}|{pair}){scheme}|(?P<c>{call})|{is})(?:{quoted}|{bare}))"
    );
    RegexBuilder::new(&whole).unicode(false).build().ok()
});

/// The same for options of commands: `--password VALUE`.
static OPTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let quoted = r#"\\{0,4}(?:"(?P<d>[^"\r\n\\]{1,300})|'(?P<s>[^'\r\n\\]{1,300}))"#;
    let bare = r#"(?P<u>[^\s"'`;(){}<>|&\\=:-][^\s"'`;(){}<>|&\\]{0,300})"#;
    let whole = format!(r"\A[A-Za-z0-9_-]{{0,20}}[ \t]{{1,4}}(?:{quoted}|{bare})");
    RegexBuilder::new(&whole).unicode(false).build().ok()
});

/// The value that the name is given of which the bytes from `at` to `end` are part.
pub(crate) fn value(bytes: &[u8], at: usize, end: usize) -> Option<Value> {
    let rest = bytes.get(end..)?;
    let option = || OPTION.as_ref().filter(|_| is_option(bytes, at));
    let given = |pattern: &Regex| given(pattern, bytes, rest, end);
    option().and_then(given).or_else(|| GIVEN.as_ref().and_then(given))
}

fn given(pattern: &Regex, bytes: &[u8], rest: &[u8], end: usize) -> Option<Value> {
    pattern.find(rest)?;
    let found = pattern.captures(rest)?;
    let quoted = ["d", "s", "t", "x"].iter().find_map(|name| found.name(name));
    let value = quoted.or_else(|| found.name("u"))?;
    let (start, mut stop) = (end + value.start(), end + value.end());
    if quoted.is_none() && found.name("c").is_some() {
        return None;
    }
    if quoted.is_some() && stop - start >= PATTERN {
        let goes_on =
            |b: &&u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`' | b'\\' | b'<');
        stop += bytes.get(stop..)?.iter().take(MAX_VALUE).take_while(goes_on).count();
    }
    if quoted.is_none() {
        // A call or an index is no value; a sentence ends with a dot.
        if matches!(bytes.get(stop), Some(b'(' | b'[')) {
            return None;
        }
        let text = bytes.get(start..stop)?;
        stop -= text
            .iter()
            .rev()
            .take_while(|b| matches!(b, b'.' | b':' | b'!' | b'?'))
            .take(1)
            .count();
    }
    Some(Value { start, end: stop, quoted: quoted.is_some() })
}

/// Whether the name that holds `at` begins with dashes after a blank.
fn is_option(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(MAX_NAME)..at).unwrap_or_default();
    let name = before.iter().rev().take_while(|b| in_name(b)).count();
    let from = before.len() - name;
    let blank = from.checked_sub(1).and_then(|n| before.get(n));
    let opens = blank.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`'));
    opens && before.get(from..).is_some_and(|name| name.starts_with(b"-"))
        || name == 0 && before.ends_with(b"--")
}

#[cfg(test)]
mod tests;
