//! A real file in a folder of its own: connected, undone, and left alone where it should be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use super::*;
use std::fs;

mod each;

const NOW: u64 = 1_763_725_680_000;
const SETTINGS: &str = "{\n  \"numStartups\": 7,\n  \"mcpServers\": {\n    \"github\": {\n      \"command\": \"npx\"\n    }\n  },\n  \"unknown\": [1, 2.50, \"\\u00e9\"]\n}\n";

struct Ground {
    client: &'static Client,
    dir: tempfile::TempDir,
    here: Surroundings,
    wanted: Command,
}

impl Ground {
    fn new() -> Self {
        let ground = Self::for_client(&CLIENTS[0]);
        fs::create_dir(ground.here.home.join(".claude")).unwrap();
        ground
    }

    fn for_client(client: &'static Client) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        fs::create_dir(&home).unwrap();
        let here = Surroundings { home, ..Surroundings::default() };
        let program = dir.path().join("tracenet");
        fs::write(&program, "#!/bin/sh\n").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let wanted = Command::shim(client, &program, Some(dir.path())).unwrap();
        Self { client, dir, here, wanted }
    }

    fn with(settings: &str) -> Self {
        let ground = Self::new();
        fs::write(ground.file(), settings).unwrap();
        ground
    }

    fn file(&self) -> PathBuf {
        (self.client.server.file)(&self.here)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn look(&self) -> Seen {
        look(&self.here, self.client, &self.client.server, self.dir.path(), Ok(self.wanted.clone()))
    }

    fn connect(&self) -> Result<Connected, ClientError> {
        let shown = self.look().connect.expect("a change").seen;
        self.connect_as(&shown)
    }

    fn connect_as(&self, shown: &str) -> Result<Connected, ClientError> {
        let wanted = self.wanted.clone();
        connect(&self.here, self.client, &self.client.server, self.dir.path(), wanted, shown, NOW)
    }

    fn undo(&self) -> Result<Undone, ClientError> {
        let shown = self.look().undo.expect("something to undo").seen;
        undo(&self.here, &self.client.server, self.dir.path(), &shown, NOW)
    }

    /// Every name in the home, but that of the settings and the program's folder.
    fn litter(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.here.home).unwrap();
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != ".claude.json" && name != ".claude").collect()
    }
}

#[test]
fn connecting_and_undoing_leaves_every_byte_as_it_was() {
    let ground = Ground::with(SETTINGS);
    let seen = ground.look();
    assert_eq!((seen.state, seen.undo), (State::NotConnected, None));
    let diff = seen.connect.unwrap().diff;
    assert!(diff.contains("+    \"tracenet\": {\n+      \"type\": \"stdio\",\n"), "{diff}");

    let done = ground.connect().unwrap();
    let copy = done.backup.unwrap();
    assert_eq!(fs::read_to_string(&copy).unwrap(), SETTINGS);
    assert_eq!(copy.file_name().unwrap(), ".claude.json.before-tracenet-20251121-114800");
    let json: serde_json::Value = serde_json::from_str(&ground.text()).unwrap();
    assert_eq!(json["mcpServers"]["tracenet"]["args"][2], "claude-code");
    assert_eq!(json["mcpServers"]["github"]["command"], "npx");
    assert!(ground.text().contains("[1, 2.50, \"\\u00e9\"]"), "what is not ours is not rewritten");
    assert_eq!(ground.look().state, State::Connected);
    // Connecting again changes nothing and leaves no second copy.
    let again = ground.connect_as("anything").unwrap();
    assert_eq!((again.backup, ground.litter().len()), (None, 1));

    let undone = ground.undo().unwrap();
    assert!(undone.exact);
    assert_eq!(ground.text(), SETTINGS);
    assert_eq!(ground.litter(), [""; 0]);
    assert!(!ground.dir.path().join("clients/claude-code.json").exists());
}

#[test]
fn what_was_written_since_is_kept_when_it_is_undone() {
    let ground = Ground::with("{\n  \"numStartups\": 7\n}\n");
    ground.connect().unwrap();
    fs::write(ground.file(), ground.text().replace('7', "8")).unwrap();
    let undone = ground.undo().unwrap();
    assert!(!undone.exact);
    assert_eq!(ground.text(), "{\n  \"numStartups\": 8\n}\n");
    assert!(undone.backup.is_some());
    assert_eq!(ground.look().state, State::NotConnected);
}

