//! A file seen as memory: the one place of the crate that needs `unsafe`.
//!
//! It does not know what is in the file, and promises nothing about it: whoever reads checks.

use memmap2::{Mmap, MmapOptions};
use std::{fs::File, io, ops::Deref};

/// The first bytes of a file, as they were when it was mapped. The mapping outlives the file's
/// name and its handle.
pub(crate) struct Map(Option<Mmap>);

impl Map {
    /// Maps the first `length` bytes of `file`, at most as many as it has.
    pub(crate) fn of(file: &File, length: u64) -> io::Result<Self> {
        let length = usize::try_from(length.min(file.metadata()?.len())).unwrap_or(usize::MAX);
        if length == 0 {
            return Ok(Self(None)); // some platforms refuse an empty mapping
        }
        #[expect(
            unsafe_code,
            reason = "a mapping is sound while nobody changes or cuts the mapped bytes. The files are \
                      in the data folder, which this process has locked: they are only ever appended \
                      to behind the mapping, or replaced by another file under the same name. The \
                      model's file comes with the app and is never written"
        )]
        // SAFETY: the reason above.
        let map = unsafe { MmapOptions::new().len(length).map(file)? };
        Ok(Self(Some(map)))
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}
