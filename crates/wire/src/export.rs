//! The journal as a file: JSON lines that another program checks.

use crate::{EntriesView, Fault};
use serde_json::json;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

/// Writes every entry and the signed head into a new file, a JSON value a line, and gives how many
/// entries. `next` looks at the entries after a number.
///
/// # Errors
/// When the file cannot be written, or a look fails.
pub async fn export_journal(
    file: &Path,
    mut next: impl AsyncFnMut(u64) -> Result<EntriesView, Fault>,
) -> Result<u64, Fault> {
    let unwritten = |error: std::io::Error| -> Fault {
        let what = format!("{} cannot be written: {error}", file.display());
        node::Fault::not_now(what, "name a new file in a folder of yours").into()
    };
    let mut out = BufWriter::new(File::create_new(file).map_err(unwritten)?);
    let mut after = 0_u64;
    loop {
        let page = next(after).await?;
        after += page.rows.len() as u64;
        for row in &page.rows {
            writeln!(out, "{}", json!(row)).map_err(unwritten)?;
        }
        if !page.head.is_empty() {
            writeln!(out, "{}", json!({ "head": page.head })).map_err(unwritten)?;
            out.flush().map_err(unwritten)?;
            return Ok(after);
        }
        if page.rows.is_empty() {
            let hint = "`tracenet log verify` says what is wrong with it";
            return Err(node::Fault::refused("the journal has no signed head", hint).into());
        }
    }
}
