//! A node moved by strings: it shakes hands as the rules say and then says, gives and asks for
//! whatever a test wants. For what a real node would never do.

mod bent;
mod give;
mod heard;
mod person;
mod stranger;

pub use person::Person;
pub use stranger::Stranger;

use crate::{PATIENCE, clock::BEGIN, clock::DAY};
use artifact::{
    ArtifactId, Author, AuthorKey, Crystal, Env, HumanKey, Outcome, Secret, Transport, UnixMillis,
};
use bao_tree::io::BaoContentItem;
use give::{Moods, give};
use heard::{Ear, framed};
use iroh::{
    Endpoint, EndpointAddr, EndpointId, SecretKey, TransportAddr,
    endpoint::{
        ConnectOptions, Connection, ConnectionError, PortmapperConfig, QuicTransportConfig,
        RecvStream, SendStream, presets,
    },
};
use iroh_blobs::{
    Hash,
    get::{
        fsm::{self, AtBlobContent, BlobContentNext, ConnectedNext, RequestCounters},
        request::get_blob,
    },
    protocol::GetRequest,
    store::mem::MemStore,
};
use peer::{CRYSTAL_ALPN, HANDSHAKE_ALPN, PACKET_ALPN, SETTLE_ALPN, Standing, Ticket};
use session::{
    Capabilities, Channel, Effect, Facts, Input, Invitation, Kept, Message, Offered, Role, Session,
    pack_heads,
};
use std::{net::SocketAddr, path::Path};
use tokio::{sync::mpsc, time::timeout};

/// A crystal of few words, unsigned.
pub fn crystal(title: &str) -> Crystal {
    Crystal {
        title: title.to_owned(),
        problem: format!("{title} happened"),
        fix: Vec::new(),
        checks: Vec::new(),
        outcome: Outcome::Unknown,
        dead_ends: Vec::new(),
        lesson: vec![format!("{title} is behind us now")],
        env: Env::default(),
        family: Vec::new(),
        supersedes: None,
        evidence: Vec::new(),
        iat: BEGIN - DAY,
    }
}

/// The keys that a node needs on the network: a human_key is not among them.
pub struct Identity {
    author: Secret<Author>,
    transport: Secret<Transport>,
    card: Vec<u8>,
    now: UnixMillis,
}

impl Identity {
    /// The identity of a house that does not run, from its files: whoever has those can do this.
    pub fn of_house(home: &Path, card: &[u8]) -> Self {
        let none = &mut |_: &mut [u8]| Err(keys::EntropyError("the keys are there".to_owned()));
        let keys = keys::NodeKeys::open_or_create(&home.join("keys"), none).unwrap();
        Self { author: keys.author, transport: keys.transport, card: card.to_vec(), now: BEGIN }
    }

    /// An endpoint on this machine alone, at which these protocols are answered.
    async fn endpoint(&self, answered: &[&[u8]]) -> Endpoint {
        Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(self.transport.seed()))
            .alpns(answered.iter().map(|alpn| alpn.to_vec()).collect())
            .clear_ip_transports()
            .bind_addr("127.0.0.1:0")
            .unwrap()
            .portmapper_config(PortmapperConfig::Disabled)
            .bind()
            .await
            .unwrap()
    }

    /// Whose artifacts these keys sign.
    pub fn author(&self) -> AuthorKey {
        self.author.public()
    }
}

/// How a puppet finds a house.
#[derive(Clone)]
pub struct Way {
    address: EndpointAddr,
    human: HumanKey,
    invitation: Option<Invitation>,
}

impl Way {
    /// By a ticket.
    pub fn by_ticket(text: &str, human: HumanKey) -> Self {
        let ticket: Ticket = text.parse().unwrap();
        let peer::Address::Ip(socket) = &ticket.addresses[0] else { panic!("no socket first") };
        let way = Self::to(ticket.endpoint.as_bytes(), socket.port(), human);
        Self { invitation: Some(ticket.invitation()), ..way }
    }

    /// To a house that knows the puppet's identity.
    pub fn to(endpoint: &[u8; 32], port: u16, human: HumanKey) -> Self {
        let here: SocketAddr = ([127, 0, 0, 1], port).into();
        let id = EndpointId::from_bytes(endpoint).unwrap();
        let address = EndpointAddr::from_parts(id, [TransportAddr::Ip(here)]);
        Self { address, human, invitation: None }
    }
}

/// A puppet with a session.
pub struct Puppet {
    endpoint: Endpoint,
    way: Way,
    store: MemStore,
    moods: Moods,
    heads: Option<(Connection, SendStream)>,
    told: u64,
    settle: Settle,
    session: (Connection, SendStream),
    ear: Ear,
}

