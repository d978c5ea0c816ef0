//! Which agents' logs are on this machine: where they lie, how many, how large, how old, and
//! which their program is about to delete. Of a log nothing is opened, but for the list of sessions
//! in OpenCode's database; of a program the one setting that says how long it keeps them.

use super::{
    files::{self, Found},
    opencode::Listings,
};
use crate::{Fault, Node, Said};
use artifact::UnixMillis;
use std::{
    ffi::OsString,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// Days for which Claude Code keeps its logs unless it is told otherwise
/// (`cleanupPeriodDays`, <https://code.claude.com/docs/en/settings>).
const CLAUDE_KEEPS: u64 = 30;
/// Days for which Gemini CLI does (`general.sessionRetention.maxAge`).
const GEMINI_KEEPS: u64 = 30;
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
    /// How many sessions.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When the oldest was written last; 0 when there is none.
    pub oldest: UnixMillis,
    /// When the newest was written last; 0 when there is none.
    pub newest: UnixMillis,
    /// For how many days the program keeps them; 0 when it deletes none.
    pub keeps_days: u64,
    /// How many it deletes within a week.
    pub soon: u64,
}

impl Node {
    /// Counts the logs that are here, one row for each program that has any, and says what could
    /// not be counted.
    ///
    /// # Errors
    /// When the count breaks off. A folder that cannot be read counts as none.
    pub async fn found(&self) -> Result<(Vec<FoundLogs>, Said), Fault> {
        let now = self.0.now();
        let count = move || {
            let mut failures = Said::default();
            let Some(here) = Here::of_process() else { return (Vec::new(), failures) };
            let counts = programs(&here).into_iter();
            let rows = counts.filter_map(|program| program.count(now, &mut failures)).collect();
            (rows, failures)
        };
        tokio::task::spawn_blocking(count).await.map_err(Fault::broken)
    }
}

/// The folders and files in which programs keep their logs on this machine, as far as they are
/// there.
pub(super) fn roots() -> Vec<PathBuf> {
    let Some(here) = Here::of_process() else { return Vec::new() };
    let roots = programs(&here).into_iter().map(|program| program.root);
    roots.filter(|root| root.exists()).collect()
}

/// The logs of the program of this name, newest first, as far as they are there.
pub(super) fn logs_of(name: &str) -> Vec<Found> {
    let Some(here) = Here::of_process() else { return Vec::new() };
    let Some(program) = programs(&here).into_iter().find(|program| program.name == name) else {
        return Vec::new();
    };
    let mut logs = files::find(&program.root).unwrap_or_default().files;
    logs.retain(|log| (program.is_log)(log));
    files::newest_first(&mut logs);
    logs
}

/// What is known of this machine: the home, and what moves a program's folder elsewhere.
struct Here {
    home: PathBuf,
    var: fn(&str) -> Option<OsString>,
}

/// A program and its logs.
struct Program {
    name: &'static str,
    title: &'static str,
    root: PathBuf,
    /// Whether a file below the root is one of its logs.
    is_log: fn(&Found) -> bool,
    keeps_days: u64,
}

impl Here {
    fn of_process() -> Option<Self> {
        let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let home = var(if cfg!(windows) { "USERPROFILE" } else { "HOME" })?;
        Some(Self { home: home.into(), var })
    }

    /// A folder that a variable may name, else one below the home.
    fn folder(&self, name: &str, usual: &str) -> PathBuf {
        (self.var)(name).map_or_else(|| self.home.join(usual), PathBuf::from)
    }
}

/// Every program whose logs can be read and lie in a place of their own.
fn programs(here: &Here) -> Vec<Program> {
    let claude = here.folder("CLAUDE_CONFIG_DIR", ".claude");
    let codex = here.folder("CODEX_HOME", ".codex");
    let gemini = here.folder("GEMINI_CLI_HOME", "").join(".gemini");
    let opencode = here.folder("XDG_DATA_HOME", ".local/share").join("opencode");
    let days = |file: PathBuf, path: &[&str], usual| setting(&file, path).unwrap_or(usual);
    vec![
        Program {
            name: "claude-code",
            title: "Claude Code",
            root: claude.join("projects"),
            is_log: |log| ends(log, "jsonl"),
            keeps_days: days(claude.join("settings.json"), &["cleanupPeriodDays"], CLAUDE_KEEPS),
        },
        Program {
            name: "codex",
            title: "Codex CLI",
            root: codex.join("sessions"),
            is_log: |log| ends(log, "jsonl") && name(log).starts_with("rollout-"),
            keeps_days: 0,
        },
        Program {
            name: "gemini-cli",
            title: "Gemini CLI",
            keeps_days: days(
                gemini.join("settings.json"),
                &["general", "sessionRetention", "maxAge"],
                GEMINI_KEEPS,
            ),
            root: gemini.join("tmp"),
            is_log: |log| {
                let chats = log.path.components().any(|part| part.as_os_str() == "chats");
                chats && (ends(log, "jsonl") || ends(log, "json"))
            },
        },
        Program {
            name: "opencode",
            title: "OpenCode",
            root: opencode,
            is_log: |log| log.source != files::Source::File,
            keeps_days: 0,
        },
    ]
}

