//! What logind tells, over a bus of the test's own with a double of logind on it.
//!
//! The test starts this binary again inside its bus. Without `dbus-run-session` it says that it
//! skipped.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use keys::away::{Away, Presence};
use std::{
    collections::HashMap,
    io::Read,
    os::fd::OwnedFd,
    process::Command,
    sync::{Arc, Mutex},
};
use zbus::{
    Connection, interface,
    zvariant::{OwnedObjectPath, Value},
};

/// Set for the copy of this binary that runs inside the private bus.
const INSIDE: &str = "TRACENET_TEST_BUS";
const NAME: &str = "org.freedesktop.login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const PATH: &str = "/org/freedesktop/login1";
const MINE: &str = "/org/freedesktop/login1/session/_31";
const THEIRS: &str = "/org/freedesktop/login1/session/_32";

/// The side of the delay that logind keeps: it reads the end once nobody holds the other.
#[derive(Default, Clone)]
struct Delays(Arc<Mutex<Vec<std::io::PipeReader>>>);

struct Manager(Delays);

#[interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(&self, what: &str, _who: &str, _why: &str, mode: &str) -> zbus::zvariant::OwnedFd {
        assert_eq!((what, mode), ("sleep", "delay"));
        let (reader, writer) = std::io::pipe().unwrap();
        self.0.0.lock().unwrap().push(reader);
        OwnedFd::from(writer).into()
    }
}

/// A session, by the user it is of.
struct Session(u32);

#[interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn user(&self) -> (u32, OwnedObjectPath) {
        (self.0, OwnedObjectPath::try_from("/org/freedesktop/login1/user/_1").unwrap())
    }
}

/// A double of logind with a session of this user and one of another.
struct Logind {
    bus: Connection,
    delays: Delays,
}

impl Logind {
    async fn start() -> Self {
        let (delays, me) = (Delays::default(), nix::unistd::geteuid().as_raw());
        let bus = zbus::connection::Builder::system().unwrap();
        let bus = bus.serve_at(PATH, Manager(delays.clone())).unwrap();
        let bus = bus.serve_at(MINE, Session(me)).unwrap().serve_at(THEIRS, Session(me + 1));
        Self { bus: bus.unwrap().name(NAME).unwrap().build().await.unwrap(), delays }
    }

    async fn sleeps(&self, goes: bool) {
        let body = &goes;
        self.bus.emit_signal(None::<&str>, PATH, MANAGER, "PrepareForSleep", body).await.unwrap();
    }

    async fn locks(&self, session: &str) {
        self.bus.emit_signal(None::<&str>, session, SESSION, "Lock", &()).await.unwrap();
    }

    async fn hints(&self, session: &str, locked: bool) {
        let changed = HashMap::from([("LockedHint", Value::from(locked))]);
        let body = (SESSION, changed, Vec::<String>::new());
        let none = None::<&str>;
        let sent = self.bus.emit_signal(none, session, PROPERTIES, "PropertiesChanged", &body);
        sent.await.unwrap();
    }

    /// Waits until nobody holds sleep up any more.
    async fn may_sleep(&self) {
        let mut delay = self.delays.0.lock().unwrap().pop().unwrap();
        let ended = tokio::task::spawn_blocking(move || delay.read(&mut [0; 1]).unwrap());
        assert_eq!(ended.await.unwrap(), 0);
    }
}

/// A program that owns no name says what logind would, to everybody and straight to each who is on
/// the bus.
async fn forges(many: usize) {
    let forger = zbus::connection::Builder::system().unwrap().build().await.unwrap();
    let names = zbus::fdo::DBusProxy::new(&forger).await.unwrap().list_names().await.unwrap();
    let there: Vec<_> = names.iter().filter(|name| name.as_str().starts_with(':')).collect();
    let changed = HashMap::from([("LockedHint", Value::from(true))]);
    let hint = (SESSION, changed, Vec::<String>::new());
    for n in 0..many {
        let to = there.get(n % (there.len() + 1)).map(|name| name.as_str());
        let sent = match n % 3 {
            0 => forger.emit_signal(to, PATH, MANAGER, "PrepareForSleep", &true).await,
            1 => forger.emit_signal(to, MINE, SESSION, "Lock", &()).await,
            _ => forger.emit_signal(to, MINE, PROPERTIES, "PropertiesChanged", &hint).await,
        };
        sent.unwrap();
    }
    // Whoever gets an answer now has been spoken to before.
    zbus::fdo::DBusProxy::new(&forger).await.unwrap().get_id().await.unwrap();
}

/// How many signals are forged: more in `./dev test --long`.
fn forgeries() -> usize {
    if std::env::var_os("TRACENET_LONG").is_some() { 100_000 } else { 1_000 }
}

async fn inside() {
    let alone = Presence::follow().await.unwrap_err();
    assert!(alone.to_string().contains("logind does not run"), "{alone}");
    let logind = Logind::start().await;
    let mut presence = Presence::follow().await.unwrap();

    let many = forgeries();
    tokio::select! {
        heard = presence.next() => panic!("{heard:?} was forged"),
        () = forges(many) => {}
    }
    // Whatever of it is still on its way is not heard before what logind says, nor after.
    logind.hints(MINE, true).await;
    assert_eq!(presence.next().await, Ok(Away::ScreenLocked));
    logind.sleeps(true).await;
    assert_eq!(presence.next().await, Ok(Away::Asleep));
    logind.locks(MINE).await;
    assert_eq!(presence.next().await, Ok(Away::ScreenLocked));
    println!("reached: {many} forged signals of logind; none was heard");

    logind.locks(THEIRS).await;
    logind.hints(THEIRS, true).await;
    logind.hints(MINE, false).await;
    logind.locks(MINE).await;
    assert_eq!(presence.next().await, Ok(Away::ScreenLocked), "and nothing before it");
    logind.hints(MINE, true).await;
    assert_eq!(presence.next().await, Ok(Away::ScreenLocked));
    logind.locks("/org/freedesktop/login1/session/gone").await;
    assert_eq!(presence.next().await, Ok(Away::ScreenLocked), "nobody can tell whose it was");

    for _ in 0..2 {
        logind.sleeps(true).await;
        assert_eq!(presence.next().await, Ok(Away::Asleep));
        assert_eq!(logind.delays.0.lock().unwrap().len(), 1, "sleep waits for the key");
        presence.let_sleep();
        logind.may_sleep().await;
        // Awake again, sleep is held up anew: what comes after is read after that.
        logind.sleeps(false).await;
        logind.locks(MINE).await;
        assert_eq!(presence.next().await, Ok(Away::ScreenLocked));
    }
}

#[test]
fn the_lock_of_the_screen_and_sleep_are_seen() {
    if std::env::var_os(INSIDE).is_some() {
        return tokio::runtime::Runtime::new().unwrap().block_on(inside());
    }
    let mut run = Command::new("dbus-run-session");
    run.args([
        "--",
        "sh",
        "-c",
        "DBUS_SYSTEM_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS exec \"$@\"",
        "sh",
    ]);
    run.arg(std::env::current_exe().unwrap());
    run.args(["--exact", "the_lock_of_the_screen_and_sleep_are_seen", "--nocapture"]);
    match run.env(INSIDE, "1").status() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: dbus-run-session is not installed");
        }
        ended => assert!(ended.unwrap().success(), "it failed inside its bus"),
    }
}
