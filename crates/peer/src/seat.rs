//! This node's seat in one session: what every step is decided on.

use crate::{PinError, shared::Shared};
use artifact::TransportKey;
use consent::VerifiedCard;
use iroh::endpoint::Connection;
use session::{Code, Facts, Invitation, InviteId, PinRefused, Role};
use std::sync::Arc;

/// One end of one connection.
pub(crate) struct Seat {
    pub(crate) remote: TransportKey,
    pub(crate) role: Role,
    pub(crate) exporter: [u8; 32],
    card: Arc<[u8]>,
    pub(crate) invited: Option<Invited>,
}

/// What a dialler came with.
#[derive(Debug, Clone)]
pub(crate) struct Invited {
    pub(crate) invitation: Invitation,
    pub(crate) tag: crate::DialTag,
}

/// The endpoint id at the other end, which TLS has proven.
pub(crate) fn remote_of(conn: &Connection) -> TransportKey {
    TransportKey::from_bytes(*conn.remote_id().as_bytes())
}

/// Closes a connection with a code.
pub(crate) fn close(conn: &Connection, code: Code) {
    conn.close(code.number().into(), code.word().as_bytes());
}

impl Seat {
    /// Takes the seat. None when TLS exports no keying material, which it always does.
    pub(crate) fn take(
        shared: &Shared,
        conn: &Connection,
        role: Role,
        invited: Option<Invited>,
    ) -> Option<Self> {
        let mut exporter = [0; 32];
        conn.export_keying_material(&mut exporter, session::EXPORTER_LABEL, b"").ok()?;
        let card = shared.inside.card();
        Some(Self { remote: remote_of(conn), role, exporter, card, invited })
    }

    /// Decides something on the facts as they are now.
    pub(crate) fn with<T>(&self, shared: &Shared, decide: impl FnOnce(&Facts<'_>) -> T) -> T {
        let inside = &shared.inside;
        let invites = match self.role {
            Role::Accepter => inside.invites(),
            Role::Dialler => Vec::new(),
        };
        decide(&Facts {
            role: self.role,
            exporter: &self.exporter,
            remote: self.remote,
            card: &self.card,
            sign: &|bytes| (shared.sign)(bytes),
            standing: inside.standing(&self.remote),
            blocked: &|human| inside.blocked(human),
            invites: &invites,
            invitation: self.invited.as_ref().map(|invited| invited.invitation),
            capabilities: &shared.capabilities,
            now: inside.now(),
        })
    }

    /// Has the node pin the other's human.
    pub(crate) async fn pin(
        &self,
        shared: &Shared,
        card: VerifiedCard,
        invite: Option<InviteId>,
    ) -> Result<(), PinRefused> {
        let tag = self.invited.as_ref().map(|invited| invited.tag.clone());
        shared.inside.pin(card, invite, tag).await.map_err(|error| {
            tracing::warn!("nobody was pinned: {error}");
            match error {
                PinError::Spent | PinError::Refused => PinRefused::Refused,
                PinError::CardOld => PinRefused::CardOld,
                PinError::Broken(_) => PinRefused::Broken,
            }
        })
    }
}
