//! What would change in a program's settings, and doing exactly that.

use super::{
    Client, ClientError, Command, Entry, Surroundings,
    diff::unified,
    edit::{EditError, Present},
    file::{self, FileError, Original},
    record::{self, Record},
};
use artifact::UnixMillis;
use std::path::{Path, PathBuf};

/// How a program stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing of it is here.
    NotFound,
    /// It is here, and does not know this node.
    NotConnected,
    /// It starts this node's shim.
    Connected,
    /// Its settings name a server of ours that starts something else.
    Changed,
    /// Its settings are here and cannot be changed: [`Seen::why`] says why.
    Blocked,
}

/// A change that could be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// A unified diff over the real file.
    pub diff: String,
    /// Names this very change: BLAKE3 over the file as it is and as it would be, in hex.
    pub seen: String,
}

/// A program as it was found.
#[derive(Debug)]
pub struct Seen {
    /// How it stands.
    pub state: State,
    /// Its settings, there or not.
    pub file: PathBuf,
    /// Its executable, when it was found.
    pub program: Option<PathBuf>,
    /// Why nothing can be changed.
    pub why: Option<ClientError>,
    /// What connecting would change.
    pub connect: Option<Change>,
    /// What undoing would change.
    pub undo: Option<Change>,
}

/// What connecting did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// The settings.
    pub file: PathBuf,
    /// The copy of what was there; `None` when nothing was, or nothing was written.
    pub backup: Option<PathBuf>,
    /// The command as it now stands there.
    pub command: Command,
}

/// What undoing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The settings.
    pub file: PathBuf,
    /// They are byte for byte what they were before they were changed.
    pub exact: bool,
    /// A copy of what was there before this, unless that is known anyway.
    pub backup: Option<PathBuf>,
}

/// A file and what it would become.
struct Plan {
    original: Option<Original>,
    new: Option<String>,
    /// What it would become is what it was before.
    exact: bool,
}

