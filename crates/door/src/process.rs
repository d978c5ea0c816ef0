//! Who is on the other end: the process behind a connection and the line of its parents.
//!
//! Read from `/proc`, on Linux only; elsewhere there is no evidence and every answer is
//! "unknown". The start time is read before and after everything else, so that a process id
//! that changed hands in between gives `None` and never somebody else's facts.
//!
//! All of it is evidence and none of it authority: a program may replace itself, rename
//! itself, or leave its parents.

use std::{path::PathBuf, process};

/// How many parents are followed at most.
const MAX_ANCESTORS: usize = 64;

/// A process as it was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The process id.
    pub pid: u32,
    /// When it started, in clock ticks since the machine did. With `pid`, names it uniquely.
    pub start_time: u64,
    /// The file it runs; `None` where we may not see it.
    pub exe: Option<PathBuf>,
    /// Its parent, the parent of that, and so on.
    pub ancestors: Vec<Ancestor>,
    /// Whether the kernel held it as the one that connected while it was looked at.
    pub held: bool,
}

/// A parent of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    /// The process id.
    pub pid: u32,
    /// When it started, in clock ticks since the machine did.
    pub start_time: u64,
    /// The name it goes by, which it may have chosen: show it only through `display_safe`.
    pub name: String,
    /// The file it runs; `None` where we may not see it.
    pub exe: Option<PathBuf>,
}

impl Process {
    /// The process `pid` now; `None` when it is gone, changed hands meanwhile, or this system
    /// does not tell.
    #[must_use]
    pub fn look(pid: u32) -> Option<Self> {
        let before = proc::stat(pid)?;
        let exe = proc::exe(pid);
        let ancestors = ancestors(pid);
        let after = proc::stat(pid)?;
        (before.start_time == after.start_time).then_some(Self {
            pid,
            start_time: before.start_time,
            exe,
            ancestors,
            held: false,
        })
    }

    /// Whether the kernel names it as the one that connected, and it still runs the file it ran
    /// then. Who got the connection from it later is not known by this.
    #[must_use]
    pub fn is_who_connected(&self) -> bool {
        self.held && self.exe.is_some() && self.is_unchanged()
    }

    /// This very process.
    #[must_use]
    pub fn of_self() -> Option<Self> {
        Self::look(process::id())
    }

    /// Whether the process still lives and still runs the same file.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        Self::look(self.pid)
            .is_some_and(|now| now.start_time == self.start_time && now.exe == self.exe)
    }

    /// Whether this is, or was when looked at, the process named by `pid` and `start_time`,
    /// or one below it.
    #[must_use]
    pub fn is_or_is_below(&self, pid: u32, start_time: u64) -> bool {
        (self.pid == pid && self.start_time == start_time)
            || self.ancestors.iter().any(|a| a.pid == pid && a.start_time == start_time)
    }
}

/// The parents of `pid`, nearest first, at most 64; empty when this system does not tell.
#[must_use]
pub fn ancestors(pid: u32) -> Vec<Ancestor> {
    let mut line = Vec::new();
    let Some(mut child) = proc::stat(pid) else { return line };
    while child.parent != 0 && line.len() < MAX_ANCESTORS {
        let Some(parent) = proc::stat(child.parent) else { break };
        // A parent younger than its child is another process that got the number.
        if parent.start_time > child.start_time {
            break;
        }
        line.push(Ancestor {
            pid: child.parent,
            start_time: parent.start_time,
            name: parent.name.clone(),
            exe: proc::exe(child.parent),
        });
        child = parent;
    }
    line
}

/// Whether `pid` is now strictly below the process named by `ancestor_pid` and
/// `ancestor_start` (clock ticks since the machine started).
#[must_use]
pub fn is_below(pid: u32, ancestor_pid: u32, ancestor_start: u64) -> bool {
    ancestors(pid).iter().any(|a| a.pid == ancestor_pid && a.start_time == ancestor_start)
}

/// Whether the process named by `pid` and `start_time` still lives.
pub(crate) fn lives(pid: u32, start_time: u64) -> bool {
    proc::stat(pid).is_some_and(|now| now.start_time == start_time)
}

/// What the system tells of one process.
struct Stat {
    name: String,
    parent: u32,
    start_time: u64,
}

impl Stat {
    /// Reads a line of `/proc/<pid>/stat`, see proc_pid_stat(5). The name stands in
    /// parentheses and may hold anything, parentheses too, so the last one ends it.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has the file"))]
    fn parse(line: &str) -> Option<Self> {
        let (head, rest) = line.rsplit_once(')')?;
        let (_, name) = head.split_once('(')?;
        let mut fields = rest.split_ascii_whitespace();
        // `rest` begins with field 3: the parent is field 4, the start time field 22.
        let parent = fields.nth(1)?.parse().ok()?;
        let start_time = fields.nth(17)?.parse().ok()?;
        Some(Self { name: name.to_owned(), parent, start_time })
    }
}

#[cfg(target_os = "linux")]
mod proc {
    use super::Stat;
    use std::{fs, path::PathBuf};

    pub(super) fn stat(pid: u32) -> Option<Stat> {
        let line = fs::read(format!("/proc/{pid}/stat")).ok()?;
        Stat::parse(&String::from_utf8_lossy(&line))
    }

    pub(super) fn exe(pid: u32) -> Option<PathBuf> {
        fs::read_link(format!("/proc/{pid}/exe")).ok()
    }
}

#[cfg(not(target_os = "linux"))]
mod proc {
    use super::Stat;
    use std::path::PathBuf;

    pub(super) fn stat(_pid: u32) -> Option<Stat> {
        None
    }

    pub(super) fn exe(_pid: u32) -> Option<PathBuf> {
        None
    }
}

#[cfg(test)]
mod tests;
