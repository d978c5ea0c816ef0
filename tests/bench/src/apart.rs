//! This program as a node in a process of its own, so that its memory can be told from ours.

use crate::nodes::PATIENCE;
use anyhow::{Context as _, Result};
use std::{path::Path, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

const KIB_IN_MIB: f64 = 1024.0;

/// A process of this program. Its end is the end of its standard input.
pub(crate) struct Apart {
    child: Child,
    told: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    pid: u32,
}

impl Apart {
    /// Starts it: `word` on its command line says what it is to be, in this folder.
    pub(crate) fn start(word: &str, folder: &Path) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(word)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let said = child.stdout.take().context("no output")?;
        let told = child.stdin.take().context("no input")?;
        let pid = child.id().context("it ended")?;
        Ok(Self { child, told, said: BufReader::new(said).lines(), pid })
    }

    /// Its next line.
    pub(crate) async fn line(&mut self) -> Result<String> {
        timeout(PATIENCE, self.said.next_line()).await??.context("the node ended")
    }

    /// Tells it a line, and waits for one.
    pub(crate) async fn ask(&mut self, line: &str) -> Result<String> {
        self.told.write_all(format!("{line}\n").as_bytes()).await?;
        self.line().await
    }

    /// Its resident memory, in MiB.
    pub(crate) fn resident(&self) -> Result<f64> {
        status(self.pid, "VmRSS:")
    }

    /// The most it ever was, in MiB.
    pub(crate) fn peak(&self) -> Result<f64> {
        peak_of(self.pid)
    }

    /// Waits for its end.
    pub(crate) async fn end(mut self) -> Result<()> {
        drop(self.told);
        timeout(PATIENCE, self.child.wait()).await??;
        Ok(())
    }
}

/// The most resident memory that a process ever had, in MiB.
pub(crate) fn peak_of(pid: u32) -> Result<f64> {
    status(pid, "VmHWM:")
}

fn status(pid: u32, name: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let row = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = row.and_then(|row| row.split_whitespace().next()).context("no such row")?;
    Ok(kib.parse::<f64>()? / KIB_IN_MIB)
}
