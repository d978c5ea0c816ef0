//! The importer for SWE-agent trajectories (<https://swe-agent.com/latest/usage/trajectories/>):
//! one document with the turns in `trajectory`, what was said to the model in `history`, and how
//! it ended in `info`. Trajectories of mini-swe-agent have `messages` in place of both.
//!
//! The task stands in the history, which usually comes after the turns: it is the first record of
//! the run, and turn `n` of the trajectory is record `n + 1`. The patch that was submitted tells
//! which edits survived. No status of a command is kept, so its output tells how it ended.

mod action;

use crate::{
    patch,
    run::{Deed, Importer, Run, Span, Verdict, Work},
    scribe::{At, Scribe, fill},
    shape::{Content, Perhaps, Scalar},
    steps::cut_bytes,
    tool::{self, Ending},
};
use action::Action;
use artifact::{ArtifactId, StepKind};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The format's name.
pub(crate) const FORMAT: &str = "swe-agent";
/// The most bytes of a submitted patch that are read.
const MAX_PATCH: usize = 1 << 20;

/// Reads one trajectory.
#[derive(Debug)]
pub(crate) struct SweAgent {
    /// What `trajectory` tells.
    turns: Scribe,
    /// What `history` or `messages` tell, for logs without a trajectory.
    talk: Scribe,
    /// What was asked.
    task: Option<String>,
    submission: String,
    /// The file that is open in the agent's editor.
    open: String,
    /// The calls of `messages` so far.
    calls: u64,
}

impl Default for SweAgent {
    fn default() -> Self {
        let mut turns = Scribe::new(FORMAT);
        // The task comes before all turns.
        turns.counts.lines = 1;
        let talk = Scribe::new(FORMAT);
        let (task, submission, open) = (None, String::new(), String::new());
        Self { turns, talk, task, submission, open, calls: 0 }
    }
}

/// A turn of the trajectory.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Turn<'a> {
    #[serde(borrow)]
    action: Scalar<'a>,
    #[serde(borrow)]
    observation: Scalar<'a>,
    #[serde(borrow)]
    thought: Scalar<'a>,
    #[serde(borrow)]
    response: Scalar<'a>,
    #[serde(borrow)]
    state: Option<&'a RawValue>,
}

/// What the editor says of itself after a turn.
#[derive(Default, Deserialize)]
#[serde(default)]
struct State<'a> {
    #[serde(borrow)]
    open_file: Scalar<'a>,
    #[serde(borrow)]
    working_dir: Scalar<'a>,
}

/// A message of the history.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    role: Scalar<'a>,
    #[serde(borrow)]
    content: Content<'a, Block<'a>>,
    #[serde(borrow)]
    thought: Scalar<'a>,
    #[serde(borrow)]
    action: Scalar<'a>,
    #[serde(borrow)]
    is_demo: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Block<'a> {
    #[serde(borrow)]
    text: Scalar<'a>,
}

impl<'a> From<Cow<'a, str>> for Block<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self { text: Scalar::Text(text) }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ended<'a> {
    #[serde(borrow)]
    submission: Scalar<'a>,
    #[serde(borrow)]
    swe_agent_version: Scalar<'a>,
    #[serde(borrow)]
    mini_version: Scalar<'a>,
    #[serde(borrow)]
    config: Perhaps<Config<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config<'a> {
    #[serde(borrow)]
    model: Perhaps<Model<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Model<'a> {
    #[serde(borrow)]
    model_name: Scalar<'a>,
}

