//! The host: this node on the network.

use crate::{
    Address, Config, DialError, DialTag, EARLIER_CARDS, ExportError, FetchError, Inside, Offer,
    SignAuthor, Ticket,
    bind::Binding,
    crystal::{self, Untold},
    dial, fetch,
    live::Live,
    net::Net,
    outbox::Outbox,
    reach::{Hidden, relays},
    seat::Invited,
    sessions::Sessions,
    settle,
    shared::{Parts, Shared},
    speech::{self, Lost, Subject},
};
use artifact::{ArtifactId, EnvelopeError, HumanKey, TransportKey, UnixMillis};
use consent::{Party, VerifiedCard, VerifiedReceipt};
use iroh::{EndpointAddr, EndpointId};
use session::{Code, Decline, Invite, Message, Want};
use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{sync::Mutex, time::timeout};

/// How long a clean shutdown may take before the rest is cut.
const SHUTDOWN: Duration = Duration::from_secs(3);

/// Why a host does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// This node's own card does not open.
    #[error("this node's card is not valid: {0}")]
    Card(EnvelopeError),
    /// This node's own card names another transport_key.
    #[error("this node's card names another transport_key: renew the card")]
    OtherKey,
    /// The outbox could not be opened.
    #[error(
        "the outbox could not be opened: {0}. Is another node using it? If not, remove the \
         folder: it is filled again from what was consented to"
    )]
    Outbox(String),
    /// No socket.
    #[error("no UDP port could be opened: {0}")]
    Bind(String),
    /// What it is to reach is not possible.
    #[error(transparent)]
    Reach(#[from] crate::ReachError),
}

/// Why heads were not pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// No session with this human: they hear of it at their next Ready.
    #[error("this peer is not connected")]
    NotConnected,
    /// A receipt does not let this human hear of it. Nothing was sent.
    #[error("a receipt does not name this human")]
    NotAdmitted,
    /// A head or a receipt is over its limit. Nothing was sent.
    #[error("a head or a receipt is too large")]
    TooLarge,
    /// The connection broke.
    #[error("the connection broke")]
    Lost,
}

impl From<Untold> for PushError {
    fn from(untold: Untold) -> Self {
        match untold {
            Untold::NotAdmitted => Self::NotAdmitted,
            Untold::TooLarge => Self::TooLarge,
            Untold::Lost | Untold::Unknown(_) => Self::Lost,
        }
    }
}

/// How packets travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// From machine to machine.
    Direct,
    /// By a relay.
    Relayed,
}

/// A settled session, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// With whom.
    pub party: Party,
    /// Since when.
    pub since: UnixMillis,
    /// How packets travel.
    pub path: Path,
    /// There and back.
    pub rtt: Duration,
}

/// This node on the network. Clones are the same host.
#[derive(Debug, Clone)]
pub struct Host {
    pub(crate) shared: Arc<Shared>,
    /// Listening stops at the shutdown, and without one with the last clone.
    pub(crate) net: Arc<Mutex<Net>>,
}

impl Host {
    /// Binds, opens the outbox, and listens.
    ///
    /// # Errors
    /// When the card is not this endpoint's, or the socket or the outbox do not open.
    pub async fn start(
        config: Config,
        inside: Arc<dyn Inside>,
        sign: SignAuthor,
    ) -> Result<Self, StartError> {
        let card = VerifiedCard::open(&inside.card()).map_err(StartError::Card)?;
        if card.card().transport != config.transport.public() {
            return Err(StartError::OtherKey);
        }
        config.reach.check()?;
        let outbox = Outbox::open(&config.outbox).await.map_err(StartError::Outbox)?;
        let sessions = Sessions::new(config.transport.public());
        let hidden = Hidden::new(config.only_by_relay);
        let mut net = Net::new(Binding {
            transport: config.transport,
            loopback_only: config.loopback_only,
            sessions: Arc::clone(&sessions),
            handshakes: Arc::default(),
            hidden: hidden.clone(),
        });
        let shared = Shared::new(Parts {
            inside,
            sign,
            human: card.card().human,
            outbox,
            sessions,
            hidden,
            timings: config.timings,
            largest: config.largest,
        });
        if let Err(error) = net.up(&shared, &config.reach, config.port).await {
            shared.outbox.shutdown().await;
            return Err(StartError::Bind(error));
        }
        Ok(Self { shared, net: Arc::new(Mutex::new(net)) })
    }

    /// The endpoint id.
    #[must_use]
    pub fn endpoint(&self) -> TransportKey {
        self.shared.sessions.me()
    }

