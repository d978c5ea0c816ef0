//! No core dumps: what is in memory is not written to a disk because a program crashed.
//!
//! It does not keep a debugger of the same user out. To do that the process would have to be
//! undumpable as a whole, and then the command line could not see any more whose program it is
//! about to give a PIN to.

/// Forbids core dumps of this process and of those it starts. Says in the log when the system
/// does not let it. Where there are none it does nothing.
pub fn forbid() {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, setrlimit};
        // Linux writes into a pipe whatever the limit is, unless it is 1, and writes no file of
        // one byte either (`do_coredump` in its fs/coredump.c). A lower hard limit stays.
        let limits = [(1, 1), (0, 0)];
        let set = |(soft, hard)| setrlimit(Resource::RLIMIT_CORE, soft, hard).is_ok();
        if !limits.into_iter().any(set) {
            tracing::warn!("core dumps could not be forbidden");
        }
    }
}
