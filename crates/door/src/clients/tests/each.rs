//! Every program in its own form: found, connected, tried, disconnected, byte for byte.

use super::*;

/// Where each keeps its settings, and settings as its user may have them.
const FILES: [(&str, &str, &str); 7] = [
    ("claude-code", ".claude.json", SETTINGS),
    (
        "codex",
        ".codex/config.toml",
        "# mine\nmodel = \"o\"\n\n[mcp_servers.docs] # the docs\ncommand = \"npx\"\n\n[tui] # last\ntheme = \"x\"\n# end\n",
    ),
    (
        "cursor",
        ".cursor/mcp.json",
        "{\n\t\"mcpServers\": {\n\t\t\"docs\": { \"url\": \"https://example.com\" } // docs\n\t}\n}\n",
    ),
    (
        "vscode",
        ".config/Code/User/mcp.json",
        "{\n\t// asked for once\n\t\"inputs\": [],\n\t\"servers\": {\n\t\t\"docs\": { \"type\": \"http\", \"url\": \"https://example.com\" }, // docs\n\t},\n}\n",
    ),
    ("gemini-cli", ".gemini/settings.json", "{\n  // dark\n  \"ui\": {\"theme\": \"GitHub\"}\n}\n"),
    (
        "opencode",
        ".config/opencode/opencode.jsonc",
        "{\n  \"$schema\": \"https://opencode.ai/config.json\",\n  /* all of them */\n  \"mcp\": {\n    \"docs\": {\"type\": \"remote\", \"url\": \"https://example.com\"},\n  },\n}\n",
    ),
    ("claude-desktop", ".config/Claude/claude_desktop_config.json", "{\"globalShortcut\":\"\"}"),
];

fn each() -> impl Iterator<Item = (&'static Client, &'static str, &'static str)> {
    FILES.into_iter().map(|(name, file, settings)| (named(name).unwrap(), file, settings))
}

fn ground(client: &'static Client, file: &str, settings: Option<&str>) -> Ground {
    let mut ground = Ground::for_client(client);
    let path = ground.here.home.join(file);
    if let Some(settings) = settings {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, settings).unwrap();
    } else {
        // Only the program itself is here.
        let bin = ground.dir.path().join("bin");
        fs::create_dir(&bin).unwrap();
        fs::copy(ground.dir.path().join("tracenet"), bin.join(client.program)).unwrap();
        ground.here.path = bin.into();
    }
    ground
}

/// Every file and folder below the home, with what is in it.
fn tree(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(tree(&path));
        }
        all.insert(path.clone(), fs::read_to_string(&path).unwrap_or_default());
    }
    all
}

#[test]
fn all_of_them_are_tested() {
    let names: Vec<_> = CLIENTS.iter().map(|client| client.name).collect();
    assert_eq!(names, FILES.map(|(name, _, _)| name));
    // Each goes under a name of its own, which an agent may have.
    let agents: std::collections::BTreeSet<crate::AgentName> =
        names.iter().map(|name| name.parse().unwrap()).collect();
    assert_eq!(agents.len(), CLIENTS.len());
}

