//! The same way in a process of its own, which the `n`th write of its store kills as `kill -9` does,
//! in the middle of the write: nothing in it runs any more, what it had written stays. A spread of
//! the writes in every test run, every one of them in `./dev test --long`.

use crate::{
    alone,
    house::{Ground, House, built, peer},
    side_by_side,
    walk::{Acknowledged, check, replay, replay_nonces, walk},
};
use artifact::ArtifactId;
use data_encoding::HEXLOWER;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use redb::StorageBackend;
use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    os::unix::{fs::FileExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};
use town::{Disk, effort, folder};

/// Set for the copy of this binary that is killed: its house, the write, and the crystal.
const INSIDE: &str = "TRACENET_TEST_KILLED_HOME";
const WRITE: &str = "TRACENET_TEST_KILLED_WRITE";
const CRYSTAL: &str = "TRACENET_TEST_KILLED_CRYSTAL";
/// What it says of what was acknowledged, and of how many writes it took in all.
const SAID: &str = "acknowledged ";
const WROTE: &str = "wrote ";

/// A file that kills the process that writes to it, if it is told to.
#[derive(Debug, Clone)]
struct Deadly {
    file: Arc<File>,
    done: Arc<AtomicU64>,
    /// The write, change of length or sync that kills; 0 is none.
    kills: Arc<AtomicU64>,
}

impl Deadly {
    fn at(home: &Path) -> Self {
        let mut file = OpenOptions::new();
        let file = file.read(true).write(true).open(home.join("store.redb")).unwrap();
        let (done, kills) = (Arc::default(), Arc::default());
        Self { file: Arc::new(file), done, kills }
    }

    /// From now on, the `n`th kills, counted from 1; 0 never does.
    fn kill_at(&self, n: u64) {
        let last = if n == 0 { 0 } else { self.done.load(Ordering::SeqCst) + n };
        self.kills.store(last, Ordering::SeqCst);
    }

    /// Counts one more; whether it is the one that kills.
    fn counts(&self) -> bool {
        let n = self.done.fetch_add(1, Ordering::SeqCst) + 1;
        n == self.kills.load(Ordering::SeqCst)
    }
}

fn die() -> ! {
    // It cannot be caught, and nothing comes after it.
    kill(Pid::this(), Signal::SIGKILL).unwrap();
    loop {
        thread::park();
    }
}

impl Ground for Deadly {
    fn has_failed(&self) -> bool {
        false
    }
}

impl StorageBackend for Deadly {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(out, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        if self.counts() {
            die();
        }
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.counts() {
            die();
        }
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if self.counts() {
            self.file.write_all_at(&data[..data.len() / 2], offset)?;
            die();
        }
        self.file.write_all_at(data, offset)
    }
}

/// In the process that is killed.
async fn goes_its_way(home: &Path) {
    let told = |name: &str| std::env::var(name).unwrap();
    let (n, id): (u64, ArtifactId) = (told(WRITE).parse().unwrap(), told(CRYSTAL).parse().unwrap());
    let disk = Deadly::at(home);
    let house = House::within(home.to_owned(), disk.clone());
    let node = house.run().await;
    let before = disk.done.load(Ordering::SeqCst);
    disk.kill_at(n);
    let said = |done: &Acknowledged| {
        let bytes = serde_ipld_dagcbor::to_vec(done).unwrap();
        println!("\n{SAID}{}", HEXLOWER.encode(&bytes));
        io::stdout().flush().unwrap();
    };
    let done = walk(&node, &peer(), &id, said).await;
    node.stop().await;
    assert!(done.is_all(), "{done:?}");
    println!("\n{WROTE}{}", disk.done.load(Ordering::SeqCst) - before);
}

/// A house on files: what is copied for each that is killed.
async fn on_files() -> (House<Disk>, ArtifactId) {
    let (house, _, id) = built().await;
    house.disk.write_to(&house.home.join("store.redb"));
    (house, id)
}

/// Sends a process on its way to the write that kills it: what was acknowledged, and how many
/// writes it took if it came to its end.
fn sent(home: &Path, id: &ArtifactId, n: u64) -> (Acknowledged, Option<u64>) {
    let name = "killed::killed_in_the_middle_of_any_write_it_keeps_its_word_and_lets_nothing_out";
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", name, "--nocapture", "--test-threads=1"]);
    child.env(INSIDE, home).env(WRITE, n.to_string()).env(CRYSTAL, id.to_string());
    let ended = child.output().unwrap();
    let said = String::from_utf8(ended.stdout).unwrap();
    let last = said.lines().filter_map(|line| line.strip_prefix(SAID)).next_back();
    let done = last.map_or_else(Acknowledged::default, |hex| {
        serde_ipld_dagcbor::from_slice(&HEXLOWER.decode(hex.as_bytes()).unwrap()).unwrap()
    });
    let wrote = said.lines().find_map(|line| line.strip_prefix(WROTE)?.parse().ok());
    let errors = String::from_utf8_lossy(&ended.stderr);
    match wrote {
        Some(_) => assert!(ended.status.success(), "{errors}"),
        None => assert_eq!(ended.status.signal(), Some(Signal::SIGKILL as i32), "{errors}"),
    }
    (done, wrote)
}

/// Kills one at this write, and looks at what it left.
fn kill_at(n: u64, from: &Path, id: &ArtifactId) {
    let ground = tempfile::tempdir().unwrap();
    let home: PathBuf = ground.path().join("home");
    folder::copy(from, &home);
    let (done, wrote) = sent(&home, id, n);
    assert_eq!(wrote, None, "it was not killed at write {n}");
    let told = format!("killed in write {n}, after {done:?}");
    let _said = crate::Said(told);
    let house = House::within(home.clone(), Deadly::at(&home));
    alone(async {
        let exported = house.exported(id).await;
        let node = house.run().await;
        check(&node, &peer(), id, &done, exported).await;
        replay(&node, &peer(), id, &done).await;
        node.stop().await;
    });
    replay_nonces(&house);
}

#[test]
fn killed_in_the_middle_of_any_write_it_keeps_its_word_and_lets_nothing_out() {
    if let Some(home) = std::env::var_os(INSIDE) {
        return alone(goes_its_way(Path::new(&home)));
    }
    let (from, id) = alone(on_files());
    let whole = tempfile::tempdir().unwrap();
    let home = whole.path().join("home");
    folder::copy(&from.home, &home);
    let (_, writes) = sent(&home, &id, 0);
    let writes = writes.unwrap();
    assert!(writes > 50, "the way has only {writes} writes");
    // How many there are differs by some from run to run: the last ones may not come.
    let last = writes - 10;
    let tried = u64::try_from(effort::times(16, usize::MAX)).unwrap().min(last);
    side_by_side(tried, |k| kill_at(k * last / tried, &from.home, &id));
    effort::reached(&format!("{tried} of {writes} writes killed the process in their middle"));
}
