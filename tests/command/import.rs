//! Importing what is no good log, or a huge one: said, and nothing half-written.

use super::rig::{Machine, Ran};
use serde_json::Value;
use std::{
    io::{BufWriter, Write},
    path::Path,
};

fn import(machine: &Machine, path: &Path) -> Ran {
    machine.run(&["import", path.to_str().unwrap()])
}

fn job(machine: &Machine, path: &Path) -> (i32, Value) {
    let ran = machine.run(&["--json", "import", path.to_str().unwrap()]);
    (ran.code, ran.json())
}

/// Nothing was kept, and the store is as good as before.
fn nothing_kept(machine: &Machine) {
    let status = machine.json(&["status"]);
    assert_eq!((&status["traces"], &status["crystals"]), (&0.into(), &0.into()), "{status}");
    let traces = machine.home.join("traces");
    let left: Vec<_> = traces.read_dir().into_iter().flatten().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
    machine.verified();
}

#[test]
fn what_cannot_be_read_is_said() {
    let Some(machine) = Machine::ready() else { return };
    let gone = machine.path("gone.jsonl");
    import(&machine, &gone).refused(
        "tracenet: [TMP]/gone.jsonl cannot be read: No such file or directory (os error 2)\n  \
         → check the path",
    );
    std::fs::create_dir(machine.path("empty")).unwrap();
    machine.file("other/readme.txt", "hello");
    for folder in ["empty", "other"] {
        import(&machine, &machine.path(folder)).refused(&format!(
            "tracenet: there are no logs of agents below [TMP]/{folder}\n  \
             → `tracenet sources` says where agents keep theirs"
        ));
    }
    import(&machine, Path::new("/dev/zero")).refused(
        "tracenet: /dev/zero is neither a file nor a folder\n  \
         → name a log, or a folder of logs",
    );
    nothing_kept(&machine);
}

#[test]
fn what_may_not_be_read_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let Some(mut machine) = Machine::ready() else { return };
    if nix::unistd::geteuid().is_root() {
        // Root without what lets root read everything.
        let without = "-dac_override,-dac_read_search";
        let enter = ["setpriv", "--inh-caps", without, "--bounding-set", without];
        machine.enter = enter.map(str::to_owned).to_vec();
        if !machine.command("true").status().is_ok_and(|ended| ended.success()) {
            eprintln!("skipped: root may read everything here");
            return;
        }
    }
    let shut = machine.file("shut.jsonl", town::log::small(1));
    std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o000)).unwrap();
    let ran = import(&machine, &shut);
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.out.contains("Permission denied"), "{ran:#?}");
    assert!(ran.out.contains("this user may not read it"), "{ran:#?}");
    let folder = machine.path("closed");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o000)).unwrap();
    import(&machine, &folder).refused(
        "tracenet: [TMP]/closed cannot be read: Permission denied (os error 13)\n  \
         → this user may not read it",
    );
    nothing_kept(&machine);
}