impl Puppet {
    /// Shakes hands and begins to give what it is told to have.
    pub async fn enter(identity: Identity, way: &Way) -> Self {
        Self::with(identity, way, Ear::default()).await
    }

    async fn with(identity: Identity, way: &Way, ear: Ear) -> Self {
        let endpoint = identity.endpoint(&[PACKET_ALPN, CRYSTAL_ALPN, SETTLE_ALPN]).await;
        let (conn, send, recv) = shake(&endpoint, &identity, way, &ear).await;
        tokio::spawn(ear.clone().reads(recv));
        let session = (conn, send);
        let store = MemStore::new();
        let moods = Moods::default();
        let (said, settle) = Settle::new();
        tokio::spawn(give(endpoint.clone(), store.clone(), moods.clone(), (said, ear.clone())));
        let (way, heads, told) = (way.clone(), None, 0);
        Self { endpoint, way, store, moods, heads, told, settle, session, ear }
    }

    /// Has these bytes, to give to anyone who asks.
    pub async fn has(&self, bytes: &[u8]) {
        self.store.add_slice(bytes).await.unwrap();
    }

    /// Tells a head with a receipt, whatever they are.
    pub async fn tells(&mut self, head: &[u8], receipt: &[u8]) {
        self.tells_all([(head.to_vec(), receipt.to_vec())]).await;
    }

    /// Tells several of them in one frame.
    pub async fn tells_all(&mut self, list: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) {
        if self.heads.is_none() {
            let address = self.way.address.clone();
            let conn = self.endpoint.connect(address, CRYSTAL_ALPN).await.unwrap();
            let send = conn.open_uni().await.unwrap();
            self.heads = Some((conn, send));
        }
        let mut offered = Vec::new();
        for (head, receipt) in list {
            self.told += 1;
            let (head, receipt) = (head.into(), receipt.into());
            offered.push(Offered { seq: self.told, head, receipt, grant: None });
        }
        let (_, send) = self.heads.as_mut().unwrap();
        for frame in pack_heads(offered).unwrap() {
            send.write_all(&framed(&frame)).await.unwrap();
        }
    }

    /// Withdraws, with these envelopes, whatever they are.
    pub async fn withdraws(&mut self, list: &[Vec<u8>]) {
        let list = list.iter().map(|one| one.clone().into()).collect();
        for frame in session::pack_revocations(list).unwrap() {
            self.session.1.write_all(&framed(&frame)).await.unwrap();
        }
    }

    /// Begins to fetch, with room for so many bytes on the way: the house waits for the rest.
    pub async fn begins(&self, id: &ArtifactId, room: u32) -> Slow {
        let windows = QuicTransportConfig::builder()
            .stream_receive_window(room.into())
            .receive_window(room.into())
            .build();
        let options = ConnectOptions::new().with_transport_config(windows);
        let address = self.way.address.clone();
        let conn = self.endpoint.connect_with_opts(address, PACKET_ALPN, options).await.unwrap();
        let conn = conn.await.unwrap();
        let get = GetRequest::blob(Hash::from_bytes(*id.as_bytes()));
        let connected = fsm::start(conn, get, RequestCounters::default()).next().await.unwrap();
        let ConnectedNext::StartRoot(root) = connected.next().await.unwrap() else { panic!() };
        let (content, size) = root.next().next().await.unwrap();
        Slow { content, size }
    }

    /// Asks the house for an artifact: its bytes, or everything that came back instead.
    pub async fn fetches(&self, id: &ArtifactId) -> Result<Vec<u8>, String> {
        let conn = self.endpoint.connect(self.way.address.clone(), PACKET_ALPN).await.unwrap();
        let got = get_blob(conn, Hash::from_bytes(*id.as_bytes())).bytes();
        let got = timeout(PATIENCE, got).await.unwrap();
        got.map(|bytes| bytes.to_vec()).map_err(|e| {
            let code = e.iroh_error_code().map(u64::from);
            format!("code {code:?}, {:?}", std::mem::discriminant(&e))
        })
    }

    /// Says something about deliveries.
    pub async fn settles(&mut self, message: &Message) {
        if self.settle.says.is_none() {
            let address = self.way.address.clone();
            let conn = self.endpoint.connect(address, SETTLE_ALPN).await.unwrap();
            let send = conn.open_uni().await.unwrap();
            self.settle.says = Some((conn, send));
        }
        let (_, send) = self.settle.says.as_mut().unwrap();
        send.write_all(&framed(&message.encode().unwrap())).await.unwrap();
    }

