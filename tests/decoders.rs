//! Every decoder of outside bytes, driven on stable: the shared vectors and other good inputs,
//! each mutated in ways that follow from a fixed seed, and noise. Nothing panics, nothing takes
//! memory by a length it has only been told, and what is accepted is canonical.
//!
//! The decoders stand in `fuzz/src/lib.rs`, whose targets run them for longer.

#[path = "../fuzz/src/lib.rs"]
#[allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "the functions are the fuzz crate's public face, and a panic is a finding"
)]
mod doors;

use door::{AgentCaller, AgentKey, AgentReply, AgentRequest, BoxFuture, ControlCaller, Sockets};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    sync::broadcast,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use town::{PATIENCE, log};
use zeroize::Zeroizing;

/// Mutations of one good input, for each door.
const BENT: usize = 3;
/// Inputs of noise for each door.
const NOISE: usize = 300;
/// The largest input that is bent: larger ones cost time and find nothing new.
const LARGEST: usize = 16 << 10;
/// How much address space all of it together may take beyond what was there: no decoder is
/// given more than a few KiB, the index has its buffers.
const ROOM_KIB: u64 = 600 << 10;

/// Numbers that follow from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end.max(1) as u64).unwrap()
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.roll().to_le_bytes()[0]).collect()
    }
}

/// What decoders have stumbled over: lengths that promise too much, deep nesting, odd numbers,
/// and marks of every text that is read here.
const BAITS: [&[u8]; 22] = [
    b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\xbb\x00\x00\x00\xff\xff\xff\xff\xff",
    b"\x7a\xff\xff\xff\xff",
    b"\x9a\x10\x00\x00\x00",
    b"\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81",
    b"\xa1\x61a\xa1\x61a\xa1\x61a\xa1\x61a\xa1\x61a\xa1\x61a\xa1\x61a\xa1\x61a\xa1\x61a",
    b"\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    b"\xc2\x41\x00",
    b"\xff",
    b"\x00",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"{\"a\":{\"a\":{\"a\":",
    b"1e999999",
    b"-9223372036854775809",
    b"\"\\ud800\"",
    "\u{202e}\u{200b}\u{1b}[2J".as_bytes(),
    "𝔘ﬀ\u{0}é".as_bytes(),
    b"\n",
    b"-----BEGIN PRIVATE KEY-----",
    b"</tracenet-context>",
    b"title:(a AND \"b",
];

/// `good`, changed in one to four places.
fn bent(dice: &mut Dice, good: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        let until = (at + dice.below(40)).min(bytes.len());
        match dice.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 if at < bytes.len() => bytes[at] = dice.roll().to_le_bytes()[0],
            2 => bytes.truncate(at),
            3 => drop(bytes.splice(at..until, [])),
            4 => {
                let again = bytes[at..until].to_vec();
                drop(bytes.splice(at..at, again));
            }
            5 => {
                let from = dice.below(other.len() + 1);
                let piece = other[from..(from + 64).min(other.len())].to_vec();
                drop(bytes.splice(at..until, piece));
            }
            _ => {
                let bait = BAITS[dice.below(BAITS.len())];
                drop(bytes.splice(at..at, bait.iter().copied()));
            }
        }
    }
    bytes
}

/// Every string of hex in a vector file, as bytes.
fn hex_in(value: &serde_json::Value, found: &mut Vec<Vec<u8>>) {
    match value {
        serde_json::Value::String(text) if text.len() >= 16 => {
            found.extend(data_encoding::HEXLOWER.decode(text.as_bytes()));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|item| hex_in(item, found)),
        serde_json::Value::Object(map) => map.values().for_each(|item| hex_in(item, found)),
        _ => {}
    }
}

/// Texts that the decoders of text accept.
fn texts() -> Vec<Vec<u8>> {
    let invite = peer::Invite { id: [1; 16], secret: [2; 32], expires: 1_800_000_000_000 };
    let here = ["127.0.0.1:4000", "[::1]:4000", "https://relay.example/"];
    let here = here.iter().map(|address| address.parse().unwrap()).collect();
    let endpoint = artifact::TransportKey::from_bytes([3; 32]);
    let ticket = peer::Ticket::new(endpoint, here, [4; 32], &invite);
    let mut texts: Vec<String> = [
        r#"{"recall":{"query":"flaky port","cwd":"/w","files":["a.rs"],"error":"E0308","limit":5}}"#,
        r#"{"request_share":{"id":"00","audience":["north","public"],"reason":"because"}}"#,
        r#"{"remember":{"text":"a title\n\nwhat was learnt"}}"#,
        r#"{"peers":{}}"#,
        r#"{"refused":false,"text":"said","body":{"a":[1,2,3]}}"#,
        r#"{"view":{"view":"memory","text":"a","origin":"mine","outcome":"","offset":0,"limit":9}}"#,
        r#"{"act":{"act":"share","id":"00","to":["north"],"public":false,"reason":""}}"#,
        r#"{"answer":{"ask":"00","verdict":"allow","code":"a-b-c-d","pin":"secret words"}}"#,
        r#"{"fault":{"code":"pin-wrong","what":"no","hint":""}}"#,
        r#"{"notice":"settled","ask":"00","state":"denied"}"#,
        "error[E0308]: mismatched types --> src/quay.rs:14:9",
        "title:\"port\" AND (problem:bind OR -x) ^2 *",
        "aws_secret_access_key = AKIAIOSFODNN7EXAMPLE mail someone@example.org",
        "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00",
    ]
    .into_iter()
    .map(str::to_owned)
    .collect();
    texts.extend([ticket.to_string(), log::small(1), "maple orbit tin dune".to_owned()]);
    let mut texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    texts.push(ticket.encode());
    let key = artifact::Secret::from_seed(&[5; 32]);
    texts.push(keys::Record::plain(&key).encode().unwrap().to_vec());
    texts
}