#[cfg(target_os = "linux")]
#[test]
fn each_is_connected_in_its_own_form_and_undone_byte_for_byte() {
    for (client, file, settings) in each() {
        let ground = ground(client, file, Some(settings));
        let before = tree(&ground.here.home);
        let seen = ground.look();
        assert_eq!((seen.state, &seen.file), (State::NotConnected, &ground.here.home.join(file)));
        let done = ground.connect().unwrap();
        assert_eq!(fs::read_to_string(done.backup.unwrap()).unwrap(), settings);
        assert!(ground.text().contains(client.name) && ground.text().contains("tracenet"));
        let bare = |text: &str| text.replace([',', ' ', '}'], "");
        let kept = settings.lines().all(|line| bare(&ground.text()).contains(&bare(line)));
        assert!(kept, "{}", ground.text());
        assert_eq!(ground.look().state, State::Connected, "{}", ground.text());
        assert!(ground.undo().unwrap().exact);
        assert_eq!(tree(&ground.here.home), before, "{}", client.name);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn each_begins_a_file_and_leaves_no_folder_of_it() {
    for (client, file, _) in each() {
        let file = file.replace(".jsonc", ".json");
        let ground = ground(client, &file, None);
        let before = tree(&ground.here.home);
        let seen = ground.look();
        assert_eq!((seen.state, &seen.file), (State::NotConnected, &ground.here.home.join(&file)));
        assert_eq!(ground.connect().unwrap().backup, None);
        assert_eq!(ground.look().state, State::Connected, "{}", ground.text());
        assert!(ground.undo().unwrap().exact);
        assert_eq!(tree(&ground.here.home), before, "{}", client.name);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_came_since_stays_in_each() {
    for (client, file, settings) in each() {
        let ground = ground(client, file, Some(settings));
        ground.connect().unwrap();
        let since = format!("{}\n", ground.text());
        fs::write(ground.file(), &since).unwrap();
        let undone = ground.undo().unwrap();
        assert!(!undone.exact && undone.backup.is_some());
        assert_eq!(ground.text(), format!("{settings}\n"), "{}", client.name);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_broken_is_left_alone_in_each() {
    for (client, file, settings) in each() {
        let ground = ground(client, file, Some(&format!("{settings}}}")));
        let before = tree(&ground.here.home);
        let seen = ground.look();
        let why = seen.why.unwrap().to_string();
        assert_eq!((seen.state, seen.connect, seen.undo), (State::Blocked, None, None));
        let what = if client.name == "codex" { "is not TOML (line" } else { "is not JSON (line" };
        assert!(why.contains(what), "{why}");
        ground.connect_as("").unwrap_err();
        assert_eq!(tree(&ground.here.home), before);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_behind_a_link_is_the_one_that_changes_in_each() {
    for (client, file, settings) in each() {
        let ground = ground(client, file, Some(settings));
        let real = ground.dir.path().join("dotfile");
        fs::rename(ground.file(), &real).unwrap();
        std::os::unix::fs::symlink(&real, ground.file()).unwrap();
        ground.connect().unwrap();
        assert!(ground.file().symlink_metadata().unwrap().is_symlink());
        assert_ne!(fs::read_to_string(&real).unwrap(), settings);
        assert!(ground.undo().unwrap().exact);
        assert_eq!(fs::read_to_string(&real).unwrap(), settings);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_variable_moves_what_it_names() {
    let home = PathBuf::from("/home/ada");
    let other = |name: &str| Some(PathBuf::from("/other").join(name));
    let here = Surroundings {
        home,
        claude: other("claude"),
        codex: other("codex"),
        gemini: other("gemini"),
        config: other("config"),
        ..Surroundings::default()
    };
    let files: Vec<String> =
        CLIENTS.iter().map(|client| (client.server.file)(&here).display().to_string()).collect();
    assert_eq!(
        files,
        [
            "/other/claude/.claude.json",
            "/other/codex/config.toml",
            "/home/ada/.cursor/mcp.json",
            "/other/config/Code/User/mcp.json",
            "/other/gemini/.gemini/settings.json",
            "/other/config/opencode/opencode.json",
            "/other/config/Claude/claude_desktop_config.json",
        ]
    );
}

#[test]
fn hooks_stand_in_a_file_of_their_own_and_are_undone_alone() {
    let mut ground = Ground::with(SETTINGS);
    let entry = CLIENTS[0].hooks.as_ref().unwrap();
    let file = ground.here.home.join(".claude/settings.json");
    let settings = "{\n  \"permissions\": {\"allow\": []}\n}\n";
    fs::write(&file, settings).unwrap();
    let program = ground.dir.path().join("tracenet");
    let wanted = Command::hook(&CLIENTS[0], &program, None).unwrap();
    let folder = ground.dir.path().to_owned();
    let seen =
        |ground: &Ground| look(&ground.here, &CLIENTS[0], entry, &folder, Ok(wanted.clone()));
    ground.connect().unwrap();
    let change = seen(&ground).connect.unwrap();
    assert!(change.diff.contains("+    \"SessionStart\": ["), "{}", change.diff);
    connect(&ground.here, &CLIENTS[0], entry, &folder, wanted.clone(), &change.seen, NOW).unwrap();
    assert_eq!((seen(&ground).state, ground.look().state), (State::Connected, State::Connected));
    let shown = seen(&ground).undo.unwrap().seen;
    assert!(undo(&ground.here, entry, &folder, &shown, NOW).unwrap().exact);
    assert_eq!(fs::read_to_string(&file).unwrap(), settings);
    assert_eq!((seen(&ground).state, ground.look().state), (State::NotConnected, State::Connected));
    ground.here.claude = Some(folder.join("named"));
    assert_eq!(seen(&ground).file, folder.join("named/settings.json"));
}
