//! Processes as the system tells of them: who is below whom, and who is no longer the same.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]
use super::*;
use proptest::prelude::*;

#[test]
fn a_name_cannot_forge_the_fields_behind_it() {
    let tail = "S 7 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0";
    for name in ["zsh", "a b", ") S 1 (", "x) R 99 9 9", ""] {
        let stat = Stat::parse(&format!("12 ({name}) {tail}")).expect("parses");
        assert_eq!((stat.name.as_str(), stat.parent, stat.start_time), (name, 7, 4242));
    }
}

proptest! {
    #[test]
    fn no_line_panics(line in any::<String>()) {
        let _ = Stat::parse(&line);
    }
}

#[cfg(target_os = "linux")]
mod on_linux {
    use super::*;
    use std::{
        io::{BufRead, BufReader, Write},
        process::{Child, Command, Stdio},
    };

    #[test]
    fn this_process_is_seen_with_its_parents() {
        let me = Process::of_self().expect("/proc is there");
        assert_eq!(me.pid, std::process::id());
        assert_eq!(me.exe, std::env::current_exe().ok());
        assert!(me.is_unchanged());
        let parent = me.ancestors.first().expect("someone started the tests");
        assert_eq!(parent.pid, std::os::unix::process::parent_id());
        assert!(is_below(me.pid, parent.pid, parent.start_time));
        assert!(!is_below(me.pid, parent.pid, parent.start_time + 1), "another start time");
        assert!(!is_below(me.pid, me.pid, me.start_time), "nobody is below himself");
        assert!(me.is_or_is_below(me.pid, me.start_time));
    }

    #[test]
    fn a_child_is_below_and_then_gone() {
        let me = Process::of_self().expect("/proc is there");
        let mut child =
            Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let seen = Process::look(child.id()).expect("it waits for its input");
        assert!(is_below(seen.pid, me.pid, me.start_time));
        assert!(seen.is_or_is_below(me.pid, me.start_time));
        assert!(lives(seen.pid, seen.start_time));
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(!seen.is_unchanged());
        assert!(!lives(seen.pid, seen.start_time));
    }

    #[test]
    fn who_connected_and_then_runs_another_file_is_not_vouched_for() {
        let mut sh = Command::new("sh");
        sh.args(["-c", "echo here; read go; exec cat"]);
        let mut child = sh.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut to, out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut out = BufReader::new(out).lines().map(Result::unwrap);
        assert_eq!(out.next().unwrap(), "here");
        let seen = Process { held: true, ..Process::look(child.id()).unwrap() };
        assert!(seen.is_who_connected());
        assert!(!Process { held: false, ..seen.clone() }.is_who_connected());
        to.write_all(b"go\nanswered by cat\n").unwrap();
        assert_eq!(out.next().unwrap(), "answered by cat");
        assert!(!seen.is_who_connected(), "the same process, another program");
        drop(to);
        child.wait().unwrap();
    }

    /// A shell below so many others of a line, each of which waits for the next; the deepest says
    /// who it is, and waits for the end of its input.
    fn nested(shells: usize) -> (Child, u32) {
        let line =
            "f() { if [ $1 -gt 0 ]; then (f $(($1 - 1))); else sh -c 'echo $$; cat'; fi; :; }";
        let script = format!("{line}; f {shells}");
        let mut sh = Command::new("sh");
        sh.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = sh.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        (child, said.trim().parse().unwrap())
    }

    #[test]
    fn sixty_four_parents_are_followed_and_no_more() {
        let (mut child, deepest) = nested(MAX_ANCESTORS + 2);
        let line = ancestors(deepest);
        assert_eq!(line.len(), MAX_ANCESTORS, "those that are nearest");
        let last = line.last().unwrap();
        assert!(is_below(deepest, last.pid, last.start_time));
        let next = ancestors(last.pid).into_iter().next().unwrap();
        assert!(!is_below(deepest, next.pid, next.start_time), "the 65th is not seen");
        let nearer = line.first().unwrap();
        assert!(is_below(nearer.pid, next.pid, next.start_time), "it is the 64th of the next");
        assert_eq!(Process::look(deepest).unwrap().ancestors, line);
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    #[test]
    fn nobody_has_the_last_number() {
        assert_eq!(Process::look(u32::MAX), None);
        assert_eq!(ancestors(u32::MAX), Vec::new());
    }
}