impl Importer for SweAgent {
    fn format(&self) -> &'static str {
        FORMAT
    }

    fn record(&mut self, member: &str, bytes: &[u8]) {
        let scribe = if member == "trajectory" { &mut self.turns } else { &mut self.talk };
        if !scribe.next(bytes) {
            return;
        }
        let read = match member {
            "trajectory" => self.turn(bytes),
            "history" | "messages" => self.message(bytes),
            "info" => self.info(bytes),
            _ => {
                let json = serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
                if json && !member.is_empty() {
                    self.talk.count(member);
                }
                json && !member.is_empty()
            }
        };
        if !read {
            let scribe = if member == "trajectory" { &mut self.turns } else { &mut self.talk };
            scribe.unreadable(bytes);
        }
    }

    fn oversized(&mut self, bytes: u64) {
        self.turns.oversized(bytes);
    }

    fn finish(self: Box<Self>, source: ArtifactId) -> Run {
        let told = self.turns.has_steps();
        let (mut scribe, other) =
            if told { (self.turns, self.talk) } else { (self.talk, self.turns) };
        // What the other members of the document were is counted, and not written down twice.
        scribe.counts.lines = (scribe.counts.lines + other.counts.lines).saturating_sub(1);
        scribe.counts.malformed += other.counts.malformed;
        scribe.counts.unknown += other.counts.unknown;
        scribe.counts.oversized += other.counts.oversized;
        for (kind, count) in other.counts.kinds {
            *scribe.counts.kinds.entry(kind).or_default() += count;
        }
        scribe.model = scribe.model.or(other.model);
        fill(&mut scribe.place.version, other.place.version.as_deref());
        if told && let Some(task) = &self.task {
            scribe.begins_with(task);
        }
        let files = patch::files(cut_bytes(&self.submission, MAX_PATCH));
        settle_edits(&mut scribe, files);
        scribe.finish(source)
    }
}

impl SweAgent {
    fn turn(&mut self, bytes: &[u8]) -> bool {
        let Ok(Perhaps(Some(turn))) = serde_json::from_slice::<Perhaps<Turn<'_>>>(bytes) else {
            return false;
        };
        self.turns.count("trajectory");
        let at = self.turns.at(None);
        let thought = turn.thought.text().or(turn.response.text()).unwrap_or_default();
        let state = state(turn.state);
        let (open, folder) = state.unwrap_or_default();
        self.turns.settle(Some(folder.as_str()).filter(|folder| !folder.is_empty()), None);
        act(&mut self.turns, at, (thought, turn.action.str(), turn.observation.str()), &self.open);
        if !open.is_empty() && open != "n/a" {
            self.open = open;
        }
        true
    }

    fn message(&mut self, bytes: &[u8]) -> bool {
        let Ok(Perhaps(Some(message))) = serde_json::from_slice::<Perhaps<Message<'_>>>(bytes)
        else {
            return false;
        };
        self.talk.count("history");
        let text = match &message.content {
            Content::Nothing => Cow::Borrowed(""),
            Content::Text(text) => Cow::Borrowed(text.as_ref()),
            Content::Blocks(blocks) => {
                Cow::Owned(blocks.iter().map(|b| b.text.str()).collect::<Vec<_>>().join("\n"))
            }
        };
        let at = self.talk.at(None);
        match message.role.str() {
            _ if message.is_demo.is_true() || is_demo(&text) => {
                self.talk.note(at, "demo", "", text.len())
            }
            "user" if self.task.is_none() && !text.trim().is_empty() => {
                self.task = Some(text.clone().into_owned());
                self.talk.words(at, StepKind::Ask, &text);
            }
            "assistant" => {
                let (thought, action) = match message.action.text() {
                    Some(action) => (message.thought.text().unwrap_or(&text), action),
                    None => action::in_words(&text),
                };
                self.calls += 1;
                let call = self.calls.to_string();
                begin(&mut self.talk, at, &call, (thought, action), &self.open);
            }
            "user" | "tool" => {
                if let Some(open) = action::opened(&text) {
                    self.open = open.to_owned();
                }
                self.talk.settle(action::folder(&text), None);
                let call = self.calls.to_string();
                let (ending, text) = action::ending(&text);
                self.talk.result(at, Some(&call), ending, text);
            }
            role => self.talk.note(at, role, cut_bytes(&text, 1 << 10), text.len()),
        }
        true
    }

    fn info(&mut self, bytes: &[u8]) -> bool {
        let Ok(Perhaps(Some(info))) = serde_json::from_slice::<Perhaps<Ended<'_>>>(bytes) else {
            return false;
        };
        self.talk.count("info");
        self.submission = info.submission.str().to_owned();
        let version = info.swe_agent_version.text().or(info.mini_version.text());
        fill(&mut self.talk.place.version, version);
        let model = info.config.0.and_then(|config| config.model.0);
        self.talk.uses_model(model.as_ref().and_then(|model| model.model_name.text()));
        true
    }
}

