//! What a crash may not write to a disk: the memory of a node.
#![cfg(target_os = "linux")]

use super::rig::Machine;

#[test]
fn a_node_writes_no_core_dump() {
    let Some(machine) = Machine::running() else { return };
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", machine.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let words: Vec<&str> = core.split_whitespace().collect();
    assert!(matches!(words[4..6], ["1", "1"] | ["0", "0"]), "{core}");
}
