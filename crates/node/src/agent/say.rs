//! The one place where an answer to an agent is made.
//!
//! There are three kinds: our own sentences; our own sentences around a frame; a fault. Promises:
//! what others wrote is in a frame; nothing in an answer is invisible or moves a cursor; and what
//! is meant for programs carries ids, states and names, and no text of a crystal.

use super::frame::{FrameId, Item, defused, framed, noted};
use crate::{Fault, clock::random};
use artifact::display::still_safe;
use door::{AgentReply, request::MAX_TEXT};
use serde_json::Value;

/// The least that a frame gets, whatever stands beside it.
const FRAME: usize = 2_000;

/// Our own words.
pub(super) fn said(text: String, body: Value) -> Result<AgentReply, Fault> {
    Ok(sealed(AgentReply { refused: false, text, body }))
}

/// Our own words around what others wrote. What is for programs has its place first.
pub(super) fn quoting(
    before: &str,
    items: &[Item],
    after: &str,
    body: Value,
) -> Result<AgentReply, Fault> {
    let text = around(before, items, after, body.to_string().len())?;
    Ok(sealed(AgentReply { refused: false, text, body }))
}

/// What an agent is given that did not ask: frames only, so that whoever reads its log can tell
/// all of it from what was said there. `words` are our own.
pub(super) fn unasked(words: &str, items: &[Item]) -> Result<AgentReply, Fault> {
    let mut text = if words.is_empty() { String::new() } else { noted(FrameId(random()?), words) };
    if !items.is_empty() {
        let parted = if text.is_empty() { "" } else { "\n" };
        let room = MAX_TEXT.saturating_sub(text.len() + parted.len());
        text = [text.as_str(), parted, &framed(FrameId(random()?), items, room)].concat();
    }
    Ok(sealed(AgentReply { refused: false, text, body: Value::Null }))
}

/// A fault, and a list that helps.
pub(super) fn refused_with(fault: &Fault, item: Item) -> Result<AgentReply, Fault> {
    let text = around(&told(fault), &[item], "", 0)?;
    Ok(sealed(AgentReply { refused: true, text, body: Value::Null }))
}

/// A fault.
pub(super) fn refused(fault: &Fault) -> AgentReply {
    sealed(AgentReply::refused(told(fault)))
}

/// A fault may repeat what the agent gave, and that may be what it just read.
fn told(fault: &Fault) -> String {
    defused(&fault.to_string())
}

fn around(before: &str, items: &[Item], after: &str, beside: usize) -> Result<String, Fault> {
    let lines = before.len() + after.len() + "\n\n".len();
    let room = MAX_TEXT.saturating_sub(lines + beside).max(FRAME).min(MAX_TEXT - lines);
    let frame = framed(FrameId(random()?), items, room);
    let parts = [before, &frame, after];
    Ok(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n"))
}

/// A last look at every answer. It finds nothing to do unless one of the above is broken.
pub(super) fn sealed(reply: AgentReply) -> AgentReply {
    let text = still_safe(&reply.text);
    AgentReply { text, ..reply }.capped()
}
