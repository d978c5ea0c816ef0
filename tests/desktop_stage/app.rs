//! The app under test, started as a human would or driven by WebDriver, and what it can be told
//! over its control socket.

use crate::{
    page::Page,
    session::{PATIENCE_MS, Session},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ExitStatus, Stdio},
    time::{Duration, Instant},
};
use wire::{
    Act, Done, Notice, Query, View,
    control::{Client, Request, Response, Subscription},
};

/// The app as it is installed; the drivable twin lies beside it. `None`: it was not built, and
/// the test says that it is skipped.
pub fn built() -> Option<(PathBuf, PathBuf)> {
    let named = std::env::var_os("TRACENET_TEST_APP").map(PathBuf::from);
    let app = named.clone().unwrap_or_else(|| {
        let test = std::env::current_exe().unwrap();
        test.parent().unwrap().parent().unwrap().join("tracenet-desktop")
    });
    let driven = app.with_file_name("tracenet-desktop-driven");
    if app.exists() && driven.exists() {
        return Some((app, driven));
    }
    assert!(named.is_none(), "TRACENET_TEST_APP names {app:?}; build it with --features webdriver");
    eprintln!("skipped: no app at {}: run ./dev test", driven.display());
    None
}

/// Tries until it succeeds or patience ends.
pub async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_millis(PATIENCE_MS);
    loop {
        if let Some(value) = attempt().await {
            return value;
        }
        assert!(Instant::now() < end, "not seen in time: {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// The app, running.
pub struct App<'s> {
    session: &'s Session,
    child: Child,
}

impl<'s> App<'s> {
    /// Starts the app as it is installed, with further variables.
    pub fn start(session: &'s Session, env: &[(&str, &str)]) -> Self {
        let (app, _) = built().unwrap();
        let child = session
            .command(app)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(session.log("app"))
            .spawn()
            .unwrap();
        Self { session, child }
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// How it ended.
    pub async fn ended(&mut self) -> ExitStatus {
        until("the app ends", async || self.child.try_wait().unwrap()).await
    }

    /// Its node.
    pub async fn node(&self) -> Remote {
        Remote::at(&self.session.home()).await
    }
}

impl Drop for App<'_> {
    fn drop(&mut self) {
        // The session ends it as well; here its fate is collected.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The app, driven: WebDriver has started it.
pub struct Driven<'s> {
    session: &'s Session,
    driver: Child,
    page: Page,
}

impl<'s> Driven<'s> {
    /// Lets WebDriver start the drivable app.
    pub async fn start(session: &'s Session) -> Self {
        let (_, app) = built().unwrap();
        let (driver, port) = driver(session).await;
        let page = Page::open(port, &app).await.expect("WebDriver starts the app");
        Self { session, driver, page }
    }

    /// What WebDriver sees.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// Ends the app, as the system would.
    pub async fn stop(self) {
        let View::Status(status) = self.node().await.view(Query::Status {}).await else {
            panic!("no status")
        };
        kill(Pid::from_raw(status.pid.cast_signed()), Signal::SIGTERM).unwrap();
    }

    /// The app's node.
    pub async fn node(&self) -> Remote {
        Remote::at(&self.session.home()).await
    }
}

impl Drop for Driven<'_> {
    fn drop(&mut self) {
        // The app is the driver's child and belongs to the session, which ends it.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A WebDriver in the session, listening.
pub async fn driver(session: &Session) -> (Child, u16) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let driver = session
        .command("WebKitWebDriver")
        .arg(format!("--port={port}"))
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .stdin(Stdio::null())
        .stdout(session.log("driver"))
        .stderr(session.log("app"))
        .spawn()
        .expect("WebKitWebDriver is installed: ./dev test installs it");
    until("WebDriver listens", async || TcpStream::connect(("127.0.0.1", port)).ok()).await;
    (driver, port)
}

/// The app's node, seen over its control socket.
pub struct Remote {
    home: PathBuf,
    client: Client,
}

impl Remote {
    /// The node of this folder, once it answers.
    pub async fn at(home: &Path) -> Self {
        let client = until("the node answers", async || Client::connect(home).await.ok()?).await;
        Self { home: home.to_owned(), client }
    }

    /// Looks at something.
    pub async fn view(&mut self, query: Query) -> View {
        match self.client.request(&Request::View(query)).await.unwrap() {
            Response::View(view) => *view,
            other => panic!("not a view: {other:?}"),
        }
    }

    /// Does something.
    pub async fn act(&mut self, act: Act) -> Done {
        self.client.act(act).await.unwrap()
    }

    /// Makes an ask; its id and code.
    pub async fn ask(&mut self, act: Act) -> (String, String) {
        match self.act(act).await {
            Done::Asked { ask, code } => (ask, code),
            other => panic!("not asked: {other:?}"),
        }
    }

    /// The notices from now on.
    pub async fn notices(&self) -> Notices {
        let client = Client::connect(&self.home).await.unwrap().unwrap();
        Notices(client.subscribe().await.unwrap())
    }

    /// The state of an ask.
    pub async fn state(&mut self, ask: &str) -> String {
        match self.view(Query::Ask { ask: ask.to_owned() }).await {
            View::Ask(view) => view.row.state,
            other => panic!("not an ask: {other:?}"),
        }
    }

    /// The prompt of an ask. As the terminal looks at it, this is journalled too.
    pub async fn prompt(&mut self, ask: &str) -> wire::PromptView {
        match self.view(Query::Prompt { ask: ask.to_owned() }).await {
            View::Prompt(prompt) => *prompt,
            other => panic!("not a prompt: {other:?}"),
        }
    }
}

/// What the node tells by itself.
pub struct Notices(Subscription);

impl Notices {
    /// Waits for a notice of this kind.
    pub async fn wait<T>(&mut self, what: &str, mut wanted: impl FnMut(Notice) -> Option<T>) -> T {
        let heard = async {
            loop {
                if let Some(value) = wanted(self.0.next().await.unwrap()) {
                    return value;
                }
            }
        };
        let patience = Duration::from_millis(PATIENCE_MS);
        tokio::time::timeout(patience, heard).await.unwrap_or_else(|_| panic!("not told: {what}"))
    }

    /// Waits until this ask is settled; its state.
    pub async fn settled(&mut self, wanted: &str) -> String {
        self.wait("settled", |notice| match notice {
            Notice::Settled { ask, state } if ask == wanted => Some(state),
            _ => None,
        })
        .await
    }
}
