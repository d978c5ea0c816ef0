//! Hooks of Claude Code: for each event a list of groups, each with a list of commands. Ours is a
//! group of its own in every event (<https://code.claude.com/docs/en/hooks>).

use super::{
    Command, SERVER,
    edit::{EditError, Form, Holder, Present, Style, Text},
};
use crate::request::HookEvent;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Stands in a [`Command`] where a line of the settings has the event.
const EVENT: &str = "EVENT";
/// The member that holds all hooks.
const HOOKS: &str = "hooks";
/// Seconds that the program waits for ours at the most, which take far less.
const TIMEOUT: u32 = 5;

/// What a hook runs. Its end must say nothing to the program: an end by code 2 would block what the
/// human said, which an older command that knows no hooks would do.
pub(super) fn line(program: &str, name: &str, folder: Option<&str>) -> String {
    let home = folder.map(|folder| format!(" --home {}", quoted(folder))).unwrap_or_default();
    let quiet = if cfg!(windows) { "" } else { " 2>/dev/null || true" };
    format!("{} hook {EVENT} --as {name}{home}{quiet}", quoted(program))
}

/// A word of a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// The place of our hooks.
#[derive(Debug)]
pub(super) struct Hooks;

/// A group of commands. What else it has is not ours, and neither is the group then.
#[derive(Serialize, Deserialize)]
struct Group {
    hooks: Vec<Hook>,
}

#[derive(Serialize, Deserialize)]
struct Hook {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    command: String,
    #[serde(default)]
    timeout: u32,
}

impl Group {
    fn of(event: HookEvent, command: &Command) -> Self {
        let command = command.command.replacen(EVENT, event.word(), 1);
        Self { hooks: vec![Hook { kind: "command".to_owned(), command, timeout: TIMEOUT }] }
    }
}

/// The command of a hook of ours, of whatever version and place, with [`EVENT`] for the event.
fn ours(hook: &Hook) -> Option<String> {
    let parted =
        |event: &HookEvent| hook.command.split_once(&format!(" hook {} --as ", event.word()));
    let (program, rest) = HookEvent::ALL.iter().find_map(parted)?;
    let stem = Path::new(program.trim().trim_matches(['\'', '"'])).file_stem()?;
    (stem == SERVER).then(|| format!("{program} hook {EVENT} --as {rest}"))
}

/// One hook of ours: which group of its event it is in, and which of that.
struct Found {
    event: HookEvent,
    group: usize,
    hook: usize,
    command: String,
}

/// Every hook of ours.
fn all(text: &str) -> Result<Vec<Found>, EditError> {
    let mut found = Vec::new();
    let read = Text::read(text, false)?;
    let Some(hooks) = read.root()?.object(HOOKS)? else { return Ok(found) };
    for event in HookEvent::ALL {
        let Some(groups) = hooks.array(event.title())? else { continue };
        for group in 0..groups.len() {
            let told = groups.value::<Group>(group).map(|group| group.hooks).unwrap_or_default();
            for (hook, told) in told.iter().enumerate() {
                let ours = ours(told);
                found.extend(ours.map(|command| Found { event, group, hook, command }));
            }
        }
    }
    Ok(found)
}

/// Whether this event has a list at all.
fn has(text: &str, event: HookEvent) -> Result<(bool, bool), EditError> {
    let read = Text::read(text, false)?;
    let hooks = read.root()?.object(HOOKS)?;
    let list = hooks.as_ref().map(|hooks| hooks.array(event.title())).transpose()?.flatten();
    Ok((hooks.is_some(), list.is_some()))
}

fn with_group(text: &str, event: HookEvent, command: &Command) -> Result<String, EditError> {
    let read = Text::read(text, false)?;
    let root = read.root()?;
    let (style, group) = (Style::of(&root), Group::of(event, command));
    let list = |style: &Style, indent: &str| style.render(&[&group], indent);
    let Some(hooks) = root.object(HOOKS)? else {
        let whole = |style: &Style, indent: &str| {
            style.wrapped(event.title(), indent, &|indent| list(style, indent))
        };
        return Ok(root.with_member(&style, HOOKS, &whole));
    };
    let Some(groups) = hooks.array(event.title())? else {
        return Ok(hooks.with_member(&style, event.title(), &list));
    };
    Ok(groups.with(&style, &|style, indent| style.render(&group, indent)))
}

/// The text without one hook of ours, and without what is empty then and was not there `before`.
fn without(text: &str, of: &Found, before: Option<&str>) -> Result<String, EditError> {
    let read = Text::read(text, false)?;
    let root = read.root()?;
    let kept = || text.to_owned();
    let Some(hooks) = root.object(HOOKS)? else { return Ok(kept()) };
    let Some(groups) = hooks.array(of.event.title())? else { return Ok(kept()) };
    let commands = groups.nested(of.group).map(|group| group.array(HOOKS)).transpose()?.flatten();
    if let Some(commands) = commands.filter(|commands| commands.len() > 1) {
        return Ok(commands.without(of.hook));
    }
    let (had_hooks, had_list) =
        before.map(|before| has(before, of.event)).transpose()?.unwrap_or_default();
    if groups.len() > 1 || had_list {
        return Ok(groups.without(of.group));
    }
    let whole = |holder: &Holder<'_, '_>, key: &str| {
        holder.find(key).map(|n| n.map_or_else(kept, |n| holder.without(n)))
    };
    if hooks.len() > 1 || had_hooks {
        return whole(&hooks, of.event.title());
    }
    whole(&root, HOOKS)
}

impl Form for Hooks {
    fn blank(&self) -> &'static str {
        "{}\n"
    }

    /// One command, when all events have it once and alike.
    fn present(&self, text: &str) -> Result<Present, EditError> {
        let found = all(text)?;
        let Some(first) = found.first() else { return Ok(Present::Nothing) };
        let alike = found.iter().all(|of| of.command == first.command);
        let events: Vec<HookEvent> = found.iter().map(|of| of.event).collect();
        if !alike || events != HookEvent::ALL {
            return Ok(Present::Other);
        }
        let (args, env) = Default::default();
        Ok(Present::Command(Command { command: first.command.clone(), args, env }))
    }

    fn put(&self, text: &str, command: &Command) -> Result<String, EditError> {
        if self.present(text)? == Present::Command(command.clone()) {
            return Ok(text.to_owned());
        }
        // Those of another version make way; the lists they stood in stay.
        let mut new = self.take_out(text, Some(text))?;
        for event in HookEvent::ALL {
            new = with_group(&new, event, command)?;
        }
        let wanted = Present::Command(command.clone());
        if self.present(&new)? == wanted { Ok(new) } else { Err(EditError::Unfit) }
    }

    fn take_out(&self, text: &str, before: Option<&str>) -> Result<String, EditError> {
        let mut new = text.to_owned();
        // The last first: what stands before it keeps its place.
        while let Some(last) = all(&new)?.pop() {
            let next = without(&new, &last, before)?;
            if next == new {
                return Err(EditError::Unfit);
            }
            new = next;
        }
        Ok(new)
    }
}

#[cfg(test)]
mod tests;