/// The open file and the working folder, from an object or from text that holds one.
fn state(raw: Option<&RawValue>) -> Option<(String, String)> {
    let raw = raw?.get();
    let text: String;
    let json = if raw.starts_with('"') {
        text = serde_json::from_str(raw).ok()?;
        text.as_str()
    } else {
        raw
    };
    let read: Perhaps<State<'_>> = serde_json::from_str(json).ok()?;
    let read = read.0?;
    Some((read.open_file.str().to_owned(), read.working_dir.str().to_owned()))
}

/// Demonstrations of other tasks that are shown to the model.
fn is_demo(text: &str) -> bool {
    text.starts_with("Here is a demonstration of how to correctly accomplish this task")
}

/// A whole turn: what was thought, done and seen.
fn act(scribe: &mut Scribe, at: At, turn: (&str, &str, &str), open: &str) {
    let (thought, action, seen) = turn;
    let call = at.line.to_string();
    begin(scribe, at, &call, (thought, action), open);
    if !action.trim().is_empty() || !seen.is_empty() {
        let (ending, text) = action::ending(seen);
        scribe.result(at, Some(&call), ending, text);
    }
}

fn begin(scribe: &mut Scribe, at: At, call: &str, turn: (&str, &str), open: &str) {
    let (thought, action) = turn;
    if !thought.trim().is_empty() {
        scribe.words(at, StepKind::Say, action::without_block(thought));
    }
    if action.trim().is_empty() {
        return;
    }
    let action = Action::new(action, open);
    let begun = action.begin(at.line);
    scribe.call(at, Some(call), action.tool, action.text, begun);
}

/// The submitted patch tells which edits survived: an edit that left no line in it did not, and
/// the last one that did stands for all changes of its file.
fn settle_edits(scribe: &mut Scribe, files: Vec<(String, Vec<Span>)>) {
    if files.is_empty() {
        return;
    }
    let line = scribe.counts.lines;
    let all = scribe.work_mut();
    let mut last: Vec<(usize, usize)> = Vec::new();
    for (n, work) in all.iter_mut().enumerate() {
        let Deed::Edit { file, spans } = &work.deed else { continue };
        let found =
            files.iter().position(|(name, _)| file == name || file.ends_with(&format!("/{name}")));
        let of = found.and_then(|of| files.get(of).map(|(_, kept)| (of, kept)));
        if work.verdict != Verdict::Passed {
            continue;
        }
        match of {
            Some((of, kept)) if shares_a_line(spans, kept) => last.push((of, n)),
            // It was written over, or taken back, before the end.
            _ => work.verdict = Verdict::Unknown,
        }
    }
    for (of, (name, spans)) in files.into_iter().enumerate() {
        let mine = last.iter().filter(|(file, _)| *file == of).map(|(_, n)| *n);
        let places: Vec<usize> = mine.collect();
        for n in places.iter().rev().skip(1) {
            if let Some(work) = all.get_mut(*n) {
                work.verdict = Verdict::Unknown;
            }
        }
        let deed = Deed::Edit { file: name, spans };
        match places.last().and_then(|n| all.get_mut(*n)) {
            Some(work) => work.deed = deed,
            None => {
                let line = submitted(all).unwrap_or(line);
                let mut work = tool::begin(line, deed);
                tool::end(&mut work, line, Ending::default(), "");
                all.push(work);
            }
        }
    }
    all.sort_by_key(|work| work.line);
}

/// The line on which the patch was handed in: that of the last piece of work.
fn submitted(all: &[Work]) -> Option<u64> {
    all.iter().map(|work| work.ended.unwrap_or(work.line)).max()
}

fn shares_a_line(written: &[Span], kept: &[Span]) -> bool {
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.trim().to_owned()).filter(|line| line.len() > 2).collect()
    };
    let kept: Vec<String> = kept.iter().flat_map(|span| lines(&span.new)).collect();
    written.iter().flat_map(|span| lines(&span.new)).any(|line| kept.contains(&line))
}

#[cfg(test)]
mod tests;
