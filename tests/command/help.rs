//! The manual, and wrong use.

use super::rig::Machine;

/// Every way to call the command, as its manual lists them.
fn levels(machine: &Machine, above: &[&str]) -> Vec<Vec<String>> {
    let ran = machine.run(&[above, &["--help"]].concat());
    let listed = ran.done().lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.take_while(|line| !line.is_empty());
    let name = |line: &str| line.split_whitespace().next().unwrap().to_owned();
    let own = above.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    // Long texts go on in lines that are indented further.
    let commands = names.filter(|line| !line.starts_with("   ")).map(name).filter(|n| n != "help");
    commands.map(|name| [own.clone(), vec![name]].concat()).collect()
}

#[test]
fn every_level_has_its_manual() {
    let Some(machine) = Machine::new() else { return };
    let mut manual = String::new();
    let mut left = vec![Vec::new()];
    while let Some(level) = left.pop() {
        let level: Vec<&str> = level.iter().map(String::as_str).collect();
        let ran = machine.run(&[&level[..], &["--help"]].concat());
        let words = [&["tracenet"], &level[..], &["--help"]].concat();
        manual += &format!("$ {}\n{}\n", words.join(" "), ran.done());
        left.extend(levels(&machine, &level).into_iter().rev());
    }
    insta::assert_snapshot!(manual);
    assert!(!machine.home.exists(), "a manual makes no folder");
}

#[test]
fn wrong_use_ends_with_two() {
    let Some(machine) = Machine::new() else { return };
    let wrong = |args: &[&str], told: &str| machine.run(args).misused(told);
    wrong(&[], "Usage: tracenet [OPTIONS] <COMMAND>");
    wrong(&["connecct"], "a similar subcommand exists: 'connect'");
    wrong(&["share", "abcd"], "<--to <PEER>|--public>");
    wrong(&["share", "abcd", "--public", "--to", "harbour"], "cannot be used with");
    wrong(&["answer", "abcd", "maybe"], "[possible values: allow, deny, redact]");
    wrong(&["answer", "abcd", "allow", "--pin-fd", "0"], "unexpected argument '--pin-fd'");
    wrong(&["recall"], "<QUERY>...");
    wrong(&["recall", "x", "--limit", "many"], "invalid digit found in string");
    wrong(&["import", "a", "b"], "unexpected argument 'b'");
    wrong(&["distil"], "<ID>");
    wrong(&["bench", "recall"], "--set <FOLDER>");
    wrong(&["balances", "--export", "f"], "<PEER>");
    wrong(&["balances", "x", "--signed", "maybe"], "[possible values: countersigned");
    wrong(&["connect"], "<TICKET>");
    wrong(&["screen"], "<FILE>");
    wrong(&["mcp"], "--as <NAME>");
    wrong(&["mcp", "--as", "Claude Code"], "a-z, 0-9, _ and -");
    wrong(&["pair", "../x"], "a-z, 0-9, _ and -");
    wrong(&["init", "--no-pin", "--key-file"], "cannot be used with");
    assert!(!machine.home.exists(), "wrong use makes no folder");
}

#[test]
fn the_version_is_told() {
    let Some(machine) = Machine::new() else { return };
    assert_eq!(machine.run(&["--version"]).done().trim(), "tracenet 0.1.0");
}
