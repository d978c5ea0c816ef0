//! A small town: hosts on loopback, each with a node that keeps everything in memory and
//! writes down all that happens, and a puppet that speaks the wire by hand.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "node.rs"]
mod node;

pub use node::{Event, Node};

use artifact::{
    Act, ArtifactId, Audience, Card, Head, HumanKey, KeyProtection, Limits, Nonce, Object, Outcome,
    Receipt, Secret, UnixMillis, key,
};
use consent::{Party, VerifiedReceipt};
use iroh::{
    Endpoint, EndpointAddr, EndpointId, SecretKey, TransportAddr,
    endpoint::{Connection, ConnectionError, PortmapperConfig, RecvStream, SendStream, presets},
};
use peer::{
    Config, HANDSHAKE_ALPN, Host, Inside, Invite, Kept, Offer, OnlyByRelay, Reach, Standing,
    Ticket, Timings,
};
use session::{Capabilities, Channel, Code, Facts, Input, Invitation, Role, Session};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::time::timeout;

pub const NOW: UnixMillis = 1_790_000_000_000;
pub const DAY: UnixMillis = 24 * 60 * 60 * 1000;
/// Nothing in these tests takes this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// One person's keys and card.
pub struct Keys {
    pub human: Secret<key::Human>,
    pub author: Secret<key::Author>,
    pub transport: Secret<key::Transport>,
    pub card: Arc<[u8]>,
}

impl Keys {
    pub fn new(seed: u8) -> Self {
        Self::mixed(seed, seed, |_| {})
    }

    /// A human with the machine (author and transport keys) of another seed.
    pub fn mixed(human: u8, machine: u8, change: impl FnOnce(&mut Card)) -> Self {
        let human = Secret::from_seed(&[human; 32]);
        let author = Secret::from_seed(&[machine + 1; 32]);
        let transport = Secret::from_seed(&[machine + 2; 32]);
        let mut card = Card {
            human: human.public(),
            author: author.public(),
            transport: transport.public(),
            solana: None,
            name: Some("a name nobody may learn".to_owned()),
            seq: 1,
            iat: NOW - DAY,
            exp: NOW + DAY,
        };
        change(&mut card);
        let card = card.seal(&human, &author, &transport).unwrap().into();
        Self { human, author, transport, card }
    }

    /// This human's consent to give `bytes` to `audience`, or to anyone.
    pub fn receipt(&self, bytes: &[u8], audience: Option<&[&Keys]>) -> VerifiedReceipt {
        self.sign(bytes, audience, None)
    }

    /// The same for these people, until a time.
    pub fn receipt_until(
        &self,
        bytes: &[u8],
        audience: &[&Keys],
        until: UnixMillis,
    ) -> VerifiedReceipt {
        self.sign(bytes, Some(audience), Some(until))
    }

    fn sign(
        &self,
        bytes: &[u8],
        audience: Option<&[&Keys]>,
        until: Option<UnixMillis>,
    ) -> VerifiedReceipt {
        let (act, aud) = match audience {
            None => (Act::SharePublic, Audience::Public),
            Some(people) => {
                let mut humans: Vec<_> = people.iter().map(|keys| keys.human.public()).collect();
                humans.sort();
                (Act::SharePrivate, Audience::Peers(humans))
            }
        };
        let receipt = Receipt {
            v: 0,
            act,
            obj: Object { id: ArtifactId::of(bytes), size: bytes.len() as u64, children: None },
            aud,
            lim: Limits { until, reshare: false },
            iat: NOW,
            nonce: Nonce([7; 16]),
            key_protection: KeyProtection::Pin,
            grant: None,
        };
        let envelope = receipt.seal(&self.human).unwrap();
        VerifiedReceipt::own(&envelope, None, &self.human.public(), bytes, NOW).unwrap()
    }

    pub fn offer(&self, bytes: &[u8], audience: Option<&[&Keys]>) -> Offer {
        Offer { seq: 1, receipt: self.receipt(bytes, audience), head: head(bytes) }
    }
}

/// A head of `bytes`, as if they were a crystal.
pub fn head(bytes: &[u8]) -> Vec<u8> {
    let head = Head {
        id: ArtifactId::of(bytes),
        size: bytes.len() as u64,
        title: "a title".to_owned(),
        problem: "a problem".to_owned(),
        family: Vec::new(),
        outcome: Outcome::Passed,
        iat: NOW,
        supersedes: None,
    };
    head.encode().unwrap()
}

