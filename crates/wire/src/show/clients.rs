//! What is found on this machine.

use super::{line, lines};
use crate::{
    ChangeView, ClientState, ClientView, ClientsView, ConnectedView, Fault, FoundView,
    HandshakeView, HooksView, LogsRow, UndoneFile, UndoneView,
};
use node::Node;
use std::path::Path;

/// Characters of a path.
const PATH: usize = 1_000;
/// Characters of a diff: what differs is a few lines, and long ones are cut.
const DIFF: usize = 16_000;

fn path(path: &Path) -> String {
    line(&path.display().to_string(), PATH)
}

pub(crate) async fn found(node: &Node) -> Result<FoundView, Fault> {
    let (found, uncounted) = node.found().await?;
    let rows = found.into_iter().map(|logs| LogsRow {
        name: logs.name.to_owned(),
        title: logs.title.to_owned(),
        // Given back as it is to be imported: a path that cannot be shown cannot be named.
        folder: path(&logs.folder),
        files: logs.files,
        bytes: logs.bytes,
        oldest: logs.oldest,
        newest: logs.newest,
        keeps_days: logs.keeps_days,
        soon: logs.soon,
    });
    let logs = rows.collect();
    let (followed, mut failures) = node.follows()?;
    // What is followed and what is counted fail alike.
    let known = |one: &&String| !failures.sentences.contains(one);
    let news: Vec<String> = uncounted.sentences.iter().filter(known).cloned().collect();
    let unsaid = |said: &node::Said| said.count as usize - said.sentences.len();
    let more = unsaid(&failures) + unsaid(&uncounted);
    failures.sentences.extend(news);
    let mut failures: Vec<String> = failures.sentences.iter().map(|one| line(one, 800)).collect();
    if more > 0 {
        failures.push(format!("and {more} more"));
    }
    Ok(FoundView { logs, followed, failures })
}

const fn state(state: node::ClientState) -> ClientState {
    match state {
        node::ClientState::NotFound => ClientState::NotFound,
        node::ClientState::NotConnected => ClientState::NotConnected,
        node::ClientState::Connected => ClientState::Connected,
        node::ClientState::Changed => ClientState::Changed,
        node::ClientState::Blocked => ClientState::Blocked,
    }
}

pub(crate) async fn clients(node: &Node) -> Result<ClientsView, Fault> {
    let change = |change: Option<node::Change>| {
        change.map(|change| ChangeView { diff: lines(&change.diff, DIFF), seen: change.seen })
    };
    let rows = node.clients().await?.into_iter().map(|client| {
        let said = |why: Option<node::Fault>| {
            let why = why.map(Fault::from);
            why.map(|fault| (fault.what, fault.hint)).unwrap_or_default()
        };
        let (why, hint) = said(client.why);
        let hooks = client.hooks.map(|hooks| {
            let (why, hint) = said(hooks.why);
            HooksView {
                state: state(hooks.seen.state),
                file: path(&hooks.seen.file),
                why,
                hint,
                connect: change(hooks.seen.connect),
                undo: change(hooks.seen.undo),
            }
        });
        ClientView {
            name: client.name.to_owned(),
            title: client.title.to_owned(),
            state: state(client.seen.state),
            file: path(&client.seen.file),
            program: client.seen.program.as_deref().map(path).unwrap_or_default(),
            paired: client.paired,
            why,
            hint,
            connect: change(client.seen.connect),
            undo: change(client.seen.undo),
            hooks,
        }
    });
    Ok(ClientsView { clients: rows.collect() })
}

pub(crate) fn connected(done: node::ClientConnected) -> ConnectedView {
    let (handshake, why) = match done.trial {
        Ok(trial) => {
            let handshake = HandshakeView {
                server: line(&trial.server, 100),
                protocol: line(&trial.protocol, 40),
                tools: trial.tools.iter().map(|tool| line(tool, 100)).collect(),
                ready: trial.ready,
                said: line(&trial.said, 1_000),
                ask: line(&trial.ask, 64),
            };
            (Some(handshake), String::new())
        }
        Err(why) => (None, line(&why, 1_000)),
    };
    let copy = |backup: Option<&Path>| backup.map(path).unwrap_or_default();
    let (hooks_file, hooks_backup) =
        done.hooks.map(|(file, backup)| (path(&file), copy(backup.as_deref()))).unwrap_or_default();
    ConnectedView {
        file: path(&done.file),
        backup: copy(done.backup.as_deref()),
        stands: done.stands,
        handshake,
        why,
        hooks_file,
        hooks_backup,
    }
}

pub(crate) fn undone(done: Vec<node::ClientUndone>) -> UndoneView {
    let files = done.into_iter().map(|done| UndoneFile {
        file: path(&done.file),
        exact: done.exact,
        backup: done.backup.as_deref().map(path).unwrap_or_default(),
    });
    UndoneView { files: files.collect() }
}
