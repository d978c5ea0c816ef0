//! Every decoder of bytes from outside, each as a function that takes any bytes at all.
//!
//! What each must do: return. Where it accepts the bytes, they are the one encoding of what it
//! read. `tests/decoders.rs` includes this file and drives it on stable with fixed seeds; the
//! targets in `fuzz_targets/` drive it for as long as one likes. Decoders that are private to
//! their crate are reached through the public face that hands bytes to them.

use artifact::{
    ArtifactId, Author, Card, CommitmentKey, Countersign, Crystal, Delivery, Grant, Head, Human,
    HumanKey, KeyProtection, Policy, Receipt, Revocation, Rule, Secret, Trace, Transport,
    TransportKey,
    envelope::{self, Envelope, Payload},
};
use consent::{
    Arrival, AskId, Book, Entry, JournalHead, VerifiedCard, VerifiedReceipt, book::Taken, receive,
};
use session::{
    Capabilities, Channel, Facts, Input, Invite, Kept, Message, Role, Session, Standing,
};
use std::sync::{LazyLock, OnceLock};

/// A decoder under test.
pub type Door = fn(&[u8]);

/// Every door by its name, which is also its fuzz target's.
pub const DOORS: [(&str, Door); 27] = [
    ("envelope", envelope),
    ("head", head),
    ("arrival", arrival),
    ("card", card),
    ("receipt", receipt),
    ("grant", grant),
    ("policy", policy),
    ("revocation", revocation),
    ("delivery", delivery),
    ("countersign", countersign),
    ("message", message),
    ("session", session),
    ("ticket", ticket),
    ("entry", entry),
    ("agent_request", agent_request),
    ("control", control),
    ("log", log),
    ("log_codex", log_codex),
    ("log_gemini", log_gemini),
    ("log_opencode", log_opencode),
    ("log_swe_agent", log_swe_agent),
    ("log_atif", log_atif),
    ("scan", scan),
    ("shown", shown),
    ("query", query),
    ("key_record", key_record),
    ("words", words),
];

/// Now, for whatever looks at a clock.
const NOW: u64 = 1_795_176_000_000;

fn canonical<T: Payload>(bytes: &[u8]) {
    if let Ok(opened) = envelope::open::<T>(bytes) {
        assert_eq!(opened.id, ArtifactId::of(bytes));
        assert_eq!(opened.signers.len(), T::KIND.signers().len());
        let whole: Envelope = artifact::canon::decode(bytes, T::KIND.cap()).unwrap();
        assert_eq!(artifact::canon::encode(&whole).unwrap(), bytes);
    }
}

/// Envelopes, opened as every kind there is.
pub fn envelope(bytes: &[u8]) {
    canonical::<Trace>(bytes);
    canonical::<Crystal>(bytes);
    canonical::<Card>(bytes);
    canonical::<Receipt>(bytes);
    canonical::<JournalHead>(bytes);
    canonical::<Grant>(bytes);
    canonical::<Policy>(bytes);
    canonical::<Revocation>(bytes);
    canonical::<Delivery>(bytes);
    canonical::<Countersign>(bytes);
}

/// Heads, and heads of what may be a crystal.
pub fn head(bytes: &[u8]) {
    if let Ok(head) = Head::decode(bytes) {
        assert_eq!(head.encode().unwrap(), bytes);
    }
    if let Ok(head) = Head::of(bytes) {
        assert_eq!(Head::decode(&head.encode().unwrap()).unwrap(), head);
    }
}

struct People {
    human: HumanKey,
    author: Secret<Author>,
    transport: TransportKey,
    card: Vec<u8>,
    verified: VerifiedCard,
    receipt: Vec<u8>,
    crystal: Vec<u8>,
}

/// One person with a crystal and a receipt over it for themselves.
fn people() -> &'static People {
    static PEOPLE: LazyLock<People> = LazyLock::new(|| {
        let human = Secret::<Human>::from_seed(&[1; 32]);
        let author = Secret::<Author>::from_seed(&[2; 32]);
        let transport = Secret::<Transport>::from_seed(&[3; 32]);
        let card = Card {
            human: human.public(),
            author: author.public(),
            transport: transport.public(),
            solana: None,
            name: None,
            seq: 1,
            iat: NOW - 1,
            exp: NOW + 1_000_000,
        };
        let card = card.seal(&human, &author, &transport).unwrap();
        let crystal = noted("a title\n\nwhat was learnt").unwrap().seal(&author).unwrap();
        let receipt = receipt_of(&crystal);
        People {
            human: human.public(),
            transport: transport.public(),
            verified: VerifiedCard::open(&card).unwrap(),
            receipt: receipt.seal(&human).unwrap(),
            author,
            card,
            crystal,
        }
    });
    &PEOPLE
}

