//! Judges values: whether they look as if a machine had made them at random, as if a human had
//! thought of them as a password, or as what stands in a manual instead of either.
//!
//! It knows no secret and asks nobody: a value that is documented, repeats itself, counts up or
//! says that it is to be replaced belongs to nobody; all other doubts are a finding.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use regex::bytes::Regex;
use std::sync::LazyLock;

/// The end of the token that the best-known page about JSON web tokens shows.
pub(crate) const KNOWN_JWT: &[u8] = b"SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
/// Longer secrets are judged by their beginning.
const JUDGED: usize = 4096;
/// The longest password that a human or a program sets.
const LONGEST_PASSWORD: usize = 128;

/// Words that only stand in what is to be replaced. In lower case, without separators.
const REPLACED: &str = "example xxxx placeholder changeme change-me change_me changethis redacted replaceme \
    replace_ replace- your_ your- yourtoken yourkey yourapi yoursecret yourpassword insert_ \
    insert- dummy fake notreal not-a-real not_a_real goes-here goes_here goeshere lorem";
/// What a value consists of, but for digits and marks, that nobody keeps secret.
const COMMON: &str = "password passwd pass passphrase pwd secret mysecret mypassword mypass token mytoken key \
    apikey api test testing tests testpass testpassword testsecret testtoken testkey testuser admin \
    administrator root user username guest demo sample foo bar baz foobar foobarbaz abc abcd abcdef qwerty \
    letmein welcome default none null nil undefined true false empty string str int bool bytes hidden \
    masked secretkey accesskey privatekey value some something anything somepassword somesecret \
    newpassword oldpassword userpassword required optional postgres mysql mongo redis rabbitmq \
    elastic minio minioadmin sha md base argon argonid bcrypt scrypt pbkdf oauth utf ascii rsa hmac \
    hmacsha shasum rs hs es ed aes aesgcm bearer basic jwt x invalid wrong incorrect correct";

/// A pattern of words that stand between blanks.
pub(crate) fn words(list: &str) -> String {
    list.split_ascii_whitespace().collect::<Vec<_>>().join("|")
}

/// Whether a word can begin at `start`: not inside another one, unless what stands before is
/// an escape (`\n`, `\u003c`, `%3D`) or the end of a terminal colour, as agent logs have them.
pub(crate) fn opens(bytes: &[u8], start: usize) -> bool {
    let before = bytes.get(..start).unwrap_or_default();
    let inside = before.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.get(start).is_some_and(u8::is_ascii_alphanumeric);
    if !inside {
        return true;
    }
    let hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    match before {
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f'] => true,
        [.., b'\\', b'u', a, b, c, d] => hex(&[*a, *b, *c, *d]),
        [.., b'\\', b'x', a, b] | [.., b'%', a, b] => hex(&[*a, *b]),
        [colour @ .., b'm'] => {
            let numbers = |b: &&u8| b.is_ascii_digit() || **b == b';';
            let skipped = colour.iter().rev().take(16).take_while(numbers).count();
            colour.iter().rev().nth(skipped) == Some(&b'[')
        }
        _ => false,
    }
}

/// Shannon entropy of the bytes, in bits a byte.
pub(crate) fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0_u16; 256];
    let judged = bytes.get(..JUDGED).unwrap_or(bytes);
    for byte in judged {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = f32::from(u16::try_from(judged.len()).unwrap_or(u16::MAX));
    let shares = counts.iter().filter(|n| **n > 0).map(|n| f32::from(*n) / total);
    shares.map(|share| -share * share.log2()).sum()
}

/// Whether a value says itself that it is nobody's: a word of manuals, a count, one character
/// over and over.
pub(crate) fn placeholder(value: &[u8]) -> bool {
    let judged = value.get(..JUDGED).unwrap_or(value);
    let low = judged.to_ascii_lowercase();
    static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&words(REPLACED)).ok());
    let replaced = || WORDS.as_ref().is_some_and(|pattern| pattern.is_match(&low));
    let masked = low.windows(4).any(|four| matches!(four, b"****" | b"...." | b"____" | b"----"));
    // What a long value holds by chance is no word.
    low.len() < 400 && replaced() || masked || counts_up(&low)
}