    /// The next thing that the house says about deliveries.
    pub async fn settled(&mut self) -> Message {
        let frame = timeout(PATIENCE, self.settle.hears.recv()).await.unwrap().unwrap();
        Message::decode(&frame).unwrap()
    }

    /// Waits until the house ends the session; gives the number of its code.
    pub async fn ended(&self) -> u64 {
        match timeout(PATIENCE, self.session.0.closed()).await.unwrap() {
            ConnectionError::ApplicationClosed(close) => close.error_code.into_inner(),
            other => panic!("not closed by the house: {other}"),
        }
    }

    /// Waits until the house ends the session, and tells its code.
    pub async fn closed(&self) -> session::Code {
        match timeout(PATIENCE, self.session.0.closed()).await.unwrap() {
            iroh::endpoint::ConnectionError::ApplicationClosed(close) => {
                session::Code::from_number(close.error_code.into_inner())
            }
            other => panic!("not closed by the house: {other}"),
        }
    }

    /// Leaves.
    pub async fn leave(self) {
        self.endpoint.close().await;
    }
}

/// A transfer that has begun, and whose taker takes its time.
pub struct Slow {
    content: AtBlobContent,
    /// Bytes that were announced.
    pub size: u64,
}

impl Slow {
    /// Takes the rest: how many bytes came, and whether it was all.
    pub async fn rest(self) -> (u64, bool) {
        let (mut content, mut came) = (self.content, 0);
        loop {
            match timeout(PATIENCE, content.next()).await.unwrap() {
                BlobContentNext::More((more, Ok(item))) => {
                    if let BaoContentItem::Leaf(leaf) = item {
                        came += leaf.data.len() as u64;
                    }
                    content = more;
                }
                BlobContentNext::More((_, Err(_))) => return (came, false),
                BlobContentNext::Done(_) => return (came, came == self.size),
            }
        }
    }
}

/// What is said about deliveries, both ways.
struct Settle {
    says: Option<(Connection, SendStream)>,
    hears: mpsc::UnboundedReceiver<Vec<u8>>,
}

impl Settle {
    fn new() -> (mpsc::UnboundedSender<Vec<u8>>, Self) {
        let (said, hears) = mpsc::unbounded_channel();
        (said, Self { says: None, hears })
    }

    async fn hear(conn: Connection, said: mpsc::UnboundedSender<Vec<u8>>, ear: Ear) {
        while let Ok(mut recv) = conn.accept_uni().await {
            loop {
                let mut length = [0; 4];
                if recv.read_exact(&mut length).await.is_err() {
                    break;
                }
                let mut frame = vec![0; u32::from_be_bytes(length) as usize];
                recv.read_exact(&mut frame).await.unwrap();
                ear.takes(&frame);
                // The test may have ended.
                let _ = said.send(frame);
            }
        }
    }
}

/// Shakes hands as a dialler, properly.
async fn shake(
    endpoint: &Endpoint,
    identity: &Identity,
    way: &Way,
    ear: &Ear,
) -> (Connection, SendStream, RecvStream) {
    let conn = endpoint.connect(way.address.clone(), HANDSHAKE_ALPN).await.unwrap();
    let (mut send, mut recv) = conn.open_bi().await.unwrap();
    let mut exporter = [0; 32];
    conn.export_keying_material(&mut exporter, session::EXPORTER_LABEL, b"").unwrap();
    let sign = |bytes: &[u8]| identity.author.sign(bytes);
    let facts = Facts {
        role: Role::Dialler,
        exporter: &exporter,
        remote: artifact::TransportKey::from_bytes(*way.address.id.as_bytes()),
        card: &identity.card,
        sign: &sign,
        standing: Standing::Pinned { human: way.human, card_seq: 0, kept: Kept::default() },
        blocked: &|_| false,
        invites: &[],
        invitation: way.invitation,
        capabilities: &Capabilities::default(),
        now: identity.now,
    };
    let (mut machine, mut step) = Session::begin(&facts).unwrap();
    loop {
        for frame in &step.send {
            send.write_all(&framed(frame)).await.unwrap();
        }
        if machine.may_speak() {
            return (conn, send, recv);
        }
        let frame = heard::heard(&mut recv).await;
        ear.takes(&frame);
        step = machine.step(&facts, Input::Frame(Channel::Control, &frame)).unwrap();
        assert!(!step.effects.iter().any(|e| matches!(e, Effect::Closed(_))), "{step:?}");
        if step.effects.iter().any(|e| matches!(e, Effect::Pin { .. })) {
            step = machine.step(&facts, Input::Pinned(Ok(()))).unwrap();
        }
    }
}
