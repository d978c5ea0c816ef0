//! Upgrades: whole or not at all, whatever stops them; and never of a store that is older than
//! its human has signed for.

use crate::house::*;
use artifact::canon;
use lz4_flex::frame::FrameDecoder;
use redb::{ReadableDatabase, ReadableTable, TableDefinition};
use serde_bytes::ByteBuf;
use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::Stdio,
};
use store::{OpenError, Store, UpgradeRow, VERSION};

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;
const TABLES: [&str; 6] =
    ["traces-0", "crystals-0", "receipts-0", "heads-0", "deliveries-0", "peers-0"];

/// A house of version 1, as its program left it.
fn of_version_1() -> House {
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/frozen/store-v1.lz4");
    let mut bytes = Vec::new();
    FrameDecoder::new(fs::File::open(frozen).unwrap()).read_to_end(&mut bytes).unwrap();
    let parts: BTreeMap<String, ByteBuf> = canon::decode(&bytes, usize::MAX).unwrap();
    let house = House::new();
    fs::create_dir(house.home()).unwrap();
    fs::write(house.file(), &parts["home/store.redb"]).unwrap();
    house
}

fn table(name: &str) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
    TableDefinition::new(name)
}

/// What lies in some tables, and the version, behind the store's back.
fn seen(house: &House) -> (u64, BTreeMap<&'static str, Rows>) {
    let db = redb::Database::open(house.file()).unwrap();
    let tx = db.begin_read().unwrap();
    let rows = |name: &str| {
        let rows = tx.open_table(table(name)).unwrap();
        let rows = rows.iter().unwrap().map(Result::unwrap);
        rows.map(|(key, row)| (key.value().to_vec(), row.value().to_vec())).collect::<Rows>()
    };
    let version = canon::decode(&rows("version")[b"version".as_slice()], 9).unwrap();
    (version, TABLES.into_iter().map(|name| (name, rows(name))).collect())
}

fn put(house: &House, name: &str, key: &[u8], row: Option<&[u8]>) {
    let db = redb::Database::open(house.file()).unwrap();
    let tx = db.begin_write().unwrap();
    {
        let mut rows = tx.open_table(table(name)).unwrap();
        match row {
            Some(row) => drop(rows.insert(key, row).unwrap()),
            None => drop(rows.remove(key).unwrap()),
        }
    }
    tx.commit().unwrap();
}

#[test]
fn an_upgrade_keeps_every_row_and_is_told_once() {
    let house = of_version_1();
    let (version, before) = seen(&house);
    assert_eq!(version, 1);
    drop(house.open());
    let (version, after) = seen(&house);
    assert_eq!(version, VERSION);
    for name in TABLES {
        let keys = |rows: &Rows| rows.keys().cloned().collect::<Vec<_>>();
        assert!(!before[name].is_empty());
        assert_eq!(keys(&before[name]), keys(&after[name]), "{name}");
    }
    let store = house.open();
    let told = store.look().unwrap().untold_upgrades().unwrap();
    assert_eq!(told, [UpgradeRow { from: 1, to: VERSION, told: false }]);
    change(&store, |c| c.put_upgrade_told(&told[0]));
    assert!(store.look().unwrap().untold_upgrades().unwrap().is_empty());
    drop(store);
    assert!(house.open().look().unwrap().untold_upgrades().unwrap().is_empty());
}

#[test]
fn an_upgrade_that_fails_has_not_happened() {
    let house = of_version_1();
    // In the last table that the upgrade comes to.
    put(&house, "peers-0", &[0xff; 32], Some(b"no row"));
    let before = seen(&house);
    for _ in 0..2 {
        let refused = Store::open(&house.home()).map(drop).unwrap_err();
        assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
        assert!(refused.to_string().contains("peers-0"), "{refused}");
        assert_eq!(seen(&house), before);
    }
    put(&house, "peers-0", &[0xff; 32], None);
    drop(house.open());
    assert_eq!(seen(&house).0, VERSION);
}

#[test]
fn a_store_older_than_was_signed_for_is_refused() {
    let house = of_version_1();
    let before = seen(&house);
    let refused = Store::open_above(&house.home(), &|| Some(2)).map(drop).unwrap_err();
    assert!(matches!(refused, OpenError::Older { found: 1, floor: 2 }), "{refused}");
    assert!(refused.to_string().contains("older copy was put in its place"), "{refused}");
    assert_eq!(seen(&house), before);
    drop(Store::open_above(&house.home(), &|| Some(1)).unwrap());
    // Of today's version, nobody is asked.
    let floor = || -> Option<u64> { panic!("the keychain was asked for nothing") };
    drop(Store::open_above(&house.home(), &floor).unwrap());
}

#[test]
fn a_version_that_never_was_is_damage() {
    let house = of_version_1();
    put(&house, "version", b"version", Some(&[0]));
    let refused = Store::open(&house.home()).map(drop).unwrap_err();
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
}

/// Run as a child: upgrades.
#[test]
fn child_upgrades() {
    let Some(home) = child_home() else { return };
    println!("\nupgrading");
    drop(Store::open(&home).unwrap());
}

/// Bytes that a process has written so far; `None` when it has ended.
fn written(pid: u32) -> Option<u64> {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).ok()?;
    io.lines().find_map(|line| line.strip_prefix("wchar: "))?.parse().ok()
}

#[test]
fn an_upgrade_survives_a_kill_at_any_moment() {
    let house = of_version_1();
    let (_, small) = seen(&house);
    let (_, row) = small["deliveries-0"].first_key_value().unwrap();
    let db = redb::Database::open(house.file()).unwrap();
    let tx = db.begin_write().unwrap();
    for n in 0..20_000_u64 {
        let key = [n.to_be_bytes(); 8].concat();
        tx.open_table(table("deliveries-0")).unwrap().insert(&*key, &**row).unwrap();
    }
    tx.commit().unwrap();
    drop(db);
    let old = fs::read(house.file()).unwrap();
    let (_, before) = seen(&house);
    let length = old.len() as u64;
    let (mut undone, mut done) = (0, 0);
    // From the first byte it writes to several times the file: the last ones end by themselves.
    // On a busy machine a kill comes late: then all of them come again.
    for step in (0..14).cycle().take(14 * 10) {
        if step == 0 && undone > 1 && done > 1 {
            break;
        }
        fs::write(house.file(), &old).unwrap();
        let test = "migrate::child_upgrades";
        let mut child = child(test, &house.home()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "upgrading"));
        while written(child.id()).is_some_and(|bytes| bytes < step * length / 6)
            && child.try_wait().unwrap().is_none()
        {
            std::thread::yield_now();
        }
        // It may have ended already.
        drop(child.kill());
        child.wait().unwrap();
        let (version, rows) = seen(&house);
        if version == 1 {
            undone += 1;
            assert!(rows == before, "half an upgrade");
        } else {
            done += 1;
            assert_eq!(rows["deliveries-0"].len(), before["deliveries-0"].len());
            let grown = |row: &Vec<u8>| row.windows(4).any(|at| at == b"\x63seq");
            assert!(rows["deliveries-0"].values().all(grown), "half an upgrade");
        }
        // Whatever it was, it goes on from there.
        drop(house.open());
        assert_eq!(seen(&house).0, VERSION);
    }
    assert!(undone > 1 && done > 1, "{undone} killed before, {done} after");
}