/// Consent to give these bytes to anyone.
fn receipt_of(bytes: &[u8]) -> Receipt {
    let (id, size) = (ArtifactId::of(bytes), bytes.len() as u64);
    Receipt {
        v: 0,
        act: artifact::Act::SharePublic,
        obj: artifact::Object { id, size, children: None },
        aud: artifact::Audience::Public,
        lim: artifact::Limits { until: None, reshare: true },
        iat: NOW,
        nonce: artifact::Nonce([4; 16]),
        key_protection: KeyProtection::Pin,
        grant: None,
    }
}

fn noted(text: &str) -> Option<Crystal> {
    let key = CommitmentKey::of(&Secret::from_seed(&[2; 32]));
    let id = ArtifactId::of(text.as_bytes());
    let run = distil::note(text, NOW, "agent", id);
    distil::distil(&run, &id, &key, &screen::mask).ok().map(|made| made.crystal)
}

/// A peer's head, receipt and body, each in turn being these bytes beside two good ones.
pub fn arrival(bytes: &[u8]) {
    let good = people();
    let head = Head::of(&good.crystal).and_then(|head| head.encode()).unwrap();
    let parts = [
        (bytes, head.as_slice(), good.crystal.as_slice()),
        (good.receipt.as_slice(), bytes, good.crystal.as_slice()),
        (good.receipt.as_slice(), head.as_slice(), bytes),
    ];
    for (receipt, head, body) in parts {
        let arrival = Arrival {
            receipt,
            grant: None,
            head,
            giver: &good.verified,
            me: &good.human,
            now: NOW,
            revoked: &|_, _| false,
            floor: KeyProtection::File,
        };
        match receive::expect(&arrival).and_then(|expected| expected.accept(body)) {
            Ok(received) => assert_eq!(received.head.id, ArtifactId::of(body)),
            Err(refused) => assert!(!refused.code().is_empty()),
        }
    }
}

/// Cards.
pub fn card(bytes: &[u8]) {
    if let Ok(card) = VerifiedCard::open(bytes) {
        assert_eq!(card.envelope(), bytes);
    }
}

/// Receipts, as one's own over some bytes.
pub fn receipt(bytes: &[u8]) {
    let good = people();
    if let Ok(receipt) = VerifiedReceipt::own(bytes, None, &good.human, &good.crystal, NOW) {
        assert!(receipt.admits(&good.human, &ArtifactId::of(&good.crystal), NOW));
    }
}

/// Grants, beside a receipt that names them: whatever they say, the human did not sign them.
pub fn grant(bytes: &[u8]) {
    let good = people();
    if let Ok((opened, _)) = Grant::open(bytes) {
        assert!(opened.payload.iat < opened.payload.until);
    }
    let rule = Secret::<Rule>::from_seed(&[9; 32]);
    let named = receipt_of(good.crystal.as_slice());
    let named = Receipt { grant: Some(ArtifactId::of(bytes)), ..named };
    let receipt = named.seal_under(&rule).unwrap();
    let own = VerifiedReceipt::own(&receipt, Some(bytes), &good.human, &good.crystal, NOW);
    assert!(own.is_err(), "a grant that nobody signed");
}

/// Policies, as somebody is handed them in a file.
pub fn policy(bytes: &[u8]) {
    canonical::<Policy>(bytes);
    if let Ok((opened, _)) = Policy::open(bytes) {
        let policy = opened.payload;
        assert!(policy.holds_at(policy.iat), "it forbids when it is signed");
        assert!(policy.seq > 0 && !policy.org.trim().is_empty());
    }
}

/// Revocations, as their recipient takes them.
pub fn revocation(bytes: &[u8]) {
    let good = people();
    let me = HumanKey::from_bytes([8; 32]);
    match consent::revoke::take(bytes, &good.verified, &me, 3, NOW) {
        Ok((id, taken)) => assert!(id == ArtifactId::of(bytes) && taken.seq > 3),
        Err(refused) => assert!(!refused.code().is_empty()),
    }
}

/// Delivery receipts, as a giver takes them into its book.
pub fn delivery(bytes: &[u8]) {
    let good = people();
    let me = HumanKey::from_bytes([8; 32]);
    let book = Book { count: 1, bytes_total: 100 };
    match consent::book::take(bytes, &good.verified, &me, book, &|_| Some(1)) {
        Ok(Taken::Follows(id, taken)) => {
            assert!(id == ArtifactId::of(bytes) && taken.follows(1, 100));
        }
        Ok(Taken::Diverges(_, taken)) => assert!(!taken.follows(1, 100)),
        Err(refused) => assert!(!refused.code().is_empty()),
    }
}

