//! Looking at a running node: what faces show of it.

use crate::{
    Fault, Node,
    house::{House, lock},
};
use artifact::{ArtifactId, HumanKey, Trace};
use consent::{ChainError, EntryHash};
use distil::Sidecar;
use keys::KeyState;
use std::{path::Path, sync::Arc};
use store::{Look, Self_, Sizes};

/// A live connection to a peer.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Whose.
    pub human: HumanKey,
    /// Whether bytes go straight to the other machine.
    pub direct: bool,
    /// The round trip in milliseconds.
    pub rtt: f64,
    /// Since when.
    pub since: artifact::UnixMillis,
}

/// How much of everything there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Crystals made here, and crystals from peers.
    pub crystals: (u32, u32),
    /// Heads without bodies.
    pub heads: u32,
    /// Traces.
    pub traces: u32,
    /// Bytes of the logs they were made from.
    pub log_bytes: u64,
}

impl Node {
    /// A consistent look at the store.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn look(&self) -> Result<Look, Fault> {
        self.0.look()
    }

    /// Who this node is; `None` before the first start.
    #[must_use]
    pub fn me(&self) -> Option<Self_> {
        self.0.me().ok().map(|me| me.row.clone())
    }

    /// The data folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.0.home
    }

    /// What the network asks of this node, as its host is given it. It grants nothing.
    #[must_use]
    pub fn toward_peers(&self) -> Arc<dyn peer::Inside> {
        Arc::new(crate::exchange::inside::Network::new(&self.0))
    }

    /// What agents ask of this node, as its doors are given it. It grants nothing. Needs a
    /// runtime.
    #[must_use]
    pub fn toward_agents(&self) -> Arc<dyn door::Inside> {
        Arc::new(crate::agent::Indoors::new(&self.0))
    }

    /// Whether this process shows windows.
    #[must_use]
    pub fn has_window(&self) -> bool {
        self.0.has_window
    }

    /// How human_key stands. Asks the keychain.
    pub async fn key_state(&self) -> KeyState {
        self.0.key_state().await
    }

    /// The UDP port; 0 while the node is not online.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.host().map_or(0, |host| host.port())
    }

    /// Live connections.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let connected = self.0.host().map(|host| host.connected()).unwrap_or_default();
        connected.into_iter().map(link).collect()
    }

    /// Bytes on disk: the store's, the logs', and the index's.
    #[must_use]
    pub fn sizes(&self) -> (Sizes, u64) {
        (self.0.store.sizes(), store::disk::used(&self.0.home.join("index")))
    }

    /// The log of a trace, as it was imported.
    ///
    /// # Errors
    /// When it is not here or damaged.
    pub fn trace(&self, id: &ArtifactId) -> Result<Arc<Trace>, Fault> {
        let mut last = lock(&self.0.last_trace);
        if let Some((_, trace)) = last.as_ref().filter(|(which, _)| which == id) {
            return Ok(Arc::clone(trace));
        }
        if self.0.look()?.trace(id)?.is_some_and(|row| row.purged.is_some()) {
            let hint = "the crystal stays; the run it was distilled from is gone";
            return Err(Fault::invalid("this trace was purged", hint));
        }
        let cap = artifact::Kind::Trace.cap() as u64;
        let bytes = self.0.store.vault().read_all(id, cap)?;
        let trace = Arc::new(Trace::open(&bytes).map_err(Fault::broken)?.payload);
        *last = Some((*id, Arc::clone(&trace)));
        Ok(trace)
    }

    /// The anchors of a crystal; none for a peer's.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sidecar(&self, id: &ArtifactId) -> Result<Option<Sidecar>, Fault> {
        let bytes = self.0.look()?.sidecar(id)?;
        let decode = |bytes: Vec<u8>| artifact::canon::decode(&bytes, usize::MAX);
        bytes.map(decode).transpose().map_err(Fault::broken)
    }

    /// Reads the whole journal and checks it.
    ///
    /// # Errors
    /// When the store cannot be read, or this node has no journal yet.
    pub async fn verify_journal(&self) -> Result<Result<(u64, EntryHash), ChainError>, Fault> {
        let (house, me) = (Arc::clone(&self.0), self.0.me()?);
        let verdict = tokio::task::spawn_blocking(move || {
            Ok::<_, Fault>(house.look()?.verify_journal(&me.row.journal)?)
        });
        verdict.await.map_err(Fault::broken)?
    }

    /// How much of everything there is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn counts(&self) -> Result<Counts, Fault> {
        self.0.counts()
    }

    /// Gives a peer another name.
    ///
    /// # Errors
    /// When nobody is called this, or somebody is called the new name already.
    pub async fn rename(&self, peer: &str, name: &str) -> Result<(), Fault> {
        let human = crate::resolve(&self.0.look()?.peers()?, peer)?;
        let name = crate::audience::check_name(name)?;
        let name = name.ok_or_else(|| Fault::invalid("the new name is empty", ""))?;
        self.0.happen(|reply| crate::event::Event::Rename(human, name, reply)).await?;
        self.0.notify(crate::Notice::Peers);
        Ok(())
    }
}

impl House {
    fn counts(&self) -> Result<Counts, Fault> {
        let look = self.look()?;
        let (mine, peers) = look.crystal_counts()?;
        let (traces, log_bytes) = look.traces()?;
        let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(Counts {
            crystals: (small(mine), small(peers)),
            heads: small(look.open_head_count()?),
            traces: small(traces),
            log_bytes,
        })
    }
}

fn link(connected: peer::Connected) -> Link {
    Link {
        human: connected.party.human,
        direct: matches!(connected.path, peer::Path::Direct),
        rtt: connected.rtt.as_secs_f64() * 1000.0,
        since: connected.since,
    }
}