/// Whether most characters follow the one before, as in `0123456789abcdef`, or repeat it.
fn counts_up(low: &[u8]) -> bool {
    let pairs = low.len().saturating_sub(1);
    let follows = |two: &&[u8]| match two {
        [a, b] => b.wrapping_sub(*a) <= 1 || a.wrapping_sub(*b) == 1,
        _ => false,
    };
    pairs >= 5 && low.windows(2).filter(follows).count() * 2 > pairs
}

/// Whether only the letters of a value are a word that nobody keeps secret.
fn common(value: &[u8]) -> bool {
    let letters: Vec<u8> =
        value.iter().filter(|b| b.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect();
    static WORDS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(&format!(r"\A(?:{})\z", words(COMMON))).ok());
    WORDS.as_ref().is_some_and(|pattern| pattern.is_match(&letters))
}

/// Whether a value stands for another one: a variable, a template, a call, a path, a type.
fn refers(value: &[u8]) -> bool {
    let starts = |with: &str| value.starts_with(with.as_bytes());
    let holds = |what: &str| memchr::memmem::find(value, what.as_bytes()).is_some();
    let variable = starts("$") && value.get(1).is_none_or(|b| !b.is_ascii_digit());
    variable
        || [
            "<", "{", "[", "(", "@{", "%(", "%{", "/", "./", "../", "~/", "&", "*", "!", "#{",
            "env:", "env.",
        ]
        .iter()
        .any(|with| starts(with))
        || ["${", "{{", "}}", "$(", "#{", "://", "::", "()", "->", "...", "…"]
            .iter()
            .any(|what| holds(what))
        || value.iter().all(|b| b.is_ascii_uppercase() || matches!(b, b'_'))
        || value.starts_with(b"%") && value.ends_with(b"%")
}

/// Names joined by dots, as code has them: `config.password1`.
fn dotted_name(value: &[u8]) -> bool {
    let name = |part: &[u8]| {
        part.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
            && part.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
            && part.len() < 24
            && part.iter().filter(|b| b.is_ascii_digit()).count() < 4
    };
    value.contains(&b'.') && value.split(|b| *b == b'.').all(name)
}

/// Whether a value looks like a secret that a machine made.
pub(crate) fn secret(value: &[u8], quoted: bool) -> bool {
    let short = value.len() < 12 || !quoted && value.len() < 16 && entropy(value) < 3.3;
    let odd = |b: &u8| {
        !b.is_ascii_graphic() || matches!(b, b'"' | b'\'' | b'<' | b'>' | b'(' | b')' | b'{' | b'}')
    };
    if short || value.iter().any(odd) || refers(value) || placeholder(value) || common(value) {
        return false;
    }
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let dates = matches!(value, [b'1' | b'2', b'0' | b'9', _, _, b'-', _, _, b'-', ..]);
    let digest = [&b"sha1"[..], b"sha2", b"sha3", b"sha5", b"md5", b"h1:", b"blake"];
    if dotted_name(value) || dates || digest.iter().any(|with| value.starts_with(with)) {
        return false;
    }
    let floor = if value.len() < 20 { 2.9 } else { 3.1 };
    letters >= 2 && (digits >= 2 || mixed(value)) && entropy(value) >= floor && restless(value)
}

/// Whether a value without digits still changes case as no words do.
fn mixed(value: &[u8]) -> bool {
    let turns =
        |two: &&[u8]| matches!(two, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase());
    value.windows(2).filter(turns).count() * 6 >= value.len()
}