/// Countersignatures, as a taker takes them.
pub fn countersign(bytes: &[u8]) {
    let good = people();
    if let Err(refused) = consent::book::countersigned(bytes, &good.verified, &|_| true) {
        assert!(!refused.code().is_empty());
    }
}

/// Frames of a session.
pub fn message(bytes: &[u8]) {
    if let Ok(message) = Message::decode(bytes) {
        assert_eq!(message.encode().unwrap(), bytes);
    }
}

/// A session that is told these bytes, cut into frames by the first byte of each, at every
/// stage it can be in by itself.
pub fn session(bytes: &[u8]) {
    let me = people();
    let sign = |bytes: &[u8]| me.author.sign(bytes);
    let invites = [Invite { id: [5; 16], secret: [6; 32], expires: NOW + 1 }];
    for (role, standing) in [
        (Role::Accepter, Standing::Unknown),
        (Role::Accepter, Standing::Pinned { human: me.human, card_seq: 1, kept: Kept::default() }),
        (Role::Dialler, Standing::Pinned { human: me.human, card_seq: 1, kept: Kept::default() }),
    ] {
        let facts = Facts {
            role,
            exporter: &[7; 32],
            remote: me.transport,
            card: &me.card,
            sign: &sign,
            standing,
            blocked: &|_| false,
            invites: &invites,
            invitation: None,
            capabilities: &Capabilities::default(),
            now: NOW,
        };
        let (mut machine, _) = Session::begin(&facts).unwrap();
        let mut rest = bytes;
        let mut over = false;
        while let Some((length, tail)) = rest.split_first() {
            let length = if *length == 255 { tail.len() } else { usize::from(*length) };
            let (frame, more) = tail.split_at(length.min(tail.len()));
            let channel = match length % 6 {
                4 => Channel::Crystal,
                5 => Channel::Settle,
                _ => Channel::Control,
            };
            let step = machine.step(&facts, Input::Frame(channel, frame));
            assert!(!over || step.is_err(), "a session that refused is closed for good");
            over |= step.is_err();
            rest = more;
        }
        // The whole as one frame, too.
        drop(machine.step(&facts, Input::Frame(Channel::Control, bytes)));
    }
}

/// Tickets, as bytes and as text.
pub fn ticket(bytes: &[u8]) {
    if let Ok(ticket) = peer::Ticket::decode(bytes) {
        assert_eq!(ticket.encode(), bytes);
        assert_eq!(ticket.to_string().parse::<peer::Ticket>().unwrap(), ticket);
    }
    drop(String::from_utf8_lossy(bytes).parse::<peer::Ticket>());
}

/// Entries of the journal and its head, as somebody may have changed them.
pub fn entry(bytes: &[u8]) {
    if let Ok(entry) = Entry::decode(bytes) {
        assert_eq!(entry.encode().unwrap().0, bytes);
    }
    let mut chain = consent::journal::Chain::default();
    drop(chain.next(bytes));
    let head = consent::SignedHead(bytes.to_vec());
    drop(chain.end(Some(&head), &artifact::JournalKey::from_bytes([8; 32])));
}

/// What agents ask.
pub fn agent_request(bytes: &[u8]) {
    if let Ok(request) = serde_json::from_slice::<door::AgentRequest>(bytes) {
        drop(request.check());
        let again = serde_json::to_vec(&request).unwrap();
        assert_eq!(serde_json::from_slice::<door::AgentRequest>(&again).unwrap(), request);
    }
    if let Ok(reply) = serde_json::from_slice::<door::AgentReply>(bytes) {
        assert!(reply.capped().text.len() <= door::MAX_TEXT);
    }
    drop(String::from_utf8_lossy(bytes).parse::<door::AgentName>());
}

/// What the command line asks, and is answered.
pub fn control(bytes: &[u8]) {
    if let Ok(request) = serde_json::from_slice::<wire::control::Request>(bytes) {
        assert!(serde_json::to_vec(&request).is_ok());
    }
    drop(serde_json::from_slice::<wire::control::Response>(bytes));
    drop(serde_json::from_slice::<wire::Notice>(bytes));
}

/// Logs of agents, and texts that an agent dictates: kept, distilled, sealed.
pub fn log(bytes: &[u8]) {
    let format = distil::recognise(bytes).unwrap_or(distil::Format::ClaudeCode);
    distilled(&distil::Log::read(format, bytes));
    drop(artifact::canon::decode::<distil::Sidecar>(bytes, usize::MAX));
    if let Some(crystal) = noted(&String::from_utf8_lossy(bytes)) {
        assert!(crystal.seal(&people().author).is_ok());
    }
}

