//! Secrets that agents wrote into their logs: looked for on request in the logs that are kept
//! here, so that their human can make them worthless. Nothing of it leaves, and nothing is kept.
//!
//! It goes log by log: whoever asks goes on where the last answer ended, tells how far it came in
//! between, and stops by not asking again.

use crate::{Fault, Node, clock::random};
use artifact::{ArtifactId, UnixMillis};
use std::sync::OnceLock;
use store::TraceRow;

/// Bytes of logs that are looked through in one go: about a second's work. A log is not cut.
const BYTES: u64 = 64 << 20;
/// The most findings that are told of one log.
const FINDINGS: usize = 1_000;

/// A secret that stands in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The scanner's rule.
    pub rule: &'static str,
    /// What it is, for people.
    pub label: &'static str,
    /// How it may be shown.
    pub masked: String,
    /// The same for the same secret, until the node stops. It tells nothing of it.
    pub same: u64,
    /// The log's line.
    pub line: u64,
    /// The log, by the trace it was imported as.
    pub trace: ArtifactId,
    /// Where the log was read.
    pub place: String,
    /// The agent that wrote it.
    pub agent: String,
    /// The end of the run.
    pub at: UnixMillis,
}

/// What one go found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Autopsy {
    /// In the order of the logs.
    pub found: Vec<Recorded>,
    /// Secrets that are not told, because one log holds too many.
    pub untold: usize,
    /// Logs that were looked through, and their bytes.
    pub looked: usize,
    /// See `looked`.
    pub bytes: u64,
    /// Kept logs in all.
    pub total: usize,
    /// Where to go on; none at the end.
    pub next: Option<ArtifactId>,
}

impl Node {
    /// Looks through kept logs for secrets, from the first one on or after the one that the last
    /// answer named.
    ///
    /// # Errors
    /// When the store or a kept log cannot be read.
    pub fn autopsy(&self, after: Option<ArtifactId>) -> Result<Autopsy, Fault> {
        let mut kept = self.0.look()?.every_trace()?;
        kept.retain(|(_, row)| row.purged.is_none());
        let mut seen = Autopsy { total: kept.len(), ..Autopsy::default() };
        for (trace, row) in kept.into_iter().filter(|(id, _)| after.is_none_or(|last| *id > last)) {
            if seen.bytes >= BYTES {
                return Ok(seen);
            }
            self.look_through(trace, &row, &mut seen)?;
            seen.next = Some(trace);
        }
        seen.next = None;
        Ok(seen)
    }

    fn look_through(
        &self,
        trace: ArtifactId,
        row: &TraceRow,
        seen: &mut Autopsy,
    ) -> Result<(), Fault> {
        let vault = self.0.store.vault();
        if !vault.has(&row.log) {
            return Ok(());
        }
        let salt = salt()?;
        let before = seen.found.len();
        let mut log = vault.read(&row.log)?;
        let read = screen::scan_all(&mut log, |met| {
            let finding = met.finding;
            if !finding.class.is_secret() {
                return;
            }
            if seen.found.len() - before == FINDINGS {
                seen.untold += 1;
                return;
            }
            let hash = blake3::keyed_hash(salt, met.bytes);
            let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
            seen.found.push(Recorded {
                rule: finding.rule,
                label: finding.label,
                masked: finding.masked.clone(),
                same: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
                line: met.line,
                trace,
                place: row.place.clone(),
                agent: row.agent.clone(),
                at: row.ended,
            });
        });
        let damaged = |e: std::io::Error| Fault::broken(format!("a kept log cannot be read: {e}"));
        seen.bytes += read.map_err(damaged)?;
        seen.looked += 1;
        Ok(())
    }
}

/// Keys the hashes by which the same secret is known again: without it nobody can try secrets.
fn salt() -> Result<&'static [u8; 32], Fault> {
    static SALT: OnceLock<[u8; 32]> = OnceLock::new();
    if let Some(salt) = SALT.get() {
        return Ok(salt);
    }
    let new = random()?;
    Ok(SALT.get_or_init(|| new))
}
