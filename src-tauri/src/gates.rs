//! The three gates, as the pages call them.
//!
//! Who calls is told by the label of the window the call came from, never by what it says. Tauri
//! has checked the window's capability before; the gate checks the face again.

use tauri::{AppHandle, State, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, FilePath};
use tokio::sync::oneshot;
use wire::{Act, Answer, Answered, Code, Done, Face, Fault, Gate, JournalFile, Query, View};

use crate::windows::{self, CONSENT, MAIN};

/// Looks at something.
#[tauri::command]
pub(crate) async fn view(
    window: WebviewWindow,
    gate: State<'_, Gate>,
    query: Query,
) -> Result<View, Fault> {
    gate.view(face(window.label())?, query).await
}

/// Does something that grants nothing.
#[tauri::command]
pub(crate) async fn act(
    window: WebviewWindow,
    app: AppHandle,
    gate: State<'_, Gate>,
    act: Act,
) -> Result<Done, Fault> {
    let face = face(window.label())?;
    match act {
        Act::PickImport { folder } => match picked(&window, &app, folder).await? {
            Some(path) => gate.act(face, Act::Import { path }).await,
            None => Ok(Done::Nothing {}),
        },
        Act::ExportJournal {} => match saved(&window, &app).await? {
            Some(file) => {
                let entries = journal(&gate, &face, &file).await?;
                Ok(Done::Exported { file, entries })
            }
            None => Ok(Done::Nothing {}),
        },
        Act::Review { ask } => {
            let done = gate.act(face, Act::Review { ask: ask.clone() }).await?;
            // The human chose it in a window of ours: then it may have the focus at once.
            windows::focus_consent(&app, &ask);
            Ok(done)
        }
        act => gate.act(face, act).await,
    }
}

/// Answers an ask.
#[tauri::command]
pub(crate) async fn answer(
    window: WebviewWindow,
    gate: State<'_, Gate>,
    answer: Answer,
) -> Result<Answered, Fault> {
    gate.answer(face(window.label())?, answer).await
}

/// The face behind a window.
fn face(label: &str) -> Result<Face, Fault> {
    match label {
        MAIN => Ok(Face::MainWindow),
        CONSENT => Ok(Face::ConsentWindow),
        other => Err(Fault {
            code: Code::Refused,
            what: format!("the window {other:?} is not one of TraceNet's"),
            hint: String::new(),
        }),
    }
}

/// What the human picked in a native dialog; `None` when they picked nothing. The page itself
/// never sees the file system.
async fn picked(
    window: &WebviewWindow,
    app: &AppHandle,
    folder: bool,
) -> Result<Option<String>, Fault> {
    let (send, picked) = oneshot::channel();
    // Nobody may wait any more: the window went away while the dialog was open.
    let take = move |path: Option<FilePath>| drop(send.send(path));
    let dialog = app.dialog().file().set_parent(window);
    if folder {
        dialog.pick_folder(take);
    } else {
        dialog.pick_file(take);
    }
    let Ok(Some(path)) = picked.await else { return Ok(None) };
    named(path).map(Some)
}

/// The new file that the human named in a native dialog; `None` when they named none.
async fn saved(window: &WebviewWindow, app: &AppHandle) -> Result<Option<String>, Fault> {
    let (send, picked) = oneshot::channel();
    let take = move |path: Option<FilePath>| drop(send.send(path));
    let dialog = app.dialog().file().set_parent(window);
    dialog.set_file_name("tracenet-journal.jsonl").save_file(take);
    let Ok(Some(path)) = picked.await else { return Ok(None) };
    named(path).map(Some)
}

async fn journal(gate: &Gate, face: &Face, path: &str) -> Result<u64, Fault> {
    // The dialog has asked whether what is there is to be replaced.
    drop(std::fs::remove_file(path));
    let mut file = JournalFile::create(std::path::Path::new(path))?;
    loop {
        let query = Query::Entries { after: file.entries() };
        let View::Entries(page) = gate.view(face.clone(), query).await? else {
            return Err(Fault {
                code: Code::Broken,
                what: "the node answered something else than it was asked".to_owned(),
                hint: String::new(),
            });
        };
        if file.put(&page)? {
            return Ok(file.entries());
        }
    }
}

fn named(path: FilePath) -> Result<String, Fault> {
    let path = path.into_path().ok().and_then(|path| path.to_str().map(str::to_owned));
    path.ok_or_else(|| Fault {
        code: Code::Invalid,
        what: "the path is not valid UTF-8".to_owned(),
        hint: "choose another, or do it in the terminal".to_owned(),
    })
}
