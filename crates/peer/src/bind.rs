//! Binds the endpoint: no relay, no lookup, no port mapping, and the port of last time.

use crate::{Config, hook::Hook, limit::Rate, sessions::Sessions};
use iroh::{
    Endpoint, SecretKey,
    endpoint::{BindOpts, PortmapperConfig, QuicTransportConfig, presets},
};
use std::{
    io::ErrorKind,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::UdpSocket,
    time::{sleep, timeout},
};

/// What one connection may have this node buffer before it is authorised for more. A frame is
/// at most 64 KiB.
const STREAM_WINDOW: u32 = 128 << 10;
const WINDOW: u32 = 256 << 10;

/// How long a taken port is waited for: this node's last run may still be letting it go.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two looks at a taken port.
const LOOK: Duration = Duration::from_millis(20);

/// Binds to the wanted port, or where that is taken to any. Tells whether it was kept.
pub(crate) async fn bind(
    config: &Config,
    sessions: &Arc<Sessions>,
) -> Result<(Endpoint, bool), String> {
    if config.port != 0 {
        freed(ip(config), config.port, PATIENCE).await;
    }
    match bind_to(config, sessions, config.port).await {
        Ok(endpoint) => Ok((endpoint, true)),
        Err(_) if config.port != 0 => {
            let endpoint = bind_to(config, sessions, 0).await?;
            tracing::warn!(wanted = config.port, "the port is taken, another is used");
            Ok((endpoint, false))
        }
        Err(error) => Err(error),
    }
}

const fn ip(config: &Config) -> Ipv4Addr {
    if config.loopback_only { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED }
}

/// Waits until nobody holds a UDP port, at most `limit`. Tells whether it is free.
pub(crate) async fn freed(ip: Ipv4Addr, port: u16, limit: Duration) -> bool {
    let free = async {
        while UdpSocket::bind((ip, port)).await.is_err_and(|e| e.kind() == ErrorKind::AddrInUse) {
            sleep(LOOK).await;
        }
    };
    timeout(limit, free).await.is_ok()
}

async fn bind_to(config: &Config, sessions: &Arc<Sessions>, port: u16) -> Result<Endpoint, String> {
    let transport = QuicTransportConfig::builder()
        .max_concurrent_bidi_streams(1_u32.into())
        .max_concurrent_uni_streams(1_u32.into())
        .stream_receive_window(STREAM_WINDOW.into())
        .receive_window(WINDOW.into())
        .build();
    let hook = Hook { sessions: Arc::clone(sessions), handshakes: Rate::default() };
    let builder = Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(config.transport.seed()))
        .portmapper_config(PortmapperConfig::Disabled)
        .transport_config(transport)
        .hooks(hook)
        .clear_ip_transports();
    let mut builder =
        builder.bind_addr(SocketAddr::from((ip(config), port))).map_err(|e| format!("{e:#}"))?;
    if !config.loopback_only {
        let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
        let optional = BindOpts::default().set_is_required(false);
        builder = builder.bind_addr_with_opts(any, optional).map_err(|e| format!("{e:#}"))?;
    }
    builder.bind().await.map_err(|e| format!("{e:#}"))
}
