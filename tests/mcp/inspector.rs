//! The second client: the inspector of the protocol's makers, on its command line. It starts
//! a shim for each call.

use super::rig::Machine;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Runs the inspector against this machine's shim; `None`, said visibly, where there is none.
fn inspect(machine: &Machine, args: &[&str]) -> Option<Value> {
    let Some(inspector) = std::env::var_os("TRACENET_TEST_INSPECTOR").map(PathBuf::from) else {
        eprintln!("skipped: TRACENET_TEST_INSPECTOR names no inspector");
        return None;
    };
    let mut command = machine.command(inspector);
    command.arg("--cli").arg(machine.program()).args(["mcp", "--as", "inspector"]);
    let output = command.args(args).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {output:?}")))
}

/// Calls a tool with `key=value` arguments.
fn call(machine: &Machine, tool: &str, with: &[&str]) -> Option<Value> {
    let with = with.iter().flat_map(|pair| ["--tool-arg", pair]);
    let args: Vec<&str> =
        ["--method", "tools/call", "--tool-name", tool].into_iter().chain(with).collect();
    inspect(machine, &args)
}

#[test]
fn the_inspector_lists_pairs_and_calls() {
    let Some(machine) = Machine::running() else { return };
    let Some(listed) = inspect(&machine, &["--method", "tools/list"]) else { return };
    let tools = listed["tools"].as_array().unwrap();
    assert_eq!(tools.len(), 8, "{listed}");
    for tool in tools {
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert!(tool["description"].as_str().unwrap().len() > 30, "{tool}");
    }
    let id = machine.remember(1);
    let asked = call(&machine, "recall", &["query=lighthouse"]).unwrap();
    assert_eq!(asked["isError"], true, "{asked}");
    machine.allow(asked["_meta"]["tracenet/body"]["ask"].as_str().unwrap());
    let found = call(&machine, "recall", &["query=lighthouse", "limit=1"]).unwrap();
    assert_eq!(found["isError"], false, "{found}");
    assert_eq!(found["_meta"]["tracenet/body"]["hits"][0]["id"], id, "{found}");
    let shared =
        call(&machine, "request_share", &[&format!("id={id}"), "audience=[\"public\"]"]).unwrap();
    assert_eq!(shared["_meta"]["tracenet/body"]["state"], "pending", "{shared}");
    let wrong = call(&machine, "open", &["id=deadbeef"]).unwrap();
    assert_eq!(wrong["isError"], true);
    assert_eq!(wrong["content"].as_array().unwrap().len(), 1);
    assert_eq!(machine.json(&["asks"])["pending"].as_array().unwrap().len(), 1);
    assert_eq!(machine.json(&["agents"])["agents"][0]["name"], json!("inspector"));
}
