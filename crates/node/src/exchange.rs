//! Exchange with peers: what the network asks of the node, and what the node does by itself.
//!
//! What is told and served here stands in the journal before it leaves. What comes in is
//! verified in `consent`'s order before it is kept.

pub(crate) mod dial;
pub(crate) mod due;
pub(crate) mod earlier;
pub(crate) mod gate;
pub(crate) mod inside;
pub(crate) mod receive;
pub(crate) mod revoke;
pub(crate) mod settle;
pub(crate) mod shut;
pub(crate) mod strangers;
pub(crate) mod subscribe;
pub(crate) mod tally;
pub(crate) mod told;
pub(crate) mod whereabouts;
pub(crate) mod withdrawn;

pub(crate) use dial::Dialling;
pub(crate) use due::{describe_due, due_people};
pub(crate) use gate::Gate;
pub(crate) use shut::Shut;
pub(crate) use subscribe::{Body, Fetching};
pub(crate) use tally::Tally;
pub(crate) use whereabouts::Whereabouts;

use crate::{
    Fault,
    event::Event,
    house::{House, lock},
    words::reason,
};
use artifact::{HumanKey, display};
use consent::VerifiedReceipt;
use std::sync::Arc;

impl House {
    /// Starts the host, fills the outbox from the store, and dials who is known.
    pub(crate) async fn start_host(self: &Arc<Self>) -> Result<(), Fault> {
        let turn = self.starting.lock().await;
        self.start_host_in(&turn).await
    }

    /// The same, for whoever holds the turn.
    pub(crate) async fn start_host_in(
        self: &Arc<Self>,
        _turn: &tokio::sync::MutexGuard<'_, ()>,
    ) -> Result<(), Fault> {
        let Ok(me) = self.me() else { return Ok(()) };
        if self.host().is_some() || self.stop.is_cancelled() {
            return Ok(());
        }
        if self.anchored().await.is_distrusted() {
            tracing::error!("{}: not speaking to peers", crate::anchor::distrusted());
            return Ok(());
        }
        let mut config = peer::Config::new(
            artifact::Secret::from_seed(me.transport.seed()),
            self.home.join("outbox"),
        );
        config.port = me.row.port;
        config.loopback_only = self.loopback_only;
        config.reach = self.stored_reach()?;
        config.only_by_relay = self.stored_hidden()?;
        *lock(&self.hidden_from) = Some(config.only_by_relay.clone());
        let signer = Arc::clone(&me);
        let sign: peer::SignAuthor = Arc::new(move |message| signer.author.sign(message));
        let inside = Arc::new(inside::Network::new(self));
        let host = peer::Host::start(config, inside, sign)
            .await
            .map_err(|e| Fault::not_now(format!("the network cannot be used: {e}"), ""))?;
        self.send(Event::Port(host.port()));
        self.set_host(Some(host.clone()));
        self.restock(&host).await?;
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            house.retry_connects().await;
            house.dial_known().await;
        });
        Ok(())
    }

    /// Puts what kept receipts cover into the outbox where it is missing, and only then opens
    /// the gate for each: the truth is in the store, the outbox is a verified copy.
    async fn restock(self: &Arc<Self>, host: &peer::Host) -> Result<(), Fault> {
        let house = Arc::clone(self);
        let kept = tokio::task::spawn_blocking(move || house.kept_receipts());
        let kept = kept.await.map_err(Fault::broken)??;
        let ids = kept.iter().map(|receipt| receipt.id()).collect();
        if let Err(error) = host.keep_only(&ids).await {
            tracing::error!(%error, "bytes that nothing covers stay in the outbox");
        }
        for receipt in kept {
            if self.stop.is_cancelled() {
                break;
            }
            self.let_out(host, receipt).await;
        }
        Ok(())
    }

    /// Puts the bytes of a receipt into the outbox, opens the gate for it, and tells those of
    /// its audience who are connected. Gives how many were told; `None` when the outbox could
    /// not be written, which is tried again.
    pub(crate) async fn let_out(
        self: &Arc<Self>,
        host: &peer::Host,
        receipt: Arc<VerifiedReceipt>,
    ) -> Option<usize> {
        if !host.holds(&receipt).await
            && let Err(fault) = self.stock(host, &receipt).await
        {
            tracing::error!(%fault, "the outbox could not be filled");
            lock(&self.unstocked).push(receipt);
            return None;
        }
        if !self.gate.open(Arc::clone(&receipt)) {
            // It was ended while its bytes were on their way.
            if let Err(error) = host.let_go(&[receipt.id()].into()).await {
                tracing::error!(%error, "bytes stay in the outbox until the next start");
            }
            return Some(0);
        }
        Some(self.tell_connected(host, &receipt).await)
    }

    /// Tries again what the outbox did not take.
    pub(crate) async fn stock_late(self: &Arc<Self>) {
        let Some(host) = self.host() else { return };
        let waiting = std::mem::take(&mut *lock(&self.unstocked));
        for receipt in waiting {
            self.let_out(&host, receipt).await;
        }
    }

    pub(crate) fn on_port(&self, port: u16) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| {
            let Some(mut me) = change.me()? else { return Ok(()) };
            if me.port != port {
                me.port = port;
                change.put_me(&me)?;
            }
            Ok(())
        })
    }

    /// Gives a peer another name.
    pub(crate) fn on_rename(&self, human: &HumanKey, name: String) -> Result<(), Fault> {
        let peers = self.look()?.peers()?;
        if peers.iter().any(|(key, row)| key != human && row.name == name) {
            return Err(Fault::invalid(format!("somebody else is called {name} already"), ""));
        }
        self.store.change::<_, Fault>(|change| {
            let row = change.peer(human)?;
            let mut row = row.ok_or_else(|| Fault::invalid("this peer is not known", ""))?;
            row.name = name;
            Ok(change.put_peer(human, &row)?)
        })
    }
}

/// Who is in the inbox under this endpoint, for the human's eye.
pub(crate) fn describe_knock(
    look: &store::Look,
    endpoint: &artifact::TransportKey,
) -> Result<String, Fault> {
    Ok(match look.knock(endpoint)? {
        Some(row) => format!(
            "key {}\nendpoint {endpoint}\ncalls itself {}\nknocked {}",
            row.human,
            strangers::suggested(&row),
            display::count(row.times, "time", "times")
        ),
        None => format!("endpoint {endpoint}\nis no longer in the inbox"),
    })
}

/// What was blocked there and why, for the human's eye.
pub(crate) fn describe_block(
    look: &store::Look,
    endpoint: &artifact::TransportKey,
) -> Result<String, Fault> {
    let row = look.block(endpoint)?;
    let why = row.map_or_else(|| "It is not blocked any more.".to_owned(), |row| reason(&row.why));
    Ok(format!("endpoint {endpoint}\n{why}"))
}

/// A ticket for the human's eye: where it leads and whose it is.
pub(crate) fn describe_ticket(text: &str) -> String {
    match text.parse::<peer::Ticket>() {
        Ok(ticket) => {
            let addresses: Vec<String> = ticket.addresses.iter().map(ToString::to_string).collect();
            format!("endpoint {}\naddresses {}", ticket.endpoint, addresses.join(", "))
        }
        Err(e) => e.to_string(),
    }
}
