//! How the app starts and ends, and what it says when it cannot.

use crate::{
    app::{App, Driven, Remote, built, driver},
    hands::MAIN,
    page::Page,
    session::{Keychain, Session},
};
use nix::sys::signal::Signal;
use std::time::Duration;
use wire::{Query, View};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_start_raises_the_first_ones_window_and_it_ends_when_told_to() {
    if built().is_none() {
        return;
    }
    let session = Session::start(Keychain::Unlocked);
    let _tray = session.double("tray.py");
    let mut first = App::start(&session, &[]);
    session.focus(MAIN).await;
    session.picture("started");
    session.key("alt+F4");
    session.window_gone(MAIN).await;
    let mut second = App::start(&session, &[]);
    assert!(second.ended().await.success());
    session.window(MAIN).await;
    first.signal(Signal::SIGTERM);
    assert!(first.ended().await.success());
    assert!(!session.logged("app").contains("did not stop in time"));

    // Another folder is another node, with a window of its own.
    let elsewhere = session.dir().join("south");
    let third = App::start(&session, &[("TRACENET_HOME", elsewhere.to_str().unwrap())]);
    let mut fourth = App::start(&session, &[]);
    let mut node = fourth.node().await;
    let View::Status(status) = node.view(Query::Status {}).await else { panic!("no status") };
    assert_eq!(status.pid, fourth.pid());
    assert_ne!(third.pid(), fourth.pid());
    fourth.signal(Signal::SIGINT);
    assert!(fourth.ended().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_tray_closing_says_that_it_keeps_running() {
    if built().is_none() {
        return;
    }
    let session = Session::start(Keychain::Unlocked);
    let mut app = App::start(&session, &[]);
    let main = session.window(MAIN).await;
    session.focus(MAIN).await;
    session.key("alt+F4");
    // The dialog has the same title; it is another window.
    let dialog = crate::app::until("the dialog", async || {
        let top = session.run("xdotool", &["getactivewindow"]);
        let top = String::from_utf8_lossy(&top.stdout).trim().to_owned();
        (!top.is_empty() && top != main).then_some(top)
    })
    .await;
    session.picture("no-tray");
    session.key("Escape");
    session.window_gone(MAIN).await;
    assert!(!dialog.is_empty());
    let mut again = App::start(&session, &[]);
    assert!(again.ended().await.success());
    session.focus(MAIN).await;
    // It is said once.
    session.key("alt+F4");
    session.window_gone(MAIN).await;
    app.signal(Signal::SIGTERM);
    assert!(app.ended().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_the_way_is_said() {
    let Some((app, _)) = built() else { return };
    let session = Session::start(Keychain::Absent);
    // No display.
    let done = session.command(&app).env_remove("DISPLAY").output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("no display") && said.contains("tracenet node"), "{said}");
    assert!(!said.contains("panicked"), "{said}");

    // A node without a window has the folder.
    let home = session.home();
    let mut config = node::Config::new(home.clone());
    config.keychain = std::sync::Arc::new(keys::MemoryKeychain::default());
    config.loopback_only = true;
    let headless = node::Node::open(config).unwrap();
    wire::serve_control(&headless);
    headless.open_doors().unwrap();
    let mut refused = App::start(&session, &[]);
    session.focus(MAIN).await;
    session.picture("headless-owner");
    session.key("Return");
    assert_eq!(refused.ended().await.code(), Some(1));
    assert!(session.logged("app").contains("tracenet asks"), "{}", session.logged("app"));
    headless.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_installed_app_cannot_be_driven() {
    let Some((app, _)) = built() else { return };
    let session = Session::start(Keychain::Unlocked);
    // The way in is real: the twin can be driven by it.
    let twin = Driven::start(&session).await;
    twin.page().main().await;
    let inside = twin.page().evaluate("navigator.webdriver").await;
    assert_eq!(inside, Ok(serde_json::json!(true)));
    twin.stop().await;
    session.window_gone(MAIN).await;

    let inspector = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let armed = [
        ("TAURI_WEBVIEW_AUTOMATION", "true"),
        ("WEBKIT_INSPECTOR_SERVER", &inspector.to_string()),
        ("WEBKIT_INSPECTOR_HTTP_SERVER", "127.0.0.1:0"),
        ("GTK_DEBUG", "interactive"),
    ];
    let south = session.dir().join("south");
    let env: Vec<_> =
        armed.into_iter().chain([("TRACENET_HOME", south.to_str().unwrap())]).collect();
    let undriven = App::start(&session, &env);
    // Once its node answers it has long replaced itself.
    let mut node = Remote::at(&south).await;
    let View::Status(status) = node.view(Query::Status {}).await else { panic!("no status") };
    assert_eq!(status.pid, undriven.pid());
    session.window(MAIN).await;
    let seen = std::fs::read(format!("/proc/{}/environ", undriven.pid())).unwrap();
    let seen = String::from_utf8_lossy(&seen);
    for (name, _) in armed {
        assert!(!seen.contains(name), "{name} is still there");
    }
    assert!(std::net::TcpStream::connect(inspector).is_err(), "an inspector listens");
    drop(undriven);

    let (mut child, port) = driver(&session).await;
    let opened = tokio::time::timeout(Duration::from_secs(8), Page::open(port, &app)).await;
    assert!(!matches!(opened, Ok(Ok(_))), "the installed app was driven");
    child.kill().unwrap();
    child.wait().unwrap();
}
