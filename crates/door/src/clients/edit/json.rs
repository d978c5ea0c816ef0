//! JSON, and JSON with comments.
//!
//! A parser says where everything stands; what is changed after that is a span of the text. A
//! new member is written in the file's own style: its indentation, its line ends, its trailing
//! commas, or on one line where the file is one line. A comment stays with what it stands
//! beside.

mod span;

pub(in crate::clients) use span::{Holder, Style, Text};

use super::{EditError, Form, Present};
use crate::clients::{Command, SERVER};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Servers by name, in one member of the root object.
#[derive(Debug)]
pub(in crate::clients) struct Json {
    /// The member that holds the servers.
    pub(in crate::clients) servers: &'static str,
    /// How one is written.
    pub(in crate::clients) shape: Shape,
    /// Whether the program reads comments and trailing commas.
    pub(in crate::clients) comments: bool,
}

/// How a server is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::clients) enum Shape {
    /// `type: stdio`, `command`, `args`, `env`.
    Typed,
    /// The same without a type.
    Plain,
    /// `type: local`, one array for the command and its arguments, `environment`.
    Array,
}

/// A server of any shape. Members that are not known here do not make it another server.
#[derive(Serialize, Deserialize)]
struct Server {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    command: Program,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    args: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    env: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    environment: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
    #[serde(default, skip_serializing)]
    disabled: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Program {
    One(String),
    Line(Vec<String>),
}

impl Shape {
    fn write(self, command: &Command) -> Server {
        let Command { command, args, env } = command.clone();
        let server = Server {
            kind: None,
            command: Program::One(command.clone()),
            args: None,
            env: None,
            environment: None,
            enabled: None,
            disabled: None,
        };
        match self {
            Self::Typed => {
                let kind = Some("stdio".to_owned());
                Server { kind, args: Some(args), env: Some(env), ..server }
            }
            Self::Plain => Server { args: Some(args), env: Some(env), ..server },
            Self::Array => Server {
                kind: Some("local".to_owned()),
                command: Program::Line([vec![command], args].concat()),
                environment: Some(env),
                enabled: Some(true),
                ..server
            },
        }
    }

    /// The command, unless it is of another kind or switched off.
    fn read(self, server: Server) -> Option<Command> {
        let off = server.enabled == Some(false) || server.disabled == Some(true);
        let kind = server.kind.as_deref();
        match (self, server.command) {
            _ if off => None,
            (Self::Typed | Self::Plain, Program::One(command))
                if matches!(kind, None | Some("stdio")) =>
            {
                let args = server.args.unwrap_or_default();
                Some(Command { command, args, env: server.env.unwrap_or_default() })
            }
            (Self::Array, Program::Line(line)) if kind == Some("local") => {
                let mut line = line.into_iter();
                let command = line.next()?;
                let env = server.environment.unwrap_or_default();
                Some(Command { command, args: line.collect(), env })
            }
            _ => None,
        }
    }
}

impl Json {
    fn read<'t>(&self, text: &'t str) -> Result<Text<'t>, EditError> {
        Text::read(text, self.comments)
    }

    /// The text of what stands at our place, and what it is.
    fn raw<'t>(&self, text: &'t str) -> Result<(Option<&'t str>, Present), EditError> {
        let read = self.read(text)?;
        let servers = read.root()?.object(self.servers)?;
        let Some(raw) = servers.map(|servers| servers.text_of(SERVER)).transpose()?.flatten()
        else {
            return Ok((None, Present::Nothing));
        };
        let server = span::value::<Server>(raw).and_then(|server| self.shape.read(server));
        Ok((Some(raw), server.map_or(Present::Other, Present::Command)))
    }

    fn put_raw(
        &self,
        text: &str,
        render: impl Fn(&Style, &str) -> String,
    ) -> Result<String, EditError> {
        let read = self.read(text)?;
        let root = read.root()?;
        let style = Style::of(&root);
        let Some(servers) = root.object(self.servers)? else {
            let inside = |style: &Style, indent: &str| {
                style.wrapped(SERVER, indent, &|indent| render(style, indent))
            };
            return Ok(root.with_member(&style, self.servers, &inside));
        };
        match servers.find(SERVER)? {
            Some(n) => Ok(servers.with_value(n, &style, &render)),
            None => Ok(servers.with_member(&style, SERVER, &render)),
        }
    }
}

impl Form for Json {
    fn blank(&self) -> &'static str {
        "{}\n"
    }

    fn present(&self, text: &str) -> Result<Present, EditError> {
        Ok(self.raw(text)?.1)
    }

    fn put(&self, text: &str, command: &Command) -> Result<String, EditError> {
        let server = self.shape.write(command);
        let new = self.put_raw(text, |style, indent| style.render(&server, indent))?;
        let wanted = Present::Command(command.clone());
        if self.present(&new)? == wanted { Ok(new) } else { Err(EditError::Unfit) }
    }

    fn take_out(&self, text: &str, before: Option<&str>) -> Result<String, EditError> {
        let mut and_empty = false;
        if let Some(before) = before {
            let (raw, was) = self.raw(before)?;
            let ours = matches!(&was, Present::Command(command) if command.is_ours());
            if let (Some(raw), false) = (raw, ours) {
                return self.put_raw(text, |_, _| raw.to_owned());
            }
            and_empty = self.read(before)?.root()?.object(self.servers)?.is_none();
        }
        let read = self.read(text)?;
        let root = read.root()?;
        let Some(servers) = root.object(self.servers)? else { return Ok(text.to_owned()) };
        let Some(n) = servers.find(SERVER)? else { return Ok(text.to_owned()) };
        let new = match root.find(self.servers)? {
            Some(whole) if and_empty && servers.len() == 1 => root.without(whole),
            _ => servers.without(n),
        };
        if self.present(&new)? == Present::Nothing { Ok(new) } else { Err(EditError::Unfit) }
    }
}

#[cfg(test)]
mod tests;
