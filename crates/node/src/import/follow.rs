//! Following agents' logs for as long as the node runs, once its human said so: every log of every
//! program that is known, from where an import left off.

use super::watch::{self, Where};
use crate::{
    Fault, Node, Notice, Said,
    event::Event,
    house::{House, lock},
};
use std::sync::{Arc, Mutex};

/// The job that follows, while one does.
#[derive(Default)]
pub(crate) struct Following(Mutex<Option<u64>>);

impl Node {
    /// Says whether agents' logs are followed, now and after every start.
    ///
    /// # Errors
    /// When it cannot be written, or the node has no keys yet.
    pub async fn follow(&self, on: bool) -> Result<(), Fault> {
        self.0.me()?;
        self.0.happen(|reply| Event::Follow(on, reply)).await?;
        if on {
            self.0.begin_following();
        } else if let Some(job) = lock(&self.0.following.0).take() {
            self.0.jobs.cancel(job);
        }
        self.0.notify(Notice::Settings);
        Ok(())
    }

    /// Whether agents' logs are followed, and what of them could not be read.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn follows(&self) -> Result<(bool, Said), Fault> {
        let failures = match &*lock(&self.0.following.0) {
            Some(job) => self.0.jobs.failures(*job),
            None => Said::default(),
        };
        Ok((self.0.look()?.follows()?, failures))
    }
}

impl House {
    pub(crate) fn on_follow(&self, on: bool) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| Ok(change.put_follows(on)?))
    }

    /// Follows, if its human said so and the node has keys to keep by.
    pub(crate) fn follow_as_said(self: &Arc<Self>) {
        let said = self.look().and_then(|look| Ok(look.follows()?));
        match said {
            Ok(true) if self.me().is_ok() => self.begin_following(),
            Ok(_) => {}
            Err(fault) => tracing::warn!(%fault, "whether logs are followed is not known"),
        }
    }

    fn begin_following(self: &Arc<Self>) {
        let mut following = lock(&self.following.0);
        if following.is_none() {
            let (job, cancelled) = self.jobs.begin_quiet();
            *following = Some(job);
            watch::spawn(self, job, Where::Aside, cancelled);
        }
    }
}
