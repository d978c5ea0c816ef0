//! Taking findings out of what is asked for: another crystal, about which the human is asked.
//!
//! Nothing is allowed by it. The ask that was looked at ends as a no, in the same transaction in
//! which the other begins; no rule answers that one, whatever it covers.

use super::{NewAsk, no_such_ask, share};
use crate::{Fault, Node, Notice, event::Event, house::House};
use artifact::{ArtifactId, Crystal, Object, crystal::Cut, display};
use consent::{Ask, AskId, Event as Entry, Redaction, State, Way, Wish};
use std::collections::BTreeSet;

/// What is to be taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakeOut {
    /// Everything that the scanner found.
    All,
    /// These findings, by their place in the prompt, counted from 0.
    These(Vec<usize>),
}

/// A redaction on its way to the store.
pub(crate) struct Redact {
    of: AskId,
    way: Way,
    new: NewAsk,
}

impl Node {
    /// Ends an ask, and asks about a version without these findings in its place. The caller
    /// vouches for the face; `code` is the one that was shown. Gives the new ask's id.
    ///
    /// # Errors
    /// When the ask is settled already, shares nothing, or has no such findings; when this face
    /// may not grant, or the code is another's. The ask waits then as before.
    pub async fn redact(
        &self,
        id: &AskId,
        way: Way,
        code: &str,
        take_out: TakeOut,
    ) -> Result<AskId, Fault> {
        let ask = self.0.look()?.ask(id)?.ok_or_else(|| no_such_ask(id))?;
        crate::answer::still_waits(&ask)?;
        if !way.may_grant() {
            let what = "something is taken out where it could be allowed, and nowhere else";
            return Err(Fault::refused(what, "open the prompt in the consent window"));
        }
        if consent::words_of(&ask) != code {
            return Err(crate::answer::other_code());
        }
        let (house, made) = (std::sync::Arc::clone(&self.0), ask.clone());
        let new = tokio::task::spawn_blocking(move || house.redacted(&made, &take_out));
        let new = new.await.map_err(Fault::broken)??;
        let redact = Box::new(Redact { of: *id, way, new });
        let instead = self.0.happen(|reply| Event::Redact(redact, reply)).await?;
        self.0.noted.forget(id);
        self.0.notify(Notice::Settled(*id, "denied"));
        // Whoever took something out goes on to it: nobody has to be called.
        self.0.notify(Notice::Asked { ask: instead, quiet: true });
        Ok(instead)
    }
}

impl House {
    /// The ask about a version without what is taken out.
    fn redacted(&self, ask: &Ask, take_out: &TakeOut) -> Result<NewAsk, Fault> {
        let me = self.me()?;
        let look = self.look()?;
        let Some(object) = ask.wish.object() else {
            return Err(Fault::invalid("nothing would leave by this, so nothing can go", ""));
        };
        let bytes = look.snapshot(&object.id)?;
        // What it is made of, also where that was sealed anew for the ask.
        let whole_id = look.whole_of(&object.id)?;
        let bytes = bytes.ok_or_else(|| Fault::broken("the frozen bytes of this ask are gone"))?;
        let (opened, _) = Crystal::open(&bytes).map_err(Fault::broken)?;
        let whole = opened.payload;
        let cuts = cuts(ask, &whole.text(), take_out)?;
        let mut redacted = whole.redact(&cuts);
        if redacted.fields.is_empty() {
            let what = "nothing of the crystal's own words would go by this";
            return Err(Fault::invalid(what, "choose another finding, or deny it"));
        }
        let kept = self.kept_evidence(&whole_id, &whole, &redacted.fields)?;
        let mut kept = kept.into_iter();
        redacted.crystal.evidence.retain(|_| kept.next().unwrap_or(false));
        let bytes = redacted.crystal.seal(&me.author).map_err(Fault::broken)?;
        let object =
            Object { id: ArtifactId::of(&bytes), size: bytes.len() as u64, children: None };
        let wish = match &ask.wish {
            Wish::SharePrivate { peers, .. } => Wish::SharePrivate { object, peers: peers.clone() },
            _ => Wish::SharePublic { object },
        };
        let (of, before) = match ask.redacts {
            Some(earlier) => (earlier.of, earlier.taken_out),
            None => (whole_id, 0),
        };
        // What goes with the findings is found out by the new ask.
        let objections = self.against_wish(&ask.by, &wish);
        if !objections.is_empty() {
            return Err(crate::policy::forbidden(&objections));
        }
        let taken_out = before.saturating_add(cuts.len() as u64);
        let mut new = share(ask.by.clone(), wish, ask.reason.clone(), bytes);
        new.redacts = Some(Redaction { ask: ask.id, of, taken_out });
        Ok(new)
    }

