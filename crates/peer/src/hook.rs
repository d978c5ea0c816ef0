//! The first no: which connections are let past their TLS handshake.

use crate::{HANDSHAKE_ALPN, limit::Rate, seat::remote_of, sessions::Sessions};
use iroh::endpoint::{AfterHandshakeOutcome, Connection, EndpointHooks};
use session::Code;
use std::sync::Arc;

/// Refuses every ALPN but the handshake until the endpoint's session is Ready, and handshakes
/// that come too fast. Holds no endpoint: the endpoint holds it.
#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) handshakes: Rate,
}

impl EndpointHooks for Hook {
    async fn after_handshake(&self, conn: &Connection) -> AfterHandshakeOutcome {
        if conn.side().is_client() {
            return AfterHandshakeOutcome::Accept;
        }
        let remote = remote_of(conn);
        let refused = if conn.alpn() == HANDSHAKE_ALPN {
            (!self.handshakes.take(remote)).then_some(Code::TooFast)
        } else {
            self.sessions.live(&remote).is_none().then_some(Code::NotReady)
        };
        match refused {
            None => AfterHandshakeOutcome::Accept,
            Some(code) => AfterHandshakeOutcome::Reject {
                error_code: code.number().into(),
                reason: code.word().as_bytes().to_vec(),
            },
        }
    }
}
