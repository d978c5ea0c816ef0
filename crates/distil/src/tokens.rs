//! Tokens, as agents' logs count them. Each program counts its own way: per message, which it may
//! write down several times, or as a total that grows. A log that counts none has none.

use crate::{
    Format,
    run::{Importer, Run},
};
use artifact::ArtifactId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// The most messages of one log whose tokens are counted; of a log with more, none are told.
const MAX_MESSAGES: usize = 200_000;

/// Tokens of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// What the model read, cached or not.
    pub read: u64,
    /// What it wrote, its thoughts included.
    pub written: u64,
}

/// Whose tokens these are.
#[derive(Debug, PartialEq, Eq)]
enum Of {
    /// One message: what is counted last holds.
    Message(String),
    /// The whole run so far.
    Run,
}

/// An importer that also counts.
pub(crate) struct Counting {
    format: Format,
    inner: Box<dyn Importer>,
    messages: HashMap<String, Tokens>,
    run: Option<Tokens>,
    overfull: bool,
}

impl Counting {
    pub(crate) fn new(format: Format) -> Self {
        let inner = format.importer();
        Self { format, inner, messages: HashMap::new(), run: None, overfull: false }
    }

    fn total(&self) -> Option<Tokens> {
        let sum = |a: Tokens, b: &Tokens| Tokens {
            read: a.read.saturating_add(b.read),
            written: a.written.saturating_add(b.written),
        };
        let messages = self.messages.values().fold(Tokens::default(), sum);
        let all = self.run.unwrap_or(messages);
        // A program that writes zeros does not count.
        (!self.overfull && all != Tokens::default()).then_some(all)
    }
}

impl Importer for Counting {
    fn format(&self) -> &'static str {
        self.inner.format()
    }

    fn record(&mut self, member: &str, bytes: &[u8]) {
        self.inner.record(member, bytes);
        if memchr::memmem::find(bytes, b"tokens").is_none() {
            return;
        }
        let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
        match counted(self.format, member, &value) {
            Some((Of::Run, tokens)) => self.run = Some(tokens),
            Some((Of::Message(id), tokens)) => {
                self.overfull |= self.messages.len() >= MAX_MESSAGES;
                if !self.overfull {
                    self.messages.insert(id, tokens);
                }
            }
            None => {}
        }
    }

    fn oversized(&mut self, bytes: u64) {
        self.inner.oversized(bytes);
    }

    fn finish(self: Box<Self>, source: ArtifactId) -> Run {
        let tokens = self.total();
        Run { tokens, ..self.inner.finish(source) }
    }
}

/// What one record counts.
fn counted(format: Format, member: &str, record: &Value) -> Option<(Of, Tokens)> {
    let at = |path: &str| record.pointer(path).unwrap_or(&Value::Null);
    let message = |path: &str| Some(Of::Message(at(path).as_str()?.to_owned()));
    match format {
        Format::ClaudeCode => {
            let read = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];
            let tokens = tokens(at("/message/usage"), &read, &["output_tokens"])?;
            Some((message("/message/id").or_else(|| message("/uuid"))?, tokens))
        }
        Format::Codex => {
            let total = at("/payload/info/total_token_usage");
            // What came from the cache is part of the input, thoughts are part of the output.
            Some((Of::Run, tokens(total, &["input_tokens"], &["output_tokens"])?))
        }
        Format::Gemini | Format::GeminiDocument => {
            let tokens = tokens(at("/tokens"), &["input", "tool"], &["output", "thoughts"])?;
            Some((message("/id")?, tokens))
        }
        Format::OpenCode => {
            // Its parts repeat what stands in their message.
            if at("/table") != "message" {
                return None;
            }
            let mut tokens = tokens(at("/data/tokens"), &["input"], &["output", "reasoning"])?;
            let cache = ["/data/tokens/cache/read", "/data/tokens/cache/write"];
            let cache = cache.map(|path| at(path).as_u64().unwrap_or(0));
            tokens.read = cache.iter().fold(tokens.read, |sum, n| sum.saturating_add(*n));
            Some((message("/id")?, tokens))
        }
        Format::SweAgent => {
            let stats = if member == "info" { at("/model_stats") } else { &Value::Null };
            Some((Of::Run, tokens(stats, &["tokens_sent"], &["tokens_received"])?))
        }
        Format::Atif if member == "final_metrics" => {
            let (read, written) = (["total_prompt_tokens"], ["total_completion_tokens"]);
            Some((Of::Run, tokens(record, &read, &written)?))
        }
        Format::Atif => {
            let tokens = tokens(at("/metrics"), &["prompt_tokens"], &["completion_tokens"])?;
            Some((Of::Message(at("/step_id").to_string()), tokens))
        }
    }
}

