//! Systems without Unix sockets: the same face, which always says so.

use super::{BindError, ConnectError, Entrance};
use std::{convert::Infallible, io, path::Path};

/// Stands for a connection; none is ever made.
pub(crate) type Stream = tokio::io::DuplexStream;

/// The node's two sockets. Cannot exist on this system.
#[derive(Debug)]
pub struct Sockets(Infallible);

impl Sockets {
    /// Always says that this system has no such sockets.
    ///
    /// # Errors
    /// Always [`BindError::Unsupported`].
    pub fn bind(_folder: &Path) -> Result<Self, BindError> {
        Err(BindError::Unsupported)
    }

    pub(crate) async fn accept(&self, _at: Entrance) -> io::Result<Option<(Stream, Option<u32>)>> {
        match self.0 {}
    }
}

/// Nobody ever connects.
pub(crate) fn process_of(_stream: &Stream, _pid: Option<u32>) -> Option<crate::Process> {
    None
}

/// Always says that this system has no such sockets.
pub(crate) async fn dial(
    _folder: &Path,
    _at: Entrance,
) -> Result<(Stream, Option<u32>), ConnectError> {
    Err(ConnectError::Unsupported)
}
