//! What this process makes belongs to its user alone, whoever writes it: libraries that keep an
//! index or a database do not ask for a mode of their own.

/// Lets nobody else into the files and folders that this process makes from now on.
pub fn keep_private() {
    #[cfg(unix)]
    {
        use nix::sys::stat::{Mode, umask};
        umask(Mode::S_IRWXG | Mode::S_IRWXO);
    }
}
