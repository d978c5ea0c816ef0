//! Which agents' logs are on this machine: how many, how large, how old. Nothing is opened but
//! the one setting that says how long they are kept.

use super::files;
use crate::{Fault, Node};
use artifact::UnixMillis;
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// Days for which Claude Code keeps its logs unless it is told otherwise
/// (`cleanupPeriodDays`, <https://code.claude.com/docs/en/settings>).
const CLAUDE_KEEPS: u64 = 30;
/// A log that goes within so many days goes soon.
const SOON: u64 = 7;
const DAY: UnixMillis = 24 * 60 * 60 * 1_000;
/// The most bytes of settings that are read for it.
const MAX_SETTINGS: u64 = 1 << 20;

/// The logs of one program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLogs {
    /// Its name as an agent.
    pub name: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// Where they are.
    pub folder: PathBuf,
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When the oldest was written last; 0 when there is none.
    pub oldest: UnixMillis,
    /// When the newest was written last; 0 when there is none.
    pub newest: UnixMillis,
    /// For how many days the program keeps them.
    pub keeps_days: u64,
    /// How many it deletes within a week.
    pub soon: u64,
}

impl Node {
    /// Counts the logs that are here, one row for each program that has any.
    ///
    /// # Errors
    /// When the count breaks off. A folder that cannot be read counts as none.
    pub async fn found(&self) -> Result<Vec<FoundLogs>, Fault> {
        let Some(here) = door::clients::Surroundings::of_process() else { return Ok(Vec::new()) };
        let now = self.0.now();
        let count = move || claude(&here.claude_folder(), now).into_iter().collect();
        tokio::task::spawn_blocking(count).await.map_err(Fault::broken)
    }
}

fn claude(folder: &Path, now: UnixMillis) -> Option<FoundLogs> {
    let keeps_days = kept_days(&folder.join("settings.json")).unwrap_or(CLAUDE_KEEPS);
    let folder = folder.join("projects");
    let logs = files::find(&folder).ok()?.files;
    let times = || logs.iter().map(|log| millis(log.changed()));
    let goes = |at: UnixMillis| at.saturating_add(keeps_days.saturating_mul(DAY));
    Some(FoundLogs {
        name: "claude-code",
        title: "Claude Code",
        files: logs.len() as u64,
        bytes: logs.iter().map(|log| log.bytes).sum(),
        oldest: times().min().unwrap_or_default(),
        newest: times().max().unwrap_or_default(),
        keeps_days,
        soon: times().filter(|at| goes(*at) < now.saturating_add(SOON * DAY)).count() as u64,
        folder,
    })
}

fn kept_days(settings: &Path) -> Option<u64> {
    if !settings.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(settings).ok()?.take(MAX_SETTINGS).read_to_string(&mut text).ok()?;
    let settings: serde_json::Value = serde_json::from_str(&text).ok()?;
    settings.get("cleanupPeriodDays")?.as_u64()
}

fn millis(time: SystemTime) -> UnixMillis {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;
    use std::{fs, time::Duration};

    fn log(folder: &Path, name: &str, bytes: usize, days_old: u64, now: UnixMillis) {
        let path = folder.join("projects").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, vec![b'x'; bytes]).unwrap();
        let at = UNIX_EPOCH + Duration::from_millis(now - days_old * DAY);
        File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
    }

    #[test]
    fn logs_are_counted_without_being_read() {
        let (dir, now) = (tempfile::tempdir().unwrap(), 2_000 * DAY);
        assert_eq!(claude(dir.path(), now), None);
        log(dir.path(), "-home-ann/a.jsonl", 10, 1, now);
        log(dir.path(), "-home-ann/a/subagents/agent-b.jsonl", 20, 24, now);
        log(dir.path(), "-home-ann/c.jsonl", 30, 40, now);
        log(dir.path(), "-home-ann/notes.md", 1_000, 1, now);
        let found = claude(dir.path(), now).unwrap();
        let expected = FoundLogs {
            name: "claude-code",
            title: "Claude Code",
            folder: dir.path().join("projects"),
            files: 3,
            bytes: 60,
            oldest: now - 40 * DAY,
            newest: now - DAY,
            keeps_days: 30,
            soon: 2,
        };
        assert_eq!(found, expected);
        fs::write(dir.path().join("settings.json"), r#"{"cleanupPeriodDays": 365}"#).unwrap();
        let found = claude(dir.path(), now).unwrap();
        assert_eq!((found.keeps_days, found.soon), (365, 0));
        fs::write(dir.path().join("settings.json"), "{ not json").unwrap();
        assert_eq!(claude(dir.path(), now).unwrap(), expected);
    }
}
