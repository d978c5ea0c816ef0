//! From nothing to the first verified bytes: a connection is made, both identities are proven, the
//! session is Ready, and a crystal comes through the gate on a connection of its own.
//!
//! The peer is a plain iroh connection over which a stock iroh-blobs provider gives as many bytes.
//! Ours makes two connections where that makes one.

use crate::{
    fetch::{gated::Gated, plain::Plain},
    logs,
    nodes::now,
    report::{Measure, Outcome},
    sample::Samples,
};
use anyhow::{Result, ensure};
use artifact::{ArtifactId, Secret};
use iroh_blobs::Hash;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 60;

/// Between two rounds: a node takes ten handshakes a second from one endpoint.
const PACE: Duration = Duration::from_millis(120);

/// Measures both, in turns.
pub(crate) async fn run() -> Result<Outcome> {
    let author = Secret::from_seed(&[9; 32]);
    let (bytes, plain) = (logs::crystal(1, now()).seal(&author)?, Plain::new().await?);
    let size = bytes.len();
    let (id, gated) = (ArtifactId::of(&bytes), Gated::new(std::slice::from_ref(&bytes)).await?);
    let hash = plain.add(bytes).await?;
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    for round in 0..=ROUNDS {
        gated.part().await?;
        gated.keep_heads();
        tokio::time::sleep(PACE).await;
        // Whoever goes first finds a machine that has just woken: each does every other time.
        let (gatedly, plainly) = if round % 2 == 0 {
            let gatedly = through_the_gate(&gated, &id, size).await?;
            (gatedly, plainly(&plain, hash, size).await?)
        } else {
            let plainly = plainly(&plain, hash, size).await?;
            (through_the_gate(&gated, &id, size).await?, plainly)
        };
        // The first round fills the caches of both.
        if round > 0 {
            ours.push(gatedly);
            theirs.push(plainly);
        }
    }
    gated.shutdown().await;
    plain.shutdown().await?;
    let against = "a plain iroh connection and a stock iroh-blobs fetch";
    let first = Measure::new("connect-first-byte", ours.median(), "ms", (against, theirs.median()));
    Ok(Outcome::Measured(vec![first]))
}

async fn through_the_gate(gated: &Gated, id: &ArtifactId, size: usize) -> Result<Duration> {
    let began = Instant::now();
    gated.meet().await?;
    let came = gated.fetch(id, size as u64).await?.len();
    let took = began.elapsed();
    ensure!(came == size, "a fetch came short");
    Ok(took)
}

async fn plainly(plain: &Plain, hash: Hash, size: usize) -> Result<Duration> {
    let began = Instant::now();
    let conn = plain.connect().await?;
    let came = plain.fetch(&conn, hash).await?.len();
    let took = began.elapsed();
    conn.close(0_u32.into(), b"");
    ensure!(came == size, "a plain fetch came short");
    Ok(took)
}
