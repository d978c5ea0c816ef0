//! All that waits, one prompt after the other, as the window goes through it.

use super::{
    Choice, can_answer, grant, here, prompt,
    said::{self, Said},
    take_out, typed_pin,
};
use crate::{Call, Ended, gates::Gates, terminal, text};
use std::collections::BTreeSet;
use wire::{Answer, Beside, Fault, Pin, PromptView, Query, Verdict, View};

/// Goes through one ask, or through all of them.
pub(super) async fn answer(call: &Call, ask: Option<&str>, batch: bool) -> Result<Ended, Fault> {
    let mut gates = Gates::open(call).await?;
    let outcome = match ask {
        Some(ask) => here(call, &mut gates, ask).await,
        None => all(call, &mut gates, batch).await,
    };
    gates.close().await;
    outcome
}

async fn all(call: &Call, gates: &mut Gates, batch: bool) -> Result<Ended, Fault> {
    if !can_answer(gates).await? {
        let hint = "answer in the app's window";
        return Err(node::Fault::not_now("a terminal answers only where a PIN is set", hint).into());
    }
    let View::Asks(asks) = gates.view(Query::Asks {}).await? else {
        return Err(node::Fault::broken("no list of asks came").into());
    };
    if asks.pending.is_empty() {
        text::say("Nothing waits for an answer.");
    }
    let mut seen = BTreeSet::new();
    for row in asks.pending {
        if seen.contains(&row.id) {
            continue;
        }
        let first = prompt(gates, &row.id).await?;
        // It may have been settled while another was looked at.
        if first.state != "pending" {
            continue;
        }
        let mut shown = vec![first];
        if batch {
            for other in shown.first().map(|first| first.batch.clone()).unwrap_or_default() {
                if other != row.id {
                    shown.push(prompt(gates, &other).await?);
                }
            }
        }
        seen.extend(shown.iter().map(|prompt| prompt.ask.clone()));
        if matches!(asked(call, gates, shown, true).await?, Came::Quit) {
            break;
        }
    }
    Ok(Ended::Well)
}

/// What came of showing something.
pub(super) enum Came {
    /// It is answered.
    Answered,
    /// It waits: this is what was shown last.
    Later(Vec<PromptView>),
    /// The human wants to see no more.
    Quit,
}

/// Shows prompts that are answered together, or one, and takes the answer. What is left after
/// something was taken out is shown next.
pub(super) async fn asked(
    call: &Call,
    gates: &mut Gates,
    mut shown: Vec<PromptView>,
    through: bool,
) -> Result<Came, Fault> {
    loop {
        text::prompt::prompts(&shown);
        let line = terminal::word(&said::question(&shown, through));
        match (said::read(&line, &shown, through), shown.first()) {
            (Said::Allow(choice), _) => {
                allowed(call, gates, shown, choice).await?;
                return Ok(Came::Answered);
            }
            (Said::Deny(rebuke), _) => {
                let denial = together(&shown, Verdict::Deny, Pin::default());
                let denied = gates.answer(Answer { rebuke, ..denial }).await?;
                text::answered(call.json, &denied);
                return Ok(Came::Answered);
            }
            (Said::Redact(findings), Some(one)) => {
                let answered = take_out(gates, one, findings).await?;
                text::say(&answered.what);
                shown = vec![prompt(gates, &answered.instead).await?];
            }
            (Said::Quit, _) => return Ok(Came::Quit),
            (Said::Later | Said::Redact(_), _) => return Ok(Came::Later(shown)),
        }
    }
}

async fn allowed(
    call: &Call,
    gates: &mut Gates,
    mut shown: Vec<PromptView>,
    choice: Choice,
) -> Result<(), Fault> {
    if shown.len() == 1
        && let Some(only) = shown.pop()
    {
        if !only.forbidden.is_empty() {
            text::say(&only.forbidden.join(" "));
            return Ok(());
        }
        grant(call, gates, only, choice).await?;
        return Ok(());
    }
    let pin = typed_pin(gates).await?;
    let answered = gates.answer(together(&shown, Verdict::Allow, pin)).await?;
    text::answered(call.json, &answered);
    Ok(())
}

/// One answer to all that was shown.
fn together(shown: &[PromptView], verdict: Verdict, pin: Pin) -> Answer {
    let beside =
        |prompt: &PromptView| Beside { ask: prompt.ask.clone(), code: prompt.code.clone() };
    let mut all = shown.iter().map(beside);
    let first = all.next().unwrap_or_else(|| Beside { ask: String::new(), code: String::new() });
    let with: Vec<Beside> = all.collect();
    let plain = Answer::plain(first.ask, verdict, first.code, pin);
    Answer { with: Some(with).filter(|with| !with.is_empty()), ..plain }
}