/// What is read of a log seals, and so does its crystal; and both are the same a second time.
fn distilled(run: &distil::Run) {
    let author = &people().author;
    let trace = ArtifactId::of(&run.trace.seal(author).unwrap());
    let key = CommitmentKey::of(author);
    if let Ok(made) = distil::distil(run, &trace, &key, &screen::mask) {
        assert!(made.crystal.seal(author).is_ok());
        let sidecar = artifact::canon::encode(&made.sidecar).unwrap();
        let read: distil::Sidecar = artifact::canon::decode(&sidecar, usize::MAX).unwrap();
        assert_eq!(read, made.sidecar);
    }
}

/// Reads a log as one format, whole and in small pieces: both ways the same.
fn log_of(format: distil::Format, bytes: &[u8]) {
    let run = distil::Log::read(format, bytes);
    let mut pieces = distil::Log::new(format);
    bytes.chunks(3).for_each(|piece| pieces.push(piece));
    assert_eq!(pieces.finish(ArtifactId::of(bytes)), run);
    distilled(&run);
}

/// Logs of Codex CLI.
pub fn log_codex(bytes: &[u8]) {
    log_of(distil::Format::Codex, bytes);
}

/// Logs of Gemini CLI, in lines and as one document.
pub fn log_gemini(bytes: &[u8]) {
    log_of(distil::Format::Gemini, bytes);
    log_of(distil::Format::GeminiDocument, bytes);
}

/// Sessions of OpenCode.
pub fn log_opencode(bytes: &[u8]) {
    log_of(distil::Format::OpenCode, bytes);
}

/// Trajectories of SWE-agent.
pub fn log_swe_agent(bytes: &[u8]) {
    log_of(distil::Format::SweAgent, bytes);
}

/// Trajectories in ATIF, and what is written of them in it again.
pub fn log_atif(bytes: &[u8]) {
    log_of(distil::Format::Atif, bytes);
    let run = distil::Log::read(distil::Format::Atif, bytes);
    let written = distil::atif(&run.trace, "session", &screen::mask).to_string();
    assert_eq!(distil::recognise(written.as_bytes()), Some(distil::Format::Atif));
    log_of(distil::Format::Atif, written.as_bytes());
}

/// Bytes that are looked through for secrets, and text that is masked.
pub fn scan(bytes: &[u8]) {
    let report = screen::scan(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').count();
    assert!(report.findings.iter().all(|found| (1..=lines).contains(&(found.line as usize))));
    assert!(
        report.findings.iter().all(|found| found.start < found.end && found.end <= bytes.len())
    );
    assert!(report.findings.windows(2).all(|two| two[0].end <= two[1].start));
    assert_eq!(report, screen::scan(bytes));
    let masked = screen::mask(&String::from_utf8_lossy(bytes));
    let left = screen::scan(masked.as_bytes()).findings;
    assert!(left.iter().all(|found| !found.class.is_secret()), "{left:?} in {masked:?}");
}

/// Text from outside on its way to a human's eye.
pub fn shown(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let line = artifact::display::line(&text, 80);
    assert!(line.chars().all(|c| !c.is_control()), "{line:?}");
    drop(artifact::display_safe(&text, 4_096, true));
}

/// Questions to the index.
pub fn query(bytes: &[u8]) {
    static INDEX: OnceLock<recall::Index> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let index = recall::Index::in_memory().unwrap();
        let doc = recall::Doc {
            id: ArtifactId::of(b"a crystal"),
            title: "a title".to_owned(),
            problem: "address already in use".to_owned(),
            files: "src/quay.rs".to_owned(),
            commands: "cargo test".to_owned(),
            body: "bind port 0".to_owned(),
            peer: false,
            outcome: artifact::Outcome::Passed,
            at: NOW,
            repository: "harbour".to_owned(),
            helped: 0,
            links: Vec::new(),
        };
        index.put(&[doc], 1).unwrap();
        index
    });
    let text = String::from_utf8_lossy(bytes);
    let question = recall::Question { text: &text, ..recall::Question::default() };
    assert!(index.search(&question, 10).unwrap().hits.len() <= 1);
}

/// What lies where a key should: in the keychain, or in a file.
pub fn key_record(bytes: &[u8]) {
    if let Ok(record) = keys::Record::decode(bytes) {
        assert_eq!(record.encode().unwrap().as_slice(), bytes);
    }
    assert!(keys::check_new_pin(&String::from_utf8_lossy(bytes)).is_err() || bytes.len() >= 10);
}

/// Names that people and programs type: ids, keys, asks.
pub fn words(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(id) = text.parse::<ArtifactId>() {
        assert_eq!(id.to_string(), text.trim().to_lowercase());
    }
    if let Ok(key) = text.parse::<HumanKey>() {
        assert_eq!(key.to_string(), text.trim().to_lowercase());
    }
    if let Ok(ask) = text.parse::<AskId>() {
        assert_eq!(ask.to_string(), text.trim().to_lowercase());
    }
}
