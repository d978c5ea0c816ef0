//! The memory of a real node, read through `/proc` as a debugger of the same user could: while the
//! key is unlocked it is found there, after the lock it is not.

use data_encoding::HEXLOWER;
use ed25519_dalek::SigningKey;
use keys::Custody;
use node::Config;
use std::{fs::File, os::unix::fs::FileExt, path::Path};
use town::{
    bus,
    child::{ChildNode, Keeps, PASSPHRASE},
};
use wire::{Act, Done, Pin, Query, View};
use zeroize::Zeroizing;

/// Bytes read in one go; what is looked for may lie across two of them.
const WINDOW: usize = 1 << 20;

/// What must not be found, by name: whoever has one of these can sign as the human, or get there.
struct Wanted(Vec<(&'static str, Vec<u8>)>);

impl Wanted {
    /// Of the key of this folder, wherever it lies.
    fn of(home: &Path) -> Self {
        let file = home.join("keys/human_key.wrapped");
        let custody = Custody::new(Config::new(home.to_owned()).keychain, file);
        let (human, _) = custody.found().unwrap().unwrap();
        let (key, _) = custody.unlock(&human, Some(PASSPHRASE)).unwrap();
        let expanded = SigningKey::from_bytes(key.seed());
        let phrase = keys::phrase::of(&key);
        Self(vec![
            ("seed", key.seed().to_vec()),
            ("seed in hex", HEXLOWER.encode(key.seed()).into_bytes()),
            ("hash of the seed", expanded.to_scalar_bytes().to_vec()),
            ("scalar", expanded.to_scalar().to_bytes().to_vec()),
            ("passphrase", PASSPHRASE.as_bytes().to_vec()),
            ("recovery phrase", phrase.as_bytes().to_vec()),
        ])
    }

    /// How often each is found in everything that the process can read and write.
    fn found(&self, pid: u32) -> Vec<(&'static str, usize)> {
        let memory = File::open(format!("/proc/{pid}/mem")).unwrap();
        let longest = self.0.iter().map(|(_, bytes)| bytes.len()).max().unwrap();
        let mut found: Vec<_> = self.0.iter().map(|(name, _)| (*name, 0)).collect();
        let mut window = vec![0_u8; WINDOW + longest];
        for (start, end) in writable(pid) {
            let mut at = start;
            while at < end {
                let room = window.len().min(usize::try_from(end - at).unwrap());
                // A mapping may have gone since, and some have no memory behind them.
                let Ok(read) = memory.read_at(&mut window[..room], at) else { break };
                if read == 0 {
                    break;
                }
                let step = if read == window.len() { WINDOW } else { read };
                for ((_, bytes), (_, count)) in self.0.iter().zip(&mut found) {
                    *count += occurrences(&window[..read], bytes, step);
                }
                at += step as u64;
            }
        }
        found.retain(|(_, count)| *count > 0);
        found
    }
}

/// How often `bytes` begin before `step` in a window.
fn occurrences(window: &[u8], bytes: &[u8], step: usize) -> usize {
    memchr::memmem::find_iter(window, bytes).take_while(|place| *place < step).count()
}

/// The mappings that a process can read and write.
fn writable(pid: u32) -> Vec<(u64, u64)> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let bounds = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let (range, may) = (words.next()?, words.next()?);
        let (start, end) = range.split_once('-')?;
        let number = |text| u64::from_str_radix(text, 16).ok();
        may.starts_with("rw").then_some((number(start)?, number(end)?))
    };
    maps.lines().filter_map(bounds).collect()
}

/// A node signs and shows its phrase; nothing of its key is there before, nor after the lock.
async fn nothing_stays(keeps: Keeps) {
    let Some(child) = ChildNode::keeping("north", keeps) else { return };
    let home = child.home().to_owned();
    let wanted = tokio::task::spawn_blocking(move || Wanted::of(&home)).await.unwrap();
    assert_eq!(wanted.found(child.pid()), [], "it has not been unlocked yet");
    let shared = child.ask(Act::Ticket {}).await;
    child.allow(&shared).await;
    let pin = Pin::from(Zeroizing::new(PASSPHRASE.to_owned()));
    assert!(matches!(child.act(Act::ShowPhrase { pin }).await, Done::Phrase { .. }));
    let while_open = wanted.found(child.pid());
    assert!(while_open.iter().any(|(name, _)| *name == "seed"), "the scan finds what is there");
    child.act(Act::Lock {}).await;
    let View::Status(status) = child.view(Query::Status {}).await else { panic!("no status") };
    assert_eq!(status.unlock.until, 0);
    assert_eq!(wanted.found(child.pid()), [], "while it was unlocked: {while_open:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_lock_nothing_of_the_key_is_in_memory() {
    nothing_stays(Keeps::File).await;
}

#[test]
fn after_the_lock_nothing_of_a_key_of_the_keychain_is_in_memory() {
    let name = "memory::after_the_lock_nothing_of_a_key_of_the_keychain_is_in_memory";
    let Some(_home) = bus::inside(name) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(nothing_stays(Keeps::Keychain));
}
