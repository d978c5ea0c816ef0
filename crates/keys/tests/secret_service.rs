//! human_key in a real Secret Service: gnome-keyring on a private bus with a private home.
//!
//! Each test starts this binary again inside its own bus. Without `dbus-run-session` or
//! `gnome-keyring-daemon` the tests say that they skipped.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use keys::{
    Custody, Keep, KeyState, KeychainError, KeychainState, OsKeychain, SecretStore, UnlockError,
    entropy,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};
use zbus::{
    blocking::{Connection, fdo::DBusProxy},
    zvariant::{ObjectPath, OwnedObjectPath},
};

/// Set for the copy of this binary that runs inside the private bus.
const INSIDE: &str = "TRACENET_TEST_HOME";
const SECRETS: &str = "org.freedesktop.secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const PATH: &str = "/org/freedesktop/secrets";
const PIN: &str = "north harbour 7";

/// The bus a test runs in.
enum Bus {
    /// With the system's activatable services, so that an installed keychain is started.
    Desktop,
    /// With no activatable services at all.
    Bare,
    /// None.
    None,
}

/// Runs the test `name` inside: again in this binary, on its own bus, in its own home.
fn check(name: &str, bus: &Bus, inside: impl FnOnce(&Path)) {
    if let Some(home) = std::env::var_os(INSIDE) {
        return inside(Path::new(&home));
    }
    if !installed("dbus-run-session") || !installed("gnome-keyring-daemon") {
        eprintln!("skipped: dbus-run-session and gnome-keyring-daemon are not both installed");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let this = std::env::current_exe().unwrap();
    let mut run = match bus {
        Bus::None => Command::new(&this),
        Bus::Desktop => Command::new("dbus-run-session"),
        Bus::Bare => {
            let config = home.path().join("bus.conf");
            fs::write(&config, BARE_BUS).unwrap();
            let mut run = Command::new("dbus-run-session");
            run.arg("--config-file").arg(config);
            run
        }
    };
    if !matches!(bus, Bus::None) {
        run.arg("--").arg(&this);
    }
    run.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(INSIDE, home.path());
    for gone in ["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL"]
    {
        run.env_remove(gone);
    }
    run.env("HOME", home.path());
    for place in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
        let folder = home.path().join(place);
        keys::private::folder(&folder).unwrap();
        run.env(place, folder);
    }
    assert!(run.status().unwrap().success(), "{name} failed inside its bus");
}

const BARE_BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

/// The daemon that owns the name on the private bus, ended with the test.
struct Daemon<'b>(&'b Connection);

