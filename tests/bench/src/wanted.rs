//! From a question to the body of a crystal that only a peer has.
//!
//! Two real nodes. The giver shares a crystal; the taker, who does not let the giver, has its head
//! and not its body; the head is in its index. Then an agent of the taker asks for it, through the shim that agents start,
//! and the clock runs until it holds an answer with the crystal in it: ranked over the heads, the
//! body fetched through the gate, verified, kept, put into the index, and ranked again.
//!
//! On loopback the peer is a stock iroh-blobs fetch of as many bytes on a connection that is
//! already there; over a link it is the link's own round trip.

use crate::{
    agent::Agent,
    fetch::plain::Plain,
    link::Link,
    nodes::{House, PATIENCE},
    report::{Measure, Outcome},
    sample::Samples,
};
use anyhow::{Context as _, Result, ensure};
use artifact::ArtifactId;
use node::Request;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::timeout;

const ROUNDS: u32 = 60;

/// What the link takes to carry a packet, one way.
const DELAY: Duration = Duration::from_millis(40);

/// Measures on loopback, and over a link where one can be made.
pub(crate) async fn run() -> Result<Outcome> {
    let plain = Plain::new().await?;
    let conn = plain.connect().await?;
    let (giver, taker) = (House::new("giver", false).await?, House::new("taker", false).await?);
    let (ours, sizes) = ask(&giver, &taker).await?;
    giver.node.stop().await;
    taker.node.stop().await;
    let mut theirs = Samples::default();
    for (size, seed) in sizes.into_iter().zip(0..) {
        let hash = plain.add(crate::fetch::noise(usize::try_from(size)?, seed)).await?;
        let began = Instant::now();
        let came = plain.fetch(&conn, hash).await?;
        theirs.push(began.elapsed());
        ensure!(came.len() as u64 == size, "the plain fetch came short");
    }
    conn.close(0_u32.into(), b"");
    plain.shutdown().await?;
    let mut measures =
        figures("wanted", &ours, "a stock iroh-blobs fetch of as many bytes", &theirs);
    match Link::new(DELAY) {
        Ok(link) => measures.extend(over(link).await?),
        Err(why) => eprintln!("wanted-link: skipped, {why:#}"),
    }
    Ok(Outcome::Measured(measures))
}

fn figures(name: &str, ours: &Samples, against: &'static str, theirs: &Samples) -> Vec<Measure> {
    [("p50", 0.5), ("p95", 0.95)]
        .map(|(word, share)| {
            let peer = (against, theirs.quantile(share));
            Measure::new(&format!("{name}-{word}"), ours.quantile(share), "ms", peer)
        })
        .into()
}

async fn over(link: Link) -> Result<Vec<Measure>> {
    let giver = link.near.run(House::on_the_network("giver")).await??;
    let taker = link.far.run(House::on_the_network("taker")).await??;
    let mut trips = Samples::default();
    for _ in 0..ROUNDS {
        trips.push(link.round_trip().await?);
    }
    let met = link.far.run(async move {
        let ours = ask(&giver, &taker).await;
        giver.node.stop().await;
        taker.node.stop().await;
        ours
    });
    let (ours, _) = met.await??;
    Ok(figures("wanted-link", &ours, "a round trip of the link, 40 ms each way", &trips))
}

/// How long the taker's agent waited for each, and how many bytes that was.
async fn ask(giver: &House, taker: &House) -> Result<(Samples, Vec<u64>)> {
    taker.connect(giver).await?;
    taker.node.open_doors()?;
    let mut agent = Agent::enter(&taker.home(), "bench").await;
    let refused = agent.call("peers", json!({})).await;
    ensure!(refused.refused, "an agent that nobody let in was answered");
    let asked =
        refused.body.get("ask").and_then(Value::as_str).context("the agent is not asked for")?;
    taker.node.answer(taker.yes(asked.parse()?)?).await?;
    let peers = giver.node.look()?.peers()?;
    let to = peers.first().map(|(_, row)| row.name.clone()).context("nobody is pinned")?;
    let (mut samples, mut sizes) = (Samples::default(), Vec::new());
    for number in 1..=ROUNDS {
        let (id, size) = giver.crystal(number).await?;
        let mut heard = taker.node.notices();
        let wish = Request::SharePrivate { id: id.to_string(), to: vec![to.clone()] };
        giver.allow(wish).await?;
        let told = async {
            while taker.node.look()?.heads_of(&id)?.is_empty() {
                heard.recv().await?;
            }
            Ok::<_, anyhow::Error>(())
        };
        timeout(PATIENCE, told).await.context("no head came")??;
        // It came a while ago: the index has it.
        let searcher = taker.node.clone();
        tokio::task::spawn_blocking(move || searcher.search("port", 1, node::Means::Both))
            .await??;
        samples.push(recall(&mut agent, &id, number).await?);
        sizes.push(size);
    }
    Ok((samples, sizes))
}

async fn recall(agent: &mut Agent, id: &ArtifactId, number: u32) -> Result<Duration> {
    let question = format!("the port binding of service {number} fails: net{number} E{number:04}");
    let began = Instant::now();
    let answer = agent.call("recall", json!({ "query": question, "limit": 3 })).await;
    let took = began.elapsed();
    let hits = answer.body.get("hits").and_then(Value::as_array).context("no hits")?;
    let held = hits.iter().any(|hit| hit.get("id").is_some_and(|one| *one == id.to_string()));
    ensure!(held, "the answer is without it: {}", answer.text);
    Ok(took)
}
