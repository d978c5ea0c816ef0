//! The states of human_key over a keychain in memory and a real file.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use super::*;
use crate::{entropy, memory::MemoryKeychain};
use std::fs;

const PIN: &str = "north harbour 7";

/// A keychain, a data folder, and custody over both.
struct House {
    keychain: Arc<MemoryKeychain>,
    custody: Custody,
    home: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let keychain = Arc::new(MemoryKeychain::default());
        let custody = Custody::new(keychain.clone(), home.path().join("data/human_key")).cheap();
        Self { keychain, custody, home }
    }

    fn create(&self, keep: Keep<'_>) -> Result<HumanKey, CustodyError> {
        self.custody.create(keep, &mut entropy::os)
    }

    fn entry(&self) -> Option<Vec<u8>> {
        self.keychain.read(ENTRY).unwrap().map(|b| b.to_vec())
    }
}

const WITH_PIN: Keep<'_> = Keep::Keychain { pin: Some(PIN) };
const IN_FILE: Keep<'_> = Keep::File { passphrase: PIN };

#[test]
fn each_way_of_keeping_comes_back() {
    for (keep, protection, pin) in [
        (WITH_PIN, KeyProtection::Pin, Some(PIN)),
        (Keep::Keychain { pin: None }, KeyProtection::Keychain, None),
        (IN_FILE, KeyProtection::File, Some(PIN)),
    ] {
        let house = House::new();
        assert_eq!(house.custody.state(None), KeyState::NoKey);
        assert_eq!(house.custody.found(), Ok(None));
        let human = house.create(keep).unwrap();
        assert_eq!(house.entry().is_some(), protection != KeyProtection::File);
        assert_eq!(house.custody.file().exists(), protection == KeyProtection::File);
        assert_eq!(house.custody.state(Some(&human)), KeyState::Ready { protection });
        assert_eq!(house.custody.found(), Ok(Some((human, protection))));
        let (key, how) = house.custody.unlock(&human, pin).unwrap();
        assert_eq!((key.public(), how), (human, protection));
        if pin.is_some() {
            let refused = house.custody.unlock(&human, None).unwrap_err();
            assert_eq!(refused, UnlockError::PinNeeded { protection });
            let refused = house.custody.unlock(&human, Some("north harbour 8")).unwrap_err();
            assert_eq!(refused, UnlockError::WrongPin { protection });
        }
        let again = house.create(WITH_PIN).unwrap_err();
        assert!(matches!(again, CustodyError::Exists { .. }), "{again}");
        let again = house.create(IN_FILE).unwrap_err();
        assert!(matches!(again, CustodyError::Exists { .. }), "{again}");
        house.custody.forget().unwrap();
        assert_eq!(house.custody.state(None), KeyState::NoKey);
        assert_eq!(house.custody.state(Some(&human)), KeyState::Lost);
        assert_eq!(house.custody.unlock(&human, pin).unwrap_err(), UnlockError::Lost);
    }
}

#[test]
fn a_keychain_that_is_not_ready_never_leads_to_a_file() {
    for (state, shown) in [
        (KeychainState::Locked, KeyState::Locked),
        (KeychainState::Missing, KeyState::Missing),
        (KeychainState::Unsupported, KeyState::Unsupported),
    ] {
        let house = House::new();
        house.keychain.set_state(state);
        assert_eq!(house.custody.state(None), shown);
        let refused = house.create(WITH_PIN).unwrap_err();
        let expected = KeychainError::NotReady(state);
        assert!(matches!(&refused, CustodyError::Keychain(e) if *e == expected), "{refused}");
        let said = refused.to_string();
        assert!(said.starts_with(state.hint()) && said.contains(state.command()), "{said}");
        assert_eq!((shown.hint(), shown.command()), (state.hint().to_owned(), state.command()));
        assert_eq!(said, shown.whole());
        assert!(!house.custody.file().exists());

        house.keychain.set_state(KeychainState::Ready);
        let human = house.create(WITH_PIN).unwrap();
        house.keychain.set_state(state);
        assert_eq!(house.custody.state(Some(&human)), shown);
        let refused = house.custody.unlock(&human, Some(PIN)).unwrap_err();
        assert_eq!(refused, UnlockError::Keychain(expected));
        assert!(matches!(house.custody.forget(), Err(CustodyError::Keychain(_))));
        house.keychain.set_state(KeychainState::Ready);
        assert!(house.custody.unlock(&human, Some(PIN)).is_ok());
    }
}