impl<'b> Daemon<'b> {
    /// Hands the keyring's password to a new daemon, as the hints tell people to, and waits
    /// until it has taken over.
    fn unlock(bus: &'b Connection) -> Self {
        let proxy = DBusProxy::new(bus).unwrap();
        let owners = proxy.receive_name_owner_changed_with_args(&[(0, SECRETS)]).unwrap();
        let mut starting = Command::new("gnome-keyring-daemon")
            .args(["--replace", "--unlock"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        starting.stdin.take().unwrap().write_all(b"keyring password").unwrap();
        let mut taken = owners.map(|owner| owner.args().unwrap().new_owner().is_some());
        assert!(taken.any(|taken| taken), "the bus is gone");
        assert!(starting.wait().unwrap().success());
        Self(bus)
    }

    /// Sends `signal` to whoever owns the name now; nobody may, when the test is over.
    fn signal(&self, signal: Signal) {
        let proxy = DBusProxy::new(self.0).unwrap();
        if let Ok(pid) = proxy.get_connection_unix_process_id(SECRETS.try_into().unwrap()) {
            kill(Pid::from_raw(pid.try_into().unwrap()), signal).unwrap();
        }
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        self.signal(Signal::SIGTERM);
    }
}

fn call<B, R>(bus: &Connection, method: &str, body: &B) -> R
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
    R: for<'d> zbus::zvariant::DynamicDeserialize<'d>,
{
    let reply = bus.call_method(Some(SECRETS), PATH, Some(SERVICE), method, body).unwrap();
    reply.body().deserialize().unwrap()
}

fn lock(bus: &Connection) {
    let login: OwnedObjectPath = call(bus, "ReadAlias", &"default");
    let (locked, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
        call(bus, "Lock", &(vec![login.clone()],));
    assert_eq!((locked, prompt.as_str()), (vec![login], "/"));
}

/// What `act` gives, within two seconds: nothing here may wait for a prompt.
fn at_once<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(act()));
    result.recv_timeout(Duration::from_secs(2)).expect("it waits for something")
}

fn custody(home: &Path, scope: &str) -> Custody {
    Custody::new(Arc::new(OsKeychain::new(scope)), home.join("data").join(scope))
}

#[test]
fn a_key_through_its_states() {
    check("a_key_through_its_states", &Bus::Desktop, |home| {
        let bus = Connection::session().unwrap();
        let _first = Daemon::unlock(&bus);
        let north = Arc::new(custody(home, "north"));
        assert_eq!(OsKeychain::new("north").state(), KeychainState::Ready);
        assert_eq!(north.state(None), KeyState::NoKey);

        let human = north.create(Keep::Keychain { pin: Some(PIN) }, &mut entropy::os).unwrap();
        let protection = artifact::KeyProtection::Pin;
        assert_eq!(north.state(Some(&human)), KeyState::Ready { protection });
        let (key, how) = north.unlock(&human, Some(PIN)).unwrap();
        assert_eq!((key.public(), how), (human, protection));
        let wrong = north.unlock(&human, Some("north harbour 8")).unwrap_err();
        assert_eq!(wrong, UnlockError::WrongPin { protection });
        let none = north.unlock(&human, None).unwrap_err();
        assert_eq!(none, UnlockError::PinNeeded { protection });
        let twice = north.create(Keep::Keychain { pin: None }, &mut entropy::os).unwrap_err();
        assert!(twice.to_string().contains("already"), "{twice}");

        // Another node of the same user has its own entry.
        let harbour = custody(home, "harbour");
        assert_eq!(harbour.state(None), KeyState::NoKey);
        assert_eq!(harbour.state(Some(&human)), KeyState::Lost);
        let other = harbour.create(Keep::Keychain { pin: None }, &mut entropy::os).unwrap();
        assert_eq!(harbour.unlock(&other, None).unwrap().0.public(), other);
        harbour.forget().unwrap();
        assert_eq!(harbour.unlock(&other, None).unwrap_err(), UnlockError::Lost);

        while_locked(home, &bus, &north, human);

        let daemon = Daemon::unlock(&bus);
        assert_eq!(north.unlock(&human, Some(PIN)).unwrap().0.public(), human);

        // A daemon that does not answer is waited for no longer than the limit.
        daemon.signal(Signal::SIGSTOP);
        let silent = north.unlock(&human, Some(PIN)).unwrap_err();
        daemon.signal(Signal::SIGCONT);
        let locked = KeychainError::NotReady(KeychainState::Locked);
        assert!(
            [KeychainError::NoAnswer, locked].map(UnlockError::Keychain).contains(&silent),
            "{silent}"
        );
        assert_eq!(north.unlock(&human, Some(PIN)).unwrap().0.public(), human);
    });
}

/// The keyring is locked: everything says so at once, and nobody is prompted.
fn while_locked(home: &Path, bus: &Connection, north: &Arc<Custody>, human: artifact::HumanKey) {
    lock(bus);
    let locked = || UnlockError::Keychain(KeychainError::NotReady(KeychainState::Locked));
    let asked = Arc::clone(north);
    assert_eq!(at_once(move || asked.state(Some(&human))), KeyState::Locked);
    let asked = Arc::clone(north);
    assert_eq!(at_once(move || asked.unlock(&human, Some(PIN)).unwrap_err()), locked());
    let new = custody(home, "tin");
    let refused = at_once(move || {
        new.create(Keep::Keychain { pin: None }, &mut entropy::os).unwrap_err().to_string()
    });
    assert_eq!(refused, KeychainState::Locked.whole());
    assert!(!home.join("data").exists(), "it fell back to a file");

    // Another collection is the default and open: the entry's own is still locked.
    let login: OwnedObjectPath = call(bus, "ReadAlias", &"default");
    let session = ObjectPath::try_from("/org/freedesktop/secrets/collection/session").unwrap();
    call::<_, ()>(bus, "SetAlias", &("default", session));
    assert_eq!(OsKeychain::new("north").state(), KeychainState::Ready);
    let asked = Arc::clone(north);
    assert_eq!(at_once(move || asked.unlock(&human, Some(PIN)).unwrap_err()), locked());
    call::<_, ()>(bus, "SetAlias", &("default", login));

    let names = DBusProxy::new(bus).unwrap();
    let prompter = "org.gnome.keyring.SystemPrompter".try_into().unwrap();
    assert!(!names.name_has_owner(prompter).unwrap(), "a prompt was asked for");
}

#[test]
fn from_inside_an_async_task() {
    check("from_inside_an_async_task", &Bus::Desktop, |home| {
        let bus = Connection::session().unwrap();
        let _daemon = Daemon::unlock(&bus);
        let home = home.to_owned();
        let made = async move {
            custody(&home, "north").create(Keep::Keychain { pin: None }, &mut entropy::os)
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async { tokio::spawn(made).await.unwrap().unwrap() });
    });
}

#[test]
fn a_service_without_a_keyring_is_missing() {
    check("a_service_without_a_keyring_is_missing", &Bus::Desktop, |home| {
        let bus = Connection::session().unwrap();
        missing(home);
        // The bus started a daemon by itself; what the hint says gives it a keyring.
        let _daemon = Daemon::unlock(&bus);
        assert_eq!(OsKeychain::new("north").state(), KeychainState::Ready);
    });
}

#[test]
fn no_service_is_missing() {
    check("no_service_is_missing", &Bus::Bare, missing);
}

fn missing(home: &Path) {
    assert_eq!(OsKeychain::new("north").state(), KeychainState::Missing);
    let north = custody(home, "north");
    assert_eq!(north.state(None), KeyState::Missing);
    let refused = north.create(Keep::Keychain { pin: None }, &mut entropy::os).unwrap_err();
    assert_eq!(refused.to_string(), KeychainState::Missing.whole());
    assert!(!north.file().exists(), "it fell back to a file");
}

#[test]
fn no_bus_is_unsupported_and_the_chosen_file_works() {
    check("no_bus_is_unsupported_and_the_chosen_file_works", &Bus::None, |home| {
        assert_eq!(OsKeychain::new("north").state(), KeychainState::Unsupported);
        let north = custody(home, "north");
        assert_eq!(north.state(None), KeyState::Unsupported);
        let refused = north.create(Keep::Keychain { pin: None }, &mut entropy::os).unwrap_err();
        assert_eq!(refused.to_string(), KeychainState::Unsupported.whole());
        let human = north.create(Keep::File { passphrase: PIN }, &mut entropy::os).unwrap();
        let protection = artifact::KeyProtection::File;
        assert_eq!(north.state(Some(&human)), KeyState::Ready { protection });
        assert_eq!(north.unlock(&human, Some(PIN)).unwrap().0.public(), human);
    });
}
