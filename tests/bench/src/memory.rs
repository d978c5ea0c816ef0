//! What fifty thousand crystals cost a node in memory: at rest, and while it indexes them.
//!
//! A real node in a process of its own, without a window. First its store is empty; then it holds
//! the crystals and has no index yet, and puts them into one; then it starts again and answers a
//! question by words, so that the model of recall is not loaded.

use crate::{
    apart::Apart,
    keychain::InMemory,
    logs,
    nodes::{Amend, House, now, opened},
    recall::Dice,
    report::{Measure, Outcome},
};
use anyhow::Result;
use artifact::ArtifactId;
use node::{Means, ModelState};
use std::{path::Path, sync::Arc, time::Duration};
use store::{ChangeError, CrystalRow};
use tokio::io::{AsyncBufReadExt as _, BufReader};

const CRYSTALS: u32 = 50_000;
/// How long embedding is watched, where there is a model: it goes on for an hour.
const EMBEDDING: u32 = 20;

/// The word on this program's command line that makes it the node.
pub(crate) const NODE: &str = "--node-with-a-memory";

/// Measures it.
pub(crate) async fn run() -> Result<Outcome> {
    let empty = House::new("empty", false).await?.closed().await?;
    let mut node = Apart::start(NODE, empty.path())?;
    node.line().await?;
    node.ask("question").await?;
    let alone = node.resident()?;
    node.end().await?;

    let full = House::new("full", false).await?.amended(false, fill).await?.closed().await?;
    let mut node = Apart::start(NODE, full.path())?;
    node.line().await?;
    node.ask("question").await?;
    let has_model = node.ask("embed").await? == "embedding";
    let indexing = node.peak()?;
    node.end().await?;

    let mut node = Apart::start(NODE, full.path())?;
    node.line().await?;
    node.ask("question").await?;
    let rest = node.resident()?;
    node.end().await?;
    if !has_model {
        eprintln!("bench: no model here (TRACENET_MODEL): memory-indexing is of words alone");
    }
    let against = ("the same node without a crystal", alone);
    Ok(Outcome::Measured(vec![
        Measure::new("memory-50k", rest, "MiB", against),
        Measure::new("memory-50k-indexing", indexing, "MiB", against),
    ]))
}

/// This program as the node: says that it is up, and does what it is told, line by line.
pub(crate) async fn node(folder: &Path) -> Result<()> {
    let node = opened(folder, &Arc::new(InMemory::default()), true)?;
    node.go_online().await?;
    println!("up");
    let mut told = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = told.next_line().await? {
        match line.as_str() {
            // Levels the index first.
            "question" => {
                let found = node.search("the port binding fails", 10, Means::Words)?;
                println!("{}", found.len());
            }
            _ => {
                let has_model = node.model() != ModelState::Missing;
                let mut second = tokio::time::interval(Duration::from_secs(1));
                let mut begun = 0;
                // It begins at the node's next tick.
                while has_model && begun < EMBEDDING {
                    second.tick().await;
                    begun += u32::from(node.embedded() > 0);
                }
                println!("{}", if has_model { "embedding" } else { "words" });
            }
        }
    }
    node.stop().await;
    Ok(())
}

fn fill(amend: &mut Amend<'_>) -> Result<()> {
    let numbers: Vec<u32> = (1..=CRYSTALS).collect();
    for some in numbers.chunks(1_000) {
        let made: Vec<_> = some.iter().map(|&n| one(amend, n)).collect::<Result<_>>()?;
        amend.store.change::<_, ChangeError>(|change| {
            for (id, row, envelope) in &made {
                change.put_crystal(id, row, envelope, None)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn one(amend: &Amend<'_>, number: u32) -> Result<(ArtifactId, CrystalRow, Vec<u8>)> {
    let mut dice = Dice::new(u64::from(number));
    let mut crystal = logs::crystal(number, now());
    crystal.problem = dice.words(60);
    crystal.lesson = vec![dice.words(120)];
    amend.distilled(crystal)
}
