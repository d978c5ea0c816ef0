//! Cuts a log that is one JSON document into records: each element of the lists that matter, and
//! each other member of the object whole. Only the present record is held, a very long text in
//! it is cut short, and members that repeat the rest of the log are passed over, so that memory
//! is bounded whatever the size of the document.
//!
//! It does not parse: a record may be anything, and its reader judges it. What is cut off, or is
//! no document at all, comes as one record that no reader can read.

use crate::run::{Importer, MAX_LINE};

/// The most bytes of one text in a record; the rest of it is passed over.
const MAX_TEXT: usize = 256 << 10;
/// The most bytes of a member's name.
const MAX_NAME: usize = 256;

/// A document that is being cut.
pub(super) struct Document {
    /// Lists of the top object whose elements are records.
    lists: &'static [&'static str],
    /// Members of an element that are passed over.
    passed_over: &'static [&'static str],
    place: Place,
    /// The top member that is being read.
    member: Vec<u8>,
    /// The record so far, and its length in the log.
    record: Vec<u8>,
    length: u64,
    /// How deep the present byte lies in the record.
    depth: usize,
    text: Option<Text>,
    /// The member of an element that is being named.
    name: Option<Vec<u8>>,
    /// Whether the next text in the element is the name of a member.
    naming: bool,
    /// Whether the value of the present member is passed over.
    passing: bool,
}

/// Where in the document the present byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the top object.
    Before,
    /// Between members of the top object.
    Between,
    /// In the name of a member.
    Name,
    /// After the name of a member.
    Colon,
    /// In the value of a member.
    Value,
    /// Between elements of a list.
    List,
    /// In an element of a list.
    Element,
    /// After the top object.
    After,
    /// In bytes that are no document.
    Broken,
}

/// A text that is being read.
#[derive(Default)]
struct Text {
    /// Bytes of it that are kept.
    kept: usize,
    /// Whether the next byte is escaped.
    escaped: bool,
    /// Where in the record the last escape of four digits begins.
    unit: Option<usize>,
    /// Whether the rest is passed over.
    cut: bool,
}

