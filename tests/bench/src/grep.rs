//! The true rival: an agent that searches its own logs with ripgrep.
//!
//! Twenty questions over the logs in `../shared/fixtures`, which are read in place. The agent's way
//! is to look for every word of the question and to open the log in which most lines match; ours is
//! a recall by words and meanings. What counts is at which place the right log stands.

use crate::{
    nodes::{House, PATIENCE},
    report::{Measure, Outcome},
    sample::Samples,
};
use anyhow::{Context as _, Result, bail};
use node::{Means, ModelState};
use serde::Deserialize;
use std::{
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

const QUESTIONS: &str = include_str!("grep/questions.json");
/// Shorter words stand everywhere.
const SHORTEST: usize = 4;
const BEST: usize = 10;

#[derive(Deserialize)]
struct Question {
    question: String,
    /// The names of the logs that answer it.
    logs: Vec<String>,
}

/// Measures both in turns.
pub(crate) async fn run() -> Result<Outcome> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if !fixtures.is_dir() {
        return Ok(Outcome::Skipped("there are no real logs at ../shared/fixtures".to_owned()));
    }
    if Command::new("rg").arg("--version").output().is_err() {
        return Ok(Outcome::Skipped("ripgrep is not installed".to_owned()));
    }
    let questions: Vec<Question> = serde_json::from_str(QUESTIONS)?;
    let house = House::new("searcher", false).await?;
    // A node without doors does nothing by itself, and embeds nothing.
    house.node.open_doors()?;
    house.import(&fixtures).await?;
    embedded(&house).await?;
    let (mut ours, mut theirs) = (Samples::new(), Samples::new());
    let (mut our_places, mut their_places) = (Vec::new(), Vec::new());
    for asked in &questions {
        let began = Instant::now();
        let names = recalled(&house, &asked.question)?;
        ours.push(began.elapsed());
        our_places.push(place(&names, asked));
        let began = Instant::now();
        let names = grepped(&fixtures, &asked.question)?;
        theirs.push(began.elapsed());
        their_places.push(place(&names, asked));
    }
    house.node.stop().await;
    let peer = "ripgrep, the log with most matching lines";
    Ok(Outcome::Measured(vec![
        Measure::new("grep-first", first(&our_places), "%", (peer, first(&their_places))),
        Measure::new("grep-mrr", mrr(&our_places), "%", (peer, mrr(&their_places))),
        Measure::new("grep-p95", ours.quantile(0.95), "ms", (peer, theirs.quantile(0.95))),
    ]))
}

/// Waits until meanings are there as well, where there is a model.
async fn embedded(house: &House) -> Result<()> {
    if house.node.model() == ModelState::Missing {
        eprintln!("bench: no model here (TRACENET_MODEL): words alone");
        return Ok(());
    }
    let began = Instant::now();
    let mut moment = tokio::time::interval(Duration::from_millis(200));
    let all = house.node.look()?.crystals(|_, _| true)?.len();
    while house.node.embedded() < all {
        if began.elapsed() > PATIENCE {
            bail!("the logs are not embedded");
        }
        moment.tick().await;
    }
    Ok(())
}

/// The names of the logs behind what recall finds, best first.
fn recalled(house: &House, question: &str) -> Result<Vec<String>> {
    let look = house.node.look()?;
    let mut names = Vec::new();
    for found in house.node.search(question, BEST, Means::Both)? {
        let trace = found.row.trace.context("a crystal without a log")?;
        let place = look.trace(&trace)?.context("no such log")?.place;
        names.push(name_of(&place));
    }
    Ok(names)
}

/// The names of the logs in which a word of the question stands, those with most lines first.
fn grepped(folder: &Path, question: &str) -> Result<Vec<String>> {
    let mut command = Command::new("rg");
    command.args(["--count", "--ignore-case", "--fixed-strings", "--no-ignore"]);
    let words = question.split(|c: char| !c.is_alphanumeric() && c != '_');
    for word in words.filter(|word| word.len() >= SHORTEST) {
        command.args(["-e", word]);
    }
    let Output { stdout, .. } = command.arg(folder).output()?;
    let said = String::from_utf8(stdout)?;
    let row = |line: &str| {
        let (path, count) = line.rsplit_once(':')?;
        Some((count.parse::<u64>().ok()?, name_of(path)))
    };
    let mut counted: Vec<_> = said.lines().filter_map(row).collect();
    counted.sort_by(|a, b| b.cmp(a));
    Ok(counted.into_iter().map(|(_, name)| name).collect())
}

fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// At which place the first right log stands, from 1; none among the best is 0.
fn place(names: &[String], asked: &Question) -> usize {
    let first = names.iter().take(BEST).position(|name| asked.logs.contains(name));
    first.map_or(0, |place| place + 1)
}

/// How many right logs stand first, in percent.
#[expect(clippy::cast_precision_loss, reason = "twenty")]
fn first(places: &[usize]) -> f64 {
    100.0 * places.iter().filter(|place| **place == 1).count() as f64 / places.len() as f64
}

/// The mean of one by the place, in percent.
#[expect(clippy::cast_precision_loss, reason = "twenty")]
fn mrr(places: &[usize]) -> f64 {
    let sum: f64 = places.iter().filter(|place| **place > 0).map(|place| 1.0 / *place as f64).sum();
    100.0 * sum / places.len() as f64
}