#[test]
fn the_file_needs_no_keychain_once_chosen() {
    let house = House::new();
    house.keychain.set_state(KeychainState::Unsupported);
    let human = house.create(IN_FILE).unwrap();
    let ready = KeyState::Ready { protection: KeyProtection::File };
    assert_eq!(house.custody.state(Some(&human)), ready);
    assert!(house.custody.unlock(&human, Some(PIN)).is_ok());
    house.custody.forget().unwrap();
    assert_eq!(house.custody.state(None), KeyState::Unsupported);
}

#[test]
fn weak_pins_make_no_key() {
    let house = House::new();
    for keep in [Keep::Keychain { pin: Some("1234567890") }, Keep::File { passphrase: "" }] {
        let refused = house.create(keep).unwrap_err();
        assert!(matches!(refused, CustodyError::Weak(_)), "{refused}");
        assert_eq!(house.custody.state(None), KeyState::NoKey);
    }
}

/// Puts something else where the key is, and looks: `state` and `unlock` say the same.
fn check(house: &House, human: &HumanKey, expected: impl Fn(&Tampering) -> bool) {
    let KeyState::Tampered(shown) = house.custody.state(Some(human)) else {
        panic!("not noticed: {:?}", house.custody.state(Some(human)));
    };
    assert!(expected(&shown), "{shown:?}: {shown}");
    let refused = house.custody.unlock(human, Some(PIN)).unwrap_err();
    assert_eq!(refused, UnlockError::Tampered(shown));
}

#[test]
fn what_is_not_the_key_is_said() {
    let house = House::new();
    let human = house.create(WITH_PIN).unwrap();
    let good = house.entry().unwrap();

    house.keychain.write(ENTRY, b"noise").unwrap();
    check(&house, &human, |t| matches!(t, Tampering::Changed { .. }));
    assert!(matches!(house.create(WITH_PIN), Err(CustodyError::Tampered(_))));
    assert_eq!(house.entry().unwrap(), b"noise");

    let other = House::new();
    let stranger = other.create(Keep::Keychain { pin: None }).unwrap();
    house.keychain.write(ENTRY, &other.entry().unwrap()).unwrap();
    let theirs =
        |t: &Tampering| matches!(t, Tampering::OtherKey { found, .. } if *found == stranger);
    check(&house, &human, theirs);

    house.keychain.write(ENTRY, &good).unwrap();
    let file = house.custody.file().to_owned();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, &good).unwrap();
    check(&house, &human, |t| matches!(t, Tampering::Twice { .. }));
    assert!(matches!(house.create(IN_FILE), Err(CustodyError::Tampered(_))));

    house.keychain.delete(ENTRY).unwrap();
    check(&house, &human, |t| matches!(t, Tampering::Misplaced { .. }));

    fs::write(&file, vec![0; 5000]).unwrap();
    check(&house, &human, |t| matches!(t, Tampering::File(_)));
    drop(house.home);
}

#[test]
fn a_dry_source_makes_no_key() {
    let house = House::new();
    let mut dry = |_: &mut [u8]| Err(EntropyError("dry".to_owned()));
    let refused = house.custody.create(WITH_PIN, &mut dry).unwrap_err();
    assert!(matches!(refused, CustodyError::Entropy(_)), "{refused}");
    assert_eq!(house.custody.state(None), KeyState::NoKey);
}

/// A keychain that says yes and keeps nothing.
struct Forgetful;

impl SecretStore for Forgetful {
    fn state(&self) -> KeychainState {
        KeychainState::Ready
    }
    fn read(&self, _: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        Ok(None)
    }
    fn write(&self, _: &str, _: &[u8]) -> Result<(), KeychainError> {
        Ok(())
    }
    fn delete(&self, _: &str) -> Result<(), KeychainError> {
        Ok(())
    }
}

#[test]
fn a_key_that_does_not_come_back_is_not_told() {
    let home = tempfile::tempdir().unwrap();
    let custody = Custody::new(Arc::new(Forgetful), home.path().join("human_key")).cheap();
    let refused = custody.create(WITH_PIN, &mut entropy::os).unwrap_err();
    assert!(matches!(refused, CustodyError::ReadBack(UnlockError::Lost)), "{refused}");
}
