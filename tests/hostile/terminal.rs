//! The command in a terminal: what it prints of the corpus moves no cursor, sets no title, writes
//! no clipboard, and cannot be taken for a row of its own.

use super::{
    given::{self, AT_A_TIME},
    rig::{Machine, terminal::Terminal},
    texts::texts,
};
use artifact::display::still_safe;
use serde_json::Value;
use std::time::{Duration, Instant};
use town::puppet::Person;

/// What a terminal was sent: lines of text that shows, and nothing else.
#[track_caller]
fn lines(name: &str, raw: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(raw).unwrap_or_else(|e| panic!("{name}: {e}"));
    // The terminal itself makes a line's end of two characters.
    let text = text.replace("\r\n", "\n");
    assert!(!text.contains('\r'), "{name}: {text:?}");
    assert_eq!(still_safe(&text), text, "{name}");
    text.lines().map(str::to_owned).collect()
}

fn run(machine: &Machine, args: &[&str]) -> Vec<String> {
    let screen = Terminal::open(machine, args).end();
    assert_eq!(screen.code, 0, "{args:?}: {screen:#?}");
    lines(&args.join(" "), &screen.raw)
}

/// A machine that has the corpus, from a peer called `mallory`.
async fn machine() -> Option<(Machine, Vec<given::Given>)> {
    let machine = Machine::running()?;
    let status = machine.json(&["status"]);
    let human: artifact::HumanKey = status["keys"]["human"].as_str().unwrap().parse().unwrap();
    let ask = machine.json(&["ticket"]);
    let screen = machine.allow(ask["ask"].as_str().unwrap()).text;
    let ticket = screen.split_whitespace().last().unwrap().to_owned();
    let person = Person::named(40, "mallory", town::child::now());
    let mut puppet = given::enter(&person, &ticket, human).await;
    let ask = machine.json(&["let", &person.human.public().to_string()]);
    machine.allow(ask["ask"].as_str().unwrap());
    let corpus = given::sealed(&person);
    let mut all = 0;
    for some in corpus.chunks(AT_A_TIME) {
        given::give(&mut puppet, &person, human, some).await;
        all += some.len();
        let until = Instant::now() + Duration::from_secs(60);
        while machine.json(&["status"])["fromPeers"] != all {
            assert!(Instant::now() < until, "{}", machine.json(&["status"]));
        }
    }
    puppet.leave().await;
    Some((machine, corpus))
}

/// One crystal as `show` prints it: headings of ours, and everything else indented below them.
fn shown(machine: &Machine, given: &given::Given) {
    let name = &given.hostile.name;
    let id = given.id.to_string();
    let lines = run(machine, &["show", &id]);
    let about = lines.get(1).unwrap();
    assert!(about.starts_with(&id[..8]) && about.ends_with("  from mallory, verified"), "{name}");
    let never = " (from a peer, never run here)";
    for line in lines[2..lines.len() - 1].iter().filter(|line| !line.starts_with("  ")) {
        let heading = line.strip_suffix(never);
        let runs = ["Fix", "Checks", "Dead ends"].contains(&heading.unwrap_or(line));
        let known = ["Problem", "Fix", "Checks", "Dead ends", "Lesson", "Files", ""];
        assert!(known.contains(&heading.unwrap_or(line)), "{name}: {line:?}");
        assert_eq!(heading.is_some(), runs, "{name}: {line:?}");
    }
    assert_eq!(lines.last(), Some(&id), "{name}");
    let json = run(machine, &["--json", "show", &id]);
    let [json] = json.as_slice() else { panic!("{name}: {} lines", json.len()) };
    let view: Value = serde_json::from_str(json).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!((&view["row"]["origin"], &view["row"]["peer"]), (&"peer".into(), &"mallory".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_shows_text_and_nothing_else() {
    let Some((machine, corpus)) = machine().await else { return };
    for given in &corpus {
        shown(&machine, given);
    }
    // Each is one row, whose first words are ours.
    let rows = run(&machine, &["recall", "corpusmark", "--limit", "200"]);
    assert_eq!(rows.len(), 200, "{:?}", rows.last());
    for row in &rows {
        let id = &row[..8];
        let given = corpus.iter().find(|g| g.id.to_string().starts_with(id));
        let words: Vec<&str> = row.split("  ").filter(|word| !word.is_empty()).collect();
        assert!(given.is_some() && words[3] == "from mallory", "{row}");
    }
    let page = machine.json(&["recall", "corpusmark", "--limit", "200"]);
    assert_eq!(page["rows"].as_array().unwrap().len(), 200);
    for verb in [&["status"][..], &["peers"], &["asks"], &["agents"], &["log", "--limit", "500"]] {
        run(&machine, verb);
        run(&machine, &[&["--json"], verb].concat());
    }
    assert!(!std::path::Path::new("/tmp/tracenet-hostile").exists(), "something was run");
    machine.verified();
}

#[test]
fn a_prompt_in_a_terminal_is_its_rows() {
    let Some(machine) = Machine::running() else { return };
    let id = machine.remember(1);
    let hard = ["order-plain", "ansi-clear", "frame-prompt", "control-crlf", "bidi-override"];
    for (name, text) in texts().into_iter().filter(|(name, _)| hard.contains(&name.as_str())) {
        let asked = machine.json(&["share", &id, "--public", "--reason", &text]);
        let ask = asked["ask"].as_str().unwrap_or_else(|| panic!("{name}: {asked}"));
        run(&machine, &["asks"]);
        let mut terminal = Terminal::open(&machine, &["answer", ask, "allow"]);
        terminal.type_unseen("PIN: ", "not the passphrase, on purpose");
        let screen = terminal.end();
        assert_eq!(screen.code, 1, "{name}: {screen:#?}");
        let lines = lines(&name, &screen.raw);
        for row in ["What ", "Code ", "Says ", "Who ", "To "] {
            let there = lines.iter().filter(|line| line.starts_with(row)).count();
            assert_eq!(there, 1, "{name}: {row}: {lines:#?}");
        }
        let code = asked["code"].as_str().unwrap();
        let code = format!("Code    {code}   also told to the requester");
        assert!(lines.contains(&code), "{name}: {lines:#?}");
        machine.run(&["deny", ask]).done();
    }
}
