//! Ten thousand heads that a peer is entitled to, told at one Ready.
//!
//! Two real nodes. The giver has as many crystals and receipts; the taker was away. The clock runs
//! from the moment it goes online until its store holds every head: dialled, both identities
//! proven, each head journalled as told by the giver, its receipt and signatures verified by the
//! taker, and all of it durable on both sides. The peer is one stream of as many bytes over a
//! plain iroh connection, thrown away as they come.

use crate::{
    fetch::plain::Plain,
    logs,
    nodes::{Amend, House, PATIENCE, keep, now},
    report::{Measure, Outcome},
    sample::Samples,
};
use anyhow::{Context as _, Result, bail};
use artifact::{ArtifactId, HumanKey};
use std::time::{Duration, Instant};
use store::{ChangeError, CrystalRow, ReceiptRow};
use tokio::time::timeout;

const HEADS: u32 = 10_000;
const ROUNDS: u32 = 3;

/// Measures both.
pub(crate) async fn run() -> Result<Outcome> {
    let plain = Plain::new().await?;
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        let (took, bytes) = sync().await?;
        ours.push(took);
        theirs.push(plain.pour(bytes).await?);
    }
    plain.shutdown().await?;
    let against = "as many bytes over a plain iroh stream";
    let sync = Measure::new("heads-10000", ours.median(), "ms", (against, theirs.median()));
    Ok(Outcome::Measured(vec![sync]))
}

/// How long it takes, and how many bytes the heads and their receipts are.
async fn sync() -> Result<(Duration, u64)> {
    let (giver, taker) = (House::new("giver", false).await?, House::new("taker", false).await?);
    taker.connect(&giver).await?;
    let human = taker.node.me().context("the taker has no keys")?.human;
    let taker = taker.amended(false, |_| Ok(())).await?;
    let mut bytes = 0;
    let giver = giver
        .amended(true, |amend| {
            bytes = fill(amend, human)?;
            Ok(())
        })
        .await?;
    let began = Instant::now();
    taker.node.go_online().await?;
    let mut heard = taker.node.notices();
    let all = async {
        loop {
            let peers = taker.node.look()?.peers()?;
            if peers.iter().any(|(_, row)| row.heads_kept >= u64::from(HEADS)) {
                return Ok::<_, anyhow::Error>(());
            }
            if heard
                .recv()
                .await
                .is_err_and(|e| e == tokio::sync::broadcast::error::RecvError::Closed)
            {
                bail!("the taker stopped");
            }
        }
    };
    timeout(PATIENCE, all).await.context("not all heads came")??;
    let took = began.elapsed();
    taker.node.stop().await;
    giver.node.stop().await;
    Ok((took, bytes))
}

/// Writes crystals with their receipts, as if they had been allowed one by one.
fn fill(amend: &mut Amend<'_>, to: HumanKey) -> Result<u64> {
    let mut bytes = 0;
    let numbers: Vec<u32> = (1..=HEADS).collect();
    for some in numbers.chunks(1_000) {
        let mut made = Vec::new();
        for &number in some {
            made.push(one(amend, number, to)?);
        }
        amend.store.change::<_, ChangeError>(|change| {
            for (id, crystal, envelope, receipt) in &made {
                bytes += (crystal.problem.len() + crystal.title.len()) as u64
                    + receipt.envelope.len() as u64;
                change.put_crystal(id, crystal, envelope, None)?;
                keep(change, receipt, envelope)?;
            }
            Ok(())
        })?;
    }
    Ok(bytes)
}

type One = (ArtifactId, CrystalRow, Vec<u8>, ReceiptRow);

fn one(amend: &Amend<'_>, number: u32, to: HumanKey) -> Result<One> {
    let crystal = logs::crystal(number, now());
    let (id, row, envelope) = amend.distilled(crystal)?;
    let receipt = amend.consent(&envelope, to, number)?;
    Ok((id, row, envelope, receipt))
}
