//! Databases and trees as OpenCode leaves them: quiet, in use, half-copied.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;

fn database(path: &Path, wal: bool) -> Connection {
    let made = Connection::open(path).unwrap();
    if wal {
        made.pragma_update(None, "journal_mode", "wal").unwrap();
    }
    made.execute_batch(
        "CREATE TABLE session (id text primary key, directory text, time_updated integer);
         CREATE TABLE message (id text primary key, session_id text, time_created integer, data text);
         CREATE TABLE part (id text primary key, message_id text, session_id text, data text);
         INSERT INTO session VALUES ('ses_1', '/w/shop', 7), ('ses_2', '/w/other', 9);
         INSERT INTO message VALUES ('msg_1', 'ses_1', 1, '{\"role\":\"user\",\"time\":{\"created\":1}}');
         INSERT INTO part VALUES ('prt_1', 'msg_1', 'ses_1', '{\"type\":\"text\",\n\"text\":\"fix the cart please\"}');",
    )
    .unwrap();
    made
}

fn lines(path: &Path, session: &str) -> Result<String, Fault> {
    let mut all = Vec::new();
    read(&mut Databases::default(), path, session, &mut |line| {
        all.extend_from_slice(line);
        Ok(true)
    })?;
    Ok(String::from_utf8(all).unwrap())
}

const WANT: &str = r#"{"table":"session","id":"ses_1","data":{"directory":"/w/shop","id":"ses_1","time_updated":7}}
{"table":"message","id":"msg_1","data":{"role":"user","time":{"created":1}}}
{"table":"part","id":"prt_1","data":{"type":"text", "text":"fix the cart please"}}
"#;

fn names(folder: &Path) -> Vec<String> {
    listed(folder).iter().map(|path| path.file_name().unwrap().to_string_lossy().into()).collect()
}

#[test]
fn a_quiet_database_is_read_and_nothing_is_made_beside_it() {
    for wal in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("open code#1?.db");
        drop(database(&path, wal));
        let found = sessions(&path).unwrap();
        assert_eq!(found.iter().map(Found::name).collect::<Vec<_>>(), ["ses_2", "ses_1"]);
        assert_eq!(lines(&path, "ses_1").unwrap(), WANT);
        assert_eq!(lines(&path, "gone").unwrap(), "");
        assert_eq!(names(folder.path()), ["open code#1?.db"], "wal: {wal}");
        let run = distil::Log::read(distil::recognise(WANT.as_bytes()).unwrap(), WANT.as_bytes());
        assert_eq!(run.place.cwd.as_deref(), Some("/w/shop"));
    }
}

#[test]
fn a_database_in_use_is_read_with_what_its_log_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opencode.db");
    let open = database(&path, true);
    assert_eq!(lines(&path, "ses_1").unwrap(), WANT);
    // Somebody writes, and does not come to an end.
    open.execute_batch("BEGIN IMMEDIATE; INSERT INTO session VALUES ('ses_3', '', 1);").unwrap();
    assert_eq!(lines(&path, "ses_1").unwrap(), WANT);
    assert_eq!(sessions(&path).unwrap().len(), 2);
    // A copy of the files alone, without the index of the log.
    let copy = folder.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    fs::copy(beside(&path, "-wal"), beside(&copy, "-wal")).unwrap();
    assert_eq!(lines(&copy, "ses_1").unwrap(), WANT);
}

#[test]
fn what_was_left_unfinished_is_taken_back_in_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("opencode.db"), folder.path().join("copy.db"));
    let open = database(&path, false);
    // More than fits into memory: the change is written before it is finished.
    open.execute_batch(
        "PRAGMA cache_size = 1; BEGIN; UPDATE part SET data = '\"unfinished\"';
         WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 200)
         INSERT INTO message SELECT 'more_' || n, 'ses_2', n, hex(zeroblob(2000)) FROM n;",
    )
    .unwrap();
    fs::copy(&path, &copy).unwrap();
    fs::copy(beside(&path, "-journal"), beside(&copy, "-journal")).unwrap();
    let bytes = fs::read(&copy).unwrap();
    assert!(bytes.windows(12).any(|bytes| bytes == b"\"unfinished\""), "it stands in the file");
    assert_eq!(lines(&copy, "ses_1").unwrap(), WANT);
}

#[test]
fn a_database_is_copied_once_for_all_its_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("opencode.db"), folder.path().join("copy.db"));
    let open = database(&path, true);
    fs::copy(&path, &copy).unwrap();
    fs::copy(beside(&path, "-wal"), beside(&copy, "-wal")).unwrap();
    drop(open);
    let mut databases = Databases::default();
    let mut count = |session: &str| -> Result<usize, Fault> {
        let mut lines = 0;
        read(&mut databases, &copy, session, &mut |_| {
            lines += 1;
            Ok(true)
        })?;
        Ok(lines)
    };
    assert_eq!(count("ses_1").unwrap(), 3);
    // Nothing of it can be read any more, and it shows no sign that it was written to.
    for file in [copy.clone(), beside(&copy, "-wal")] {
        let then = fs::metadata(&file).unwrap();
        fs::write(&file, vec![0; usize::try_from(then.len()).unwrap()]).unwrap();
        let file = fs::File::options().write(true).open(&file).unwrap();
        file.set_modified(then.modified().unwrap()).unwrap();
    }
    assert_eq!(count("ses_2").unwrap(), 1, "out of the same copy");
    fs::File::options().write(true).open(&copy).unwrap().set_modified(UNIX_EPOCH).unwrap();
    assert!(count("ses_1").is_err(), "opened anew");
}

