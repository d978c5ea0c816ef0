//! Coming in: a stopped node, a stranger, a human who lets it in, and what an agent cannot do.

use super::{agent::Agent, rig::Machine};
use serde_json::json;

#[test]
fn the_tools_are_a_closed_list() {
    let Some(machine) = Machine::new() else { return };
    // No node runs, and none was ever made: the shim speaks all the same.
    let Some(mut agent) = Agent::enter(&machine, "claude-code") else { return };
    let listed = agent.request(&json!({"list": true}));
    assert_eq!(listed["info"], json!(["tracenet", "TraceNet"]));
    let tools: Vec<&str> =
        listed["tools"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    let names = [
        "open",
        "outcome",
        "peers",
        "recall",
        "remember",
        "request_share",
        "share_status",
        "withdraw",
    ];
    assert_eq!(tools, names);
    insta::assert_snapshot!(serde_json::to_string_pretty(&listed).unwrap());
    agent.leave();
    assert!(!machine.home.join("store.redb").exists(), "the shim never opens the store");
}

#[test]
fn a_stopped_node_is_said_and_found_again() {
    let Some(mut machine) = Machine::ready() else { return };
    let Some(mut agent) = Agent::enter(&machine, "claude-code") else { return };
    let stopped = "TraceNet is not running: ask the human to start the app or `tracenet node`, \
                   then call again";
    agent.call("recall", json!({"query": "x"})).refused(stopped);
    machine.start();
    let asked = agent.call("recall", json!({"query": "x"}));
    machine.allow(&asked.of("ask"));
    agent.call("recall", json!({"query": "x"})).good();
    machine.stop();
    agent.call("recall", json!({"query": "x"})).refused(stopped);
    machine.start();
    agent.call("recall", json!({"query": "x"})).good();
    machine.end(nix::sys::signal::Signal::SIGKILL);
    agent.call("peers", json!({})).refused(stopped);
    machine.start();
    agent.call("peers", json!({})).good();
    agent.leave();
}

#[test]
fn a_stranger_is_let_in_by_the_human() {
    let Some(machine) = Machine::running() else { return };
    let Some(mut agent) = Agent::enter(&machine, "claude-code") else { return };
    let id = machine.remember(1);
    for (tool, with) in [
        ("recall", json!({"query": "lighthouse"})),
        ("open", json!({"id": id})),
        ("remember", json!({"text": "A title\nand what was learnt"})),
        ("outcome", json!({"id": id, "outcome": "helped"})),
        ("request_share", json!({"id": id, "audience": ["public"]})),
        ("peers", json!({})),
    ] {
        let asked = agent.call(tool, with);
        let (ask, code) = (asked.of("ask"), asked.of("code"));
        asked.refused(&format!(
            "This agent is not paired with TraceNet yet, so nothing was done. A pairing request \
             waits for the human (code {code}). Tell them to allow it in the TraceNet window, or \
             with `tracenet answer {ask} allow` in a terminal of their own; then call again."
        ));
    }
    let asks = machine.json(&["asks"]);
    assert_eq!(asks["pending"].as_array().unwrap().len(), 1, "{asks}");
    let row = &asks["pending"][0];
    assert_eq!((&row["wish"], &row["what"]), (&"pair".into(), &"claude-code".into()), "{row}");
    assert_eq!(machine.json(&["status"])["crystals"], 1, "nothing was remembered");

    let screen = machine.allow(row["id"].as_str().unwrap()).text;
    assert!(screen.contains("Let a local agent in"), "{screen}");
    assert!(screen.contains("claude-code"), "{screen}");
    agent.call("recall", json!({"query": "lighthouse"})).good();
    let agents = machine.json(&["agents"]);
    let agent_row = &agents["agents"][0];
    assert_eq!(agent_row["name"], "claude-code");
    assert_eq!((&agent_row["connected"], &agent_row["recalls"]), (&true.into(), &1.into()));

    // Shown out again, it is a stranger, and what it asked for is withdrawn.
    let asked = agent.call("request_share", json!({"id": id, "audience": ["public"]})).good();
    machine.run(&["unpair", "claude-code"]).done();
    let again = agent.call("share_status", json!({"id": asked.of("ask")}));
    assert!(again.error && again.text.contains("not paired"), "{again:#?}");
    let decided = machine.json(&["asks"]);
    assert_eq!(decided["decided"][0]["state"], "withdrawn", "{decided}");
    agent.leave();
    machine.verified();
}

#[test]
fn a_denied_stranger_stays_outside() {
    let Some(machine) = Machine::running() else { return };
    let Some(mut agent) = Agent::enter(&machine, "claude-code") else { return };
    let asked = agent.call("peers", json!({}));
    machine.run(&["deny", &asked.of("ask")]).done();
    assert!(agent.call("peers", json!({})).error);
    assert_eq!(machine.json(&["agents"])["agents"], json!([]));
    agent.leave();
}

#[test]
fn two_agents_have_two_keys() {
    let Some(machine) = Machine::running() else { return };
    let Some(mut one) = Agent::paired(&machine, "claude-code") else { return };
    let mut two = Agent::enter(&machine, "codex").unwrap();
    assert!(two.call("peers", json!({})).error, "one agent's pairing is not the other's");
    // A second session of the same agent is in at once.
    let mut again = Agent::enter(&machine, "claude-code").unwrap();
    again.call("peers", json!({})).good();
    one.call("peers", json!({})).good();
    for agent in [one, two, again] {
        agent.leave();
    }
    use std::os::unix::fs::PermissionsExt;
    for (name, mode) in [("agents", 0o700), ("agents/codex.key", 0o600)] {
        let path = machine.home.join(name);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, mode, "{name}");
    }
}

