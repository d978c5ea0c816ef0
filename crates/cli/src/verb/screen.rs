//! `tracenet screen`: looks through a file of any size, a window at a time, without a node.

use crate::{Call, Ended, args::screen::Screen, text};
use screen::{Class, Finding, MAX_BYTES};
use std::{fs::File, io::Read, path::Path};
use wire::Fault;

/// What stands so near to the end of a window is left to the next one: no finding is cut in two.
const LEFT: usize = 256 << 10;
/// What the next window sees of the last one: a value may hang on the name before it.
const BEFORE: usize = 4 << 10;

/// Counts of what was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) bytes: u64,
    pub(crate) secrets: u64,
    pub(crate) personal: u64,
    pub(crate) unread: u64,
}

pub(crate) fn screen(call: &Call, args: &Screen) -> Result<Ended, Fault> {
    let mut input = opened(&args.file)?;
    let mut list = text::screen::List::new(call.json);
    let counts = looked(&mut input, MAX_BYTES, |line, start, end, found| {
        list.add(line, start, end, found);
    });
    let counts = counts.map_err(|e| unreadable(&args.file, &e))?;
    list.end(&counts);
    let found = counts.secrets + counts.personal + counts.unread > 0;
    Ok(if found { Ended::Ill } else { Ended::Well })
}

fn opened(path: &Path) -> Result<Box<dyn Read>, Fault> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let file = File::open(path).map_err(|e| unreadable(path, &e))?;
    Ok(Box::new(file))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    let what = format!("{} cannot be read: {error}", path.display());
    node::Fault::invalid(what, "name a file, or - for standard input").into()
}

/// Scans all that `input` gives, `size` bytes at a time, and hands on each finding with its line
/// and its bytes counted over all of it.
fn looked(
    input: &mut dyn Read,
    size: usize,
    mut each: impl FnMut(u64, u64, u64, &Finding),
) -> std::io::Result<Counts> {
    let mut counts = Counts::default();
    let mut window = Vec::new();
    // Where the window begins, the lines before it, and from where on findings are new.
    let (mut base, mut lines, mut new) = (0_u64, 0_u64, 0_u64);
    loop {
        let room = size.saturating_sub(window.len());
        let read = input.take(room as u64).read_to_end(&mut window)?;
        let last = read < room;
        let left = if last { 0 } else { LEFT.min(size / 4) };
        let until = base + window.len().saturating_sub(left) as u64;
        for found in screen::scan(&window).findings {
            let (start, end) = (base + found.start as u64, base + found.end as u64);
            if start < new || start >= until && !last {
                continue;
            }
            new = end;
            match found.class {
                Class::Unread => counts.unread += 1,
                class if class.is_secret() => counts.secrets += 1,
                _ => counts.personal += 1,
            }
            each(lines + u64::from(found.line), start, end, &found);
        }
        counts.bytes = base + window.len() as u64;
        if last {
            return Ok(counts);
        }
        new = new.max(until);
        let gone = window.len().saturating_sub(left + BEFORE.min(size / 4));
        lines += window.iter().take(gone).filter(|b| **b == b'\n').count() as u64;
        window.drain(..gone);
        base += gone as u64;
    }
}

#[cfg(test)]
mod tests;
