//! A full disk, a read-only folder, a newer store and a damaged one: each said, nothing lost.

use super::rig::{Machine, PASSPHRASE, terminal::Terminal};
use redb::{Database, ReadableDatabase, TableDefinition};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

/// A small disk of its own at the machine's data folder, which goes when this does.
struct Disk {
    holder: Child,
}

impl Disk {
    /// `None`, said visibly, where nothing can be mounted.
    fn mount(machine: &mut Machine, megabytes: u32) -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            eprintln!("skipped: only root can mount a disk for this test");
            return None;
        }
        std::fs::create_dir_all(&machine.home).unwrap();
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m,mode=700 tmpfs \"$TRACENET_HOME\" && echo up && cat"
        );
        let mut unshare = machine.command("unshare");
        unshare.args(["--mount", "sh", "-c", &script]);
        unshare.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut holder = unshare.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line != "up\n" {
            drop(holder.kill());
            drop(holder.wait());
            eprintln!("skipped: nothing can be mounted here");
            return None;
        }
        let target = holder.id().to_string();
        let enter = ["nsenter", "--mount", "--target", &target, "--"];
        machine.enter = enter.map(str::to_owned).to_vec();
        Some(Self { holder })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.holder.kill());
        drop(self.holder.wait());
    }
}

/// Runs a line of shell where the disk is.
#[track_caller]
fn shell(machine: &Machine, line: &str) -> String {
    let output = machine.command("sh").args(["-c", line]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Fills the disk but for a few kilobytes.
fn fill(machine: &Machine, left: u32) {
    let line = format!(
        "cd \"$TRACENET_HOME\" && cat /dev/zero >full 2>/dev/null; \
         truncate -s -{left}K full; df -k --output=avail . | tail -1"
    );
    shell(machine, &line);
}

#[test]
fn a_full_disk_keeps_what_was_there() {
    let Some(mut machine) = Machine::new() else { return };
    let Some(_disk) = Disk::mount(&mut machine, 24) else { return };
    machine.init("north").done();
    machine.remember(1);
    let entries = machine.verified();
    let traces = |machine: &Machine| shell(machine, "ls \"$TRACENET_HOME/traces\"");
    let kept = traces(&machine);
    // Logs that do not compress to nothing.
    let mut noise = vec![0; 6_000_000];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    let noise = data_encoding::BASE64.encode(&noise);
    let line = format!("{{\"type\":\"user\",\"message\":{{\"content\":\"{noise}\"}}}}\n");
    let big = machine.file("big.jsonl", format!("{}{line}", town::log::small(2)));
    for runs in [false, true] {
        if runs {
            machine.start();
        }
        fill(&machine, 64);
        let ran = machine.run(&["import", big.to_str().unwrap()]);
        assert_eq!(ran.code, 1, "{ran:#?}");
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains("the disk") && said.contains("full"), "{ran:#?}");
        assert!(said.contains("free some space"), "{ran:#?}");
        fill(&machine, 0);
        // A log that is written in one go.
        let small = machine.file("small.jsonl", town::log::small(3));
        let ran = machine.run(&["import", small.to_str().unwrap()]);
        assert!(format!("{}{}", ran.out, ran.err).contains("the disk is full; nothing was kept"));
        let ran = machine.run(&["pair", "harbour-bot"]);
        ran.refused_with(&["full", "free some space"]);
        shell(&machine, "rm \"$TRACENET_HOME/full\"");
        let status = machine.json(&["status"]);
        assert_eq!((&status["traces"], &status["pending"]), (&1.into(), &0.into()), "{status}");
        assert_eq!(machine.verified(), entries, "nothing half-written");
        assert_eq!(traces(&machine), kept, "nothing is left of what failed");
    }
    let job = machine.json(&["import", big.to_str().unwrap()]);
    assert_eq!(job["traces"], 1, "with room it goes on: {job}");
    machine.stop();
    machine.verified();
}

/// Full before the prompt is shown, and full once the PIN is asked for: nothing leaves, the ask
/// waits, and with room the same node goes on.
#[test]
fn a_disk_that_is_full_at_an_answer_keeps_the_ask() {
    let Some(mut machine) = Machine::new() else { return };
    let Some(_disk) = Disk::mount(&mut machine, 24) else { return };
    machine.init("north").done();
    machine.start();
    let id = machine.remember(1);
    let ask = machine.json(&["share", &id, "--public"])["ask"].as_str().unwrap().to_owned();
    for shown in [false, true] {
        if !shown {
            fill(&machine, 0);
        }
        let mut terminal = Terminal::open(&machine, &["answer", &ask, "allow"]);
        if shown {
            terminal.wait_for("PIN: ");
            fill(&machine, 0);
            terminal.type_secret(PASSPHRASE);
        }
        let screen = terminal.end();
        assert_eq!(screen.code, 1, "{screen:#?}");
        let told = "tracenet: the disk is full; nothing was changed\n  → free some space and try \
                    again; the ask keeps waiting";
        assert!(screen.text.trim_end().ends_with(told), "{screen:#?}");
        let status = machine.json(&["status"]);
        assert_eq!(status["pending"], 1, "shown: {shown}: {status}");
        let shared = machine.json(&["receipts"]);
        assert_eq!(shared["rows"].as_array().map(Vec::len), Some(0), "shown: {shown}: {shared}");
        shell(&machine, "rm \"$TRACENET_HOME/full\"");
    }
    machine.allow(&ask);
    assert_eq!(machine.json(&["receipts"])["rows"].as_array().map(Vec::len), Some(1));
    machine.stop();
    machine.verified();
}

#[test]
fn a_disk_that_is_full_at_the_first_start() {
    let Some(mut machine) = Machine::new() else { return };
    let Some(_disk) = Disk::mount(&mut machine, 8) else { return };
    fill(&machine, 0);
    machine.init("north").refused_with(&["full", "free some space"]);
    machine.run(&["node"]).refused_with(&["full", "free some space"]);
    fill(&machine, 1_500);
    let ran = machine.init("north");
    assert!(ran.code == 0 || ran.err.contains("full"), "{ran:#?}");
    shell(&machine, "rm \"$TRACENET_HOME/full\"");
    if ran.code != 0 {
        machine.init("north").done();
    }
    assert_eq!(machine.verified(), 1);
}

#[test]
fn a_read_only_folder_is_said() {
    let Some(mut machine) = Machine::new() else { return };
    let Some(_disk) = Disk::mount(&mut machine, 24) else { return };
    let mount =
        |mode: &str| shell(&machine, &format!("mount -o remount,{mode} \"$TRACENET_HOME\""));
    mount("ro");
    let told = "cannot be written: make it writable for this user, or set TRACENET_HOME to \
                another folder";
    machine.init("north").refused_with(&["tracenet: [TMP]/data", told]);
    mount("rw");
    machine.init("north").done();
    machine.remember(1);
    let before = machine.verified();
    mount("ro");
    for args in [&["status"][..], &["recall", "x"], &["node", "--loopback"], &["pair", "bob"]] {
        machine.run(args).refused_with(&["tracenet: [TMP]/data", told]);
    }
    let doctor = machine.run(&["doctor"]);
    assert!(doctor.code == 1 && doctor.out.contains(told), "{doctor:#?}");
    mount("rw");
    assert_eq!(machine.verified(), before);
    assert_eq!(machine.json(&["status"])["crystals"], 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_said() {
    let Some(mut machine) = Machine::new() else { return };
    machine.file("data", "a file where the folder should be");
    machine.run(&["status"]).refused(
        "tracenet: [TMP]/data is not a folder\n  → move it away, or point TRACENET_HOME at a folder",
    );
    machine.home = machine.path("data/below");
    machine.run(&["status"]).refused_with(&["tracenet: [TMP]/data/below"]);
    machine.home = "/proc/nowhere".into();
    machine.run(&["status"]).refused_with(&["tracenet: /proc/nowhere"]);
}

#[test]
fn a_newer_store_is_left_alone() {
    let Some(machine) = Machine::ready() else { return };
    machine.remember(1);
    let file = machine.home.join("store.redb");
    set_version(&file, 2, 7);
    let before = std::fs::read(&file).unwrap();
    let told = "tracenet: this data was written by a newer TraceNet, 0.1.0 (store version 7, this \
                program knows 2): install the newer one again; nothing was changed";
    for args in [&["status"][..], &["recall", "x"], &["log", "verify"], &["node", "--loopback"]] {
        machine.run(args).refused(told);
    }
    machine.init("other").refused(told);
    let doctor = machine.run(&["doctor"]);
    assert!(doctor.code == 1 && doctor.out.contains("written by a newer TraceNet"), "{doctor:#?}");
    assert!(std::fs::read(&file).unwrap() == before, "not a byte of it was changed");
    set_version(&file, 7, 2);
    assert_eq!(machine.json(&["status"])["crystals"], 1);
    machine.verified();
}

/// Writes another version into the store, in place of `from`.
fn set_version(file: &Path, from: u8, to: u8) {
    const VERSION: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("version");
    let db = Database::open(file).unwrap();
    let was = {
        let tx = db.begin_read().unwrap();
        let table = tx.open_table(VERSION).unwrap();
        table.get(&b"version"[..]).unwrap().unwrap().value().to_vec()
    };
    assert_eq!(was, [from], "a small number is its own CBOR");
    let tx = db.begin_write().unwrap();
    tx.open_table(VERSION).unwrap().insert(&b"version"[..], &[to][..]).unwrap();
    tx.commit().unwrap();
}

#[test]
fn a_damaged_store_is_said_and_not_replaced() {
    let Some(machine) = Machine::ready() else { return };
    machine.remember(1);
    let file = machine.home.join("store.redb");
    let good = std::fs::read(&file).unwrap();
    let damaged = [
        ("noise", vec![0xa5; 50_000]),
        ("empty", Vec::new()),
        ("cut", good[..good.len() / 3].to_vec()),
        ("no beginning", [&[0; 4096], &good[4096..]].concat()),
    ];
    for (name, bytes) in damaged {
        std::fs::write(&file, &bytes).unwrap();
        for args in [&["status"][..], &["node", "--loopback"]] {
            let ran = machine.run(args);
            ran.refused_with(&[
                "tracenet: [TMP]/data/store.redb cannot be read as a store",
                "restore it from a backup, or move it away to start anew",
            ]);
        }
        assert_eq!(std::fs::metadata(&file).unwrap().len(), bytes.len() as u64, "{name}");
    }
    std::fs::write(&file, good).unwrap();
    assert_eq!(machine.json(&["status"])["crystals"], 1);
    machine.verified();
}

#[test]
fn a_lost_index_is_made_anew() {
    let Some(machine) = Machine::ready() else { return };
    machine.remember(1);
    std::fs::remove_dir_all(machine.home.join("index")).unwrap();
    assert_eq!(machine.json(&["recall", "lighthouse"])["rows"].as_array().unwrap().len(), 1);
    for entry in machine.home.join("index").read_dir().unwrap() {
        std::fs::write(entry.unwrap().path(), "noise").unwrap();
    }
    assert_eq!(machine.json(&["recall", "lighthouse"])["rows"].as_array().unwrap().len(), 1);
    machine.verified();
}

/// Every file and folder below this one, and itself.
fn all_below(path: &Path) -> Vec<PathBuf> {
    let mut all = vec![path.to_owned()];
    let mut next = 0;
    while let Some(path) = all.get(next).cloned() {
        next += 1;
        if path.is_dir() {
            all.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    all
}

#[test]
fn nobody_else_is_let_into_any_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(machine) = Machine::running() else { return };
    let id = machine.remember(1);
    let asked = machine.json(&["share", &id, "--public", "--reason", "for the harbour"]);
    machine.allow(asked["ask"].as_str().unwrap());
    let all = all_below(&machine.home);
    for place in ["index/", "traces/", "outbox/", "keys/", "store.redb"] {
        let is = |path: &PathBuf| path.to_string_lossy().contains(&format!("/data/{place}"));
        assert!(all.iter().any(is), "{place}: {all:?}");
    }
    for path in all {
        let mode = path.symlink_metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{mode:o} {}", path.display());
    }
}

#[test]
fn keys_of_another_node_are_refused() {
    let (Some(machine), Some(other)) = (Machine::ready(), Machine::ready()) else { return };
    let keys = |m: &Machine| m.home.join("keys");
    std::fs::rename(keys(&machine), machine.path("kept")).unwrap();
    let gone = "tracenet: [TMP]/data/keys/transport_key is gone: restore it from a backup; without \
                it this node is another node";
    machine.run(&["status"]).refused(gone);
    machine.run(&["node", "--loopback"]).refused(gone);
    assert!(!keys(&machine).join("transport_key").exists(), "no other key was made");
    let copy = |from: &Path, to: &Path| {
        let ended = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status();
        assert!(ended.unwrap().success());
    };
    drop(std::fs::remove_dir_all(keys(&machine)));
    copy(&keys(&other), &keys(&machine));
    machine.run(&["status"]).refused_with(&[
        "are not the ones this store was made with: restore the folder as a whole from a backup",
    ]);
    std::fs::remove_dir_all(keys(&machine)).unwrap();
    copy(&machine.path("kept"), &keys(&machine));
    machine.verified();
}
