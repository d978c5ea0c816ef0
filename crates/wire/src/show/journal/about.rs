//! Of an entry: who, what, to whom, and why.

use crate::show::{line, name_of};
use artifact::{ArtifactId, HumanKey};
use consent::{Ask, Event, Requester, Wish};
use node::{Fault, Look, PeerRow, title_of};
use std::{cell::OnceCell, collections::BTreeMap};

/// Who wished for it, what it is about, whom it reaches, and why, as whoever asked said. Each is
/// empty where the entry has none.
#[derive(Default)]
pub(super) struct About {
    pub(super) who: String,
    pub(super) thing: String,
    pub(super) whom: String,
    pub(super) why: String,
}

/// Tells it of the entries of one page.
pub(super) struct Abouts<'a> {
    look: &'a Look,
    peers: &'a [(HumanKey, PeerRow)],
    /// Asks by their receipts: read when the first entry names a receipt.
    asks: OnceCell<BTreeMap<ArtifactId, Ask>>,
}

impl<'a> Abouts<'a> {
    pub(super) const fn new(look: &'a Look, peers: &'a [(HumanKey, PeerRow)]) -> Self {
        Self { look, peers, asks: OnceCell::new() }
    }

    pub(super) fn of(&self, event: &Event) -> Result<About, Fault> {
        match event {
            Event::Asked { ask } => self.of_ask(ask),
            Event::Shown { ask, .. }
            | Event::Allowed { ask, .. }
            | Event::AllowedByRule { ask, .. }
            | Event::RuleMade { ask, .. }
            | Event::Denied { ask, .. }
            | Event::Expired { ask }
            | Event::Withdrawn { ask }
            | Event::Cancelled { ask }
            | Event::GrantFailed { ask, .. } => match self.look.ask(ask)? {
                Some(ask) => self.of_ask(&ask),
                None => Ok(About::default()),
            },
            Event::Exported { receipt, artifact } => self.of_receipt(receipt, artifact, None),
            Event::Told { receipt, artifact, peer }
            | Event::Serving { receipt, artifact, peer, .. }
            | Event::Served { receipt, artifact, peer, .. } => {
                self.of_receipt(receipt, artifact, Some(peer))
            }
            Event::Received { artifact, peer, .. } => Ok(About {
                who: name_of(self.peers, peer),
                thing: self.title(artifact)?,
                whom: "you".to_owned(),
                why: String::new(),
            }),
            Event::Stopped { receipt, peer } => match self.look.receipt(receipt)? {
                Some(row) => {
                    let about = self.of_receipt(receipt, &row.artifact, peer.as_ref())?;
                    let stop = peer.map(|peer| self.look.stop(receipt, &peer)).transpose()?;
                    let reason = stop.flatten().and_then(|stop| stop.reason);
                    let why = reason.map(|reason| line(&reason, 280)).unwrap_or_default();
                    Ok(About { who: "you".to_owned(), why, ..about })
                }
                None => Ok(About::default()),
            },
            _ => Ok(About::default()),
        }
    }

    fn of_ask(&self, ask: &Ask) -> Result<About, Fault> {
        let thing = match ask.wish.object() {
            Some(object) => self.title(&object.id)?,
            None => consent::prompt::what(&ask.wish, None),
        };
        let whom = match &ask.wish {
            Wish::SharePrivate { peers, .. } => {
                let names: Vec<String> = peers.iter().map(|h| name_of(self.peers, h)).collect();
                names.join(", ")
            }
            Wish::SharePublic { .. } => "anyone".to_owned(),
            Wish::Accept { peer, .. } | Wish::Let { peer } | Wish::Unhide { peer } => {
                name_of(self.peers, peer)
            }
            _ => String::new(),
        };
        let why = line(&ask.reason, consent::ask::MAX_REASON);
        Ok(About { who: who(&ask.by), thing, whom, why })
    }

    fn of_receipt(
        &self,
        receipt: &ArtifactId,
        artifact: &ArtifactId,
        peer: Option<&HumanKey>,
    ) -> Result<About, Fault> {
        if self.asks.get().is_none() {
            // Nobody else fills it: this page is made on one thread.
            drop(self.asks.set(self.look.allowed()?.into_iter().collect()));
        }
        let ask = self.asks.get().and_then(|asks| asks.get(receipt));
        let about = ask.map(|ask| self.of_ask(ask)).transpose()?.unwrap_or_default();
        let whom = peer.map_or(about.whom, |peer| name_of(self.peers, peer));
        Ok(About { thing: self.title(artifact)?, whom, ..about })
    }

    fn title(&self, artifact: &ArtifactId) -> Result<String, Fault> {
        let title = title_of(self.look, artifact)?;
        Ok(title.map_or_else(|| format!("artifact {}", artifact.short()), |t| line(&t, 160)))
    }
}

fn who(by: &Requester) -> String {
    match by {
        Requester::Agent { name, .. } => line(name, 64),
        Requester::Human { .. } => "you".to_owned(),
    }
}
