//! TOML: servers by name, each a table in one table of the document.

use super::{EditError, Form, Present};
use crate::clients::{Command, SERVER};
use std::collections::BTreeMap;
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, TomlError, value};

/// Servers by name, in one table of the root.
#[derive(Debug)]
pub(in crate::clients) struct Toml {
    /// The table that holds the servers.
    pub(in crate::clients) servers: &'static str,
}

impl Toml {
    fn holder<'d>(&self, read: &'d DocumentMut) -> Result<Option<&'d dyn TableLike>, EditError> {
        let holder = read.get(self.servers).map(|item| item.as_table_like().ok_or(()));
        holder.transpose().map_err(|()| self.no_holder())
    }

    fn no_holder(&self) -> EditError {
        EditError::NotAHolder { key: self.servers.to_owned(), what: "a table" }
    }

    /// Puts `server` at our place, where what was there stood.
    fn put_item(&self, text: &str, server: Item) -> Result<String, EditError> {
        let (mut read, ends) = read(text)?;
        let servers = read.entry(self.servers).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let servers = servers.as_table_like_mut().ok_or_else(|| self.no_holder())?;
        let place = servers.get(SERVER).and_then(Item::as_table).and_then(Table::position);
        let mut server = server;
        if let Some(table) = server.as_table_mut() {
            table.set_position(place);
        }
        servers.insert(SERVER, server);
        Ok(ends.written(&read))
    }
}

impl Form for Toml {
    fn blank(&self) -> &'static str {
        ""
    }

    fn present(&self, text: &str) -> Result<Present, EditError> {
        let (read, _) = read(text)?;
        let Some(server) = self.holder(&read)?.and_then(|servers| servers.get(SERVER)) else {
            return Ok(Present::Nothing);
        };
        Ok(command(server).map_or(Present::Other, Present::Command))
    }

    fn put(&self, text: &str, command: &Command) -> Result<String, EditError> {
        let new = self.put_item(text, Item::Table(table(command)))?;
        let wanted = Present::Command(command.clone());
        if self.present(&new)? == wanted { Ok(new) } else { Err(EditError::Unfit) }
    }

    fn take_out(&self, text: &str, before: Option<&str>) -> Result<String, EditError> {
        let mut and_empty = false;
        if let Some(before) = before {
            let (was, _) = read(before)?;
            let servers = self.holder(&was)?;
            and_empty = servers.is_none();
            let other = servers.and_then(|servers| servers.get(SERVER));
            if let Some(other) = other.filter(|item| !command(item).is_some_and(|c| c.is_ours())) {
                return self.put_item(text, other.clone());
            }
        }
        let (mut read, ends) = read(text)?;
        let Some(servers) = read.get_mut(self.servers).and_then(Item::as_table_like_mut) else {
            return Ok(text.to_owned());
        };
        servers.remove(SERVER);
        if and_empty && servers.is_empty() {
            read.remove(self.servers);
        }
        let new = ends.written(&read);
        if self.present(&new)? == Present::Nothing { Ok(new) } else { Err(EditError::Unfit) }
    }
}

/// How lines end. The parser's own writer knows one way only.
#[derive(Clone, Copy)]
struct Ends(&'static str);

impl Ends {
    fn written(self, read: &DocumentMut) -> String {
        read.to_string().replace('\n', self.0)
    }
}

/// A text that is written back as it was read, byte for byte.
fn read(text: &str) -> Result<(DocumentMut, Ends), EditError> {
    let ends = Ends(if text.contains("\r\n") { "\r\n" } else { "\n" });
    let read: DocumentMut = text.parse().map_err(|e| not_read(text, &e))?;
    if ends.written(&read) == text { Ok((read, ends)) } else { Err(EditError::Unfit) }
}

fn not_read(text: &str, error: &TomlError) -> EditError {
    let at = error.span().map_or(0, |span| span.start);
    let before = text.get(..at).unwrap_or(text);
    let (line, last) = (before.matches('\n').count() + 1, before.rsplit('\n').next());
    let column = last.unwrap_or_default().chars().count() + 1;
    EditError::NotRead { what: "TOML", line, column }
}

fn table(command: &Command) -> Table {
    let mut table = Table::new();
    table.insert("command", value(command.command.as_str()));
    table.insert("args", value(command.args.iter().map(String::as_str).collect::<Array>()));
    if !command.env.is_empty() {
        let env: toml_edit::InlineTable =
            command.env.iter().map(|(name, of)| (name.as_str(), of.as_str())).collect();
        table.insert("env", value(env));
    }
    table
}

/// The command of a server, unless it is none or switched off.
fn command(server: &Item) -> Option<Command> {
    let server = server.as_table_like()?;
    if server.get("enabled").and_then(Item::as_bool) == Some(false) {
        return None;
    }
    let command = server.get("command")?.as_str()?.to_owned();
    let args = match server.get("args") {
        Some(args) => args.as_array()?.iter().map(|arg| Some(arg.as_str()?.to_owned())).collect(),
        None => Some(Vec::new()),
    };
    let env = match server.get("env") {
        Some(env) => env
            .as_table_like()?
            .iter()
            .map(|(name, of)| Some((name.to_owned(), of.as_str()?.to_owned())))
            .collect(),
        None => Some(BTreeMap::new()),
    };
    Some(Command { command, args: args?, env: env? })
}

#[cfg(test)]
mod tests;