/// The vectors, and texts.
fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found = Vec::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|e| e == "json")) {
        let file = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        hex_in(&file, &mut found);
    }
    assert!(found.len() > 500, "{} vectors", found.len());
    found.extend(texts());
    found.retain(|seed| seed.len() <= LARGEST);
    found.sort();
    found.dedup();
    found
}

/// The most address space this process had so far, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
    line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok()).unwrap_or(0)
}

#[test]
fn no_decoder_panics_or_takes_memory_on_trust() {
    let seeds = seeds();
    let before = peak();
    for (n, (name, door)) in doors::DOORS.iter().enumerate() {
        let mut dice = Dice(0x7ace_0000 + n as u64);
        // Slow doors take every so manieth vector; the texts, which are few, they take all.
        let stride = match *name {
            "log" | "scan" | "query" => 12,
            name if name.starts_with("log_") => 12,
            _ => 2,
        };
        for (at, seed) in seeds.iter().enumerate() {
            let text = std::str::from_utf8(seed).is_ok();
            door(seed);
            if at % stride != n % stride && !text {
                continue;
            }
            for _ in 0..if text { 8 * BENT } else { BENT } {
                let other = &seeds[dice.below(seeds.len())];
                door(&bent(&mut dice, seed, other));
            }
        }
        for _ in 0..NOISE {
            let length = dice.below(300);
            door(&dice.bytes(length));
        }
        for bait in BAITS {
            door(bait);
            door(&bait.repeat(400));
        }
    }
    let taken = peak().saturating_sub(before);
    assert!(taken < ROOM_KIB, "{taken} KiB of address space");
}

/// A node that knows nobody and answers frames of the control socket with themselves.
struct Echo(broadcast::Sender<Vec<u8>>);

impl door::Inside for Echo {
    fn is_paired(&self, _name: &str, _key: &AgentKey) -> bool {
        true
    }

    fn agent<'a>(&'a self, _who: AgentCaller, request: AgentRequest) -> BoxFuture<'a, AgentReply> {
        Box::pin(async move { AgentReply::refused(request.verb()) })
    }

    fn control<'a>(
        &'a self,
        _who: ControlCaller,
        frame: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, Zeroizing<Vec<u8>>> {
        Box::pin(async move { frame })
    }

    fn notices(&self) -> broadcast::Receiver<Vec<u8>> {
        self.0.subscribe()
    }

    fn gone(&self, _connection: u64) {}
}

/// Whatever is written to the sockets, the door stays open for the next one.
#[tokio::test]
async fn no_bytes_close_the_door_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let stop = CancellationToken::new();
    let sockets = Sockets::bind(&run).unwrap();
    let echo = Arc::new(Echo(broadcast::Sender::new(1)));
    let serving = tokio::spawn(door::serve(sockets, echo, stop.clone()));
    let enter = br#"{"enter":{"v":1,"name":"codex","key":"00","sig":"00"}}"#.as_slice();
    let call = br#"{"call":{"id":1,"request":{"peers":{}}}}"#.as_slice();
    let mut dice = Dice(0xd00e);
    for n in 0..300 {
        let socket = if n % 2 == 0 { "agent.sock" } else { "control.sock" };
        let frame = bent(&mut dice, enter, call);
        let length = match dice.below(4) {
            0 => u32::MAX,
            1 => u32::try_from(dice.below(9_000)).unwrap(),
            _ => u32::try_from(frame.len()).unwrap(),
        };
        let mut stream = UnixStream::connect(run.join(socket)).await.unwrap();
        // It may hang up before it has heard everything.
        drop(stream.write_all(&[&length.to_be_bytes(), frame.as_slice()].concat()).await);
        drop(stream.shutdown().await);
        let mut said = Vec::new();
        let heard = timeout(PATIENCE, stream.read_to_end(&mut said)).await;
        assert!(heard.is_ok(), "frame {n} keeps the door busy");
    }
    let mut client = door::ControlClient::connect(&run).await.unwrap();
    assert_eq!(client.request(b"still there?").await.unwrap(), b"still there?");
    stop.cancel();
    timeout(PATIENCE, serving).await.unwrap().unwrap();
}