/// The sums of these members; none where none of them is a count.
fn tokens(counts: &Value, read: &[&str], written: &[&str]) -> Option<Tokens> {
    let sum = |names: &[&str]| {
        let all = names.iter().filter_map(|name| counts.get(*name)?.as_u64());
        all.reduce(u64::saturating_add)
    };
    let (read, written) = (sum(read), sum(written));
    read.or(written)?;
    Some(Tokens { read: read.unwrap_or(0), written: written.unwrap_or(0) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Log;

    #[track_caller]
    fn check(format: Format, log: &str, want: Option<(u64, u64)>) {
        let mut reading = Log::counting(format);
        reading.push(log.as_bytes());
        let got = reading.finish(ArtifactId::of(log.as_bytes())).tokens;
        assert_eq!(got.map(|tokens| (tokens.read, tokens.written)), want, "{log}");
        let plain = Log::read(format, log.as_bytes());
        assert_eq!(plain.tokens, None, "only who asks for tokens is told");
    }

    #[test]
    fn a_message_that_is_written_down_twice_counts_once() {
        check(
            Format::ClaudeCode,
            r#"{"type":"assistant","message":{"id":"m1","usage":{"input_tokens":10,"cache_read_input_tokens":100,"output_tokens":1},"content":[]}}
{"type":"assistant","message":{"id":"m1","usage":{"input_tokens":10,"cache_read_input_tokens":100,"output_tokens":7},"content":[]}}
{"type":"assistant","uuid":"u","message":{"usage":{"input_tokens":5,"output_tokens":2},"content":[]}}
{"type":"user","message":{"content":"my tokens"}}"#,
            Some((115, 9)),
        );
        check(
            Format::Gemini,
            r#"{"sessionId":"s","projectHash":"p","startTime":"t"}
{"id":"a","type":"gemini","content":"x","tokens":{"input":3,"output":1,"cached":2,"thoughts":4,"tool":0,"total":8}}
{"id":"a","type":"gemini","content":"x","tokens":null}"#,
            Some((3, 5)),
        );
        check(
            Format::OpenCode,
            r#"{"table":"message","id":"m","data":{"role":"assistant","tokens":{"input":2,"output":3,"reasoning":4,"cache":{"read":5,"write":6}}}}
{"table":"part","id":"p","data":{"type":"step-finish","tokens":{"input":2,"output":3}}}"#,
            Some((13, 7)),
        );
    }

    #[test]
    fn a_total_that_grows_counts_as_it_stood_last() {
        check(
            Format::Codex,
            r#"{"timestamp":"t","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":5,"output_tokens":1}}}}
{"timestamp":"t","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":50,"output_tokens":10}}}}
{"timestamp":"t","type":"event_msg","payload":{"type":"token_count","info":null}}"#,
            Some((50, 10)),
        );
        check(
            Format::SweAgent,
            r#"{"trajectory":[],"info":{"model_stats":{"tokens_sent":9,"tokens_received":4}}}"#,
            Some((9, 4)),
        );
        check(
            Format::Atif,
            r#"{"schema_version":"ATIF-v1.7","steps":[{"step_id":1,"source":"agent","metrics":{"prompt_tokens":2,"completion_tokens":1}},{"step_id":2,"source":"agent","metrics":{"prompt_tokens":3}}]}"#,
            Some((5, 1)),
        );
    }

    #[test]
    fn nothing_is_invented() {
        check(Format::ClaudeCode, r#"{"type":"user","message":{"content":"tokens"}}"#, None);
        check(
            Format::ClaudeCode,
            r#"{"type":"assistant","message":{"id":"m","usage":{"input_tokens":"many"}}}"#,
            None,
        );
        let zeros =
            r#"{"trajectory":[],"info":{"model_stats":{"tokens_sent":0,"tokens_received":0}}}"#;
        check(Format::SweAgent, zeros, None);
        check(Format::Codex, "tokens, and no JSON", None);
    }
}