#[test]
fn a_server_of_somebody_else_under_our_name_comes_back() {
    let settings =
        "{\n  \"mcpServers\": {\n    \"tracenet\": {\"command\": \"/opt/other\"}\n  }\n}\n";
    let ground = Ground::with(settings);
    assert_eq!(ground.look().state, State::Changed);
    ground.connect().unwrap();
    assert_eq!(ground.look().state, State::Connected);
    fs::write(ground.file(), ground.text() + "\n").unwrap();
    ground.undo().unwrap();
    assert_eq!(ground.text(), format!("{settings}\n"));
}

#[test]
fn a_lost_record_or_copy_still_lets_our_own_member_out() {
    for lose_copy in [true, false] {
        let ground = Ground::with(SETTINGS);
        let done = ground.connect().unwrap();
        if lose_copy {
            fs::remove_file(done.backup.unwrap()).unwrap();
        } else {
            fs::remove_dir_all(ground.dir.path().join("clients")).unwrap();
        }
        assert!(!ground.undo().unwrap().exact);
        assert_eq!(ground.text(), SETTINGS);
    }
}

#[test]
fn a_file_that_was_not_there_comes_and_goes() {
    let ground = Ground::new();
    let done = ground.connect().unwrap();
    assert_eq!(done.backup, None);
    #[cfg(unix)]
    assert_eq!(mode(&ground.file()), 0o600);
    assert!(ground.undo().unwrap().exact);
    assert!(!ground.file().exists());
}

#[test]
fn a_file_that_changed_since_it_was_shown_is_left_alone() {
    let ground = Ground::with(SETTINGS);
    let shown = ground.look().connect.unwrap().seen;
    let other = SETTINGS.replace('7', "8");
    fs::write(ground.file(), &other).unwrap();
    let refused = ground.connect_as(&shown).unwrap_err();
    assert!(matches!(refused, ClientError::File(FileError::Changed { .. })), "{refused}");
    assert_eq!((ground.text(), ground.litter()), (other, vec![]));
    // The same for another command than the one that was shown.
    let shown = ground.look().connect.unwrap().seen;
    let mut ground = ground;
    ground.wanted.args.push("--loud".to_owned());
    ground.connect_as(&shown).unwrap_err();
    // And for an undo.
    ground.connect().unwrap();
    let shown = ground.look().undo.unwrap().seen;
    fs::write(ground.file(), ground.text() + " ").unwrap();
    let refused =
        undo(&ground.here, &CLIENTS[0].server, ground.dir.path(), &shown, NOW).unwrap_err();
    assert!(matches!(refused, ClientError::File(FileError::Changed { .. })), "{refused}");
}

#[test]
fn what_is_not_here_is_said() {
    let ground = Ground::new();
    fs::remove_dir(ground.here.home.join(".claude")).unwrap();
    let seen = ground.look();
    assert_eq!((seen.state, seen.connect), (State::NotFound, None));
    assert!(matches!(ground.connect_as(""), Err(ClientError::NotFound { .. })));
    assert!(!ground.file().exists());
    // A program alone is enough.
    let bin = ground.here.home.join(".local/bin");
    fs::create_dir_all(&bin).unwrap();
    fs::copy(ground.dir.path().join("tracenet"), bin.join("claude")).unwrap();
    let seen = ground.look();
    assert_eq!((seen.state, seen.program), (State::NotConnected, Some(bin.join("claude"))));
    assert!(matches!(named("emacs"), Err(ClientError::Unknown { .. })));
    let gone = Command::shim(&CLIENTS[0], Path::new("/nowhere/tracenet"), None);
    assert!(matches!(gone, Err(ClientError::NoProgram { .. })));
}

#[test]
fn the_folder_that_is_named_is_the_one_that_is_used() {
    let mut ground = Ground::with(SETTINGS);
    let named = ground.dir.path().join("named");
    fs::create_dir(&named).unwrap();
    ground.here.claude = Some(named.clone());
    assert_eq!(ground.look().file, named.join(".claude.json"));
    ground.connect().unwrap();
    let plain = ground.here.home.join(".claude.json");
    assert_eq!(fs::read_to_string(plain).unwrap(), SETTINGS);
}

