//! A relay, the real one, in this process.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use iroh_relay::server::{
    Access, AccessControl, ClientRequest, ConnectionId, RelayConfig, Server, ServerConfig,
};
use peer::ServerUrl;
use std::{net::Ipv4Addr, sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};

/// Where a relay stands that is reached from this machine alone.
pub const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const PATIENCE: Duration = Duration::from_secs(20);

/// A relay that says who is connected to it.
pub struct Relay {
    pub url: ServerUrl,
    guests: watch::Sender<Vec<[u8; 32]>>,
    _server: Server,
}

#[derive(Debug)]
struct Guests(watch::Sender<Vec<[u8; 32]>>);

impl AccessControl for Guests {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        self.0.send_modify(|guests| guests.push(*request.endpoint_id().as_bytes()));
        Access::Allow
    }

    fn on_disconnect(&self, endpoint: iroh::EndpointId, _connection: ConnectionId) {
        self.0.send_modify(|guests| {
            if let Some(at) = guests.iter().position(|guest| guest == endpoint.as_bytes()) {
                guests.remove(at);
            }
        });
    }
}

impl Relay {
    pub async fn start(ip: Ipv4Addr) -> Self {
        let guests = watch::Sender::new(Vec::new());
        let mut relay = RelayConfig::new((ip, 0));
        relay.access = Arc::new(Guests(guests.clone()));
        let mut config = ServerConfig::default();
        config.relay = Some(relay);
        let server = Server::spawn(config).await.unwrap();
        let url = format!("http://{}", server.http_addr().unwrap()).parse().unwrap();
        Self { url, guests, _server: server }
    }

    /// Waits until an endpoint has that many connections to the relay.
    pub async fn until(&self, endpoint: &artifact::TransportKey, connections: usize) {
        let mut guests = self.guests.subscribe();
        let count = |guests: &Vec<[u8; 32]>| {
            guests.iter().filter(|guest| *guest == endpoint.as_bytes()).count()
        };
        let came = timeout(PATIENCE, guests.wait_for(|guests| count(guests) == connections)).await;
        assert!(matches!(came, Ok(Ok(_))), "{:?} never was {connections}", self.guests.borrow());
    }
}
