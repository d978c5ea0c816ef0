//! The stage of the benchmarks that need a screen: a session, its screen, the app as it is
//! installed and the empty app beside it.

pub(crate) mod screen;
mod session;

use crate::{logs, nodes::PATIENCE};
use anyhow::{Context as _, Result, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use screen::Screen;
use session::Session;
use std::{
    io::Write as _,
    path::PathBuf,
    process::{Child, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use wire::{
    Act, Done, KeepKey, Query, View,
    control::{Client, Request, Response},
};

/// The title of the app's main window.
pub(crate) const MAIN: &str = "TraceNet";
/// The title of the consent window.
pub(crate) const CONSENT: &str = "TraceNet asks";
/// The title of the empty app's window.
pub(crate) const EMPTY: &str = "Empty";
/// The title of the empty app's second window.
pub(crate) const SECOND: &str = "Empty second";

/// Crystals in the app's memory while it is measured.
const CRYSTALS: u32 = 3;
/// Between two looks at something that has no event.
const LOOK: Duration = Duration::from_millis(20);

/// Everything that is set up.
pub(crate) struct Stage {
    session: Session,
    /// The screen.
    pub(crate) screen: Arc<Screen>,
    ours: PathBuf,
    empty: PathBuf,
}

impl Stage {
    /// Sets it up, or tells why it cannot be here.
    pub(crate) fn set() -> Result<Result<Self, String>> {
        let here = std::env::current_exe()?;
        let named = std::env::var_os("TRACENET_TEST_APP").map(PathBuf::from);
        let ours = named.unwrap_or_else(|| here.with_file_name("tracenet-desktop"));
        let empty = here.with_file_name("empty-app");
        for app in [&ours, &empty] {
            if !app.exists() {
                return Ok(Err(format!("{} is not built", app.display())));
            }
        }
        let session = match Session::start() {
            Ok(session) => session,
            Err(why) => return Ok(Err(why)),
        };
        let screen = Screen::open(session.display())?;
        Ok(Ok(Self { session, screen, ours, empty }))
    }

    /// Starts the app.
    pub(crate) fn start_ours(&self) -> Result<App> {
        let child = self.session.command(&self.ours).stdin(Stdio::null()).spawn()?;
        Ok(App(child))
    }

    /// Starts the empty app.
    pub(crate) fn start_empty(&self) -> Result<App> {
        let child = self.session.command(&self.empty).stdin(Stdio::piped()).spawn()?;
        Ok(App(child))
    }

    /// Gives the app's node its keys and a few crystals, as a first start does. Gives the ids of
    /// the crystals.
    pub(crate) async fn furnish(&self) -> Result<Vec<String>> {
        let mut app = self.start_ours()?;
        let mut node = self.node().await?;
        let keep = KeepKey::Keychain {};
        node.act(Act::Init { keep, name: String::new() }).await.map_err(fault)?;
        let folder = self.session.home().with_file_name("logs");
        std::fs::create_dir_all(&folder)?;
        for number in 0..CRYSTALS {
            logs::short(&folder.join(format!("{number}.jsonl")), number)?;
        }
        let path = folder.display().to_string();
        node.act(Act::Import { path }).await.map_err(fault)?;
        let ids = self.crystals(&mut node).await?;
        app.end().await?;
        self.screen.gone(MAIN).await?;
        Ok(ids)
    }

    async fn crystals(&self, node: &mut Client) -> Result<Vec<String>> {
        let began = Instant::now();
        loop {
            let (text, origin, outcome) = (String::new(), String::new(), String::new());
            let query =
                Query::Memory { text, origin, outcome, offset: 0, limit: 50, at_once: false };
            let view = node.request(&Request::View(query)).await.map_err(fault)?;
            if let Response::View(view) = view
                && let View::Memory(page) = *view
                && page.total == CRYSTALS
            {
                return Ok(page.rows.into_iter().map(|row| row.id).collect());
            }
            if began.elapsed() > PATIENCE {
                bail!("the logs were not imported");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The app's node, once it answers.
    pub(crate) async fn node(&self) -> Result<Client> {
        let began = Instant::now();
        loop {
            if let Ok(Some(client)) = Client::connect(self.session.home()).await {
                return Ok(client);
            }
            if began.elapsed() > PATIENCE {
                bail!("the app's node does not answer");
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Asks to share a crystal with anyone; the ask.
pub(crate) async fn ask(node: &mut Client, id: &str) -> Result<String> {
    let (id, reason) = (id.to_owned(), "measured".to_owned());
    let act = Act::Share { id, to: Vec::new(), public: true, reason };
    match node.act(act).await.map_err(fault)? {
        Done::Asked { ask, .. } => Ok(ask),
        other => bail!("asking came to {other:?}"),
    }
}

/// Denies an ask.
pub(crate) async fn deny(node: &mut Client, ask: String) -> Result<()> {
    node.act(Act::Deny { ask, rebuke: None }).await.map(drop).map_err(fault)
}

fn fault(fault: wire::Fault) -> anyhow::Error {
    anyhow::anyhow!("{} {}", fault.what, fault.hint)
}

/// A program that runs. Killed when dropped, unless it was ended before.
pub(crate) struct App(Child);

impl App {
    /// Lets the empty app show its second window.
    pub(crate) fn tell(&mut self) -> Result<()> {
        let stdin = self.0.stdin.as_mut().context("this app hears nothing")?;
        stdin.write_all(b"\n")?;
        Ok(stdin.flush()?)
    }

    /// Ends it as the system would, and waits until it is gone.
    pub(crate) async fn end(&mut self) -> Result<()> {
        kill(Pid::from_raw(self.0.id().cast_signed()), Signal::SIGTERM)?;
        let began = Instant::now();
        while self.0.try_wait()?.is_none() {
            if began.elapsed() > PATIENCE {
                bail!("the app does not end");
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // It may have ended already; the session ends what is left.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
