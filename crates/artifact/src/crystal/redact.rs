//! A crystal without some of its words: another crystal, which says where something was left out.

use super::{Crystal, FixStep, MAX_TEXT, MAX_TITLE, text::Place};
use std::{collections::BTreeSet, ops::Range};

/// What stands in the place of words where a mark that says more would not fit.
const SHORT: &str = "…";

/// Words to be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Where they stand in [`Crystal::text`], in bytes.
    pub range: Range<usize>,
    /// What is put in their place.
    pub mark: String,
}

/// A crystal from which words were left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The crystal. Its evidence is that of the whole one: whoever knows which lines it commits to
    /// takes out what stands on the words that went.
    pub crystal: Crystal,
    /// The fields in which something was left out, as anchors name them: `problem`, `fix.0`.
    pub fields: BTreeSet<String>,
}

impl Crystal {
    /// This crystal without the words of `cuts`. What stands around the crystal's own texts, such
    /// as headings, stays; a cut that reaches over several texts leaves its mark in each.
    #[must_use]
    pub fn redact(&self, cuts: &[Cut]) -> Redacted {
        let layout = self.layout();
        let mut crystal = self.clone();
        let mut fields = BTreeSet::new();
        let mut families = BTreeSet::new();
        for (place, at) in layout.places {
            let own = layout.text.get(at.clone()).unwrap_or_default();
            let inside = within(own, at.start, cuts);
            if inside.is_empty() {
                continue;
            }
            fields.insert(place.field());
            if let Place::Family(n) = place {
                families.insert(n);
            } else if let Some(text) = crystal.text_at(place) {
                let marked = replaced(own, &inside, |cut| &cut.mark);
                let fits = marked.chars().count() <= place.cap();
                *text = if fits { marked } else { replaced(own, &inside, |_| SHORT) };
            }
        }
        // A term of a family is a word that others share: in part it is none.
        let mut n = 0;
        crystal.family.retain(|_| {
            n += 1;
            !families.contains(&(n - 1))
        });
        Redacted { crystal, fields }
    }

    fn text_at(&mut self, place: Place) -> Option<&mut String> {
        match place {
            Place::Title => Some(&mut self.title),
            Place::Problem => Some(&mut self.problem),
            Place::Command(n) | Place::Edit(n) => self.fix.get_mut(n).map(|step| match step {
                FixStep::Command { text } | FixStep::Edit { text, .. } => text,
            }),
            Place::EditedFile(n) => self.fix.get_mut(n).and_then(|step| match step {
                FixStep::Edit { file, .. } => Some(file),
                FixStep::Command { .. } => None,
            }),
            Place::Check(n) => self.checks.get_mut(n).map(|check| &mut check.command),
            Place::Tried(n) => self.dead_ends.get_mut(n).map(|end| &mut end.tried),
            Place::Error(n) => self.dead_ends.get_mut(n).map(|end| &mut end.error),
            Place::Lesson(n) => self.lesson.get_mut(n),
            Place::Os => self.env.os.as_mut(),
            Place::Repo => self.env.repo.as_mut(),
            Place::Tool(n) => self.env.tools.get_mut(n),
            Place::File(n) => self.env.files.get_mut(n),
            Place::Family(n) => self.family.get_mut(n),
        }
    }
}

impl Place {
    /// The field as anchors name it.
    fn field(self) -> String {
        match self {
            Self::Title => "title".into(),
            Self::Problem => "problem".into(),
            Self::Command(n) | Self::EditedFile(n) | Self::Edit(n) => format!("fix.{n}"),
            Self::Check(n) => format!("checks.{n}"),
            Self::Tried(n) | Self::Error(n) => format!("dead_ends.{n}"),
            Self::Lesson(n) => format!("lesson.{n}"),
            Self::Os | Self::Repo | Self::Tool(_) | Self::File(_) => "env".into(),
            Self::Family(_) => "family".into(),
        }
    }

    /// The most characters that may stand there.
    const fn cap(self) -> usize {
        match self {
            Self::Title => MAX_TITLE,
            Self::Os | Self::Repo => 256,
            Self::EditedFile(_) | Self::Tool(_) | Self::File(_) => 1_024,
            Self::Family(_) => 64,
            _ => MAX_TEXT,
        }
    }
}

/// The cuts that touch a text which begins at `start`, in its own bytes and on its own characters:
/// sorted, and none over another.
fn within<'a>(own: &str, start: usize, cuts: &'a [Cut]) -> Vec<(Range<usize>, &'a Cut)> {
    let mut inside: Vec<(Range<usize>, &Cut)> = Vec::new();
    let mut sorted: Vec<&Cut> = cuts.iter().collect();
    sorted.sort_by_key(|cut| (cut.range.start, cut.range.end));
    for cut in sorted {
        let from = cut.range.start.saturating_sub(start).min(own.len());
        let to = cut.range.end.saturating_sub(start).min(own.len());
        let from = own.floor_char_boundary(from).max(inside.last().map_or(0, |(r, _)| r.end));
        let to = own.ceil_char_boundary(to);
        if from < to {
            inside.push((from..to, cut));
        }
    }
    inside
}

fn replaced<'a>(
    own: &str,
    cuts: &[(Range<usize>, &'a Cut)],
    mark: impl Fn(&'a Cut) -> &'a str,
) -> String {
    let (mut out, mut at) = (String::with_capacity(own.len()), 0);
    for (range, cut) in cuts {
        out.push_str(own.get(at..range.start).unwrap_or_default());
        out.push_str(mark(cut));
        at = range.end;
    }
    out.push_str(own.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests;