    /// The UDP port (IPv4) that is bound.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.shared.port()
    }

    /// Whether the wanted port was free. If not, tickets given before are stale.
    #[must_use]
    pub fn port_kept(&self) -> bool {
        self.shared.port_kept()
    }

    /// Where this host can be reached: the relay it uses, if any, then on this machine's
    /// networks.
    #[must_use]
    pub fn addrs(&self) -> Vec<Address> {
        let Some(ends) = self.shared.ends() else { return Vec::new() };
        let sockets = ends.open.addr();
        let sockets = sockets.ip_addrs().copied().filter(|a| lasting(a.ip())).map(Address::Ip);
        let mut all = self.relays();
        all.extend(sockets);
        all
    }

    /// The relay that this host can be reached by.
    fn relays(&self) -> Vec<Address> {
        match (self.shared.ends(), self.shared.reach().anywhere) {
            (Some(ends), Some(anywhere)) => relays(ends.far(), &anywhere),
            _ => Vec::new(),
        }
    }

    /// The ticket that gives `invite`, with or without this machine's addresses; with the relay
    /// that this host uses, if any. Without addresses they stay hidden from who uses it only
    /// while [`crate::OnlyByRelay::newcomers`] is set.
    #[must_use]
    pub fn ticket(&self, human: &HumanKey, invite: &Invite, with_addresses: bool) -> String {
        let addresses = if with_addresses { self.addrs() } else { self.relays() };
        let human = session::human_digest(human);
        Ticket::new(self.endpoint(), addresses, human, invite).to_string()
    }

    /// Uses a ticket. The tag comes back in [`Inside::pin`].
    ///
    /// # Errors
    /// When the ticket is over, nobody answers, or either side refuses.
    pub async fn connect(&self, ticket: &Ticket, tag: DialTag) -> Result<Party, DialError> {
        ticket.check(self.shared.inside.now())?;
        let address = address(&ticket.endpoint, &ticket.addresses)?;
        let invited = Invited { invitation: ticket.invitation(), tag };
        dial::dial(&self.shared, address, Some(invited)).await
    }

    /// Dials a pinned peer again, at `addrs` and where it was last. With a session already
    /// there, it is the answer.
    ///
    /// # Errors
    /// When it is not pinned, nobody answers, or either side refuses.
    pub async fn dial(
        &self,
        endpoint: &TransportKey,
        addrs: &[Address],
    ) -> Result<Party, DialError> {
        let mut all = addrs.to_vec();
        all.extend(self.last_addrs(endpoint));
        dial::dial(&self.shared, address(endpoint, &all)?, None).await
    }

    /// Every session that is ready.
    #[must_use]
    pub fn connected(&self) -> Vec<Connected> {
        self.shared.sessions.settled().iter().map(connected).collect()
    }

    /// Whether a connected human's node keeps earlier cards of people, and so takes what a former
    /// author_key signed. Older ones shut its giver out for it.
    #[must_use]
    pub fn keeps_earlier_cards(&self, human: &HumanKey) -> bool {
        let live = self.shared.sessions.with(human);
        let caps = live.as_ref().and_then(|live| live.caps.get());
        caps.is_some_and(|caps| caps.iter().any(|cap| cap == EARLIER_CARDS))
    }

    /// Where an endpoint is, or was when its last session ended.
    #[must_use]
    pub fn last_addrs(&self, endpoint: &TransportKey) -> Vec<Address> {
        self.shared.sessions.addresses(endpoint)
    }

    /// Tells a connected human of `offers`, all or nothing. Each must have been written down
    /// as told before.
    ///
    /// # Errors
    /// When they are not connected, a receipt does not name them, or the connection breaks.
    pub async fn push(&self, to: &HumanKey, offers: Vec<Offer>) -> Result<(), PushError> {
        let live = self.shared.sessions.with(to).ok_or(PushError::NotConnected)?;
        Ok(crystal::tell(&self.shared, &live, &offers).await?)
    }

    /// Notes that a human could not be told of something: [`Host::tell_late`] does it.
    pub fn tell_again(&self, to: &HumanKey) {
        if let Some(live) = self.shared.sessions.with(to) {
            live.untold.store(true, Ordering::Release);
        }
    }

    /// Tells again what could not be told to who is connected: all that the other did not hold
    /// when its session began.
    pub fn tell_late(&self) {
        crystal::tell_late(&self.shared);
    }

    /// Tells a connected human that `id` will be fetched.
    ///
    /// # Errors
    /// When they are not connected, or the connection breaks.
    pub async fn want(&self, from: &HumanKey, id: ArtifactId) -> Result<(), PushError> {
        self.reply(from, &Message::Want(Want { id })).await
    }

    /// Tells a connected human that `id` will not be fetched, and why, in one word.
    ///
    /// # Errors
    /// When they are not connected, or the connection breaks.
    pub async fn decline(
        &self,
        from: &HumanKey,
        id: ArtifactId,
        why: &'static str,
    ) -> Result<(), PushError> {
        self.reply(from, &Message::Decline(Decline { id, why: why.to_owned() })).await
    }

    async fn reply(&self, to: &HumanKey, message: &Message) -> Result<(), PushError> {
        let live = self.shared.sessions.with(to).ok_or(PushError::NotConnected)?;
        let frame = message.encode().map_err(|_| PushError::TooLarge)?;
        let said = speech::say(&self.shared, &live, Subject::Crystal, &[frame]).await;
        said.map_err(|Lost| PushError::Lost)
    }

    /// Tells a connected human of revocations, as envelopes. Each must be kept for the next
    /// session: nothing here waits for an acknowledgement.
    ///
    /// # Errors
    /// When they are not connected, or the connection breaks.
    pub async fn withdraw(&self, to: &HumanKey, list: Vec<Vec<u8>>) -> Result<(), PushError> {
        let live = self.shared.sessions.with(to).ok_or(PushError::NotConnected)?;
        Ok(crystal::withdraw(&live, list).await?)
    }

    /// Tells a connected human of delivery receipts, as envelopes.
    ///
    /// # Errors
    /// When they are not connected, or the connection breaks.
    pub async fn deliver(&self, to: &HumanKey, list: Vec<Vec<u8>>) -> Result<(), PushError> {
        let live = self.shared.sessions.with(to).ok_or(PushError::NotConnected)?;
        settle::tell(&self.shared, &live, list).await.map_err(|Lost| PushError::Lost)
    }

    /// The number of the session with a human, as both ends draw it from the connection.
    #[must_use]
    pub fn session(&self, with: &HumanKey) -> Option<u64> {
        self.shared.sessions.with(with).map(|live| live.session)
    }

    /// Fetches an artifact that was announced with `size` bytes. The bytes hash to `id`;
    /// nothing else about them is verified.
    ///
    /// # Errors
    /// [`FetchError::Refused`] is the peer's one answer to all that may not be had.
    pub async fn fetch(
        &self,
        from: &HumanKey,
        id: &ArtifactId,
        size: u64,
    ) -> Result<Vec<u8>, FetchError> {
        let live = self.shared.sessions.with(from).ok_or(FetchError::NotConnected)?;
        fetch::fetch(&self.shared, &live, id, size).await
    }

    /// Puts an artifact into the outbox under its receipt: the only way in. It is on disk when
    /// this returns.
    ///
    /// # Errors
    /// When the receipt is of another human or about other bytes, or the disk refuses.
    pub async fn export(&self, receipt: &VerifiedReceipt, bytes: &[u8]) -> Result<(), ExportError> {
        self.shared.outbox.export(&self.shared.human, receipt, bytes).await
    }

    /// Whether the outbox holds an artifact.
    pub async fn has(&self, id: &ArtifactId) -> bool {
        self.shared.outbox.has(id).await
    }

    /// Whether the outbox holds the bytes of a receipt under that receipt: the end of another
    /// does not take them away.
    pub async fn holds(&self, receipt: &VerifiedReceipt) -> bool {
        self.shared.outbox.holds(receipt).await
    }

    /// Lets go of what these receipts covered: what no other covers is off the outbox's disk when
    /// this returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn let_go(&self, receipts: &BTreeSet<ArtifactId>) -> Result<(), ExportError> {
        self.shared.outbox.let_go(receipts).await
    }

    /// Lets go of what any other receipt than these covered.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn keep_only(&self, receipts: &BTreeSet<ArtifactId>) -> Result<(), ExportError> {
        self.shared.outbox.keep_only(receipts).await
    }

    /// Stops all that is served under a receipt, to everybody or to one human, in mid-transfer,
    /// for good.
    pub fn stop(&self, receipt: &ArtifactId, to: Option<HumanKey>) {
        self.shared.stop_of(*receipt, to).cancel();
        self.shared.ended.send_replace(());
    }

    /// Ends the session with an endpoint, for this reason.
    pub fn disconnect(&self, endpoint: &TransportKey, code: Code) {
        if let Some(live) = self.shared.sessions.live(endpoint) {
            live.end(code);
        }
    }

    /// Ends every session with an endpoint, and with a human wherever they are.
    pub fn shut_out(&self, endpoint: &TransportKey, human: Option<&HumanKey>, code: Code) {
        for live in self.shared.sessions.all() {
            if live.party.transport == *endpoint || human == Some(&live.party.human) {
                live.end(code);
            }
        }
    }

    /// Ends every session, closes the socket, and closes the outbox. The port is free when this
    /// returns.
    pub async fn shutdown(self) {
        let shared = &self.shared;
        for live in shared.sessions.all() {
            live.end(Code::Leaving);
        }
        shared.stop.cancel();
        shared.tasks.close();
        if timeout(SHUTDOWN, shared.tasks.wait()).await.is_err() {
            tracing::warn!("some tasks did not end in time");
        }
        self.net.lock().await.down(shared).await;
        shared.outbox.shutdown().await;
    }
}

/// Link-local addresses mean nothing on another machine without their interface.
const fn lasting(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !ip.is_link_local(),
        IpAddr::V6(ip) => !ip.is_unicast_link_local(),
    }
}

fn address(endpoint: &TransportKey, addrs: &[Address]) -> Result<EndpointAddr, DialError> {
    let id = EndpointId::from_bytes(endpoint.as_bytes()).map_err(|_| DialError::NoEndpoint)?;
    Ok(EndpointAddr::from_parts(id, addrs.iter().map(Address::transport)))
}

fn connected(live: &Arc<Live>) -> Connected {
    let (path, rtt) = live.route();
    Connected { party: live.party, since: live.since, path, rtt }
}
