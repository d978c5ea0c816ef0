//! A puppet that nobody knows: it knocks as the rules say, or says something that is none of them.

use super::{Identity, Way, framed, heard::next};
use artifact::ArtifactId;
use iroh::{Endpoint, endpoint::Connection};
use session::{CardMessage, Introduce, Message, Role, binding_bytes};

/// Somebody with an endpoint and a card, and no session.
pub struct Stranger {
    endpoint: Endpoint,
    identity: Identity,
    way: Way,
}

impl Stranger {
    /// One more endpoint.
    pub async fn new(identity: Identity, way: &Way) -> Self {
        let endpoint = identity.endpoint(&[]).await;
        Self { endpoint, identity, way: way.clone() }
    }

    /// Connects for one protocol; `None` where the house does not let it come so far.
    pub async fn connects(&self, alpn: &[u8]) -> Option<Connection> {
        self.endpoint.connect(self.way.address.clone(), alpn).await.ok()
    }

    /// Says these bytes on a stream of its own; `None` where it was cut off before.
    pub async fn says(&self, conn: &Connection, bytes: &[u8]) -> Option<()> {
        let (mut send, _) = conn.open_bi().await.ok()?;
        send.write_all(bytes).await.ok()?;
        send.finish().ok()
    }

    /// Introduces itself, and shows who it is when it is told to; `None` as above.
    pub async fn knocks(&self, conn: &Connection) -> Option<()> {
        let (mut send, mut recv) = conn.open_bi().await.ok()?;
        let card = self.identity.card.clone();
        let mine = ArtifactId::of(&card);
        let hello = Introduce { versions: vec![0], card: mine, proof: None };
        let hello = Message::Introduce(hello).encode().unwrap();
        send.write_all(&framed(&hello)).await.ok()?;
        next(&mut recv).await?;
        let mut exporter = [0; 32];
        conn.export_keying_material(&mut exporter, session::EXPORTER_LABEL, b"").unwrap();
        let nobody = ArtifactId::from_bytes([0; 32]);
        let signed = binding_bytes(Role::Dialler, &exporter, &mine, &nobody);
        let binding = self.identity.author.sign(&signed);
        let knock = Message::Knock(CardMessage { card, binding }).encode().unwrap();
        send.write_all(&framed(&knock)).await.ok()?;
        // What waits on its way is lost when this end leaves first.
        while next(&mut recv).await.is_some() {}
        Some(())
    }

    /// Says these bytes on a stream of its own and waits until the house has had enough; `None` where
    /// it was cut off before.
    pub async fn provokes(&self, alpn: &[u8], bytes: &[u8]) -> Option<()> {
        let conn = self.connects(alpn).await?;
        self.says(&conn, bytes).await?;
        conn.closed().await;
        Some(())
    }

    /// Leaves.
    pub async fn leave(self) {
        self.endpoint.close().await;
    }
}
