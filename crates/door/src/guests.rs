//! Which agents are here, and from below which programs nobody may answer for the human.
//!
//! An agent's shim is started by the agent's program. Whoever runs below that program may be
//! the agent itself, so the node asks here before it takes an answer from a terminal. A
//! program stays on the list after its shim has gone, as long as it lives: an agent could
//! otherwise end its own shim and then answer.
//!
//! Evidence, not a wall: a process may leave its parents. The PIN is the wall.

use crate::{
    agent::AgentName,
    process::{self, Ancestor, Process},
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many programs whose shims have gone are remembered.
const MAX_GONE: usize = 256;

/// An agent that came in.
struct Guest {
    /// `None` when its shim has gone.
    connection: Option<u64>,
    name: AgentName,
    program: Ancestor,
}

/// The list.
#[derive(Default)]
pub(crate) struct Guests(Mutex<Vec<Guest>>);

impl Guests {
    /// Notes that the shim `shim` entered as `name`.
    pub(crate) fn enter(&self, connection: u64, name: &AgentName, shim: Option<&Process>) {
        let Some(program) = shim.map(program_of) else { return };
        self.list().push(Guest { connection: Some(connection), name: name.clone(), program });
    }

    /// Notes that a shim has gone.
    pub(crate) fn leave(&self, connection: u64) {
        let mut list = self.list();
        for guest in list.iter_mut().filter(|g| g.connection == Some(connection)) {
            guest.connection = None;
        }
        list.retain(|g| {
            g.connection.is_some() || process::lives(g.program.pid, g.program.start_time)
        });
        // The same program need not be remembered twice, nor too many of them.
        let mut gone: Vec<u32> = Vec::new();
        let mut room = MAX_GONE;
        let keep = |g: &Guest| {
            let new = g.connection.is_some() || (room > 0 && !gone.contains(&g.program.pid));
            if new && g.connection.is_none() {
                gone.push(g.program.pid);
                room -= 1;
            }
            new
        };
        list.reverse();
        list.retain(keep);
        list.reverse();
    }

    /// The agent whose program `process` is, or is below.
    pub(crate) fn above(&self, process: &Process) -> Option<AgentName> {
        self.list()
            .iter()
            .find(|g| process.is_or_is_below(g.program.pid, g.program.start_time))
            .map(|g| g.name.clone())
    }

    fn list(&self) -> MutexGuard<'_, Vec<Guest>> {
        // Every change leaves the list whole, so a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The program that started a shim: its parent, or the shim itself when that is the system's
/// first process, below which everything is.
fn program_of(shim: &Process) -> Ancestor {
    match shim.ancestors.first() {
        Some(parent) if parent.pid > 1 => parent.clone(),
        _ => Ancestor {
            pid: shim.pid,
            start_time: shim.start_time,
            name: String::new(),
            exe: shim.exe.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
    use super::*;

    fn process(pid: u32, parents: &[u32]) -> Process {
        let ancestor =
            |&pid: &u32| Ancestor { pid, start_time: 1, name: "x".to_owned(), exe: None };
        let ancestors = parents.iter().map(ancestor).collect();
        Process { pid, start_time: 1, exe: None, ancestors, held: false }
    }

    fn check(guests: &Guests, pid: u32, parents: &[u32], want: Option<&str>) {
        let found = guests.above(&process(pid, parents));
        assert_eq!(found.as_ref().map(AgentName::as_str), want, "{pid} below {parents:?}");
    }

    // Numbers that no process of a test machine has: above the largest the system gives.
    const AGENT: u32 = 5_000_001;
    const SHELL: u32 = 5_000_002;

    #[test]
    fn whoever_is_below_an_agents_program_is_found() {
        let guests = Guests::default();
        let name = "north".parse().unwrap();
        guests.enter(1, &name, Some(&process(30, &[AGENT, SHELL, 1])));
        guests.enter(2, &name, None);
        check(&guests, AGENT, &[SHELL, 1], Some("north"));
        check(&guests, 40, &[39, AGENT, SHELL, 1], Some("north"));
        check(&guests, 40, &[SHELL, 1], None);
        check(&guests, SHELL, &[1], None);
        guests.leave(1);
        check(&guests, 40, &[AGENT, SHELL, 1], None);
    }

    #[test]
    fn an_orphan_shim_does_not_stand_for_everything() {
        let guests = Guests::default();
        guests.enter(1, &"north".parse().unwrap(), Some(&process(30, &[1])));
        check(&guests, 40, &[1], None);
        check(&guests, 40, &[30, 1], Some("north"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_that_lives_is_remembered_after_its_shim() {
        let guests = Guests::default();
        let me = Process::of_self().unwrap();
        for connection in 0..1000 {
            guests.enter(connection, &"north".parse().unwrap(), Some(&me));
            guests.leave(connection);
        }
        assert_eq!(guests.above(&me).unwrap().as_str(), "north");
        assert_eq!(guests.list().len(), 1, "once");
    }

    /// A program that lives until it is dropped.
    #[cfg(target_os = "linux")]
    struct Program(std::process::Child);

    #[cfg(target_os = "linux")]
    impl Program {
        fn start() -> Self {
            use std::process::{Command, Stdio};
            let waits = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
            Self(waits.unwrap())
        }

        fn look(&self) -> Process {
            Process::look(self.0.id()).unwrap()
        }

        /// Its shim, which somebody else started below it.
        fn shim(&self) -> Process {
            let Process { pid, start_time, .. } = self.look();
            let parent = Ancestor { pid, start_time, name: "x".to_owned(), exe: None };
            Process { pid: SHELL, start_time: 1, exe: None, ancestors: vec![parent], held: false }
        }
    }

    #[cfg(target_os = "linux")]
    impl Drop for Program {
        fn drop(&mut self) {
            self.0.kill().unwrap();
            self.0.wait().unwrap();
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn of_programs_whose_shims_have_gone_the_last_256_are_remembered() {
        let guests = Guests::default();
        let found = |program: &Program| guests.above(&program.look());
        let stays = Program::start();
        guests.enter(0, &"stays".parse().unwrap(), Some(&stays.shim()));
        let comes_and_goes = |number: u64| {
            let program = Program::start();
            guests.enter(number, &"north".parse().unwrap(), Some(&program.shim()));
            guests.leave(number);
            program
        };
        let room = MAX_GONE as u64;
        let mut gone: Vec<Program> = (1..=room).map(comes_and_goes).collect();
        assert!(gone.iter().all(|program| found(program).is_some()), "there is room for all");
        gone.push(comes_and_goes(room + 1));
        assert_eq!(found(&gone[0]), None, "the one that left first");
        assert!(gone[1..].iter().all(|program| found(program).is_some()), "and no other");
        assert_eq!(found(&stays).unwrap().as_str(), "stays", "nor one whose shim is here");
    }
}
