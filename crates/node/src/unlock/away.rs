//! The human goes away, and the key is locked.

use super::Locked;
use crate::{Node, house::House};
use keys::away::{Away, NotSeen, Presence};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// How long to wait before logind is looked for again.
const AGAIN: Duration = Duration::from_secs(60);

impl Node {
    /// Locks human_key from now on when its human goes away: when their screen is locked, and
    /// before the machine sleeps. Where that is not seen, only the times of the unlock hold, and
    /// [`crate::Unlock`] says so. Needs a runtime.
    pub fn lock_when_away(&self) {
        let (house, stop) = (Arc::clone(&self.0), self.0.stop.clone());
        self.0.tasks.spawn(async move {
            let mut said = None;
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    unseen = house.follow() => {
                        if said.as_ref() != Some(&unseen) {
                            tracing::info!("{unseen}");
                        }
                        said = Some(unseen);
                    }
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(AGAIN) => {}
                }
            }
        });
    }
}

impl House {
    /// Follows until nothing is seen any more. What could go by unseen then ends the unlock.
    async fn follow(self: &Arc<Self>) -> NotSeen {
        let mut presence = match Presence::follow().await {
            Ok(presence) => presence,
            Err(unseen) => return unseen,
        };
        self.watched.store(true, Ordering::Relaxed);
        let unseen = loop {
            match presence.next().await {
                Ok(Away::ScreenLocked) => self.lock_or_say(Locked::Screen).await,
                Ok(Away::Asleep) => {
                    self.lock_or_say(Locked::Asleep).await;
                    presence.let_sleep();
                }
                Err(unseen) => break unseen,
            }
        };
        self.watched.store(false, Ordering::Relaxed);
        self.lock_or_say(Locked::Unseen).await;
        unseen
    }
}
