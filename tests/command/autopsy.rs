//! Keys that agents wrote into their logs, found in the kept copies of them.

use super::rig::Machine;

/// A key that is made up.
fn key(n: u8) -> String {
    format!("{}x7Kq2Lm9Zp4Rt6Wv8Yb1Nc3Df5Gh0Js2Ua{n}Q", "npm_")
}

#[test]
fn keys_in_kept_logs_are_told_by_kind_and_file_and_masked() {
    let Some(machine) = Machine::ready() else { return };
    assert_eq!(machine.run(&["autopsy"]).done(), "No key was found in 0 logs (0 B).\n");

    let says = [key(1), format!("{} and write to ada@lovelace.org", key(1)), key(2)];
    for (n, text) in (1..).zip(&says) {
        let log = town::log::small(n) + &town::log::more(n, &format!("log in with {text}"), 10);
        let path = machine.file(&format!("logs/{n}.jsonl"), log);
        machine.run(&["import", &path.to_string_lossy()]).done();
        // The copies are looked through, not what lies where they were read.
        std::fs::remove_file(path).unwrap();
    }

    let found = machine.run(&["autopsy"]);
    let told = &found.out;
    assert_eq!((found.code, found.err.as_str()), (1, ""), "{told}");
    assert!(told.starts_with("Your agents recorded 2 keys that look live, in 3 logs"), "{told}");
    assert!(told.contains("\nnpm token: 2 in 3 files, "), "{told}");
    assert_eq!((told.matches("npm token").count(), told.matches("  line 9\n").count()), (1, 3));
    assert_eq!(told.matches(".jsonl  ").count(), 3, "each file stands below its kind: {told}");
    assert!(!told.contains(&key(1)) && !told.contains(&key(2)) && !told.contains("ada"), "{told}");

    let json = machine.run(&["--json", "autopsy"]).json();
    assert_eq!((&json["looked"], &json["untold"]), (&3.into(), &0.into()));
    let [kind] = &json["kinds"].as_array().unwrap()[..] else { panic!("not one kind: {json}") };
    assert_eq!((&kind["rule"], &kind["keys"]), (&"npm-token".into(), &2.into()));
    assert!(kind["first"].as_u64() <= kind["last"].as_u64() && kind["last"].is_u64(), "{json}");
    let mut keys: Vec<u64> = Vec::new();
    for file in kind["files"].as_array().unwrap() {
        assert!(file["last"].is_u64() && file["place"].as_str().unwrap().ends_with(".jsonl"));
        assert_eq!(file["keys"][0]["lines"], serde_json::json!([9]), "{json}");
        keys.push(file["keys"][0]["key"].as_u64().unwrap());
    }
    keys.sort_unstable();
    let twice = keys.iter().filter(|key| **key == 1).count();
    assert!(keys.len() == 3 && keys.contains(&2) && (1..=2).contains(&twice), "{json}");
}
