//! The importer for Gemini CLI sessions, as the program leaves them under
//! `tmp/<project>/chats/session-*.json(l)`: in older versions one document with `messages`, then
//! a line for each record.
//!
//! In lines, a message may come again with more in it: the last one of an id counts. `$set`
//! changes what is known of the session, or all its messages; `$rewindTo` takes a message and
//! all after it back. So what a message says is held, within bounds, until the log ends.

mod message;

use crate::{
    scribe::{self, At, KNOWN_NOTE, Scribe},
    scribed::Scribed,
    shape::{Perhaps, Scalar},
};
use message::{Held, Message};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The format's name.
pub(crate) const FORMAT: &str = "gemini-cli";

/// The most messages that are held, and the most bytes of what they say.
const MAX_HELD: usize = 200_000;
const MAX_HELD_TEXT: usize = 48 << 20;

/// Reads one session.
#[derive(Debug)]
pub(crate) struct Gemini {
    scribe: Scribe,
    /// The messages that stand, by the place of their first coming.
    held: BTreeMap<u64, Held>,
    /// Where each id first came.
    places: BTreeMap<String, u64>,
    next: u64,
    weight: usize,
}

impl Default for Gemini {
    fn default() -> Self {
        let (held, places) = (BTreeMap::new(), BTreeMap::new());
        Self { scribe: Scribe::new(FORMAT), held, places, next: 0, weight: 0 }
    }
}

/// A line that is no message.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Session<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    #[serde(borrow, rename = "sessionId")]
    session: Scalar<'a>,
    #[serde(borrow, rename = "projectHash")]
    project: Scalar<'a>,
    #[serde(borrow, rename = "startTime")]
    start: Scalar<'a>,
    #[serde(borrow)]
    kind: Scalar<'a>,
    #[serde(borrow)]
    directories: Option<&'a RawValue>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow, rename = "$rewindTo")]
    rewind: Scalar<'a>,
    #[serde(borrow, rename = "$set")]
    set: Option<&'a RawValue>,
}

impl Scribed for Gemini {
    const NAME: &'static str = FORMAT;

    fn scribe(&mut self) -> &mut Scribe {
        &mut self.scribe
    }

    fn read(&mut self, member: &str, bytes: &[u8]) -> bool {
        match member {
            "" => self.line(bytes),
            "messages" => self.message(bytes),
            _ => self.member(member, bytes),
        }
    }

    fn end(mut self) -> Scribe {
        // A message stands where its last version does.
        let mut held: Vec<Held> = std::mem::take(&mut self.held).into_values().collect();
        held.sort_by_key(Held::line);
        let lines = self.scribe.counts.lines;
        for message in held {
            message.write(&mut self.scribe);
        }
        self.scribe.counts.lines = lines;
        self.scribe.sort();
        self.scribe
    }
}

