//! `--json` of every verb, with a node that runs and without one.

use super::rig::Machine;
use serde_json::Value;

/// Every field is there, and nothing else.
#[track_caller]
fn fields(value: &Value, names: &[&str]) {
    let keys = value.as_object().unwrap().keys().map(String::as_str);
    // A view also says which one it is.
    let mut have: Vec<&str> = keys.filter(|key| *key != "view").collect();
    let mut want = names.to_vec();
    have.sort_unstable();
    want.sort_unstable();
    assert_eq!(have, want, "{value}");
}

#[track_caller]
fn hex(value: &Value, digits: usize) {
    let text = value.as_str().unwrap();
    assert!(text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit()), "{text}");
}

const ASK: [&str; 13] = [
    "id", "wish", "heading", "what", "who", "byAgent", "to", "at", "expires", "state", "ended",
    "findings", "quiet",
];
const CRYSTAL: [&str; 12] = [
    "id",
    "words",
    "title",
    "problem",
    "outcome",
    "repo",
    "origin",
    "peer",
    "at",
    "size",
    "shared",
    "withdrawn",
];

#[test]
fn without_a_node() {
    let Some(machine) = Machine::ready() else { return };
    whole(&machine, false);
}

#[test]
fn with_a_running_node() {
    let Some(mut machine) = Machine::running() else { return };
    whole(&machine, true);
    machine.stop();
}

fn network(machine: &Machine, runs: bool) {
    let network = machine.json(&["network"]);
    fields(
        &network,
        &[
            "decided",
            "anywhere",
            "relay",
            "nearby",
            "reach",
            "relayState",
            "relayInUse",
            "relayWhy",
            "port",
            "addresses",
            "hiddenFrom",
        ],
    );
    assert_eq!((&network["decided"], &network["relayState"]), (&false.into(), &"off".into()));
    assert_eq!(network["port"].as_u64().unwrap() > 0, runs);
}

fn whole(machine: &Machine, runs: bool) {
    status(machine, runs);
    memory(machine);
    asks(machine);
    agents(machine);
    journal(machine);
    doctor(machine, runs);
    faults(machine);
    if runs {
        let ticket = machine.json(&["ticket"]);
        fields(&ticket, &["ask", "code", "state"]);
    }
    fields(&machine.json(&["peers"]), &["peers"]);
    network(machine, runs);
    let balances = machine.json(&["balances"]);
    fields(&balances, &["peers", "given", "taken"]);
    fields(&balances["given"], &["all", "countersigned", "unacknowledged", "diverged"]);
    fields(&balances["given"]["all"], &["count", "bytes"]);
}

fn status(machine: &Machine, runs: bool) {
    let status = machine.json(&["status"]);
    fields(
        &status,
        &[
            "phase",
            "version",
            "home",
            "keys",
            "keychain",
            "keychainHint",
            "keychainCommand",
            "protection",
            "unlock",
            "window",
            "crystals",
            "fromPeers",
            "heads",
            "traces",
            "peers",
            "connected",
            "pending",
            "agents",
            "port",
            "reach",
            "pid",
            "anchor",
            "unsigned",
            "altered",
        ],
    );
    fields(&status["anchor"], &["state", "what", "hint"]);
    let keys = ["human", "author", "transport", "solana", "journal"];
    fields(&status["keys"], &[&keys[..], &["words"]].concat());
    let mut different: Vec<&str> =
        keys.iter().map(|k| status["keys"][k].as_str().unwrap()).collect();
    different.iter().for_each(|key| hex(&Value::from(*key), 64));
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), keys.len());
    assert_eq!(status["keys"]["words"].as_str().unwrap().split('-').count(), 6);
    assert_eq!(status["keychain"], "ready");
    assert_eq!(status["home"], "[TMP]/data");
    assert_eq!(status["port"].as_u64().unwrap() > 0, runs);
    assert_eq!(status["pid"] == machine_pid(machine, runs), runs);
}

fn machine_pid(machine: &Machine, runs: bool) -> u32 {
    if runs { machine.pid() } else { 0 }
}