#[test]
fn noise_is_no_log() {
    let Some(machine) = Machine::ready() else { return };
    let mut noise = vec![0; 300_000];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    let bad = [
        ("noise", noise),
        ("zeros", vec![0; 100_000]),
        ("empty", Vec::new()),
        ("line", vec![b'a'; 2_000_000]),
        ("braces", b"{".repeat(1_000_000)),
        ("text", b"Dear diary,\ntoday nothing ran.\n".to_vec()),
        ("json", b"[1,2,3]\n{\"a\":1}\n".to_vec()),
        (
            "utf16",
            "\u{feff}{\"type\":\"user\"}\n".encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
    ];
    for (name, bytes) in bad {
        let path = machine.file(&format!("{name}.jsonl"), bytes);
        let ran = import(&machine, &path);
        ran.refused(
            "tracenet: nothing could be imported\n  \
             → this version reads logs of Claude Code, Codex, Gemini CLI, OpenCode and SWE-agent, \
             and ATIF",
        );
        let told = format!(
            "  - [TMP]/{name}.jsonl: not a log of an agent this version can read; nothing was kept"
        );
        assert!(ran.out.contains(&told), "{ran:#?}");
        nothing_kept(&machine);
    }
}

#[test]
fn one_bad_file_does_not_hide_the_good_ones() {
    let Some(machine) = Machine::ready() else { return };
    machine.file("logs/a/good.jsonl", town::log::small(1));
    machine.file("logs/noise.jsonl", [0xff; 5_000]);
    machine.file("logs/notes.txt", "not looked at");
    std::os::unix::fs::symlink("/etc", machine.path("logs/etc")).unwrap();
    let (code, told) = job(&machine, &machine.path("logs"));
    assert_eq!(code, 0, "{told}");
    let counts = |told: &Value| {
        ["files", "traces", "skipped", "links", "failed"].map(|key| told[key].as_u64().unwrap())
    };
    assert_eq!(counts(&told), [2, 1, 1, 1, 0], "{told}");
    assert_eq!(told["skips"].as_array().unwrap().len(), 2, "{told}");
    // However much is passed over, what failed is counted and named.
    for n in 0..25 {
        machine.file(&format!("logs/noise-{n}.jsonl"), [0xff; 50]);
    }
    machine.file("logs/opencode.db", b"SQLite format 3\0, it says");
    let (code, told) = job(&machine, &machine.path("logs"));
    assert_eq!((code, counts(&told)), (1, [28, 0, 26, 1, 1]), "{told}");
    let failures = told["failures"].to_string();
    assert!(failures.contains("logs/opencode.db cannot be read as a database"), "{told}");
    assert_eq!(failures.matches("opencode.db").count(), 1, "its name once: {told}");
    let ran = import(&machine, &machine.path("logs"));
    assert!(ran.out.contains("  - and 7 more"), "{ran:#?}");
    machine.verified();
}

#[test]
fn links_are_said_and_none_leads_round() {
    let Some(machine) = Machine::ready() else { return };
    let log = machine.file("elsewhere/log.jsonl", town::log::small(1));
    machine.file("logs/good.jsonl", town::log::small(2));
    for (to, name) in [
        (machine.path("logs"), "logs/round"),
        (log, "logs/link.jsonl"),
        (machine.path("logs/itself"), "logs/itself"),
        (machine.path("gone"), "logs/notes"),
    ] {
        std::os::unix::fs::symlink(to, machine.path(name)).unwrap();
    }
    let (code, told) = job(&machine, &machine.path("logs"));
    assert_eq!((code, &told["traces"], &told["links"]), (0, &1.into(), &2.into()), "{told}");
    for name in ["round", "link.jsonl"] {
        let said = format!("logs/{name}: a link; import what it leads to by itself");
        assert!(told["skips"].to_string().contains(&said), "{told}");
    }
    let (_, told) = job(&machine, &machine.path("logs/link.jsonl"));
    assert_eq!(told["traces"], 1, "by itself: {told}");
    machine.verified();
}

#[test]
fn a_truncated_log_is_read_as_far_as_it_goes() {
    let Some(machine) = Machine::ready() else { return };
    let whole = town::log::small(3);
    for (n, cut) in
        [whole.len() - 1, whole.len() - 40, whole.len() / 2, 200].into_iter().enumerate()
    {
        let path = machine.file(&format!("{n}.jsonl"), &whole[..cut]);
        let (code, job) = job(&machine, &path);
        assert_eq!((code, &job["traces"]), (0, &1.into()), "cut at {cut}: {job}");
        // The line that was cut is kept, and counted as not understood.
        let odd = u64::from(cut < whole.len() - 1);
        assert_eq!(job["malformed"], odd, "cut at {cut}: {job}");
    }
    // The log went on: what is whole now supersedes its beginning.
    let (code, job) = job(&machine, &machine.file("0.jsonl", &whole));
    assert_eq!((code, &job["traces"]), (0, &1.into()), "{job}");
    assert_eq!(machine.json(&["status"])["traces"], 4);
    machine.verified();
}

#[test]
fn hostile_lines_are_only_lines() {
    let Some(machine) = Machine::ready() else { return };
    let mut log = town::log::small(4).into_bytes();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let lines: [Vec<u8>; 7] = [
        deep.into_bytes(),
        b"{\"type\":\"user\",\"message\":{\"content\":".to_vec(),
        vec![0xff, 0xfe, 0x00],
        b"{\"type\":123,\"message\":[]}".to_vec(),
        b"{\"type\":\"user\",\"timestamp\":\"9999-99-99T99:99:99Z\",\"message\":{\"content\":null}}".to_vec(),
        b"{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"tool_use\"}]}}".to_vec(),
        b"\"\\ud800\"".to_vec(),
    ];
    for line in lines {
        log.extend(line);
        log.push(b'\n');
    }
    log.extend(town::log::small(5).into_bytes());
    let (code, job) = job(&machine, &machine.file("hostile.jsonl", log));
    assert_eq!((code, &job["traces"], &job["crystals"]), (0, &1.into(), &1.into()), "{job}");
    let odd = [&job["malformed"], &job["unknown"]].map(|lines| lines.as_u64().unwrap());
    assert!(odd.iter().all(|lines| *lines > 0) && odd.iter().sum::<u64>() >= 3, "{job}");
    machine.verified();
}

/// 200 MB in sessions' own proportions: many small records, and now and then a large result.
fn huge(path: &Path) -> u64 {
    let turn = town::log::small(6);
    let filler = "a line of output that a command printed, with some words in it\\n".repeat(900);
    let large = format!(
        "{{\"type\":\"user\",\"message\":{{\"content\":[{{\"type\":\"tool_result\",\
         \"tool_use_id\":\"t3\",\"content\":\"{filler}\"}}]}}}}\n"
    );
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    let mut bytes = 0;
    while bytes < 200_000_000 {
        for _ in 0..20 {
            file.write_all(turn.as_bytes()).unwrap();
        }
        file.write_all(large.as_bytes()).unwrap();
        bytes += (turn.len() * 20 + large.len()) as u64;
    }
    file.flush().unwrap();
    bytes
}

#[test]
fn a_log_of_200_megabytes_needs_little_memory() {
    let Some(mut machine) = Machine::running() else { return };
    // Making the key took memory of its own in another process; the node starts without.
    let path = machine.path("huge.jsonl");
    let bytes = huge(&path);
    let (code, job) = job(&machine, &path);
    assert_eq!((code, &job["state"], &job["traces"]), (0, &"finished".into(), &1.into()), "{job}");
    assert_eq!(job["bytes"], bytes, "{job}");
    let peak = peak_memory(machine.pid());
    eprintln!("{} MB of log: {} MB of memory at most", bytes / 1_000_000, peak / 1_000);
    assert!(peak < 500_000, "{peak} kB at most");
    let (_, again) = self::job(&machine, &path);
    assert_eq!((&again["known"], &again["traces"]), (&1.into(), &0.into()), "{again}");
    machine.verified();
    machine.stop();
}

#[test]
fn a_line_of_300_megabytes_and_a_million_lines_are_counted_in_little_memory() {
    let Some(mut machine) = Machine::running() else { return };
    let path = machine.path("odd.jsonl");
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    file.write_all(town::log::small(6).as_bytes()).unwrap();
    file.write_all(b"{\"type\":\"user\",\"message\":{\"content\":\"").unwrap();
    let piece = vec![b'x'; 1 << 20];
    (0..300).for_each(|_| file.write_all(&piece).unwrap());
    file.write_all(b"\"}}\n").unwrap();
    (0..1_000_000).for_each(|_| file.write_all(b"{\"type\":\"tick\"}\n").unwrap());
    // The clock of the machine that wrote it went back by a year.
    file.write_all(town::log::small(7).replace("2026-", "2025-").as_bytes()).unwrap();
    file.flush().unwrap();
    drop(file);
    let (code, job) = job(&machine, &path);
    assert_eq!((code, &job["state"], &job["traces"]), (0, &"finished".into(), &1.into()), "{job}");
    assert_eq!((&job["oversized"], &job["crystals"]), (&1.into(), &1.into()), "{job}");
    assert!(job["unknown"].as_u64().unwrap() >= 1_000_000, "{job}");
    let peak = peak_memory(machine.pid());
    assert!(peak < 500_000, "{peak} kB at most");
    machine.verified();
    machine.stop();
}

/// The most memory a process has had so far, in kB.
fn peak_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