impl Gemini {
    fn line(&mut self, bytes: &[u8]) -> bool {
        let Ok(Perhaps(Some(line))) = serde_json::from_slice::<Perhaps<Session<'_>>>(bytes) else {
            return false;
        };
        if let Some(id) = line.rewind.text() {
            self.scribe.count("$rewindTo");
            self.rewind(id);
            return true;
        }
        if line.id.text().is_some() {
            return self.message(bytes);
        }
        if let Some(set) = line.set {
            self.scribe.count("$set");
            self.scribe.note_raw(None, "$set", bytes, KNOWN_NOTE);
            return self.set(set.get());
        }
        if line.session.text().is_some() {
            self.scribe.count("session");
            self.scribe.note_raw(None, "session", bytes, KNOWN_NOTE);
            self.session(&line);
            return true;
        }
        false
    }

    /// A message; the last one of an id counts.
    fn message(&mut self, bytes: &[u8]) -> bool {
        let Ok(Perhaps(Some(message))) = serde_json::from_slice::<Perhaps<Message<'_>>>(bytes)
        else {
            return false;
        };
        let kind = message.kind.str();
        if !message::KNOWN.contains(&kind) {
            self.scribe.unknown(kind, bytes);
            return true;
        }
        self.scribe.count(kind);
        let at = self.scribe.at(scribe::time(&message.timestamp));
        self.scribe.uses_model(message.model.text());
        self.hold(message.id.str(), message.hold(at));
        true
    }

    fn hold(&mut self, id: &str, held: Held) {
        let place = self.places.get(id).copied().filter(|_| !id.is_empty());
        let before = place.and_then(|place| self.held.get(&place)).map_or(0, Held::weight);
        let weight = self.weight - before + held.weight();
        if weight > MAX_HELD_TEXT || (place.is_none() && self.held.len() >= MAX_HELD) {
            self.scribe.counts.dropped += 1;
            return;
        }
        let place = place.unwrap_or_else(|| {
            self.next += 1;
            if !id.is_empty() {
                self.places.insert(id.to_owned(), self.next);
            }
            self.next
        });
        self.weight = weight;
        self.held.insert(place, held);
    }

    /// Takes a message and all after it back; all of them where it is not known.
    fn rewind(&mut self, id: &str) {
        let from = self.places.get(id).copied().unwrap_or_default();
        for held in self.held.split_off(&from).into_values() {
            self.weight -= held.weight();
            // What was taken back is still part of the log.
            let at = At { line: held.line(), ..At::default() };
            self.scribe.note(at, "rewound", "", held.weight());
        }
        self.places.retain(|_, place| *place < from);
    }

    fn set(&mut self, set: &str) -> bool {
        let Ok(Perhaps(Some(set))) = serde_json::from_str::<Perhaps<Session<'_>>>(set) else {
            return false;
        };
        self.session(&set);
        true
    }

    /// What is known of the session; messages given with it stand for all before.
    fn session(&mut self, session: &Session<'_>) {
        if session.project.text().is_some() || session.session.text().is_some() {
            self.scribe.at(scribe::time(&session.start));
        }
        let folders: Vec<String> = session
            .directories
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        self.scribe.settle(folders.first().map(String::as_str), session.session.text());
        self.scribe.place.sidechain |= session.kind.text() == Some("subagent");
        let messages =
            session.messages.and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
        if let Some(messages) = messages {
            self.rewind("");
            for message in messages {
                if !self.message(message.get().as_bytes()) {
                    self.scribe.unknown("", message.get().as_bytes());
                }
            }
        }
    }

    /// A member of a document that is not its messages.
    fn member(&mut self, member: &str, bytes: &[u8]) -> bool {
        let Ok(value) = serde_json::from_slice::<Scalar<'_>>(bytes) else { return false };
        self.scribe.count(member);
        match member {
            "sessionId" => self.scribe.settle(None, value.text()),
            "startTime" | "lastUpdated" => {
                self.scribe.at(scribe::time(&value));
            }
            "kind" => self.scribe.place.sidechain |= value.text() == Some("subagent"),
            "directories" => {
                self.scribe.note_raw(None, member, bytes, KNOWN_NOTE);
                let folders: Vec<String> = serde_json::from_slice(bytes).unwrap_or_default();
                self.scribe.settle(folders.first().map(String::as_str), None);
            }
            _ => self.scribe.note_raw(None, member, bytes, KNOWN_NOTE),
        }
        true
    }
}

/// Whether a line, perhaps cut off, is a line of a session.
pub(crate) fn is_record(line: &[u8]) -> bool {
    if let Ok(Perhaps(Some(line))) = serde_json::from_slice::<Perhaps<Session<'_>>>(line) {
        return line.session.text().is_some() && line.project.text().is_some();
    }
    let text = String::from_utf8_lossy(line);
    ["\"sessionId\":", "\"projectHash\":"].iter().all(|field| text.contains(field))
}

#[cfg(test)]
mod tests;
