//! The one way text from an agent, a peer or an artifact reaches a human's eye.
//!
//! Control, bidirectional, zero-width and other invisible characters become visible escapes, and
//! so do marks that pile up or have no letter to sit on; the length is capped, and words of mixed
//! scripts are flagged. The result is still plain text: no caller may read markup into it.

use std::fmt;
use unicode_normalization::char::is_combining_mark;
use unicode_security::MixedScript;

/// The most combining marks in a row. Living scripts need fewer; a pile of them paints over the
/// lines above and below.
const MAX_MARKS: usize = 8;

/// Text made safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplaySafe {
    /// The text, invisible characters escaped as `⟨U+200B⟩`, cut with `…`.
    pub text: String,
    /// Whether it was cut.
    pub cut: bool,
    /// Whether something invisible was escaped.
    pub escaped: bool,
    /// Whether a word mixes scripts, as `pаypal` with a Cyrillic `а` does.
    pub mixed_scripts: bool,
}

/// Makes `text` safe to show in at most `max` characters. Newlines and tabs survive only
/// where `lines` is set; elsewhere they are escaped like any control character.
#[must_use]
pub fn display_safe(text: &str, max: usize, lines: bool) -> DisplaySafe {
    shown(text, max, lines, is_plain)
}

/// Shows the characters that `shows` lets, and escapes all others.
fn shown(text: &str, max: usize, lines: bool, shows: fn(char) -> bool) -> DisplaySafe {
    let mut out = String::with_capacity(text.len().min(max.saturating_mul(4)));
    let (mut cut, mut escaped) = (false, false);
    // How many marks may still follow. None where there is no letter of the text's own: it would
    // change what stands before the text.
    let mut marks = 0_usize;
    for (n, c) in text.chars().enumerate() {
        if n == max {
            out.push('…');
            cut = true;
            break;
        }
        let is_mark = is_combining_mark(c);
        let breaks = lines && matches!(c, '\n' | '\t');
        let stays = (shows(c) && (!is_mark || marks > 0)) || breaks;
        if stays {
            out.push(c);
        } else {
            escaped = true;
            out.push_str(&escape(c));
        }
        // A mark after an escape, that of another mark too, would sit on its bracket.
        marks = match is_mark {
            true if stays => marks.saturating_sub(1),
            false if stays && is_plain(c) && !c.is_whitespace() => MAX_MARKS,
            _ => 0,
        };
    }
    let mixed_scripts = out.split(|c: char| !c.is_alphanumeric()).any(|w| !w.is_single_script());
    DisplaySafe { text: out, cut, escaped, mixed_scripts }
}

/// One line of at most `max` characters, for titles and names.
#[must_use]
pub fn line(text: &str, max: usize) -> String {
    display_safe(text, max, false).text
}

/// One line of at most `max` characters that is put together from parts which were made safe
/// already, and from parts which may not be: escapes stay as they are, what does not show is
/// escaped.
#[must_use]
pub fn still_line(text: &str, max: usize) -> String {
    shown(text, max, false, is_visible).text
}

/// Text that was made safe to show before, once more: what still does not show is escaped, and
/// escapes stay as they are. For a last look at sentences put together from safe parts.
#[must_use]
pub fn still_safe(text: &str) -> String {
    let shows = |c: char| is_visible(c) || matches!(c, '\n' | '\t');
    text.chars().map(|c| if shows(c) { c.to_string() } else { escape(c) }).collect()
}

fn escape(c: char) -> String {
    format!("⟨U+{:04X}⟩", u32::from(c))
}

/// Whether a character shows as itself and changes nothing around it.
fn is_plain(c: char) -> bool {
    // The brackets of an escape are escaped too, so that no text can pretend to be one.
    is_visible(c) && !matches!(c, '⟨' | '⟩')
}

