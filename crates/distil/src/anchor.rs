//! The sidecar: which lines of the trace each field of a crystal stands on.
//!
//! It stays beside the trace and never leaves; only keyed commitments to the same lines travel.

use crate::scaffold;
use artifact::{ArtifactId, Step, StepKind, Trace, crystal::Commitment, crystal::CommitmentKey};
use serde::{Deserialize, Serialize};

/// The anchors of one crystal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sidecar {
    /// The trace that the lines are of.
    pub trace: ArtifactId,
    /// In the order of the crystal's evidence: anchor `n` is what commitment `n` commits to.
    pub anchors: Vec<Anchor>,
    /// The crystals that the run opened, or said how they had served it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used: Vec<ArtifactId>,
}

/// One range of lines that a field stands on. A field may have several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The field: `title`, `problem`, `fix.0`, `checks.0`, `dead_ends.1`, `lesson.0`,
    /// `outcome` or `env`.
    pub field: String,
    /// First line, counted from 1.
    pub from: u64,
    /// Last line, included.
    pub to: u64,
    /// BLAKE3 of [`evidence_text`] of these lines.
    #[serde(with = "serde_bytes")]
    pub hash: [u8; 32],
}

impl Anchor {
    /// Whether the trace still says what this anchor was made from.
    #[must_use]
    pub fn holds(&self, trace: &Trace) -> bool {
        self.hash == *blake3::hash(evidence_text(trace, self.from, self.to).as_bytes()).as_bytes()
    }
}

/// The most lines of one anchor; a longer way from a call to its result is cited by the call.
const MAX_LINES: u64 = 256;

/// The texts of the steps on lines `from..=to` of `trace`, joined by line breaks: what an
/// anchor hashes and a commitment commits to. What TraceNet's own tools gave is left out.
#[must_use]
pub fn evidence_text(trace: &Trace, from: u64, to: u64) -> String {
    // An importer pushes steps in the order of lines.
    let start = trace.steps.partition_point(|step| step.line < from);
    let steps = trace.steps.iter().skip(start).take_while(|step| step.line <= to);
    let own = |step: &&Step| {
        step.kind == StepKind::Note && step.name.as_deref() == Some(scaffold::OWN_NOTE)
    };
    let texts = steps.filter(|step| !own(step)).map(|step| step.text.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// Collects anchors and their commitments side by side.
pub(crate) struct Anchors<'a> {
    trace: &'a Trace,
    id: &'a ArtifactId,
    key: &'a CommitmentKey,
    anchors: Vec<Anchor>,
    evidence: Vec<Commitment>,
}

impl<'a> Anchors<'a> {
    pub(crate) fn new(trace: &'a Trace, id: &'a ArtifactId, key: &'a CommitmentKey) -> Self {
        Self { trace, id, key, anchors: Vec::new(), evidence: Vec::new() }
    }

    /// Anchors `field` to lines `from..=to`. Line 0 is no line.
    pub(crate) fn add(&mut self, field: impl Into<String>, from: u64, to: u64) {
        if from == 0 || self.evidence.len() >= 4 * artifact::crystal::MAX_ENTRIES {
            return;
        }
        let to = if to > from.saturating_add(MAX_LINES) { from } else { to.max(from) };
        let text = evidence_text(self.trace, from, to);
        let hash = *blake3::hash(text.as_bytes()).as_bytes();
        self.anchors.push(Anchor { field: field.into(), from, to, hash });
        self.evidence.push(Commitment::new(self.key, self.id, from, to, &text));
    }

    pub(crate) fn finish(self) -> (Sidecar, Vec<Commitment>) {
        (Sidecar { trace: *self.id, anchors: self.anchors, used: Vec::new() }, self.evidence)
    }
}
