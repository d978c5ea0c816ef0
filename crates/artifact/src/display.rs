//! The one way text from an agent, a peer or an artifact reaches a human's eye.
//!
//! Control, bidirectional, zero-width and other invisible characters become visible escapes,
//! the length is capped, and words of mixed scripts are flagged. The result is still plain
//! text: no caller may read markup into it.

use unicode_security::MixedScript;

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
    let mut out = String::with_capacity(text.len().min(max.saturating_mul(4)));
    let (mut cut, mut escaped) = (false, false);
    for (n, c) in text.chars().enumerate() {
        if n == max {
            out.push('…');
            cut = true;
            break;
        }
        if is_plain(c) || (lines && matches!(c, '\n' | '\t')) {
            out.push(c);
        } else {
            escaped = true;
            out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
        }
    }
    let mixed_scripts = out.split(|c: char| !c.is_alphanumeric()).any(|w| !w.is_single_script());
    DisplaySafe { text: out, cut, escaped, mixed_scripts }
}

/// One line of at most `max` characters, for titles and names.
#[must_use]
pub fn line(text: &str, max: usize) -> String {
    display_safe(text, max, false).text
}

/// Whether a character shows as itself and changes nothing around it.
fn is_plain(c: char) -> bool {
    let invisible = matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}');
    // The brackets of an escape are escaped too, so that no text can pretend to be one.
    !c.is_control() && !invisible && !matches!(c, '⟨' | '⟩')
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
    fn invisible_characters_are_seen() {
        check("plain – текст 中文 ok", "plain – текст 中文 ok");
        check("a\u{202E}b", "a⟨U+202E⟩b");
        check("a\u{200B}b\nc", "a⟨U+200B⟩b⟨U+000A⟩c");
        check("\u{1b}[31mred", "⟨U+001B⟩[31mred");
        check("⟨U+0041⟩", "⟨U+27E8⟩U+0041⟨U+27E9⟩");
        check("\u{E0041}tag", "⟨U+E0041⟩tag");
        assert!(display_safe("p\u{0430}ypal", 40, false).mixed_scripts);
        assert!(!display_safe("paypal и друзья", 40, false).mixed_scripts);
        assert!(display_safe(&"x".repeat(50), 40, false).cut);
    }

    proptest! {
        #[test]
        fn nothing_invisible_survives(text in any::<String>()) {
            let safe = display_safe(&text, 200, true);
            prop_assert!(safe.text.chars().all(|c| is_plain(c) || matches!(c, '\n' | '\t' | '⟨' | '⟩')));
        }
    }
}
