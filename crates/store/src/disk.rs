//! What files really take on the disk, as `du` counts it: blocks, not lengths; and what is left.

use nix::sys::statvfs::statvfs;
use std::{fs, os::unix::fs::MetadataExt, path::Path};

/// Bytes of one block of `st_blocks`, on every Unix.
const BLOCK: u64 = 512;

/// Bytes that a file, or a folder with everything below it, takes on the disk. What is gone or
/// cannot be read counts as nothing; links are not followed.
#[must_use]
pub fn used(path: &Path) -> u64 {
    let Ok(meta) = fs::symlink_metadata(path) else { return 0 };
    let own = meta.blocks().saturating_mul(BLOCK);
    if !meta.is_dir() {
        return own;
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.fold(own, |sum, entry| sum.saturating_add(used(&entry.path())))
}

/// Bytes that this user may still write to the disk of this file; nothing where that cannot be
/// told.
pub(crate) fn free(path: &Path) -> Option<u64> {
    // One without an end, such as an unlimited tmpfs, counts no blocks.
    let stat = statvfs(path).ok().filter(|stat| stat.blocks() > 0)?;
    #[allow(clippy::useless_conversion, reason = "they are narrower on other systems")]
    let (blocks, size) = (u64::from(stat.blocks_available()), u64::from(stat.fragment_size()));
    Some(blocks.saturating_mul(size))
}
