//! A lookup server, the real one, in this process, which says when somebody published something.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use iroh_dns_server::{
    Server,
    config::{Config, MetricsConfig, RateLimitConfig},
};
use peer::ServerUrl;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::AbortHandle,
};

/// How the server begins to say that it keeps what was published.
const KEPT: &[u8] = b"HTTP/1.1 204";

/// A server that keeps signed packets about endpoints.
pub(crate) struct Lookup {
    pub(crate) url: ServerUrl,
    kept: watch::Receiver<usize>,
    passing: AbortHandle,
    _server: Server,
    _folder: tempfile::TempDir,
}

impl Lookup {
    pub(crate) async fn start(ip: Ipv4Addr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        let http = config.http.as_mut().unwrap();
        (http.port, http.bind_addr) = (0, Some(ip.into()));
        config.https = None;
        (config.dns.port, config.dns.bind_addr) = (0, Some(ip.into()));
        config.metrics = Some(MetricsConfig::disabled());
        config.pkarr_put_rate_limit = RateLimitConfig::Disabled;
        config.data_dir = Some(folder.path().to_owned());
        let server = Server::bind(config).await.unwrap();
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let (count, kept) = watch::channel(0);
        let passing = tokio::spawn(pass(listener, server.http_addr().unwrap(), count));
        let passing = passing.abort_handle();
        Self { url, kept, passing, _server: server, _folder: folder }
    }

    /// How often something was published; it has changed when something was since the last look.
    pub(crate) fn kept(&self) -> watch::Receiver<usize> {
        self.kept.clone()
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        self.passing.abort();
    }
}

/// Takes the server's guests to it, and counts what it keeps.
async fn pass(listener: TcpListener, server: SocketAddr, kept: watch::Sender<usize>) {
    while let Ok((guest, _)) = listener.accept().await {
        let kept = kept.clone();
        tokio::spawn(async move {
            let server = TcpStream::connect(server).await.unwrap();
            let ((mut asks, mut hears), (mut answers, mut listens)) =
                (guest.into_split(), server.into_split());
            let asked =
                tokio::spawn(
                    async move { tokio::io::copy(&mut asks, &mut listens).await.map(drop) },
                );
            let mut said = vec![0; 16 << 10];
            // Whoever leaves first has had enough.
            while let Ok(n @ 1..) = answers.read(&mut said).await {
                if hears.write_all(&said[..n]).await.is_err() {
                    break;
                }
                if said[..n].starts_with(KEPT) {
                    kept.send_modify(|kept| *kept += 1);
                }
            }
            asked.abort();
        });
    }
}