impl Document {
    pub(super) const fn new(
        lists: &'static [&'static str],
        passed_over: &'static [&'static str],
    ) -> Self {
        Self {
            lists,
            passed_over,
            place: Place::Before,
            member: Vec::new(),
            record: Vec::new(),
            length: 0,
            depth: 0,
            text: None,
            name: None,
            naming: false,
            passing: false,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], importer: &mut dyn Importer) {
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            // The inside of texts is most of a log.
            if self.text.as_ref().is_some_and(|text| !text.escaped) {
                let plain = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                if plain > 0 {
                    let (inside, after) = rest.split_at(plain);
                    self.inside(inside);
                    rest = after;
                    continue;
                }
            }
            self.byte(byte, importer);
            rest = after;
        }
    }

    /// What is begun when the log ends is a record that was cut off.
    pub(super) fn finish(mut self, importer: &mut dyn Importer) {
        match self.place {
            Place::Before | Place::After => {}
            Place::Value | Place::Element | Place::Broken => self.end(importer),
            // The document itself was cut off between two records.
            Place::Between | Place::Name | Place::Colon | Place::List => {
                self.record.push(b'{');
                self.end(importer);
            }
        }
    }

    fn byte(&mut self, byte: u8, importer: &mut dyn Importer) {
        let space = byte.is_ascii_whitespace();
        match (self.place, byte) {
            (Place::Value | Place::Element, _) => self.in_record(byte, importer),
            (Place::Before, b'{') => self.place = Place::Between,
            // The mark of the byte order.
            (Place::Before, 0xef | 0xbb | 0xbf) => {}
            (Place::Between, b'"') => {
                self.member.clear();
                self.place = Place::Name;
            }
            (Place::Between, b'}') => self.place = Place::After,
            (Place::Name, b'"') => self.place = Place::Colon,
            (Place::Name, _) if self.member.len() < MAX_NAME => self.member.push(byte),
            (Place::Name, _) | (Place::Colon, b':') | (Place::Between | Place::List, b',') => {}
            (Place::Before | Place::Between | Place::Colon | Place::List | Place::After, _)
                if space => {}
            (Place::Colon, b'[') if self.is_list() => self.place = Place::List,
            (Place::Colon, _) => self.begin(Place::Value, byte, importer),
            (Place::List, b']') => self.place = Place::Between,
            (Place::List, _) => self.begin(Place::Element, byte, importer),
            (Place::Before | Place::Between | Place::After | Place::Broken, _) => {
                self.member.clear();
                self.place = Place::Broken;
                self.keep(&[byte]);
            }
        }
    }

    fn is_list(&self) -> bool {
        self.lists.iter().any(|list| list.as_bytes() == self.member)
    }

    fn begin(&mut self, place: Place, byte: u8, importer: &mut dyn Importer) {
        self.place = place;
        self.in_record(byte, importer);
    }

    fn in_record(&mut self, byte: u8, importer: &mut dyn Importer) {
        if self.text.is_some() {
            return self.in_text(byte);
        }
        match byte {
            b'"' => {
                self.text = Some(Text::default());
                self.name = self.naming.then(Vec::new);
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.naming = self.is_named() && byte == b'{';
            }
            b'}' | b']' | b',' if self.depth == 0 => {
                // What is around the record goes on or ends.
                let list = self.place == Place::Element;
                self.end(importer);
                self.place = match byte {
                    b',' if list => Place::List,
                    b'}' => Place::After,
                    _ => Place::Between,
                };
                return;
            }
            b'}' | b']' => {
                self.depth -= 1;
                self.passing &= self.depth > 0;
                self.naming = false;
            }
            b',' if self.is_named() => {
                self.naming = true;
                self.passing = false;
            }
            b':' if self.is_named() && !self.passing => {
                self.naming = false;
                self.keep(b":");
                if self.is_passed_over() {
                    self.keep(b"null");
                    self.passing = true;
                }
                return;
            }
            _ => {}
        }
        self.keep(&[byte]);
    }

    /// Whether the present byte stands between members of an element.
    fn is_named(&self) -> bool {
        self.depth == 1 && self.place == Place::Element && !self.passed_over.is_empty()
    }

    fn is_passed_over(&mut self) -> bool {
        let name = self.name.take();
        name.is_some_and(|name| self.passed_over.iter().any(|over| over.as_bytes() == name))
    }

    /// A quote, a backslash, or an escaped byte.
    fn in_text(&mut self, byte: u8) {
        let Some(text) = self.text.as_mut() else { return };
        if text.escaped {
            text.escaped = false;
            if byte == b'u' && !text.cut {
                text.unit = self.record.len().checked_sub(1);
            }
        } else if byte == b'"' {
            self.text = None;
            return self.keep(b"\"");
        } else {
            text.escaped = true;
            if !text.cut && text.kept >= MAX_TEXT {
                self.cut_text();
            }
        }
        self.keep_text(&[byte]);
    }

    /// Bytes of a text without quotes and backslashes.
    fn inside(&mut self, bytes: &[u8]) {
        if let Some(name) = self.name.as_mut().filter(|name| name.len() < MAX_NAME) {
            name.extend(bytes.iter().take(MAX_NAME));
        }
        let Some(text) = self.text.as_ref().filter(|text| !text.cut) else {
            return self.keep_text(bytes);
        };
        let room = MAX_TEXT.saturating_sub(text.kept);
        if bytes.len() <= room {
            return self.keep_text(bytes);
        }
        // No character is cut in half: what continues one belongs to it.
        let tail = bytes.get(room..).unwrap_or_default();
        let more = tail.iter().take_while(|byte| **byte & 0b1100_0000 == 0b1000_0000).count();
        let (kept, rest) = bytes.split_at(room + more);
        self.keep_text(kept);
        self.cut_text();
        self.keep_text(rest);
    }

    /// Passes over the rest of the text, and takes back an escape that lacks a part.
    fn cut_text(&mut self) {
        let Some(text) = self.text.as_mut() else { return };
        text.cut = true;
        if let Some(at) = text.unit
            && let Some(unit) = self.record.get(at..)
        {
            let half = unit.len() == 6
                && matches!(unit.get(2), Some(b'd' | b'D'))
                && matches!(unit.get(3), Some(b'8' | b'9' | b'a'..=b'b' | b'A'..=b'B'));
            if unit.len() < 6 || half {
                self.record.truncate(at);
            }
        }
    }

    fn keep_text(&mut self, bytes: &[u8]) {
        match self.text.as_mut() {
            Some(text) if text.cut => self.length += bytes.len() as u64,
            Some(text) => {
                text.kept += bytes.len();
                self.keep(bytes);
            }
            None => {}
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        if !self.passing && self.record.len() <= MAX_LINE {
            self.record.extend_from_slice(bytes);
        }
    }

    fn end(&mut self, importer: &mut dyn Importer) {
        if self.record.len() > MAX_LINE {
            importer.oversized(self.length);
        } else {
            importer.record(std::str::from_utf8(&self.member).unwrap_or_default(), &self.record);
        }
        self.record.clear();
        self.record.shrink_to(MAX_TEXT);
        (self.length, self.depth) = (0, 0);
        (self.text, self.name) = (None, None);
        (self.naming, self.passing) = (false, false);
    }
}
