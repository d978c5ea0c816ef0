//! Exchange with peers: what the network asks of the node, and what the node does by itself.
//!
//! What is told and served here stands in the journal before it leaves. What comes in is
//! verified in `consent`'s order before it is kept.

pub(crate) mod dial;
pub(crate) mod inside;
pub(crate) mod receive;
pub(crate) mod told;

pub(crate) use dial::Dialling;

use crate::{Fault, event::Event, house::House};
use artifact::HumanKey;
use std::sync::Arc;

impl House {
    /// Starts the host, fills the outbox from the store, and dials who is known.
    pub(crate) async fn start_host(self: &Arc<Self>) -> Result<(), Fault> {
        let Ok(me) = self.me() else { return Ok(()) };
        if self.host().is_some() {
            return Ok(());
        }
        let mut config = peer::Config::new(
            artifact::Secret::from_seed(me.transport.seed()),
            self.home.join("outbox"),
        );
        config.port = me.row.port;
        config.loopback_only = self.loopback_only;
        let signer = Arc::clone(&me);
        let sign: peer::SignAuthor = Arc::new(move |message| signer.author.sign(message));
        let inside = Arc::new(inside::Network::new(self));
        let host = peer::Host::start(config, inside, sign)
            .await
            .map_err(|e| Fault::not_now(format!("the network cannot be used: {e}"), ""))?;
        self.send(Event::Port(host.port()));
        self.set_host(Some(host.clone()));
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            house.restock(&host).await;
            house.retry_connects().await;
            house.dial_known().await;
        });
        Ok(())
    }

    /// Puts what live receipts cover into the outbox where it is missing: the truth is in the
    /// store, the outbox is a verified copy.
    async fn restock(self: &Arc<Self>, host: &peer::Host) {
        for receipt in self.live_receipts() {
            if host.has(&receipt.receipt().obj.id).await {
                continue;
            }
            if let Err(fault) = self.stock(host, &receipt).await {
                tracing::error!(%fault, "the outbox could not be filled");
            }
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