/// A host with its node and its keys.
pub struct House {
    pub keys: Keys,
    pub node: Arc<Node>,
    pub host: Host,
    pub folder: tempfile::TempDir,
}

/// How a house is built.
pub struct Plan {
    pub keys: Keys,
    pub port: u16,
    pub timings: Timings,
    pub largest: u64,
    pub loopback_only: bool,
    pub reach: Reach,
    pub only_by_relay: OnlyByRelay,
}

impl Plan {
    pub fn new(seed: u8) -> Self {
        Self {
            keys: Keys::new(seed),
            port: 0,
            timings: Timings::default(),
            largest: 1 << 20,
            loopback_only: true,
            reach: Reach::default(),
            only_by_relay: OnlyByRelay::default(),
        }
    }

    pub async fn build(self) -> House {
        let folder = tempfile::tempdir().unwrap();
        let node = Arc::new(Node::new(Arc::clone(&self.keys.card), || NOW));
        let transport = Secret::from_seed(self.keys.transport.seed());
        let mut config = Config::new(transport, folder.path().join("outbox"));
        config.loopback_only = self.loopback_only;
        config.reach = self.reach;
        config.only_by_relay = self.only_by_relay;
        config.port = self.port;
        config.timings = self.timings;
        config.largest = self.largest;
        let author = Secret::<key::Author>::from_seed(self.keys.author.seed());
        let sign = Arc::new(move |bytes: &[u8]| author.sign(bytes));
        let inside: Arc<dyn Inside> = Arc::<Node>::clone(&node);
        let host = Host::start(config, inside, sign).await.unwrap();
        House { keys: self.keys, node, host, folder }
    }
}

impl House {
    pub async fn new(seed: u8) -> Self {
        Plan::new(seed).build().await
    }

    pub fn human(&self) -> HumanKey {
        self.keys.human.public()
    }

    pub fn party(&self) -> Party {
        Party { human: self.human(), transport: self.host.endpoint() }
    }

    pub fn knows(&self, keys: &Keys) {
        self.holds(keys, Kept::default());
    }

    /// Knows somebody, and holds this much of what they told.
    pub fn holds(&self, keys: &Keys, kept: Kept) {
        let standing = Standing::Pinned { human: keys.human.public(), card_seq: 1, kept };
        self.node.pins.lock().unwrap().insert(keys.transport.public(), standing);
    }

    /// A live invite, written down and as a ticket.
    pub fn invite(&self) -> Ticket {
        let invite = Invite { id: [1; 16], secret: [0x5e; 32], expires: NOW + DAY };
        self.node.invites.lock().unwrap().push(invite.clone());
        self.host.ticket(&self.human(), &invite, true).parse().unwrap()
    }

    /// Consents to give `bytes` to `audience`: they are in the outbox and may be served.
    pub async fn gives(&self, bytes: &[u8], audience: &[&Keys]) -> VerifiedReceipt {
        let receipt = self.keys.receipt(bytes, Some(audience));
        self.host.export(&receipt, bytes).await.unwrap();
        for keys in audience {
            let key = (keys.human.public(), ArtifactId::of(bytes));
            self.node.entitled.lock().unwrap().insert(key, receipt.clone());
        }
        receipt
    }

    pub fn address(&self) -> EndpointAddr {
        let id = EndpointId::from_bytes(self.host.endpoint().as_bytes()).unwrap();
        let here: SocketAddr = ([127, 0, 0, 1], self.host.port()).into();
        EndpointAddr::from_parts(id, [TransportAddr::Ip(here)])
    }
}

/// Two houses that know each other and have a session.
pub async fn neighbours() -> (House, House) {
    let (north, harbour) = (House::new(10).await, House::new(20).await);
    introduce(&north, &harbour).await;
    (north, harbour)
}

/// Lets two houses know each other; the first dials.
pub async fn introduce(north: &House, harbour: &House) {
    north.knows(&harbour.keys);
    harbour.knows(&north.keys);
    let there = harbour.host.addrs();
    assert_eq!(north.host.dial(&harbour.host.endpoint(), &there).await, Ok(harbour.party()));
    let ready = Event::Ready(north.party());
    harbour.node.until_event(|event| *event == ready).await;
}

