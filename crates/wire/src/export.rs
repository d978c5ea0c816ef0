//! The journal as a file: JSON lines that another program checks.

use crate::{EntriesView, Fault};
use serde_json::json;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

/// A new file that the journal is written to, look by look.
pub struct JournalFile {
    path: PathBuf,
    out: BufWriter<File>,
    entries: u64,
}

impl JournalFile {
    /// A file of this name.
    ///
    /// # Errors
    /// When there is one, or it cannot be made.
    pub fn create(path: &Path) -> Result<Self, Fault> {
        let file = File::create_new(path).map_err(|e| unwritten(path, &e))?;
        Ok(Self { path: path.to_owned(), out: BufWriter::new(file), entries: 0 })
    }

    /// How many entries it has: the next look is at those after.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// Writes what a look gave, a JSON value a line. True once the signed head is written too.
    ///
    /// # Errors
    /// When the file cannot be written, or the journal ends without a signed head.
    pub fn put(&mut self, page: &EntriesView) -> Result<bool, Fault> {
        if page.rows.is_empty() && page.head.is_empty() {
            let hint = "`tracenet log verify` says what is wrong with it";
            return Err(node::Fault::refused("the journal has no signed head", hint).into());
        }
        self.write(page).map_err(|e| unwritten(&self.path, &e))
    }

    fn write(&mut self, page: &EntriesView) -> std::io::Result<bool> {
        for row in &page.rows {
            writeln!(self.out, "{}", json!(row))?;
            self.entries += 1;
        }
        if page.head.is_empty() {
            return Ok(false);
        }
        writeln!(self.out, "{}", json!({ "head": page.head }))?;
        self.out.flush()?;
        Ok(true)
    }
}

fn unwritten(path: &Path, error: &std::io::Error) -> Fault {
    let what = format!("{} cannot be written: {error}", path.display());
    node::Fault::not_now(what, "name a new file in a folder of yours").into()
}