impl Plan {
    fn change(&self, path: &Path) -> Change {
        let old = self.original.as_ref().map(|o| o.text.as_str());
        let new = self.new.as_deref();
        let mut hasher = blake3::Hasher::new();
        for text in [old, new] {
            // Their lengths keep the two apart, and nothing apart from an empty file.
            let (there, text) = (u8::from(text.is_some()), text.unwrap_or_default());
            hasher.update(&[there]).update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        let seen = hasher.finalize().to_hex().to_string();
        Change { diff: unified(&path.display().to_string(), old, new), seen }
    }
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// What is there at our place.
fn present(entry: &Entry, path: &Path, text: &str) -> Result<Present, ClientError> {
    entry.form.present(text).map_err(|why| edit_error(path, why))
}

fn edit_error(path: &Path, why: EditError) -> ClientError {
    ClientError::Edit { path: path.to_owned(), why }
}

/// Looks at a program and its settings, and changes nothing. `folder` is the data folder,
/// `wanted` what its settings should start.
#[must_use]
pub fn look(
    here: &Surroundings,
    client: &Client,
    entry: &Entry,
    folder: &Path,
    wanted: Result<Command, ClientError>,
) -> Seen {
    let path = (entry.file)(here);
    let program = here.program(client.program);
    let found =
        program.is_some() || path.symlink_metadata().is_ok() || (client.folder)(here).is_dir();
    let mut seen =
        Seen { state: State::NotFound, file: path, program, why: None, connect: None, undo: None };
    if !found {
        return seen;
    }
    let now = match stands(entry, &seen.file, wanted.as_ref().ok()) {
        Ok(state) => state,
        Err(why) => {
            (seen.state, seen.why) = (State::Blocked, Some(why));
            return seen;
        }
    };
    seen.state = now;
    if now != State::NotConnected {
        let undo = plan_undo(entry, folder, &seen.file);
        seen.undo = undo.ok().map(|plan| plan.change(&seen.file));
    }
    if now != State::Connected {
        let plan = wanted.and_then(|wanted| plan_connect(entry, &seen.file, &wanted));
        match plan {
            Ok(plan) => seen.connect = Some(plan.change(&seen.file)),
            Err(why) => seen.why = Some(why),
        }
    }
    if seen.connect.is_none() && seen.undo.is_none() {
        seen.state = State::Blocked;
    }
    seen
}

fn stands(entry: &Entry, path: &Path, wanted: Option<&Command>) -> Result<State, ClientError> {
    let Some(original) = file::read(path)? else { return Ok(State::NotConnected) };
    Ok(match present(entry, path, &original.text)? {
        Present::Nothing => State::NotConnected,
        Present::Command(there) if Some(&there) == wanted => State::Connected,
        Present::Command(_) | Present::Other => State::Changed,
    })
}

fn plan_connect(entry: &Entry, path: &Path, wanted: &Command) -> Result<Plan, ClientError> {
    let original = file::read(path)?;
    let text = match &original {
        Some(original) => {
            file::check_writable(path, original)?;
            original.text.as_str()
        }
        None => entry.form.blank(),
    };
    let new = entry.form.put(text, wanted).map_err(|why| edit_error(path, why))?;
    Ok(Plan { original, new: Some(new), exact: false })
}

fn plan_undo(entry: &Entry, folder: &Path, path: &Path) -> Result<Plan, ClientError> {
    let none = || ClientError::NotConnected { path: path.to_owned() };
    let original = file::read(path)?.ok_or_else(none)?;
    file::check_writable(path, &original)?;
    if present(entry, path, &original.text)? == Present::Nothing {
        return Err(none());
    }
    let record = record::of(folder, entry.record, path);
    let untouched = record.as_ref().filter(|record| record.after == hash(&original.text));
    let before = record.as_ref().and_then(kept);
    if let Some(record) = untouched
        && (before.is_some() || record.before.is_none())
    {
        return Ok(Plan { original: Some(original), new: before, exact: true });
    }
    // Where no file was, nothing held us either.
    let none_was = record.is_some_and(|record| record.before.is_none());
    let before = before.as_deref().or_else(|| none_was.then(|| entry.form.blank()));
    let new = entry.form.take_out(&original.text, before);
    let new = new.map_err(|why| edit_error(path, why))?;
    Ok(Plan { original: Some(original), new: Some(new), exact: false })
}

/// The copy that a record names, if it is still what was there.
fn kept(record: &Record) -> Option<String> {
    let copy = file::read(record.backup.as_deref()?).ok()??;
    (record.before.as_deref() == Some(hash(&copy.text).as_str())).then_some(copy.text)
}

/// Writes into a program's settings what [`look`] showed under the name `shown`. A program that is
/// connected already is left as it is.
///
/// # Errors
/// When what was shown is not what would be done now, or the file cannot be exchanged.
pub fn connect(
    here: &Surroundings,
    client: &Client,
    entry: &Entry,
    folder: &Path,
    wanted: Command,
    shown: &str,
    now: UnixMillis,
) -> Result<Connected, ClientError> {
    let seen = look(here, client, entry, folder, Ok(wanted.clone()));
    let path = seen.file;
    match seen.state {
        State::NotFound => return Err(ClientError::NotFound { title: client.title }),
        State::Connected => return Ok(Connected { file: path, backup: None, command: wanted }),
        _ => {}
    }
    let plan = plan_connect(entry, &path, &wanted)?;
    let (backup, new) = prepare(&path, &plan, shown, now, true)?;
    let after = hash(new.unwrap_or_default());
    let before = plan.original.as_ref().map(|original| hash(&original.text));
    let made = if before.is_none() { file::make_folder(&path)? } else { None };
    let record = Record { file: path.clone(), backup: backup.clone(), before, after, made };
    record::keep(folder, entry.record, &record)?;
    file::exchange(&path, plan.original.as_ref(), new)?;
    Ok(Connected { file: path, backup, command: wanted })
}

/// Takes out of a program's settings what [`look`] showed under the name `shown`: when nothing else
/// has changed since, the file is what it was, byte for byte.
///
/// # Errors
/// When there is nothing of ours, what was shown is not what would be done now, or the file
/// cannot be exchanged.
pub fn undo(
    here: &Surroundings,
    entry: &Entry,
    folder: &Path,
    shown: &str,
    now: UnixMillis,
) -> Result<Undone, ClientError> {
    let path = (entry.file)(here);
    let plan = plan_undo(entry, folder, &path)?;
    let exact = plan.exact;
    let (backup, new) = prepare(&path, &plan, shown, now, !exact)?;
    file::exchange(&path, plan.original.as_ref(), new)?;
    if exact && let Some(record) = record::of(folder, entry.record, &path) {
        if let Some(copy) = record.backup {
            // It is the file itself again; a copy of settings that hold keys is better not left.
            let _ = std::fs::remove_file(copy);
        }
        if let Some(made) = record.made {
            file::leave_folder(&path, &made);
        }
    }
    record::forget(folder, entry.record);
    Ok(Undone { file: path, exact, backup })
}

/// That this is what was shown; then the copy.
fn prepare<'p>(
    path: &Path,
    plan: &'p Plan,
    shown: &str,
    now: UnixMillis,
    copy: bool,
) -> Result<(Option<PathBuf>, Option<&'p str>), ClientError> {
    if plan.change(path).seen != shown {
        return Err(FileError::Changed { path: path.to_owned() }.into());
    }
    let original = plan.original.as_ref().filter(|_| copy);
    let stamp = stamp(now);
    let backup = original.map(|original| file::back_up(path, original, &stamp)).transpose()?;
    Ok((backup, plan.new.as_deref()))
}

/// A time as part of a file's name, in UTC.
fn stamp(now: UnixMillis) -> String {
    let time = i64::try_from(now).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    time.map_or_else(|| now.to_string(), |time| time.strftime("%Y%m%d-%H%M%S").to_string())
}