/// A bare endpoint that says whatever a test wants.
pub struct Puppet {
    pub keys: Keys,
    pub endpoint: Endpoint,
}

/// A puppet's connection on the handshake ALPN.
pub struct Strings {
    pub conn: Connection,
    pub send: SendStream,
    pub recv: RecvStream,
}

impl Puppet {
    pub async fn new(keys: Keys) -> Self {
        let endpoint = Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(keys.transport.seed()))
            .clear_ip_transports()
            .bind_addr("127.0.0.1:0")
            .unwrap()
            .portmapper_config(PortmapperConfig::Disabled)
            .bind()
            .await
            .unwrap();
        Self { keys, endpoint }
    }

    pub async fn connect(&self, house: &House, alpn: &[u8]) -> Connection {
        self.endpoint.connect(house.address(), alpn).await.unwrap()
    }

    pub async fn strings(&self, house: &House) -> Strings {
        let conn = self.connect(house, HANDSHAKE_ALPN).await;
        let (send, recv) = conn.open_bi().await.unwrap();
        Strings { conn, send, recv }
    }

    /// Shakes hands properly as a dialler. `bend` may change each frame before it is sent.
    pub async fn shake(
        &self,
        house: &House,
        invitation: Option<Invitation>,
        mut bend: impl FnMut(usize, &mut Vec<u8>),
    ) -> Result<Strings, Code> {
        let mut strings = self.strings(house).await;
        let mut exporter = [0; 32];
        let label = session::EXPORTER_LABEL;
        strings.conn.export_keying_material(&mut exporter, label, b"").unwrap();
        let sign = |bytes: &[u8]| self.keys.author.sign(bytes);
        let capabilities = Capabilities::default();
        let facts = Facts {
            role: Role::Dialler,
            exporter: &exporter,
            remote: house.host.endpoint(),
            card: &self.keys.card,
            sign: &sign,
            standing: Standing::Pinned { human: house.human(), card_seq: 0, kept: Kept::default() },
            blocked: &|_| false,
            invites: &[],
            invitation,
            capabilities: &capabilities,
            now: NOW,
        };
        let (mut machine, mut step) = Session::begin(&facts).unwrap();
        let mut said = 0;
        loop {
            for mut frame in step.send {
                bend(said, &mut frame);
                said += 1;
                strings.say(&frame).await;
            }
            if machine.may_speak() {
                return Ok(strings);
            }
            let Some(frame) = strings.hear().await else { return Err(strings.code().await) };
            if frame == close_frame(Code::from_word(&word_of(&frame))) {
                return Err(strings.code().await);
            }
            step = machine.step(&facts, Input::Frame(Channel::Control, &frame)).unwrap();
            if step.effects.iter().any(|e| matches!(e, session::Effect::Pin { .. })) {
                step = machine.step(&facts, Input::Pinned(Ok(()))).unwrap();
            }
        }
    }
}

fn word_of(frame: &[u8]) -> String {
    match session::Message::decode(frame) {
        Ok(session::Message::Close(close)) => close.code,
        _ => String::new(),
    }
}

/// The frame that closes with `code`.
pub fn close_frame(code: Code) -> Vec<u8> {
    session::Message::Close(session::Close { code: code.word().to_owned() }).encode().unwrap()
}

impl Strings {
    pub async fn say(&mut self, frame: &[u8]) {
        let length = u32::try_from(frame.len()).unwrap().to_be_bytes();
        // The other side may have closed already: what it says is what counts.
        let _ = self.send.write_all(&[&length, frame].concat()).await;
    }

    pub async fn hear(&mut self) -> Option<Vec<u8>> {
        let mut length = [0; 4];
        timeout(PATIENCE, self.recv.read_exact(&mut length)).await.unwrap().ok()?;
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        timeout(PATIENCE, self.recv.read_exact(&mut frame)).await.unwrap().ok()?;
        Some(frame)
    }

    /// Waits for the other side's close and tells its code.
    pub async fn code(&self) -> Code {
        code_of(&self.conn).await
    }
}

/// Waits for the other side's close and tells its code.
pub async fn code_of(conn: &Connection) -> Code {
    match timeout(PATIENCE, conn.closed()).await.unwrap() {
        ConnectionError::ApplicationClosed(close) => {
            Code::from_number(close.error_code.into_inner())
        }
        other => panic!("not closed by the other: {other}"),
    }
}