/// Nothing is written, nothing is left behind, and this is said.
#[track_caller]
fn blocked(ground: &Ground, told: &str) {
    let seen = ground.look();
    let why = seen.why.map(|why| why.to_string()).unwrap_or_default();
    assert!(why.contains(told), "{why}");
    assert_eq!((seen.state, seen.connect, seen.undo), (State::Blocked, None, None));
    ground.connect_as("").unwrap_err();
    assert_eq!(ground.litter(), [""; 0]);
}

#[test]
fn bad_files_are_left_alone() {
    for (settings, told) in [
        ("{\n  \"a\": 1,\n}", "is not JSON (line 3, column 1)"),
        ("", "is not JSON (line 1, column 0)"),
        ("[]", "something else than a JSON object"),
        ("{\"mcpServers\": []}", "a `mcpServers` that is not an object"),
        ("{\"mcpServers\": {}, \"mcpServers\": {}}", "`mcpServers` more than once"),
    ] {
        let ground = Ground::with(settings);
        blocked(&ground, told);
        assert_eq!(ground.text(), settings);
    }
    let ground = Ground::new();
    fs::write(ground.file(), [b'{', 0xff, b'}']).unwrap();
    blocked(&ground, "not text in UTF-8");
    let ground = Ground::new();
    fs::File::create(ground.file()).unwrap().set_len(file::MAX_BYTES + 1).unwrap();
    blocked(&ground, "and at most 33554432 are read");
    let ground = Ground::new();
    fs::create_dir(ground.file()).unwrap();
    blocked(&ground, "is not a plain file");
}

#[test]
fn a_record_of_64_kib_is_believed_and_a_longer_one_is_not() {
    for (bytes, believed) in [(record::MAX_BYTES, true), (record::MAX_BYTES + 1, false)] {
        let ground = Ground::with(SETTINGS);
        ground.connect().unwrap();
        let path = ground.dir.path().join("clients/claude-code.json");
        let record = fs::read_to_string(&path).unwrap();
        let more = usize::try_from(bytes).unwrap() - record.len();
        fs::write(&path, format!("{record}{}", " ".repeat(more))).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), bytes);
        // Without it our own member still goes, and nothing else.
        assert_eq!(ground.undo().unwrap().exact, believed, "{bytes} bytes");
        let (left, was): (serde_json::Value, serde_json::Value) = (
            serde_json::from_str(&ground.text()).unwrap(),
            serde_json::from_str(SETTINGS).unwrap(),
        );
        assert_eq!(left, was);
    }
}

