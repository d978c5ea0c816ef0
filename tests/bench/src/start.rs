//! From the start of the process to a usable window: the main window with its first view drawn.
//!
//! Ours has its keys and a few crystals, as on any day but the first. The peer is an app of the
//! same framework and features with one heading on its page. What "drawn" means is told by
//! [`crate::desktop::screen`].

use crate::{
    desktop::{App, EMPTY, MAIN, Stage},
    report::{Measure, Outcome},
    sample::Samples,
};
use anyhow::Result;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

/// Measures both in turns.
pub(crate) async fn run() -> Result<Outcome> {
    let stage = match Stage::set()? {
        Ok(stage) => stage,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    stage.furnish().await?;
    let (mut ours, mut empty) = (Samples::default(), Samples::default());
    // The first of each reads its files from the disk, and is not counted.
    for round in 0..=ROUNDS {
        let theirs = once(&stage, EMPTY, Stage::start_empty).await?;
        let own = once(&stage, MAIN, Stage::start_ours).await?;
        if round > 0 {
            empty.push(theirs);
            ours.push(own);
        }
    }
    let peer = ("an empty app of the same framework", empty.median());
    Ok(Outcome::Measured(vec![Measure::new("start", ours.median(), "ms", peer)]))
}

async fn once(
    stage: &Stage,
    title: &'static str,
    start: impl FnOnce(&Stage) -> Result<App>,
) -> Result<Duration> {
    let watch = stage.screen.watch(title)?;
    let began = Instant::now();
    let mut app = start(stage)?;
    let painted = watch.painted().await?;
    app.end().await?;
    stage.screen.gone(title).await?;
    Ok(painted.duration_since(began))
}
