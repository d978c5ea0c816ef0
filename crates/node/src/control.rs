//! The control socket, as the wire crate answers it.

use door::{BoxFuture, Process};
use zeroize::Zeroizing;

/// Who speaks over the control socket.
#[derive(Debug, Clone)]
pub struct Terminal {
    /// The process at the other end, as the system tells.
    pub process: Option<Process>,
    /// Whether it runs below a connected agent's program: then it may look, and not answer.
    pub below_agent: bool,
}

impl Terminal {
    /// The process and those it was started by, for the prompt.
    #[must_use]
    pub fn chain(&self) -> Vec<String> {
        self.process.as_ref().map(chain).unwrap_or_default()
    }
}

/// A process and those it was started by, as names, nearest first, at most six.
#[must_use]
pub(crate) fn chain(process: &Process) -> Vec<String> {
    let own = process.exe.as_ref().and_then(|e| e.file_name());
    let own = own.map(|n| n.to_string_lossy().into_owned());
    let above = process.ancestors.iter().map(|a| a.name.clone());
    own.into_iter().chain(above).take(6).collect()
}

/// What answers frames of the control socket: the wire crate.
pub trait Control: Send + Sync + 'static {
    /// Answers one request. It may hold a PIN, and the reply a recovery phrase: the bytes of both
    /// are wiped when they are dropped.
    fn answer<'a>(
        &'a self,
        who: Terminal,
        request: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, Zeroizing<Vec<u8>>>;
    /// Writes a notice for the socket.
    fn notice(&self, notice: &crate::Notice) -> Vec<u8>;
}
