//! Makes text fit to stand in a crystal: secrets masked, home folders reduced to `~`, paths in
//! the repository made relative, control characters gone, length bounded. In this order: a
//! secret that was cut in half could no longer be found.

use crate::steps::cut_chars;
use regex::Regex;
use std::sync::LazyLock;

/// Control sequences of terminals.
static ESCAPES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b."])
});

/// Home folders, and folders that name a person or a machine's temporary place.
static HOMES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    const NAME: &str = r#"[^/\\\s"'`:;,()\[\]{}<>|]+"#;
    let pairs = [
        (format!(r"(?:/private)?/var/folders/{NAME}/{NAME}/T"), "/tmp"),
        (format!(r"(?i)\b[a-z]:(?:\\+|/)Users(?:\\+|/){NAME}"), "~"),
        (format!(r"(?:/mnt/[a-z])?/(?:Users|home)/{NAME}"), "~"),
        // Claude Code names a project's folder by its path, with dashes.
        (r"-(?:Users|home)-[A-Za-z0-9_.]+".to_owned(), "-~"),
    ];
    pairs.into_iter().filter_map(|(p, with)| Some((Regex::new(&p).ok()?, with))).collect()
});

/// Compiles patterns; a test holds that all of them do.
pub(crate) fn patterns(sources: &[&str]) -> Vec<Regex> {
    sources.iter().filter_map(|source| Regex::new(source).ok()).collect()
}

/// `text` with every match replaced, untouched where there is none.
pub(crate) fn replace_all(pattern: &Regex, text: String, with: &str) -> String {
    if pattern.is_match(&text) { pattern.replace_all(&text, with).into_owned() } else { text }
}

/// `text` without terminal control sequences.
pub(crate) fn without_escapes(text: &str) -> String {
    if !text.contains('\u{1b}') {
        return text.to_owned();
    }
    ESCAPES.iter().fold(text.to_owned(), |text, escapes| replace_all(escapes, text, ""))
}

/// Tidies the texts of one crystal.
pub(crate) struct Tidy<'a> {
    mask: &'a dyn Fn(&str) -> String,
    cwd: Option<&'a str>,
}

impl<'a> Tidy<'a> {
    /// `mask` masks secrets; `cwd` is the folder that paths are made relative to.
    pub(crate) fn new(mask: &'a dyn Fn(&str) -> String, cwd: Option<&'a str>) -> Self {
        // A folder of one component, such as `/app`, stands in too many other words.
        let cwd = cwd
            .map(|cwd| cwd.trim_end_matches(['/', '\\']))
            .filter(|cwd| cwd.matches(['/', '\\']).count() >= 2);
        Self { mask, cwd }
    }

    /// Lines survive, everything else is tidied; not cut.
    pub(crate) fn whole(&self, text: &str) -> String {
        let mut text = without_escapes(&(self.mask)(text));
        if let Some(cwd) = self.cwd {
            text = relative(&text, cwd);
        }
        for (home, with) in HOMES.iter() {
            text = replace_all(home, text, with);
        }
        text.replace("\r\n", "\n").replace(|c: char| c.is_control() && c != '\n' && c != '\t', " ")
    }

    /// Tidied lines, at most `max` characters, no blank ends.
    pub(crate) fn block(&self, text: &str, max: usize) -> String {
        cut_chars(self.whole(text).trim(), max)
    }

    /// One tidied line, at most `max` characters.
    pub(crate) fn line(&self, text: &str, max: usize) -> String {
        cut_chars(&one_line(&self.whole(text)), max)
    }
}

/// `text` with every run of white space made one space.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` with paths under `cwd` made relative to it, and `cwd` itself made `.`.
fn relative(text: &str, cwd: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split(cwd);
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let after = part.strip_prefix(['/', '\\']);
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let before = out.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/'));
        match after {
            _ if before => {
                out.push_str(cwd);
                out.push_str(part);
            }
            Some(rest) if rest.starts_with(|c: char| goes_on(c)) => out.push_str(rest),
            Some(rest) => {
                out.push_str("./");
                out.push_str(rest);
            }
            // A sibling that only begins alike.
            None if part.starts_with(|c: char| goes_on(c) && c != '.') => {
                out.push_str(cwd);
                out.push_str(part);
            }
            None => {
                out.push('.');
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: &str) {
        let mask = |text: &str| text.replace("hunter2", "[masked]");
        assert_eq!(Tidy::new(&mask, Some("/Users/ann/git/shop")).line(text, 60), want);
    }

    #[test]
    fn nobody_is_named_by_a_path() {
        assert_eq!((ESCAPES.len(), HOMES.len()), (1, 4));
        check("cat /Users/ann/git/shop/src/a.rs", "cat src/a.rs");
        check("cd /Users/ann/git/shop && ls", "cd . && ls");
        check("ls /Users/ann/git/shop/", "ls ./");
        check("ls /Users/ann/git/shopping/a", "ls ~/git/shopping/a");
        check("see /home/bo/.cargo and /Users/cy/x", "see ~/.cargo and ~/x");
        check(r"C:\Users\dee\src D:/Users/dee", r"~\src ~");
        check("/private/tmp/claude/-Users-ann-git-shop/t", "/private/tmp/claude/-~-git-shop/t");
        check("/private/var/folders/jv/1nsz/T/x.txt", "/tmp/x.txt");
        check("/mnt/c/Users/eve/x", "~/x");
    }

    #[test]
    fn text_is_masked_before_it_is_cut() {
        check("pw hunter2 \u{1b}[31mred\u{1b}[0m\u{7}\r\nok", "pw [masked] red ok");
        check(&format!("{} hunter2", "x".repeat(54)), &format!("{} [mas…", "x".repeat(54)));
    }
}