    /// For each commitment of a crystal, whether it stays: those over lines on which a field stands
    /// that is another now go. Where it is not known what they commit to, all go.
    fn kept_evidence(
        &self,
        id: &ArtifactId,
        whole: &Crystal,
        changed: &BTreeSet<String>,
    ) -> Result<Vec<bool>, Fault> {
        let sidecar = self.look()?.sidecar(id)?;
        let decode = |bytes: Vec<u8>| artifact::canon::decode(&bytes, usize::MAX);
        let sidecar: Option<distil::Sidecar> =
            sidecar.map(decode).transpose().map_err(Fault::broken)?;
        let anchors = sidecar.map(|sidecar| sidecar.anchors).unwrap_or_default();
        if anchors.len() != whole.evidence.len() {
            return Ok(vec![false; whole.evidence.len()]);
        }
        let gone: Vec<(u64, u64)> = anchors
            .iter()
            .filter(|anchor| changed.contains(&anchor.field))
            .map(|anchor| (anchor.from, anchor.to))
            .collect();
        let stays = |anchor: &distil::Anchor| {
            gone.iter().all(|(from, to)| anchor.to < *from || *to < anchor.from)
        };
        Ok(anchors.iter().map(stays).collect())
    }

    /// Ends the one ask and stores the other, or finds the one that waits for the same already.
    pub(crate) fn on_redact(&self, redact: Redact) -> Result<AskId, Fault> {
        let Redact { of, way, mut new } = redact;
        let now = self.now();
        let pending = self.look()?.pending()?;
        let same = pending.iter().find(|ask| ask.coalesces_with(&new.by, &new.wish));
        let bytes = new.bytes.take().ok_or_else(|| Fault::broken("a redaction without bytes"))?;
        let (instead, new) = match same {
            Some(same) => (same.id, None),
            None => {
                let id = Self::ask_id()?;
                (id, Some((bytes, new.stored(id, now))))
            }
        };
        self.store.change::<_, Fault>(|change| {
            let mut ask = change.ask(&of)?.ok_or_else(|| no_such_ask(&of))?;
            crate::answer::may_be_settled(&ask, now)?;
            ask.state = State::Denied { at: now, instead: Some(instead) };
            change.append(Entry::Denied { ask: of, way }, now)?;
            crate::answer::withhold(change, &ask, now)?;
            change.put_ask(&ask)?;
            self.thaw(change, &ask)?;
            if let Some((bytes, ask)) = &new {
                change.put_snapshot(bytes)?;
                change.append(Entry::Asked { ask: Box::new(ask.clone()) }, now)?;
                change.put_ask(ask)?;
            }
            Ok(instead)
        })
    }
}

/// Where the findings stand that are to go, and what is put in their place. The scanner looks
/// again: the prompt keeps of a finding what may be shown.
fn cuts(ask: &Ask, text: &str, take_out: &TakeOut) -> Result<Vec<Cut>, Fault> {
    let report = screen::scan(text.as_bytes());
    let shown: Vec<consent::Finding> = report.findings.iter().map(super::shown).collect();
    if shown != ask.findings {
        let what = "the scanner finds something else in it now than when this was asked";
        return Err(Fault::not_now(what, "deny it, and let it be asked for again"));
    }
    let cut = |finding: &screen::Finding| Cut {
        range: finding.start..finding.end,
        mark: format!("[redacted: {}]", finding.label),
    };
    let cuts: Vec<Cut> = match take_out {
        TakeOut::All => report.findings.iter().map(cut).collect(),
        TakeOut::These(these) => {
            let these: BTreeSet<usize> = these.iter().copied().collect();
            let found = these.iter().map(|n| report.findings.get(*n).map(cut));
            found.collect::<Option<_>>().ok_or_else(|| {
                let what = display::count(report.findings.len(), "finding", "findings");
                let what = format!("this prompt lists {what}");
                Fault::invalid(what, "count them from 1, as the prompt does")
            })?
        }
    };
    if cuts.is_empty() {
        return Err(Fault::invalid("there is no finding to take out", "deny it, or allow it"));
    }
    Ok(cuts)
}