#[test]
fn a_broken_database_is_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opencode.db");
    drop(database(&path, false));
    let bytes = fs::read(&path).unwrap();
    for length in [20, 100, 4_096] {
        fs::write(&path, bytes.get(..length).unwrap()).unwrap();
        let told = sessions(&path).and_then(|_| lines(&path, "ses_1"));
        let fault = told.unwrap_err();
        assert!(fault.what.contains("cannot be read as a database"), "{length}: {fault}");
        assert_eq!(fault.hint, DAMAGED);
    }
    fs::write(&path, [MAGIC, &[0xff; 4_000]].concat()).unwrap();
    assert!(sessions(&path).is_err());
}

#[test]
fn a_tree_of_files_is_read_as_a_database_is() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    put("session/p1/ses_1.json", "{\"id\":\"ses_1\",\n\"directory\":\"/w/shop\"}\n");
    put("message/ses_1/msg_2.json", r#"{"role":"assistant"}"#);
    put("message/ses_1/msg_1.json", r#"{"role":"user"}"#);
    put("part/msg_1/prt_1.json", r#"{"type":"text","text":"fix it"}"#);
    assert!(is_tree(folder.path()));
    let found = tree(folder.path());
    let Some(Source::Tree(root, id)) = found.first().map(|one| one.source.clone()) else {
        unreachable!("{}", found.len())
    };
    let mut all = Vec::new();
    read_tree(&root, &found.first().unwrap().path, &id, &mut |line| {
        all.extend_from_slice(line);
        Ok(true)
    })
    .unwrap();
    assert_eq!(
        String::from_utf8(all).unwrap(),
        r#"{"table":"session","id":"ses_1","data":{"id":"ses_1", "directory":"/w/shop"}}
{"table":"message","id":"msg_1","data":{"role":"user"}}
{"table":"part","id":"prt_1","data":{"type":"text","text":"fix it"}}
{"table":"message","id":"msg_2","data":{"role":"assistant"}}
"#
    );
}

#[test]
fn a_value_that_is_too_long_is_counted_and_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opencode.db");
    let made = database(&path, false);
    let put = |id: &str, length: u64| {
        let data = "x".repeat(usize::try_from(length).unwrap());
        let insert = "INSERT INTO part VALUES (?1, 'msg_1', 'ses_1', ?2)";
        made.execute(insert, (id, data)).unwrap();
    };
    put("prt_2", MAX_VALUE);
    put("prt_3", MAX_VALUE + 1);
    drop(made);
    let lines = lines(&path, "ses_1").unwrap();
    let [.., longest, over] = lines.lines().collect::<Vec<_>>()[..] else { unreachable!() };
    assert!(longest.len() as u64 > MAX_VALUE && longest.len() <= distil::MAX_LINE);
    assert_eq!(over, r#"{"table":"part","id":"prt_3","data":null}"#);
    let run = distil::Log::read(distil::Format::OpenCode, format!("{WANT}{over}\n").as_bytes());
    assert_eq!(run.counts.malformed + run.counts.unknown, 1);
}

#[test]
fn of_a_database_a_hundred_thousand_sessions_are_taken_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opencode.db");
    let made = database(&path, false);
    made.execute(
        "WITH RECURSIVE n(n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM n WHERE n < ?1 + 9)
         INSERT INTO session SELECT 'many_' || n, '/w/many', n FROM n",
        [MAX_SESSIONS],
    )
    .unwrap();
    drop(made);
    let found = sessions(&path).unwrap();
    assert_eq!(found.len(), MAX_SESSIONS as usize);
    assert!(found.iter().all(|one| one.name().starts_with("many_")), "the newest");
}

#[test]
fn a_database_is_listed_anew_only_after_it_was_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("opencode.db");
    drop(database(&path, false));
    let mut listings = Listings::default();
    let mut listed = || -> Result<Vec<String>, Fault> {
        let sessions = listings.sessions(&path)?;
        Ok(sessions.iter().map(|found| found.name().to_owned()).collect())
    };
    assert_eq!(listed().unwrap(), ["ses_2", "ses_1"]);
    // It cannot be read any more, and shows no sign that it was written to.
    let (whole, then) =
        (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
    fs::write(&path, vec![0; whole.len()]).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(then).unwrap();
    assert_eq!(listed().unwrap(), ["ses_2", "ses_1"]);
    // A log beside it is such a sign, and so is its time.
    fs::write(beside(&path, "-wal"), "").unwrap();
    assert!(listed().is_err(), "what could not be listed is not remembered");
    fs::remove_file(beside(&path, "-wal")).unwrap();
    fs::write(&path, whole).unwrap();
    let open = Connection::open(&path).unwrap();
    open.execute_batch("INSERT INTO session VALUES ('ses_3', '', 11)").unwrap();
    drop(open);
    assert_eq!(listed().unwrap(), ["ses_3", "ses_2", "ses_1"]);
}
