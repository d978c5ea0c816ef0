//! From the human's Allow to the first verified bytes at the peer.
//!
//! Two real nodes with a session between them and nothing fetched over it yet. The clock runs from
//! the call that carries Allow until the taker's store shows the crystal: head and receipt checked,
//! body fetched on a new connection, verified and durable. So it is an upper bound: the first byte
//! itself came earlier. The peer is a fetch of as many bytes from a stock iroh-blobs provider on a
//! new connection; with a PIN it is the same without one.

use crate::{
    fetch::plain::Plain,
    nodes::{House, PATIENCE},
    report::{Measure, Outcome},
    sample::Samples,
};
use anyhow::{Context as _, Result, ensure};
use artifact::ArtifactId;
use node::{Node, Request};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Shares measured without a PIN, and with one.
const WITHOUT: u32 = 10;
const WITH: u32 = 5;
/// Between two looks into the taker's store.
const LOOK: Duration = Duration::from_micros(100);

/// Measures without a PIN, and with one.
pub(crate) async fn run() -> Result<Outcome> {
    let plain = Plain::new().await?;
    let (mut free, mut pinned, mut bare) =
        (Samples::default(), Samples::default(), Samples::default());
    // The first of each is not counted: it warms what every later one shares.
    for round in 0..=WITHOUT {
        let (took, size) = share(round, false).await?;
        let peer = plain_fetch(&plain, size, round).await?;
        if round > 0 {
            free.push(took);
            bare.push(peer);
        }
    }
    for round in 1..=WITH {
        pinned.push(share(round, true).await?.0);
    }
    plain.shutdown().await?;
    let blobs = "a stock iroh-blobs fetch of as many bytes on a new connection";
    let same = "the same without a PIN";
    Ok(Outcome::Measured(vec![
        Measure::new("first-byte", free.median(), "ms", (blobs, bare.median())),
        Measure::new("first-byte-pin", pinned.median(), "ms", (same, free.median())),
    ]))
}

/// Shares a new crystal between two new nodes: how long it took, and its size.
async fn share(number: u32, pin: bool) -> Result<(Duration, u64)> {
    let (giver, taker) = (House::new("giver", pin).await?, House::new("taker", false).await?);
    taker.connect(&giver).await?;
    // A body comes unasked only from who is let.
    taker.allow(Request::Let { who: "giver".to_owned() }).await?;
    let (id, size) = giver.crystal(number).await?;
    let peers = giver.node.look()?.peers()?;
    let to = peers.first().map(|(_, row)| row.name.clone()).context("nobody is pinned")?;
    let wish = Request::SharePrivate { id: id.to_string(), to: vec![to] };
    let ask = giver.ask(wish).await?;
    let yes = giver.yes(ask)?;
    let watched = taker.node.clone();
    let arrival = thread::spawn(move || arrival(&watched, &id));
    let began = Instant::now();
    giver.node.answer(yes).await?;
    let arrived = tokio::task::spawn_blocking(move || arrival.join()).await?;
    let arrived = arrived.map_err(|_| anyhow::anyhow!("the watching thread ended"))??;
    taker.node.stop().await;
    giver.node.stop().await;
    Ok((arrived.duration_since(began), size))
}

/// When the taker's store first shows the crystal.
fn arrival(taker: &Node, id: &ArtifactId) -> Result<Instant> {
    let end = Instant::now() + PATIENCE;
    loop {
        if taker.look()?.crystal(id)?.is_some() {
            return Ok(Instant::now());
        }
        ensure!(Instant::now() < end, "the crystal did not arrive");
        thread::sleep(LOOK);
    }
}

async fn plain_fetch(plain: &Plain, size: u64, seed: u32) -> Result<Duration> {
    let bytes = crate::fetch::noise(usize::try_from(size)?, u64::from(seed));
    let hash = plain.add(bytes).await?;
    let began = Instant::now();
    let conn = plain.connect().await?;
    let got = plain.fetch(&conn, hash).await?;
    let took = began.elapsed();
    ensure!(got.len() as u64 == size, "the plain fetch came short");
    Ok(took)
}
