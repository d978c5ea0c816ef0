//! What a thousand connected peers that say nothing cost in memory.
//!
//! A real node in a process of its own, which knows a thousand people. First it is measured alone;
//! then each of them makes a session with it, from this process, and says no more. What is
//! measured is the resident memory of the node's process, above what it was alone.

use crate::{
    apart::Apart,
    keychain::InMemory,
    nodes::{Amend, House, PATIENCE, now, opened, pinned},
    people::Person,
    report::{Measure, Outcome},
};
use anyhow::{Context as _, Result, bail, ensure};
use artifact::{HumanKey, TransportKey};
use iroh::{
    Endpoint, EndpointAddr, EndpointId, SecretKey, TransportAddr,
    endpoint::{Connection, PortmapperConfig, RecvStream, SendStream, presets},
};
use peer::{HANDSHAKE_ALPN, Standing};
use session::{Capabilities, Channel, Effect, Facts, Input, Kept, Role, Session};
use std::{net::SocketAddr, path::Path, sync::Arc};
use tokio::{io::AsyncReadExt as _, task::JoinSet, time::timeout};

const CROWD: u32 = 1_000;

/// The word on this program's command line that makes it the node of a crowd.
pub(crate) const NODE: &str = "--node-of-a-crowd";

/// Measures it.
pub(crate) async fn run() -> Result<Outcome> {
    let house = House::new("crowded", false).await?;
    let me = house.node.me().context("it has no keys")?;
    let people: Vec<Person> = (1..=CROWD).map(Person::new).collect::<Result<_>>()?;
    let house = house.amended(false, |amend| knows(amend, &people)).await?;
    let folder = house.closed().await?;
    let mut node = Apart::start(NODE, folder.path())?;
    let port: u16 = node.line().await?.parse()?;
    let alone = node.resident()?;
    let mut sessions = Vec::new();
    for person in &people {
        sessions.push(person.enter(&me.transport, &me.human, port).await?);
    }
    ensure!(node.line().await? == "all", "not all came in");
    let crowded = node.resident()?;
    node.end().await?;
    let mut leaving = JoinSet::new();
    for session in sessions {
        leaving.spawn(session.leave());
    }
    leaving.join_all().await;
    let against = "the same node before anybody came";
    let above = Measure::new("crowd-1000-above", crowded - alone, "MiB", (against, alone));
    Ok(Outcome::Measured(vec![above]))
}

/// This program as the node: says its port, and when all are there; ends with its input.
pub(crate) async fn node(folder: &Path) -> Result<()> {
    let node = opened(folder, &Arc::new(InMemory::default()), true)?;
    let mut notices = node.notices();
    node.go_online().await?;
    let port = loop {
        match node.me().map(|me| me.port) {
            Some(port) if port != 0 => break port,
            _ => drop(notices.recv().await),
        }
    };
    println!("{port}");
    while node.links().len() < CROWD as usize {
        // Told late is told all the same: the links are counted anew.
        drop(notices.recv().await);
    }
    println!("all");
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    node.stop().await;
    Ok(())
}

/// Makes the node know them all.
fn knows(amend: &mut Amend<'_>, people: &[Person]) -> Result<()> {
    amend.store.change::<_, anyhow::Error>(|change| {
        for person in people {
            let row = pinned(&format!("peer {}", person.number), &person.card)?;
            change.put_peer(&person.human.public(), &row)?;
        }
        Ok(())
    })
}

impl Person {
    /// Shakes hands as a dialler, and then says nothing.
    async fn enter(&self, node: &TransportKey, human: &HumanKey, port: u16) -> Result<Quiet> {
        let endpoint = Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(self.transport.seed()))
            .clear_ip_transports()
            .bind_addr("127.0.0.1:0")?
            .portmapper_config(PortmapperConfig::Disabled)
            .bind()
            .await?;
        let here: SocketAddr = ([127, 0, 0, 1], port).into();
        let id = EndpointId::from_bytes(node.as_bytes())?;
        let address = EndpointAddr::from_parts(id, [TransportAddr::Ip(here)]);
        let conn = endpoint.connect(address, HANDSHAKE_ALPN).await?;
        let (mut send, mut recv) = conn.open_bi().await?;
        let mut exporter = [0; 32];
        if conn.export_keying_material(&mut exporter, session::EXPORTER_LABEL, b"").is_err() {
            bail!("no exporter");
        }
        let sign = |bytes: &[u8]| self.author.sign(bytes);
        let facts = Facts {
            role: Role::Dialler,
            exporter: &exporter,
            remote: *node,
            card: &self.card,
            sign: &sign,
            standing: Standing::Pinned { human: *human, card_seq: 0, kept: Kept::default() },
            blocked: &|_| false,
            invites: &[],
            invitation: None,
            capabilities: &Capabilities::default(),
            now: now(),
        };
        let (mut machine, mut step) = Session::begin(&facts)?;
        while !machine.may_speak() {
            for frame in &step.send {
                send.write_all(&u32::try_from(frame.len())?.to_be_bytes()).await?;
                send.write_all(frame).await?;
            }
            let frame = timeout(PATIENCE, heard(&mut recv)).await??;
            step = machine.step(&facts, Input::Frame(Channel::Control, &frame))?;
            ensure!(!step.effects.iter().any(|e| matches!(e, Effect::Closed(_))), "turned away");
            if step.effects.iter().any(|e| matches!(e, Effect::Pin { .. })) {
                step = machine.step(&facts, Input::Pinned(Ok(())))?;
            }
        }
        for frame in &step.send {
            send.write_all(&u32::try_from(frame.len())?.to_be_bytes()).await?;
            send.write_all(frame).await?;
        }
        Ok(Quiet { endpoint, _conn: conn, _streams: (send, recv) })
    }
}

/// A session with nothing said.
struct Quiet {
    endpoint: Endpoint,
    _conn: Connection,
    _streams: (SendStream, RecvStream),
}

impl Quiet {
    async fn leave(self) {
        self.endpoint.close().await;
    }
}

async fn heard(recv: &mut RecvStream) -> Result<Vec<u8>> {
    let mut length = [0; 4];
    recv.read_exact(&mut length).await?;
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    recv.read_exact(&mut frame).await?;
    Ok(frame)
}
