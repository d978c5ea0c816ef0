//! `tracenet screen`: looks through a file of any size, without a node.

use crate::{Call, Ended, args::screen::Screen, text};
use screen::Class;
use std::{fs::File, io::Read, path::Path};
use wire::Fault;

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
    let mut counts = Counts::default();
    let read = screen::scan_all(&mut input, |met| {
        match met.finding.class {
            Class::Unread => counts.unread += 1,
            class if class.is_secret() => counts.secrets += 1,
            _ => counts.personal += 1,
        }
        list.add(&met);
    });
    counts.bytes = read.map_err(|e| unreadable(&args.file, &e))?;
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
