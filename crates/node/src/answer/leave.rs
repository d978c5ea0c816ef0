//! What follows from a yes to a share: its bytes come into the outbox, and its audience is told.

use crate::{Fault, event::Event, house::House};
use artifact::{Act, ArtifactId};
use consent::{Event as Entry, VerifiedReceipt};
use std::sync::Arc;

impl House {
    /// Copies the consented bytes to the outbox, journals it, and tells the audience.
    pub(crate) async fn export(self: &Arc<Self>, receipt: &Arc<VerifiedReceipt>) -> String {
        let Some(host) = self.host() else {
            return "Allowed. It leaves when the node runs and its audience connects.".into();
        };
        match self.let_out(&host, Arc::clone(receipt)).await {
            None => "Allowed, but the outbox could not be written. It is tried again.".into(),
            Some(0) if receipt.receipt().act == Act::SharePublic => {
                "Allowed. No peer is connected now; peers are told when they connect.".into()
            }
            Some(0) => "Allowed. The audience is offline now and gets it when it connects.".into(),
            Some(1) => "Allowed. One peer was told at once.".into(),
            Some(n) => format!("Allowed. {n} peers were told at once."),
        }
    }

    /// Puts the bytes that a receipt covers into the outbox.
    pub(crate) async fn stock(
        self: &Arc<Self>,
        host: &peer::Host,
        receipt: &Arc<VerifiedReceipt>,
    ) -> Result<(), Fault> {
        let artifact: ArtifactId = receipt.receipt().obj.id;
        let bytes = self.look()?.snapshot(&artifact)?;
        let bytes = bytes.ok_or_else(|| Fault::broken("the frozen bytes are gone"))?;
        host.export(receipt, &bytes).await.map_err(Fault::broken)?;
        let event = Entry::Exported { receipt: receipt.id(), artifact };
        self.happen(|r| Event::Journal(Box::new(event), r)).await
    }
}
