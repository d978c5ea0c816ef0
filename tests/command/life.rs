//! The node's life: one at a time, ended in order, killed without a loss.

use super::rig::Machine;
use nix::sys::signal::Signal;
use std::{
    os::unix::fs::{FileTypeExt, PermissionsExt},
    sync::mpsc,
    time::{Duration, Instant},
};

#[test]
fn it_ends_in_order_when_asked() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let Some(mut machine) = Machine::running() else { return };
        let run = machine.home.join("run");
        let mode = |name: &str| run.join(name).metadata().unwrap().permissions().mode() & 0o777;
        for socket in ["agent.sock", "control.sock"] {
            assert!(run.join(socket).metadata().unwrap().file_type().is_socket());
            assert_eq!(mode(socket), 0o600, "{socket}");
        }
        assert_eq!(mode("."), 0o700);
        assert_eq!(machine.home.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let began = Instant::now();
        let status = machine.end(signal);
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        assert_eq!(status.code(), Some(0), "{status}: {}", machine.log());
        let left: Vec<_> = run.read_dir().unwrap().map(|e| e.unwrap().file_name()).collect();
        let sockets = left.iter().filter(|name| name.to_string_lossy().ends_with(".sock"));
        assert_eq!(sockets.count(), 0, "{left:?}");
        machine.start();
        machine.stop();
        machine.verified();
    }
}

#[test]
fn it_ends_in_order_in_the_middle_of_an_import() {
    let Some(mut machine) = Machine::running() else { return };
    for n in 0..400 {
        machine.file(&format!("logs/{n}.jsonl"), town::log::small(n));
    }
    let mut import = machine.tracenet(&["--json", "import"]);
    let import = import.arg(machine.path("logs")).stdout(std::process::Stdio::null()).spawn();
    let mut import = import.unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while machine.json(&["status"])["traces"].as_u64().unwrap() < 10 {
        assert!(Instant::now() < until);
    }
    machine.stop();
    assert_eq!(import.wait().unwrap().code(), Some(1), "the command is told");
    machine.verified();
    let kept = machine.json(&["status"])["traces"].as_u64().unwrap();
    assert!((10..400).contains(&kept), "{kept}");
    let job = machine.json(&["import", machine.path("logs").to_str().unwrap()]);
    assert_eq!(job["known"], kept, "{job}");
    assert_eq!(job["traces"], 400 - kept, "{job}");
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let Some(mut machine) = Machine::running() else { return };
    for round in 0..3 {
        let before = machine.json(&["status"])["traces"].as_u64().unwrap();
        let (tell, acknowledged) = mpsc::channel();
        let logs: Vec<_> = (0..30)
            .map(|n| machine.file(&format!("{round}-{n}.jsonl"), town::log::small(round * 30 + n)))
            .collect();
        let import = |log: &std::path::Path| {
            machine.tracenet(&["--json", "import", log.to_str().unwrap()]).output().unwrap()
        };
        let pid = nix::unistd::Pid::from_raw(i32::try_from(machine.pid()).unwrap());
        let kept = std::thread::scope(|scope| {
            scope.spawn(|| {
                for log in &logs {
                    // After the kill there is nobody to tell, or it was the last one.
                    if !import(log).status.success() || tell.send(log.clone()).is_err() {
                        return;
                    }
                }
            });
            let mut kept: Vec<_> = acknowledged.iter().take(3 + round as usize).collect();
            nix::sys::signal::kill(pid, Signal::SIGKILL).unwrap();
            kept.extend(acknowledged.try_iter());
            drop(acknowledged);
            kept
        });
        assert_eq!(machine.end(Signal::SIGKILL).code(), None);
        machine.start();
        machine.verified();
        let after = machine.json(&["status"])["traces"].as_u64().unwrap();
        assert!(after >= before + kept.len() as u64, "{after} of {before} + {}", kept.len());
        for log in &kept {
            let job = machine.json(&["import", log.to_str().unwrap()]);
            assert_eq!((&job["known"], &job["traces"]), (&1.into(), &0.into()), "{job}");
        }
    }
    // Asks too: made, killed, still waiting.
    let id = machine.remember(1_000);
    let ask = machine.json(&["share", &id, "--public"]);
    machine.end(Signal::SIGKILL);
    machine.start();
    assert_eq!(machine.json(&["asks"])["pending"][0]["id"], ask["ask"]);
    machine.stop();
}

#[test]
fn one_node_has_the_folder() {
    let Some(mut machine) = Machine::running() else { return };
    machine.run(&["node", "--loopback"]).refused_with(&[
        "tracenet: [TMP]/data/store.redb is in use by another TraceNet process: quit it, or let \
         it do the work",
    ]);
    assert_eq!(machine.json(&["status"])["pid"], machine.pid(), "the first goes on");
    machine.stop();
}

#[test]
fn without_a_node_a_command_takes_the_folder_for_itself() {
    let Some(machine) = Machine::ready() else { return };
    let own = std::process::id();
    assert_ne!(machine.json(&["status"])["pid"], own);
    let held = store::Store::open(&machine.home).unwrap();
    let told = "tracenet: [TMP]/data/store.redb is in use by another TraceNet process: quit it, \
                or let it do the work";
    for args in [&["status"][..], &["recall", "x"], &["asks"], &["log", "verify"], &["node"]] {
        machine.run(args).refused(told);
    }
    let fault = machine.run(&["--json", "status"]);
    assert_eq!((fault.code, &fault.json()["fault"]["code"]), (1, &"not-now".into()));
    let doctor = machine.run(&["doctor"]);
    assert_eq!(doctor.code, 1);
    assert!(doctor.out.contains("is in use by another TraceNet process"), "{doctor:#?}");
    drop(held);
    machine.run(&["status"]).done();
}

#[test]
fn a_headless_machine_is_well() {
    let Some(mut machine) = Machine::running() else { return };
    let ran = machine.run(&["doctor"]);
    let marks: Vec<&str> = ran.done().lines().map(|line| &line[..18.min(line.len())]).collect();
    let own = ["node", "data folder", "human_key", "journal", "anchor", "card"];
    let rows = [&own[..], &["recall", "network", "display", "session bus"]].concat();
    let want: Vec<String> = rows.iter().map(|row| format!("ok  {row:<14}")).collect();
    assert_eq!(marks, want, "{ran:#?}");
    machine.stop();
    let ran = machine.run(&["doctor"]);
    ran.refused("tracenet: not everything is well\n  → see the arrows above");
    let node = "!!  node           not running\n                   \
                → start the app, or run `tracenet node`\n";
    assert!(ran.out.starts_with(node), "{ran:#?}");
    assert_eq!(ran.out.matches("!!").count(), 1, "{ran:#?}");
}

#[test]
fn strangers_at_the_socket_do_not_stop_it() {
    use std::{io::Write, os::unix::net::UnixStream};
    let Some(mut machine) = Machine::running() else { return };
    for socket in ["agent.sock", "control.sock"] {
        for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 4096], &[0, 0, 0, 2, 0, b'{'], b""] {
            // The socket's path may be longer than a socket's address: go through its folder.
            let run = std::fs::File::open(machine.home.join("run")).unwrap();
            let path = format!("/proc/self/fd/{}/{socket}", std::os::fd::AsRawFd::as_raw_fd(&run));
            let mut stream = UnixStream::connect(path).unwrap();
            // It may hang up before all is written.
            drop(stream.write_all(bytes));
        }
    }
    machine.run(&["status"]).done();
    machine.stop();
}
