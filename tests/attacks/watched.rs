//! A node under attack, watched from outside: what waits for its human, what it wrote down and the
//! most memory that it took.

use crate::rig::Machine;
use std::{fs, time::Instant};
use wire::{
    Query, View,
    control::{Client, Request, Response},
};

/// A node as it was when the attack began.
pub struct Watched {
    written: u64,
    memory: u64,
    began: Instant,
}

/// What an attack brought about.
pub struct Ended {
    /// Journal entries more.
    pub written: u64,
    /// Memory more at the most, in kB.
    pub grown: u64,
    /// Whole minutes that it took.
    pub minutes: u64,
}

/// The asks that wait.
pub async fn waiting(machine: &Machine) -> usize {
    let mut client = Client::connect(&machine.home).await.unwrap().unwrap();
    match client.request(&Request::View(Query::Asks {})).await.unwrap() {
        Response::View(view) => match *view {
            View::Asks(asks) => asks.pending.len(),
            other => panic!("no asks: {other:?}"),
        },
        other => panic!("no view: {other:?}"),
    }
}

/// The most memory that a machine's node has had since it was asked last, in kB.
fn peak(machine: &Machine) -> u64 {
    let of = |file: &str| format!("/proc/{}/{file}", machine.pid());
    let status = fs::read_to_string(of("status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    // With a five the kernel counts anew from what there is now: proc(5).
    fs::write(of("clear_refs"), "5").unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

impl Watched {
    /// From now on.
    pub fn begin(machine: &Machine) -> Self {
        let written = machine.verified();
        // Whatever it took before counts no more.
        peak(machine);
        Self { written, memory: peak(machine), began: Instant::now() }
    }

    /// Until now.
    pub fn end(self, machine: &Machine) -> Ended {
        let grown = peak(machine).saturating_sub(self.memory);
        let written = machine.verified() - self.written;
        Ended { written, grown, minutes: self.began.elapsed().as_secs() / 60 }
    }
}
