//! A home for a store that is gone when the test is, and rows to put there.

use artifact::{
    Act, ArtifactId, AuthorKey, HumanKey, Journal, JournalKey, KeyProtection, Outcome, Secret,
    SolanaKey, TransportKey, UnixMillis,
};
use consent::{Ask, AskId, Book, Event, Origin, Requester, State, Way, Wish};
use std::{
    path::{Path, PathBuf},
    process::Command,
};
use store::{Change, ChangeError, CrystalRow, PeerRow, ReceiptRow, Self_, Store, TraceRow};
use tempfile::TempDir;

/// A folder with a store in it.
pub(crate) struct House {
    dir: TempDir,
}

impl House {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// The store's folder. Not there before the first opening.
    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.home().join("store.redb")
    }

    /// Opens the store, ready to journal.
    pub(crate) fn open(&self) -> Store {
        let store = Store::open(&self.home()).unwrap();
        store.sign_with(journal_secret());
        store
    }

    /// A store with `count` entries in its journal, closed again.
    pub(crate) fn with_entries(count: u64) -> Self {
        let house = Self::new();
        let store = house.open();
        for n in 1..=count {
            let seq = change(&store, |c| c.append(event(n), n));
            assert_eq!(seq, n);
        }
        house
    }
}

/// Runs a change that must succeed.
pub(crate) fn change<T>(
    store: &Store,
    run: impl FnOnce(&mut Change<'_>) -> Result<T, ChangeError>,
) -> T {
    store.change(run).unwrap()
}

/// This test program again, to run one test that knows it is a child by `CHILD`.
pub(crate) fn child(test: &str, home: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    child_args(&mut command, test, home);
    command
}

/// What makes a command that ends in this program run one test as a child.
pub(crate) fn child_args(command: &mut Command, test: &str, home: &Path) {
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(CHILD, home);
}

/// The store's folder, where this process is a child.
pub(crate) fn child_home() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

const CHILD: &str = "STORE_TEST_CHILD_HOME";

pub(crate) fn journal_secret() -> Secret<Journal> {
    Secret::from_seed(&[77; 32])
}

pub(crate) fn journal_key() -> JournalKey {
    journal_secret().public()
}

pub(crate) fn event(n: u64) -> Event {
    match n {
        1 => Event::Opened { human: human(1), journal: journal_key() },
        _ => Event::Expired { ask: ask_id(n) },
    }
}

pub(crate) fn human(n: u8) -> HumanKey {
    HumanKey::from_bytes([n; 32])
}

pub(crate) fn endpoint(n: u8) -> TransportKey {
    TransportKey::from_bytes([n; 32])
}

pub(crate) fn id(n: u64) -> ArtifactId {
    ArtifactId::of(&n.to_be_bytes())
}

pub(crate) fn ask_id(n: u64) -> AskId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    AskId(bytes)
}

pub(crate) fn ask(n: u64, at: UnixMillis, state: State) -> Ask {
    Ask {
        id: ask_id(n),
        at,
        by: Requester::Human { way: Way::MainWindow, process: Vec::new() },
        wish: Wish::Ticket { lifetime: 5, hidden: false },
        reason: String::new(),
        findings: Vec::new(),
        scan_spent: false,
        state,
        redacts: None,
    }
}

pub(crate) fn me() -> Self_ {
    Self_ {
        human: human(1),
        author: AuthorKey::from_bytes([2; 32]),
        transport: endpoint(3),
        journal: journal_key(),
        solana: SolanaKey::from_bytes([4; 32]),
        protection: KeyProtection::Pin,
        card: vec![5; 300],
        port: 0,
    }
}

pub(crate) fn crystal_row(at: UnixMillis, origin: Origin) -> CrystalRow {
    CrystalRow {
        origin,
        trace: None,
        giver: None,
        receipt: None,
        author: AuthorKey::from_bytes([2; 32]),
        title: format!("fix of {at}"),
        problem: "the port is taken".into(),
        repo: "harbour".into(),
        outcome: Outcome::Passed,
        at,
        added: at,
        size: 8,
        withdrawn: None,
    }
}

pub(crate) fn trace_row(log: ArtifactId, title: &str) -> TraceRow {
    TraceRow {
        agent: "claude-code".into(),
        format: "claude-code".into(),
        log,
        log_bytes: 100,
        stored_bytes: 40,
        place: title.into(),
        lines: 3,
        malformed: 0,
        unknown: 0,
        ended: 5,
        imported: 6,
        crystal: None,
        purged: None,
    }
}

pub(crate) fn receipt_row(artifact: ArtifactId) -> ReceiptRow {
    ReceiptRow {
        envelope: vec![9; 40],
        artifact,
        act: Act::SharePrivate,
        peers: vec![human(8)],
        iat: 5,
        until: None,
        grant: None,
    }
}

pub(crate) fn peer_row(name: &str, transport: TransportKey) -> PeerRow {
    PeerRow {
        name: name.into(),
        card: vec![1; 20],
        card_seq: 1,
        transport,
        since: 1,
        seen: 2,
        addrs: vec!["127.0.0.1:7000".into()],
        bytes_given: 0,
        bytes_taken: 0,
        let_in: false,
        relay_only: false,
        heads_told: 0,
        heads_kept: 0,
        revocations_told: 0,
        revocations_kept: 0,
        given: Book::default(),
        taken: Book::default(),
        older: false,
    }
}