fn memory(machine: &Machine) {
    let log = machine.file("a.jsonl", town::log::small(7));
    let job = machine.json(&["import", log.to_str().unwrap()]);
    fields(
        &job,
        &[
            "job",
            "file",
            "done",
            "files",
            "bytes",
            "total",
            "traces",
            "crystals",
            "known",
            "skipped",
            "empty",
            "links",
            "malformed",
            "unknown",
            "oversized",
            "failed",
            "failures",
            "skips",
            "state",
        ],
    );
    assert_eq!((&job["state"], &job["traces"]), (&"finished".into(), &1.into()));
    let again = machine.json(&["import", log.to_str().unwrap()]);
    assert_eq!((&again["known"], &again["traces"]), (&1.into(), &0.into()));

    let page = machine.json(&["recall", "flaky", "lighthouse", "--limit", "3"]);
    fields(&page, &["total", "rows", "heads", "byWords"]);
    fields(&page["rows"][0], &CRYSTAL);
    let id = page["rows"][0]["id"].as_str().unwrap();
    hex(&page["rows"][0]["id"], 64);

    let crystal = machine.json(&["show", &id[..8]]);
    fields(
        &crystal,
        &[
            "row",
            "distilled",
            "judged",
            "problem",
            "fix",
            "checks",
            "deadEnds",
            "lesson",
            "os",
            "tools",
            "files",
            "author",
            "hasTrace",
            "tracePurged",
            "source",
            "anchors",
            "receivers",
            "receipt",
            "evidence",
        ],
    );
    fields(&crystal["row"], &CRYSTAL);
    assert_eq!((&crystal["row"]["id"], &crystal["hasTrace"]), (&id.into(), &true.into()));

    let trace = machine.json(&["show", id, "--trace"]);
    fields(&trace, &["total", "steps"]);
    fields(&trace["steps"][0], &["n", "line", "kind", "name", "failed", "text", "bytes"]);
}

fn asks(machine: &Machine) {
    let page = machine.json(&["recall", "lighthouse"]);
    let id = page["rows"][0]["id"].as_str().unwrap();
    let asked = machine.json(&["share", id, "--public", "--reason", "why not"]);
    fields(&asked, &["ask", "code", "state"]);
    hex(&asked["ask"], 32);
    assert_eq!(asked["code"].as_str().unwrap().split('-').count(), 4);
    let asks = machine.json(&["asks"]);
    fields(&asks, &["pending", "decided"]);
    fields(&asks["pending"][0], &ASK);
    assert_eq!(asks["pending"][0]["id"], asked["ask"]);
    let answered = machine.json(&["answer", asked["ask"].as_str().unwrap(), "deny"]);
    fields(&answered, &["ask", "state", "what", "ticket", "instead"]);
    assert_eq!(answered["state"], "denied");
    let asked = machine.json(&["share", id, "--public"]);
    assert_eq!(machine.json(&["deny", asked["ask"].as_str().unwrap()])["state"], "denied");
    assert_eq!(machine.json(&["asks"])["decided"].as_array().unwrap().len(), 2);
}

fn agents(machine: &Machine) {
    let asked = machine.json(&["pair", "harbour-bot"]);
    fields(&asked, &["ask", "code", "state"]);
    machine.allow(asked["ask"].as_str().unwrap());
    let agents = machine.json(&["agents"]);
    fields(&agents, &["agents", "blocked", "clients"]);
    let row = ["name", "key", "since", "connected", "asks", "recalls", "mutedUntil"];
    fields(&agents["agents"][0], &row);
    assert_eq!(agents["agents"][0]["name"], "harbour-bot");
    assert_eq!(machine.json(&["unpair", "harbour-bot"])["done"], true);
    assert_eq!(machine.json(&["agents"])["agents"], Value::Array(Vec::new()));
}

fn journal(machine: &Machine) {
    let page = machine.json(&["log", "--limit", "2"]);
    fields(&page, &["total", "rows"]);
    assert_eq!(page["rows"].as_array().unwrap().len(), 2);
    let row = ["seq", "at", "event", "what", "about", "hash", "who", "whom", "thing", "why"];
    fields(&page["rows"][0], &row);
    hex(&page["rows"][0]["hash"], 64);
    assert_eq!(page["rows"][0]["seq"], page["total"]);
    let verdict = machine.json(&["log", "verify"]);
    fields(&verdict, &["whole", "entries", "problem", "hint", "head", "anchor"]);
    assert_eq!((&verdict["whole"], &verdict["entries"]), (&true.into(), &page["total"]));
    assert_eq!(verdict["head"], page["rows"][0]["hash"]);
}

fn doctor(machine: &Machine, runs: bool) {
    let ran = machine.run(&["--json", "doctor"]);
    assert_eq!(ran.code, i32::from(!runs), "{ran:#?}");
    let view = ran.json();
    fields(&view, &["checks"]);
    for check in view["checks"].as_array().unwrap() {
        fields(check, &["name", "well", "what", "hint"]);
        assert_eq!(check["well"] == false, check["hint"] != "", "a hint where it is not well");
    }
}

fn faults(machine: &Machine) {
    for args in
        [&["show", "deadbeef"][..], &["import", "/nowhere"], &["unpair", "x"], &["connect", "x"]]
    {
        let ran = machine.run(&[&["--json"], args].concat());
        assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{ran:#?}");
        fields(&ran.json(), &["fault"]);
        fields(&ran.json()["fault"], &["code", "what", "hint"]);
    }
    let id = machine.json(&["recall", "lighthouse"])["rows"][0]["id"].clone();
    let ran = machine.run(&["--json", "share", id.as_str().unwrap(), "--to", "nobody"]);
    assert_eq!((ran.code, &ran.json()["fault"]["code"]), (1, &"invalid".into()));
}
