//! Which format a log has, by its beginning. Content decides, never a file's name.

use crate::{Importer, atif, claude, codex, gemini, opencode, swe_agent};

/// How much of a log's beginning is looked at, in bytes.
pub const RECOGNISE_BYTES: usize = 64 << 10;

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A Claude Code session or sub-agent log: a JSON object per line.
    ClaudeCode,
    /// A Codex CLI rollout: a JSON object per line.
    Codex,
    /// A Gemini CLI session: a JSON object per line.
    Gemini,
    /// An older Gemini CLI session: one document.
    GeminiDocument,
    /// An OpenCode session, its rows or files as a JSON object per line.
    OpenCode,
    /// A SWE-agent trajectory: one document.
    SweAgent,
    /// An ATIF trajectory: one document.
    Atif,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::ClaudeCode,
        Self::Codex,
        Self::Gemini,
        Self::GeminiDocument,
        Self::OpenCode,
        Self::SweAgent,
        Self::Atif,
    ];

    /// The format's name, as it stands in a trace's source.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => claude::FORMAT,
            Self::Codex => codex::FORMAT,
            Self::Gemini | Self::GeminiDocument => gemini::FORMAT,
            Self::OpenCode => opencode::FORMAT,
            Self::SweAgent => swe_agent::FORMAT,
            Self::Atif => atif::FORMAT,
        }
    }

    /// An importer for one log of this format.
    #[must_use]
    pub fn importer(self) -> Box<dyn Importer> {
        match self {
            Self::ClaudeCode => Box::new(claude::ClaudeCode::default()),
            Self::Codex => Box::new(codex::Codex::default()),
            Self::Gemini | Self::GeminiDocument => Box::new(gemini::Gemini::default()),
            Self::OpenCode => Box::new(opencode::OpenCode::default()),
            Self::SweAgent => Box::new(swe_agent::SweAgent::default()),
            Self::Atif => Box::new(atif::Atif::default()),
        }
    }

    /// Whether a log of this format is one document, which its program writes anew each time.
    #[must_use]
    pub const fn is_document(self) -> bool {
        !self.lists().is_empty()
    }

    /// The lists of a document whose elements are records; none in a log of lines.
    pub(crate) const fn lists(self) -> &'static [&'static str] {
        match self {
            Self::GeminiDocument => &["messages"],
            Self::SweAgent => &["trajectory", "history", "messages"],
            Self::Atif => &["steps"],
            _ => &[],
        }
    }

    /// Members of those elements that only repeat the log.
    pub(crate) const fn passed_over(self) -> &'static [&'static str] {
        match self {
            // What was shown to the model at each step: everything before it, again.
            Self::SweAgent => &["query", "messages"],
            _ => &[],
        }
    }
}

/// Recognises a log by its first bytes; [`RECOGNISE_BYTES`] of them are enough. Lines that are
/// not JSON may come first. `None`: no log that is known here.
#[must_use]
pub fn recognise(first_bytes: &[u8]) -> Option<Format> {
    let window = first_bytes.get(..RECOGNISE_BYTES).unwrap_or(first_bytes);
    let window = window.strip_prefix(b"\xef\xbb\xbf").unwrap_or(window);
    if let Some(format) = document(window) {
        return Some(format);
    }
    // A record of one line decides; so many lines are looked at because noise may come first.
    window.split(|byte| *byte == b'\n').find_map(line)
}

fn line(line: &[u8]) -> Option<Format> {
    let line = line.trim_ascii();
    if !line.starts_with(b"{") {
        return None;
    }
    if opencode::is_record(line) {
        Some(Format::OpenCode)
    } else if codex::is_record(line) {
        Some(Format::Codex)
    } else if gemini::is_record(line) {
        Some(Format::Gemini)
    } else {
        claude::is_record(line).then_some(Format::ClaudeCode)
    }
}

/// A document is told by the names of its first members.
fn document(window: &[u8]) -> Option<Format> {
    let members = members(window);
    let has = |name: &str| members.iter().any(|(member, _)| member == name);
    let list = |name: &str| members.iter().any(|(member, list)| member == name && *list);
    if members.iter().any(|(member, _)| member == "schema_version")
        && String::from_utf8_lossy(window).contains("\"ATIF-v")
    {
        return Some(Format::Atif);
    }
    if list("messages") && has("sessionId") && has("projectHash") {
        return Some(Format::GeminiDocument);
    }
    let said = String::from_utf8_lossy(window);
    let history = list("history") && said.contains("\"role\"") && said.contains("\"agent\"");
    let swe = list("trajectory") || history;
    let swe = swe || (has("trajectory_format") || has("info")) && list("messages");
    swe.then_some(Format::SweAgent)
}

/// The members of the object that `window` begins, as far as it goes, and whether each is a list.
fn members(window: &[u8]) -> Vec<(String, bool)> {
    const MOST: usize = 64;
    let mut found = Vec::new();
    let (mut depth, mut naming, mut escaped) = (0_usize, true, false);
    let (mut text, mut name) = (None::<Vec<u8>>, None::<String>);
    for &byte in window {
        if let Some(inside) = text.as_mut() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    let whole = text.take().unwrap_or_default();
                    if depth == 1 && naming {
                        name = Some(String::from_utf8_lossy(&whole).into_owned());
                        naming = false;
                    }
                }
                _ if depth == 1 && inside.len() < MOST => inside.push(byte),
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => text = Some(Vec::new()),
            b'{' | b'[' => {
                if depth == 1 {
                    found.extend(name.take().map(|name| (name, byte == b'[')));
                }
                depth += 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 1 => {
                found.extend(name.take().map(|name| (name, false)));
                naming = true;
            }
            _ if depth == 0 && !byte.is_ascii_whitespace() => break,
            _ => {}
        }
        if found.len() >= MOST {
            break;
        }
    }
    found.extend(name.map(|name| (name, false)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_members_of_a_document_are_named() {
        let text = br#"{"a":"x,\"b\":1","c":[{"d":1}],"e":{"f":2},"g":7,"h":"cut"#;
        let got = members(text);
        let got: Vec<(&str, bool)> =
            got.iter().map(|(name, list)| (name.as_str(), *list)).collect();
        assert_eq!(got, [("a", false), ("c", true), ("e", false), ("g", false), ("h", false)]);
        assert!(members(b"[1]").is_empty() && members(b"x {\"a\":1}").is_empty());
    }

    #[test]
    fn content_decides() {
        let check = |text: &str, want| assert_eq!(recognise(text.as_bytes()), want, "{text}");
        check("{\n \"trajectory\": [", Some(Format::SweAgent));
        check(r#"{"info":{},"messages":[{}],"trajectory_format":"x"}"#, Some(Format::SweAgent));
        check(r#"{"history":[{"role":"user","agent":"main"}]}"#, Some(Format::SweAgent));
        check(r#"{"history":[1,2]}"#, None);
        check(r#"{"schema_version":"ATIF-v1.7","agent":{}}"#, Some(Format::Atif));
        check(r#"{"sessionId":"s","projectHash":"p","messages":[]}"#, Some(Format::GeminiDocument));
        check(r#"{"sessionId":"s","projectHash":"p","startTime":"t"}"#, Some(Format::Gemini));
        check(
            "noise\n{\"timestamp\":\"t\",\"type\":\"session_meta\",\"payload\":{}}",
            Some(Format::Codex),
        );
        check(r#"{"table":"session","id":"ses_1","data":{}}"#, Some(Format::OpenCode));
        check(r#"{"messages":[]}"#, None);
    }
}