/// Whether the kinds of characters change as often as chance has it: not as in words that are
/// joined in one or another way.
fn restless(value: &[u8]) -> bool {
    let kind = |b: u8| match b {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 4,
    };
    let solid: Vec<u8> =
        value.iter().copied().filter(|b| !matches!(b, b'_' | b'-' | b'.' | b'/' | b':')).collect();
    let changes = |two: &&[u8]| match two {
        // A capital that begins a word.
        [b'A'..=b'Z', b'a'..=b'z'] => false,
        [a, b] => kind(*a) != kind(*b),
        _ => false,
    };
    solid.windows(2).filter(changes).count() * 5 >= solid.len()
}

/// Whether a value looks like a password.
pub(crate) fn password(value: &[u8], quoted: bool) -> bool {
    let least = if quoted { 6 } else { 7 };
    let space = |b: &u8| !b.is_ascii_graphic() && b.is_ascii();
    if value.len() < least || value.len() > LONGEST_PASSWORD || value.iter().any(space) {
        return false;
    }
    if refers(value) || placeholder(value) || common(value) || dotted_name(value) {
        return false;
    }
    let count = |holds: fn(&u8) -> bool| value.iter().filter(|b| holds(b)).count();
    let digits = count(u8::is_ascii_digit);
    let letters = count(u8::is_ascii_alphabetic);
    let joins = count(|b| matches!(b, b'_' | b'-' | b'.' | b'/' | b':' | b',' | b'[' | b']'));
    let marks = value.len() - digits - letters - joins;
    // A number, an address, a version, a date.
    if letters == 0 && (marks == 0 || digits == 0) {
        return false;
    }
    // A name with a number behind it is rather a variable: `password2`, `step_1`.
    let numbered = !quoted && marks == 0 && value.iter().rev().take(digits).all(u8::is_ascii_digit);
    let wordy = numbered && (joins > 0 || letters < 5);
    // Sentences end with a mark: a password has it inside, or digits too.
    let inner = value.split_last().map_or(0, |(_, rest)| {
        rest.iter()
            .filter(|b| {
                b.is_ascii_punctuation() && !matches!(b, b'_' | b'-' | b'.' | b'/' | b':' | b',')
            })
            .count()
    });
    !wordy && (digits > 0 && letters > 0 || inner > 0 && (letters > 3 || digits > 3))
}

/// Whether what stands between a user's name and the host of an address is a password. The one
/// that every program has at first is not: `postgres:postgres`.
pub(crate) fn address_password(bytes: &[u8], start: usize, end: usize) -> bool {
    let (Some(value), Some(before)) = (bytes.get(start..end), bytes.get(..start.saturating_sub(1)))
    else {
        return false;
    };
    let user = before.iter().rev().take(64).take_while(|b| !matches!(b, b'/' | b':')).count();
    let user = before.get(before.len() - user..).unwrap_or_default();
    let nobody = refers(value) || placeholder(value) || common(value) || value == user;
    let number = value.len() < 6 && value.iter().all(u8::is_ascii_digit);
    let written = value.iter().all(|b| b.is_ascii_graphic() || !b.is_ascii());
    !nobody && !number && written && !value.contains(&b'*')
}

/// Whether a value is `user:password` in base64.
pub(crate) fn basic(value: &[u8]) -> bool {
    let body: Vec<u8> = value.iter().copied().filter(|b| *b != b'=').collect();
    let Ok(plain) = BASE64_NOPAD.decode(&body).or_else(|_| BASE64URL_NOPAD.decode(&body)) else {
        return false;
    };
    let Some(colon) = plain.iter().position(|b| *b == b':') else { return false };
    let (user, word) = plain.split_at(colon);
    let word = word.get(1..).unwrap_or_default();
    plain.iter().all(|b| b.is_ascii_graphic() || *b == b' ')
        && word.len() >= 3
        && !(common(word) || placeholder(word) || word == user)
}

#[cfg(test)]
mod tests;
