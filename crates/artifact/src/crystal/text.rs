//! A crystal as plain text: every word in it, so that what a human reads, and what the
//! scanner scans, is what would leave. And where in that text each of its own texts stands.

use super::{Crystal, FixStep};
use std::{borrow::Cow, ops::Range};

/// One text of a crystal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Title,
    Problem,
    Command(usize),
    EditedFile(usize),
    Edit(usize),
    Check(usize),
    Tried(usize),
    Error(usize),
    Lesson(usize),
    Os,
    Repo,
    Tool(usize),
    File(usize),
    Family(usize),
}

/// What an entry of a section consists of.
enum Bit<'a> {
    /// A text of the crystal.
    Own(Place, &'a str),
    /// What stands around it.
    Ours(Cow<'static, str>),
}

/// The whole text, and where each of the crystal's own texts stands in it.
#[derive(Default)]
pub(super) struct Layout {
    pub(super) text: String,
    pub(super) places: Vec<(Place, Range<usize>)>,
}

impl Crystal {
    /// Every text of this crystal, in a fixed order. Not canonical and never parsed back.
    #[must_use]
    pub fn text(&self) -> String {
        self.layout().text
    }

    pub(super) fn layout(&self) -> Layout {
        let mut out = Layout::default();
        out.entry(&[Bit::Own(Place::Title, &self.title)]);
        out.section("Problem", [vec![Bit::Own(Place::Problem, &self.problem)]]);
        out.section("Fix", self.fix.iter().enumerate().map(step));
        let checks = self.checks.iter().enumerate().map(|(n, c)| {
            let exit = format!("   → exit {}", c.exit);
            vec![ours("$ "), Bit::Own(Place::Check(n), &c.command), Bit::Ours(exit.into())]
        });
        out.section("Checks", checks);
        let ends = self.dead_ends.iter().enumerate().map(|(n, d)| {
            let error = Bit::Own(Place::Error(n), &d.error);
            vec![Bit::Own(Place::Tried(n), &d.tried), ours("\n→ "), error]
        });
        out.section("Dead ends", ends);
        out.section("Lesson", each(&self.lesson, Place::Lesson));
        let os = self.env.os.iter().map(|os| vec![Bit::Own(Place::Os, os)]);
        let repo = self.env.repo.iter().map(|repo| vec![Bit::Own(Place::Repo, repo)]);
        let tools = each(&self.env.tools, Place::Tool);
        let files = each(&self.env.files, Place::File);
        out.section("Environment", os.chain(repo).chain(tools).chain(files));
        out.section("Family", each(&self.family, Place::Family));
        let outcome = format!("{:?}", self.outcome).to_lowercase();
        let evidence = format!("{outcome} · {} evidence commitments", self.evidence.len());
        out.section("Outcome", [vec![Bit::Ours(evidence.into())]]);
        let before = self.supersedes.map(|id| vec![Bit::Ours(id.to_string().into())]);
        out.section("Supersedes", before);
        out
    }
}

impl Layout {
    /// A heading and its entries; nothing at all where there are none.
    fn section<'a>(
        &mut self,
        heading: &'static str,
        entries: impl IntoIterator<Item = Vec<Bit<'a>>>,
    ) {
        let says = |entry: &Vec<Bit<'_>>| entry.iter().any(|bit| !bit.text().trim().is_empty());
        let mut entries = entries.into_iter().filter(says).peekable();
        if entries.peek().is_none() {
            return;
        }
        self.entry(&[]);
        self.entry(&[ours(heading)]);
        entries.for_each(|entry| self.entry(&entry));
    }

    fn entry(&mut self, bits: &[Bit<'_>]) {
        for bit in bits {
            let from = self.text.len();
            self.text.push_str(bit.text());
            if let Bit::Own(place, _) = bit {
                self.places.push((*place, from..self.text.len()));
            }
        }
        self.text.push('\n');
    }
}

impl Bit<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Own(_, text) => text,
            Self::Ours(text) => text,
        }
    }
}

fn ours(text: &'static str) -> Bit<'static> {
    Bit::Ours(Cow::Borrowed(text))
}

fn each(texts: &[String], place: fn(usize) -> Place) -> impl Iterator<Item = Vec<Bit<'_>>> {
    texts.iter().enumerate().map(move |(n, text)| vec![Bit::Own(place(n), text)])
}

fn step((n, step): (usize, &FixStep)) -> Vec<Bit<'_>> {
    match step {
        FixStep::Command { text } => vec![ours("$ "), Bit::Own(Place::Command(n), text)],
        FixStep::Edit { file, text } => vec![
            ours("edit "),
            Bit::Own(Place::EditedFile(n), file),
            ours("\n"),
            Bit::Own(Place::Edit(n), text),
        ],
    }
}
