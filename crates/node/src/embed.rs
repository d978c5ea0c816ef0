//! Embedding in the background: what waits for it is embedded while the machine has power, and the
//! model is let go when nothing used it.
//!
//! Nothing waits for this: until a crystal is embedded its words find it.

use crate::{house::House, power::on_battery, search::doc};
use artifact::ArtifactId;
use std::{sync::Weak, time::Duration};
use tokio_util::sync::CancellationToken;

/// Looks `every` so often for what waits, until `stop`.
pub(crate) async fn embed(house: Weak<House>, stop: CancellationToken, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let Some(house) = house.upgrade() else { return };
        let stop = stop.clone();
        let rounds = tokio::task::spawn_blocking(move || {
            while !stop.is_cancelled() && !on_battery() && house.embed_some() {}
            house.index.rest();
        });
        if let Err(why) = rounds.await {
            tracing::error!(%why, "embedding ended in a panic: recall goes on by words");
            return;
        }
    }
}

impl House {
    /// Embeds the next few. False when nothing waits, or it cannot be done now.
    fn embed_some(&self) -> bool {
        let step = self.look().map_err(|e| e.to_string()).and_then(|look| {
            let read = |id: &ArtifactId| doc(&look, id).ok().flatten();
            self.index.embed(read).map_err(|e| e.to_string())
        });
        step.inspect_err(|why| tracing::warn!(%why, "nothing is embedded now")).is_ok_and(|n| n > 0)
    }
}
