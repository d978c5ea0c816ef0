//! From an ask that is received to its prompt painted.
//!
//! A process asks the running app over its control socket, as `tracenet share` does; the clock
//! runs from the request until the consent window is drawn. Each round starts the app anew and
//! measures twice: the first ask, for which the window is built, and another one after the window
//! was closed, which hides it for a minute. The peer is the second window of an empty app of the
//! same framework, opened and opened again in the same way.

use crate::{
    desktop::{CONSENT, EMPTY, MAIN, SECOND, Stage, ask, deny},
    report::{Measure, Outcome},
    sample::Samples,
};
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

const ROUNDS: usize = 10;

/// A window that is built, and one that is shown again.
struct Took {
    built: Duration,
    kept: Duration,
}

/// Measures both in turns.
pub(crate) async fn run() -> Result<Outcome> {
    let stage = match Stage::set()? {
        Ok(stage) => stage,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let crystals = stage.furnish().await?;
    let [first, second, ..] = crystals.as_slice() else { bail!("too few crystals") };
    let (mut built, mut kept) = (Samples::default(), Samples::default());
    let (mut empty_built, mut empty_kept) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        let theirs = empty(&stage).await?;
        empty_built.push(theirs.built);
        empty_kept.push(theirs.kept);
        let own = ours(&stage, first, second).await?;
        built.push(own.built);
        kept.push(own.kept);
    }
    let peer = "a second window of an empty app of the same framework";
    Ok(Outcome::Measured(vec![
        Measure::new("prompt", built.median(), "ms", (peer, empty_built.median())),
        Measure::new("prompt-kept", kept.median(), "ms", (peer, empty_kept.median())),
    ]))
}

async fn ours(stage: &Stage, first: &str, second: &str) -> Result<Took> {
    let main = stage.screen.watch(MAIN)?;
    let mut app = stage.start_ours()?;
    main.painted().await?;
    let mut node = stage.node().await?;
    let (mut asks, mut took) = (Vec::new(), Vec::new());
    for crystal in [first, second] {
        let watch = stage.screen.watch(CONSENT)?;
        let began = Instant::now();
        asks.push(ask(&mut node, crystal).await?);
        took.push(watch.painted().await?.duration_since(began));
        stage.screen.close(CONSENT).await?;
    }
    for ask in asks {
        deny(&mut node, ask).await?;
    }
    app.end().await?;
    stage.screen.gone(MAIN).await?;
    both(&took)
}

async fn empty(stage: &Stage) -> Result<Took> {
    let main = stage.screen.watch(EMPTY)?;
    let mut app = stage.start_empty()?;
    main.painted().await?;
    let mut took = Vec::new();
    for _ in 0..2 {
        let watch = stage.screen.watch(SECOND)?;
        let began = Instant::now();
        app.tell()?;
        took.push(watch.painted().await?.duration_since(began));
        stage.screen.close(SECOND).await?;
    }
    app.end().await?;
    stage.screen.gone(EMPTY).await?;
    both(&took)
}

fn both(took: &[Duration]) -> Result<Took> {
    let [built, kept] = took else { bail!("not measured twice") };
    Ok(Took { built: *built, kept: *kept })
}
