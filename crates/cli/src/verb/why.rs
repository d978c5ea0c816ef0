//! Which run wrote a line. The file is read here, with the rights of whoever calls; the node is
//! told its path and a few lines of it, and opens nothing.

use super::look::show_one;
use crate::{Call, Ended, args::Why};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};
use wire::{Fault, Query};

/// Lines that are told on either side of the one that is asked for.
const AROUND: usize = 8;
/// The most bytes of a file that are read to reach the line, and of one line that are told.
const MAX_FILE: u64 = 256 << 20;
const MAX_LINE: usize = 4 << 10;

pub(crate) async fn why(call: &Call, args: Why) -> Result<Ended, Fault> {
    let (file, number) = args.place;
    let file = std::path::absolute(&file).unwrap_or(file);
    let (lines, at) = around(&file, number)?;
    let file = file.to_string_lossy().into_owned();
    show_one(call, Query::Why { file, lines, at }).await
}

/// The lines around line `number`, counted from 1, and which of them it is.
fn around(path: &Path, number: usize) -> Result<(Vec<String>, u32), Fault> {
    let unreadable = |error: std::io::Error| -> Fault {
        let what = format!("{} cannot be read: {error}", path.display());
        node::Fault::invalid(what, "check the path").into()
    };
    // A pipe or a device may never end.
    if !path.metadata().map_err(unreadable)?.is_file() {
        let what = format!("{} is not a file", path.display());
        return Err(node::Fault::invalid(what, "name a file and a line, as in src/a.rs:12").into());
    }
    let first = number.saturating_sub(AROUND).max(1);
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?.take(MAX_FILE));
    let (mut lines, mut bytes, mut here) = (Vec::new(), Vec::new(), 0);
    while here < number.saturating_add(AROUND) {
        bytes.clear();
        if file.read_until(b'\n', &mut bytes).map_err(unreadable)? == 0 {
            break;
        }
        here += 1;
        if here >= first {
            let line = String::from_utf8_lossy(&bytes);
            let line = line.get(..line.floor_char_boundary(MAX_LINE)).unwrap_or_default();
            lines.push(line.trim_end().to_owned());
        }
    }
    if here < number {
        let what = format!("{} has {}", path.display(), wire::count(here, "line", "lines"));
        return Err(node::Fault::invalid(what, "name a line that is there").into());
    }
    Ok((lines, crate::text::small(number - first)))
}
