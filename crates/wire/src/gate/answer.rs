//! The gate that grants: an answer to one ask, or to several that go together.

use super::{Face, Gate};
use crate::{Answer, Answered, Fault, Verdict, from};
use node::Given;

impl Gate {
    /// Takes the human's answer. Grants only for the consent window, and for a terminal with
    /// the PIN that does not run below a connected agent.
    ///
    /// # Errors
    /// See [`Node::answer`].
    pub async fn answer(&self, face: Face, answer: Answer) -> Result<Answered, Fault> {
        let pin = answer.pin.into_inner();
        if !face.way().may_grant() {
            let what = "this face can look and deny, but not answer";
            return Err(node::Fault::refused(what, "answer in the consent window").into());
        }
        if face.is_below_agent() {
            return Err(from::below_agent());
        }
        let id = self.ask_id(&answer.ask)?;
        let verdict = match answer.verdict {
            Verdict::Allow => consent::Answer::Allow,
            Verdict::Deny => consent::Answer::Deny,
            Verdict::Redact => {
                let take_out = from::take_out(answer.findings.as_deref());
                let instead = self.node.redact(&id, face.way(), &answer.code, take_out).await?;
                return Ok(from::redacted(&id, &instead));
            }
        };
        if let Some(with) = answer.with {
            let mut asks = vec![(id, answer.code)];
            for beside in with {
                asks.push((self.ask_id(&beside.ask)?, beside.code));
            }
            let way = face.way();
            let together = node::Together { asks, answer: verdict, way, pin };
            return Ok(from::together(&id, &self.node.answer_together(together).await?));
        }
        let (way, code, anywhere) = (face.way(), answer.code, answer.anywhere);
        let term = answer.term.map_or(consent::Term::Once, from::term);
        let rebuke = answer.rebuke.map(from::rebuke);
        let given = Given { ask: id, answer: verdict, way, code, pin, anywhere, term, rebuke };
        let settled = self.node.answer(given).await?;
        Ok(Answered {
            ask: id.to_string(),
            state: settled.state.to_owned(),
            what: settled.what,
            ticket: settled.ticket.unwrap_or_default(),
            instead: String::new(),
        })
    }
}