#[test]
fn a_huge_history_is_carried_along() {
    let history = format!("{{\n  \"history\": \"{}\"\n}}\n", "x".repeat(8 << 20));
    let ground = Ground::with(&history);
    let shown = ground.look().connect.unwrap().diff;
    assert!(shown.len() < 4_000, "{}", shown.len());
    ground.connect().unwrap();
    assert_eq!(ground.text().len(), history.len() + ground.text().len() - history.len());
    assert!(ground.undo().unwrap().exact);
    assert!(ground.text() == history);
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o7777
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::{
        os::unix::fs::{PermissionsExt, symlink},
        time::Duration,
    };

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(250);

    #[test]
    fn permissions_stay_and_the_copy_is_as_closed() {
        for bits in [0o600, 0o640, 0o644] {
            let ground = Ground::with(SETTINGS);
            fs::set_permissions(ground.file(), fs::Permissions::from_mode(bits)).unwrap();
            let done = ground.connect().unwrap();
            assert_eq!((mode(&ground.file()), mode(&done.backup.unwrap())), (bits, bits));
            ground.undo().unwrap();
            assert_eq!(mode(&ground.file()), bits);
        }
    }

    #[test]
    fn a_link_stays_a_link() {
        let ground = Ground::new();
        let real = ground.dir.path().join("dotfiles.json");
        fs::write(&real, SETTINGS).unwrap();
        symlink(&real, ground.file()).unwrap();
        ground.connect().unwrap();
        assert!(ground.file().symlink_metadata().unwrap().is_symlink());
        assert!(fs::read_to_string(&real).unwrap().contains("tracenet"));
        ground.undo().unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), SETTINGS);
        assert!(ground.file().symlink_metadata().unwrap().is_symlink());
    }

    #[test]
    fn what_is_closed_shared_or_no_file_is_left_alone() {
        let ground = Ground::with(SETTINGS);
        fs::set_permissions(ground.file(), fs::Permissions::from_mode(0o444)).unwrap();
        blocked(&ground, "is read-only");
        let ground = Ground::with(SETTINGS);
        fs::hard_link(ground.file(), ground.dir.path().join("other")).unwrap();
        blocked(&ground, "has 2 names");
        let ground = Ground::new();
        symlink(ground.dir.path().join("nowhere"), ground.file()).unwrap();
        blocked(&ground, "a link to a file that is not there");
        let ground = Ground::new();
        symlink(ground.file(), ground.file()).unwrap();
        blocked(&ground, "cannot be used");
        let ground = Ground::new();
        nix::unistd::mkfifo(&ground.file(), nix::sys::stat::Mode::S_IRUSR).unwrap();
        blocked(&ground, "is not a plain file");
    }

    /// A command of the test's own, instead of the shim.
    async fn tried(script: &str, limit: Duration) -> Result<Trial, TrialError> {
        let args = vec!["-c".to_owned(), script.to_owned()];
        let command = Command { command: "/bin/sh".to_owned(), args, env: BTreeMap::new() };
        try_out(&command, limit).await
    }

    #[tokio::test]
    async fn a_command_that_does_not_speak_is_told_from_one_that_does() {
        let said = |error: Result<Trial, TrialError>| error.unwrap_err().to_string();
        let silent = said(tried("echo 'no such option' >&2", LONG).await);
        assert_eq!(silent, "it did not answer `initialize`: no such option");
        assert_eq!(said(tried("echo hello", LONG).await), "it did not answer `initialize`");
        assert_eq!(said(tried("exec sleep 600", SHORT).await), "it did not answer within 0.25 s");
        let endless = said(tried("exec yes", LONG).await);
        assert!(endless.starts_with("it did not answer"), "{endless}");
        let refusing = r#"read -r l; echo '{"id":1,"error":{"message":"go away"}}'; read -r l"#;
        assert_eq!(said(tried(refusing, LONG).await), "it refused `initialize`: go away");
        let (args, env) = (vec![], BTreeMap::new());
        let gone = Command { command: "/nowhere/tracenet".to_owned(), args, env };
        let gone = said(try_out(&gone, LONG).await);
        assert!(gone.starts_with("/nowhere/tracenet cannot be started"), "{gone}");
    }

    /// A shim that says this many bytes in all: its answers, after words that are none.
    fn talker(bytes: u64) -> String {
        let answers = [
            r#"{"id":1,"result":{"serverInfo":{"name":"shim","version":"1"}}}"#,
            r#"{"id":2,"result":{"tools":[{"name":"peers"}]}}"#,
            r#"{"id":3,"result":{"content":[]}}"#,
        ];
        let lines: usize = answers.iter().map(|answer| answer.len() + 1).sum();
        let words = usize::try_from(bytes).unwrap() - lines;
        let [hello, tools, called] = answers.map(|answer| format!("echo '{answer}'"));
        format!(
            "head -c {words} /dev/zero | tr '\\0' x; echo; read -r l; {hello}; read -r l; \
             read -r l; {tools}; read -r l; {called}; read -r l"
        )
    }

    #[tokio::test]
    async fn a_command_may_say_a_mebibyte_before_it_has_answered() {
        // The last answer needs no line break.
        let most = trial::MAX_BYTES;
        let seen = tried(&talker(most), LONG).await.unwrap();
        assert_eq!(
            (seen.server.as_str(), seen.tools, seen.ready),
            ("shim 1", vec!["peers".into()], true)
        );
        let silent = tried(&talker(most + 1), LONG).await.unwrap_err();
        assert_eq!(silent.to_string(), "it did not answer `tools/call`");
    }

    #[tokio::test]
    async fn of_what_a_command_complains_of_two_kib_are_shown() {
        let most = trial::MAX_COMPLAINT;
        for (bytes, shown) in [(most, most), (most + 1, most)] {
            let script = format!("head -c {bytes} /dev/zero | tr '\\0' x >&2");
            let silent = tried(&script, LONG).await.unwrap_err().to_string();
            let complaint = "x".repeat(usize::try_from(shown).unwrap());
            assert_eq!(silent, format!("it did not answer `initialize`: {complaint}"));
        }
    }
}
