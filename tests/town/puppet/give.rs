//! How a puppet gives: all that it has, to anyone, but for what it was told to do otherwise.

use super::{Puppet, Settle, bent::Bent, heard::Ear};
use iroh::Endpoint;
use iroh_blobs::{
    Hash,
    protocol::{ERR_PERMISSION, Request},
    provider::{self, StreamPair, events::EventSender},
    store::mem::MemStore,
};
use peer::{CRYSTAL_ALPN, PACKET_ALPN, SETTLE_ALPN};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};
use tokio::sync::mpsc;

type Marked = Arc<Mutex<BTreeSet<Hash>>>;

/// Bytes that are not given as they should be, and what was asked for.
#[derive(Clone, Default)]
pub(super) struct Moods {
    bent: Marked,
    stalled: Marked,
    refused: Marked,
    asked: Arc<Mutex<Vec<Hash>>>,
}

fn is(marked: &Marked, hash: &Hash) -> bool {
    marked.lock().unwrap().contains(hash)
}

impl Puppet {
    /// Changes one byte whenever it gives these.
    pub fn bends(&self, bytes: &[u8]) {
        self.moods.bent.lock().unwrap().insert(Hash::new(bytes));
    }

    /// Never answers whoever asks for these.
    pub fn stalls(&self, bytes: &[u8]) {
        self.moods.stalled.lock().unwrap().insert(Hash::new(bytes));
    }

    /// Says no to whoever asks for these, as a gate does.
    pub fn refuses(&self, bytes: &[u8]) {
        self.moods.refused.lock().unwrap().insert(Hash::new(bytes));
    }

    /// Gives these after all.
    pub fn relents(&self, bytes: &[u8]) {
        self.moods.refused.lock().unwrap().remove(&Hash::new(bytes));
    }

    /// How often it was asked for these.
    pub fn asked(&self, bytes: &[u8]) -> usize {
        let hash = Hash::new(bytes);
        self.moods.asked.lock().unwrap().iter().filter(|one| **one == hash).count()
    }
}

/// Gives whatever the store has, to anyone.
pub(super) async fn give(
    endpoint: Endpoint,
    store: MemStore,
    moods: Moods,
    (said, ear): (mpsc::UnboundedSender<Vec<u8>>, Ear),
) {
    while let Some(incoming) = endpoint.accept().await {
        let Ok(conn) = incoming.await else { continue };
        if conn.alpn() == SETTLE_ALPN {
            tokio::spawn(Settle::hear(conn, said.clone(), ear.clone()));
            continue;
        }
        if conn.alpn() == CRYSTAL_ALPN && ear.open {
            tokio::spawn(ear.clone().follows(conn));
            continue;
        }
        if conn.alpn() != PACKET_ALPN {
            continue;
        }
        let (store, moods, ear) = (store.clone(), moods.clone(), ear.clone());
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut inner, mut recv)) = conn.accept_bi().await {
                let Ok((Request::Get(get), _)) = Request::read_async(&mut recv).await else {
                    continue;
                };
                ear.takes(format!("{get:?}").as_bytes());
                moods.asked.lock().unwrap().push(get.hash);
                if is(&moods.stalled, &get.hash) {
                    silent.push((inner, recv));
                    continue;
                }
                if is(&moods.refused, &get.hash) {
                    // Whoever asked may have hung up.
                    drop(inner.reset(ERR_PERMISSION));
                    continue;
                }
                let bend = is(&moods.bent, &get.hash);
                let send = Bent { inner, bend, sent: 0 };
                let pair =
                    StreamPair::new(conn.stable_id() as u64, recv, send, EventSender::DEFAULT);
                // The taker may hang up on a lie.
                drop(provider::handle_get(pair, store.as_ref().clone(), get).await);
            }
        });
    }
}