#[test]
fn an_agents_program_cannot_answer() {
    let Some(machine) = Machine::running() else { return };
    let Some(mut agent) = Agent::paired(&machine, "claude-code") else { return };
    let id = machine.remember(1);
    let asked = agent.call("request_share", json!({"id": id, "audience": ["public"]})).good();
    let ask = asked.of("ask");
    let tracenet = machine.program().to_str().unwrap();
    let below = "tracenet: this terminal runs below a connected agent's program, so the answer \
                 may be the agent's\n  → answer in the consent window, or in a terminal of your own\n";
    // Whatever it wraps around: below is below. Even a right PIN would not do.
    let pin = super::rig::PASSPHRASE;
    let typed = format!(
        "import os, pty, sys\npid, fd = pty.fork()\n\
         if pid == 0: os.execv({tracenet:?}, ['tracenet', 'answer', {ask:?}, 'allow'])\n\
         seen = b''\nsent = False\n\
         while True:\n    \
             try: got = os.read(fd, 4096)\n    \
             except OSError: break\n    \
             if not got: break\n    \
             seen += got\n    \
             if b'PIN: ' in seen and not sent:\n        \
                 sent = True\n        os.write(fd, b'{pin}\\n')\n\
         sys.stderr.write(seen.decode().replace('\\r', ''))\n\
         sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))"
    );
    let ran = agent.request(&json!({"run": ["python3", "-c", typed]}));
    assert_eq!(ran["code"], 1, "{ran}");
    assert!(ran["err"].as_str().unwrap().ends_with(below), "{ran}");
    for argv in [
        vec![tracenet, "answer", &ask, "deny"],
        vec!["sh", "-c", "exec \"$0\" \"$@\"", tracenet, "answer", &ask, "deny"],
        vec!["setsid", "--wait", tracenet, "answer", &ask, "deny"],
    ] {
        let ran = agent.request(&json!({"run": argv}));
        assert_eq!((&ran["code"], &ran["err"]), (&1.into(), &below.into()), "{ran}");
    }
    let ran = agent.request(&json!({"run": [tracenet, "answer", ask, "allow"]}));
    assert_eq!(ran["code"], 1, "{ran}");
    // Nor does it ask in the human's name, by whom what holds for it would be passed by.
    let ran = agent.request(&json!({"run": [tracenet, "share", id, "--public"]}));
    assert_eq!(ran["code"], 1, "{ran}");
    assert!(
        ran["err"].as_str().unwrap().contains("agents ask by their tool request_share"),
        "{ran}"
    );
    agent.call("share_status", json!({"id": ask})).good();
    assert_eq!(machine.json(&["asks"])["pending"][0]["id"], ask.as_str(), "it still waits");
    let page = machine.json(&["log"]);
    let granted = |row: &serde_json::Value| row["event"] == "allowed" && row["about"] != "";
    let rows = page["rows"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| granted(row)).count(), 1, "the pairing only: {page}");
    // The human, elsewhere, can.
    machine.run(&["deny", &ask]).done();
    agent.leave();
}