fn is_visible(c: char) -> bool {
    let invisible = matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{13430}'..='\u{1345F}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}');
    // The last two of each plane are no characters.
    let none = u32::from(c) & 0xFFFE == 0xFFFE || matches!(c, '\u{FDD0}'..='\u{FDEF}');
    !c.is_control() && !invisible && !none
}

/// How many there are, with the word for one or for any other number: `1 receipt`, `2 receipts`.
#[must_use]
pub fn count<N: fmt::Display + PartialEq + From<u8>>(n: N, one: &str, other: &str) -> String {
    let word = if n == N::from(1) { one } else { other };
    format!("{n} {word}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, want: &str) {
        assert_eq!(line(text, 40), want);
    }

    #[test]
    fn one_is_one_and_none_are_many() {
        assert_eq!(count(1_usize, "receipt", "receipts"), "1 receipt");
        assert_eq!([0_u64, 2].map(|n| count(n, "person", "people")), ["0 people", "2 people"]);
    }

    #[test]
    fn invisible_characters_are_seen() {
        check("plain – текст 中文 ok", "plain – текст 中文 ok");
        check("a\u{202E}b", "a⟨U+202E⟩b");
        check("a\u{200B}b\nc", "a⟨U+200B⟩b⟨U+000A⟩c");
        check("\u{1b}[31mred", "⟨U+001B⟩[31mred");
        check("⟨U+0041⟩", "⟨U+27E8⟩U+0041⟨U+27E9⟩");
        check("\u{E0041}tag", "⟨U+E0041⟩tag");
        check("a\u{2800}b\u{FFFF}", "a⟨U+2800⟩b⟨U+FFFF⟩");
        assert!(display_safe("p\u{0430}ypal", 40, false).mixed_scripts);
        assert!(!display_safe("paypal и друзья", 40, false).mixed_scripts);
        assert!(display_safe(&"x".repeat(50), 40, false).cut);
    }

    #[test]
    fn marks_neither_pile_up_nor_sit_on_what_is_not_theirs() {
        check("e\u{301}a\u{300}", "e\u{301}a\u{300}");
        check("\u{338}a", "⟨U+0338⟩a");
        check(" \u{338}", " ⟨U+0338⟩");
        check("\u{202E}\u{338}", "⟨U+202E⟩⟨U+0338⟩");
        check("!\u{E0100}\u{ABE3}", "!⟨U+E0100⟩⟨U+ABE3⟩");
        let pile = display_safe(&format!("z{}", "\u{335}".repeat(60)), 80, false);
        assert_eq!(pile.text.chars().filter(|c| *c == '\u{335}').count(), MAX_MARKS);
        assert!(pile.escaped);
        assert_eq!(display_safe("a\n\u{338}", 9, true).text, "a\n⟨U+0338⟩");
    }

    #[test]
    fn a_last_look_leaves_escapes_as_they_are() {
        assert_eq!(still_safe("a⟨U+202E⟩\tb\n"), "a⟨U+202E⟩\tb\n");
        assert_eq!(still_safe("a\u{202E}\u{1b}\r"), "a⟨U+202E⟩⟨U+001B⟩⟨U+000D⟩");
        assert_eq!(still_line("⟨U+202E⟩\u{202E}\n\u{338}", 9), "⟨U+202E⟩⟨U+202E⟩…");
        assert_eq!(still_line("⟩\u{338}", 9), "⟩⟨U+0338⟩");
    }

    proptest! {
        #[test]
        fn what_was_made_safe_is_not_made_safe_again(text in any::<String>()) {
            let safe = line(&text, 200);
            prop_assert_eq!(still_line(&safe, usize::MAX), safe);
        }

        #[test]
        fn nothing_invisible_survives(text in any::<String>()) {
            let safe = display_safe(&text, 200, true);
            prop_assert!(safe.text.chars().all(|c| is_plain(c) || matches!(c, '\n' | '\t' | '⟨' | '⟩')));
        }
    }
}
