//! A document of another program: only our table differs, and taking it out gives the bytes back.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use proptest::prelude::*;

const CODEX: Toml = Toml { servers: "mcp_servers" };

fn ours() -> Command {
    let args = ["mcp", "--as", "codex"].map(str::to_owned).to_vec();
    let env = [("TRACENET_HOME".to_owned(), "/a \"b\"".to_owned())].into_iter().collect();
    Command { command: "/usr/bin/tracenet".to_owned(), args, env }
}

const WRITTEN: &str = "[mcp_servers.tracenet]\ncommand = \"/usr/bin/tracenet\"\nargs = [\"mcp\", \"--as\", \"codex\"]\nenv = { TRACENET_HOME = '/a \"b\"' }\n";

#[track_caller]
fn check(before: &str, after: &str) {
    let new = CODEX.put(before, &ours()).unwrap();
    assert_eq!(new, after);
    assert_eq!(CODEX.present(&new).unwrap(), Present::Command(ours()));
    assert_eq!(CODEX.put(&new, &ours()).unwrap(), new);
    assert_eq!(CODEX.take_out(&new, Some(before)).unwrap(), before);
}

#[test]
fn a_table_is_written_behind_the_others() {
    check("", WRITTEN);
    check("model = \"o\" # mine\n", &format!("model = \"o\" # mine\n\n{WRITTEN}"));
    // Comments and odd spacing stay, and what stood last still does.
    let before = "# top\nmodel   =  'o'\n\n[mcp_servers.docs] # docs\ncommand = \"npx\"\n\n[mcp_servers.docs.env]\nKEY = \"v\"\n\n[tui]\nx = 1\n# the end\n";
    let parts = before.split_once("\n[tui]").unwrap();
    check(before, &format!("{}\n{WRITTEN}\n[tui]{}", parts.0, parts.1));
    let crlf = before.replace('\n', "\r\n");
    check(&crlf, &format!("{}\n{WRITTEN}\n[tui]{}", parts.0, parts.1).replace('\n', "\r\n"));
}

#[test]
fn every_way_to_write_servers_is_read() {
    for before in [
        "mcp_servers.docs.command = \"npx\"\n",
        "mcp_servers = { docs = { command = \"npx\" } } # all\n",
        "[mcp_servers]\ndocs = { command = \"npx\" }\n[other]\n",
    ] {
        let new = CODEX.put(before, &ours()).unwrap();
        assert_eq!(CODEX.present(&new).unwrap(), Present::Command(ours()), "{new}");
        assert!(new.contains("npx"));
        assert_eq!(CODEX.take_out(&new, Some(before)).unwrap(), before);
    }
}

#[test]
fn a_server_of_somebody_else_under_our_name_comes_back() {
    let before = "[mcp_servers.tracenet] # theirs\ncommand = \"/opt/other\"\n\n[z]\n";
    assert!(matches!(CODEX.present(before).unwrap(), Present::Command(_)));
    let new = CODEX.put(before, &ours()).unwrap();
    assert!(new.find("tracenet") < new.find("[z]"), "{new}");
    assert_eq!(CODEX.take_out(&new, Some(before)).unwrap(), before);
    let off = format!("{WRITTEN}enabled = false\n");
    assert_eq!(CODEX.present(&off).unwrap(), Present::Other);
    let remote = "[mcp_servers.tracenet]\nurl = \"https://example.com\"\n";
    assert_eq!(CODEX.present(remote).unwrap(), Present::Other);
}

#[test]
fn what_the_program_added_to_ours_goes_with_it() {
    let more =
        format!("{WRITTEN}\n[mcp_servers.tracenet.tools.recall]\napproval_mode = \"auto\"\n");
    assert_eq!(CODEX.present(&more).unwrap(), Present::Command(ours()));
    assert_eq!(CODEX.take_out(&more, Some("")).unwrap(), "");
}

#[test]
fn what_is_not_understood_is_left_alone() {
    let refused = |text: &str| CODEX.put(text, &ours()).unwrap_err();
    assert_eq!(
        refused("a = 1\nb = = 2\n"),
        EditError::NotRead { what: "TOML", line: 2, column: 5 }
    );
    assert!(matches!(refused("a = 1\na = 2\n"), EditError::NotRead { what: "TOML", .. }));
    for servers in ["mcp_servers = 1\n", "[[mcp_servers]]\na = 1\n"] {
        let key = "mcp_servers".to_owned();
        assert_eq!(refused(servers), EditError::NotAHolder { key, what: "a table" });
    }
    // Line ends of both kinds cannot be given back by the writer.
    assert_eq!(refused("a = 1\r\nb = 2\n"), EditError::Unfit);
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(refused(&deep), EditError::NotRead { .. }));
}

/// A document with comments and odd spacing, as people write them.
fn any_document() -> impl Strategy<Value = String> {
    let line =
        prop_oneof!["# [a-z \\[\\]=\"]{0,12}", Just(String::new()), Just("  # set in".to_owned()),];
    let lines = || prop::collection::vec(line.clone(), 0..3).prop_map(|lines| lines.concat_lines());
    let entry = (
        "[a-z]{1,6}",
        "( |  )?=( |\t)?",
        "1_000|0x1f|'l'|\"\\\\u00e9\"|\\[ 1,\n 2, \\]|1979-05-27",
        lines(),
    );
    let entries = prop::collection::btree_map("[a-z]{1,6}", entry, 0..4).prop_map(|entries| {
        let said = entries
            .into_iter()
            .map(|(key, (_, is, value, after))| format!("{key}{is}{value}\n{after}"));
        said.collect::<String>()
    });
    let tables = prop::collection::btree_map(
        "[a-z]{2,5}|mcp_servers\\.[a-z]{2,5}",
        (entries.clone(), lines()),
        0..4,
    );
    (lines(), entries, tables).prop_map(|(top, entries, tables)| {
        let tables =
            tables.into_iter().map(|(name, (inside, after))| format!("[{name}]\n{inside}{after}"));
        format!("{top}{}{}", entries.replace("mcp", "m"), tables.collect::<String>())
    })
}

trait Lines {
    fn concat_lines(self) -> String;
}

impl Lines for Vec<String> {
    fn concat_lines(self) -> String {
        self.into_iter().map(|line| format!("{line}\n")).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_line_stays_and_ours_comes_out_without_a_trace(text in any_document()) {
        // Two tables or keys of one name may have come about: that is no document.
        if let Ok(new) = CODEX.put(&text, &ours()) {
            let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
            let ours: Vec<&str> = WRITTEN.lines().collect();
            let kept: Vec<&str> = new.lines().filter(|l| !l.is_empty() && !ours.contains(l)).collect();
            prop_assert_eq!(kept, lines);
            prop_assert_eq!(CODEX.take_out(&new, Some(&text)).unwrap(), text);
        }
    }
}