fn name(log: &Found) -> &str {
    log.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn ends(log: &Found, end: &str) -> bool {
    log.path.extension().is_some_and(|own| own == end)
}

impl Program {
    /// Counts its logs, if it has any, and says what of them it could not count.
    fn count(self, now: UnixMillis, failures: &mut Said) -> Option<FoundLogs> {
        if matches!(self.root.try_exists(), Ok(false)) {
            return None;
        }
        let finds = match files::find_again(&self.root, &mut Listings::default()) {
            Ok(finds) => finds,
            Err(fault) => {
                failures.add(fault.to_string());
                return None;
            }
        };
        failures.append(finds.closed);
        failures.append(finds.links);
        if finds.more {
            failures.add(files::too_many(&self.root).to_string());
        }
        let mut logs = finds.files;
        logs.retain(|log| (self.is_log)(log));
        if logs.is_empty() {
            return None;
        }
        let keeps = self.keeps_days;
        let times = || logs.iter().map(|log| millis(log.changed()));
        let goes = |at: UnixMillis| at.saturating_add(keeps.saturating_mul(DAY));
        let soon = |at: &UnixMillis| keeps > 0 && goes(*at) < now.saturating_add(SOON * DAY);
        Some(FoundLogs {
            name: self.name,
            title: self.title,
            folder: self.root,
            files: logs.len() as u64,
            bytes: logs.iter().map(|log| log.bytes).sum(),
            oldest: times().min().unwrap_or_default(),
            newest: times().max().unwrap_or_default(),
            keeps_days: keeps,
            soon: times().filter(soon).count() as u64,
        })
    }
}

/// A number of days in a program's settings: a number, or text such as `30d`, `2w`, `24h`.
fn setting(settings: &Path, path: &[&str]) -> Option<u64> {
    if !settings.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(settings).ok()?.take(MAX_SETTINGS).read_to_string(&mut text).ok()?;
    let settings: serde_json::Value = serde_json::from_str(&text).ok()?;
    let told = path.iter().try_fold(&settings, |value, name| value.get(name))?;
    if let Some(days) = told.as_u64() {
        return Some(days);
    }
    let told = told.as_str()?;
    let (number, unit) = told.split_at_checked(told.len().checked_sub(1)?)?;
    let number: u64 = number.parse().ok()?;
    match unit {
        "h" => Some(number.div_ceil(24)),
        "d" => Some(number),
        "w" => number.checked_mul(7),
        "m" => number.checked_mul(30),
        _ => None,
    }
}

pub(super) fn millis(time: SystemTime) -> UnixMillis {
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

    /// The rows of a machine with this home and no variables.
    fn counted(home: &Path, now: UnixMillis) -> Vec<FoundLogs> {
        let here = Here { home: home.to_owned(), var: |_| None };
        let mut failures = Said::default();
        let counts = programs(&here).into_iter();
        let rows = counts.filter_map(|program| program.count(now, &mut failures)).collect();
        assert_eq!(failures, Said::default());
        rows
    }

    #[test]
    fn logs_are_counted_without_being_read() {
        let (dir, now) = (tempfile::tempdir().unwrap(), 2_000 * DAY);
        let claude = dir.path().join(".claude");
        assert_eq!(counted(dir.path(), now), []);
        log(&claude, "-home-ann/a.jsonl", 10, 1, now);
        log(&claude, "-home-ann/a/subagents/agent-b.jsonl", 20, 24, now);
        log(&claude, "-home-ann/c.jsonl", 30, 40, now);
        log(&claude, "-home-ann/notes.md", 1_000, 1, now);
        let expected = FoundLogs {
            name: "claude-code",
            title: "Claude Code",
            folder: claude.join("projects"),
            files: 3,
            bytes: 60,
            oldest: now - 40 * DAY,
            newest: now - DAY,
            keeps_days: 30,
            soon: 2,
        };
        assert_eq!(counted(dir.path(), now), std::slice::from_ref(&expected));
        fs::write(claude.join("settings.json"), r#"{"cleanupPeriodDays": 365}"#).unwrap();
        let found = counted(dir.path(), now);
        assert_eq!(found.first().map(|row| (row.keeps_days, row.soon)), Some((365, 0)));
        fs::write(claude.join("settings.json"), "{ not json").unwrap();
        assert_eq!(counted(dir.path(), now), [expected]);
    }

    #[test]
    fn every_program_keeps_its_logs_in_its_own_way() {
        let (dir, now) = (tempfile::tempdir().unwrap(), 2_000 * DAY);
        let put = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put(".codex/sessions/2026/03/04/rollout-2026-03-04T10-00-00-x.jsonl", "{}");
        put(".codex/sessions/2026/03/04/other.jsonl", "{}");
        put(".gemini/tmp/shop/chats/session-2026-03-04T10-00-x.json", "{}");
        put(".gemini/tmp/shop/chats/p/sub.jsonl", "{}");
        put(".gemini/tmp/shop/logs.json", "[]");
        put(".gemini/settings.json", r#"{"general":{"sessionRetention":{"maxAge":"2w"}}}"#);
        put(".local/share/opencode/storage/session/p/ses_1.json", "{}");
        fs::create_dir_all(dir.path().join(".local/share/opencode/storage/message")).unwrap();
        fs::create_dir_all(dir.path().join(".local/share/opencode/storage/part")).unwrap();
        let found = counted(dir.path(), now);
        let told: Vec<_> = found.iter().map(|row| (row.name, row.files, row.keeps_days)).collect();
        assert_eq!(told, [("codex", 1, 0), ("gemini-cli", 2, 14), ("opencode", 1, 0)]);
    }
}
