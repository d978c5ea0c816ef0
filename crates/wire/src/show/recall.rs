//! One recall with its steps, each with its reason in a sentence.

use super::{line, memory::crystal_row, small};
use crate::{Fault, RecallStep, RecallView, count};
use node::{Node, Reason, Tried};

/// The most hits of one recall.
const HITS: u32 = 50;
/// Exact terms that are named.
const NAMED: usize = 6;

pub(crate) async fn recall(
    node: &Node,
    text: String,
    cwd: &str,
    limit: u32,
) -> Result<RecallView, Fault> {
    let limit = usize::try_from(limit.clamp(1, HITS)).unwrap_or(1);
    let seen = node.recall(text, cwd, limit).await?;
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let rows = seen.found.iter().map(|one| crystal_row(&look, &peers, &one.id, &one.row));
    Ok(RecallView {
        rows: rows.collect::<Result<_, _>>()?,
        sure: seen.sure,
        missing: small(seen.missing),
        steps: seen.steps.iter().map(step).collect(),
    })
}

fn step(tried: &Tried) -> RecallStep {
    let took = tried.took.map_or(0, |took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    RecallStep {
        step: tried.step.word().to_owned(),
        taken: tried.took.is_some(),
        took,
        reason: tried.reason.word().to_owned(),
        why: why(&tried.reason),
    }
}

fn why(reason: &Reason) -> String {
    match reason {
        Reason::Terms { terms, exact, repository } => {
            let mut said = format!("{}. It stays here", count(*terms, "term", "terms"));
            if !exact.is_empty() {
                let named: Vec<&str> = exact.iter().take(NAMED).map(String::as_str).collect();
                let more = exact.len().saturating_sub(NAMED);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                said.push_str(&format!("; exact: {}{more}", line(&named.join(", "), 400)));
            }
            if !repository.is_empty() {
                said.push_str(&format!("; asked in {}", line(repository, 128)));
            }
            said
        }
        Reason::Blank => "nothing was asked".to_owned(),
        Reason::NothingHere => "nothing of your own, or of peers whom you let, fits".to_owned(),
        Reason::Enough { found, best, bound } => format!(
            "{} fit, the best with {best:.2}: from {bound:.2} on that is good enough",
            count(*found, "crystal", "crystals")
        ),
        Reason::NotEnough { found, best, bound } => format!(
            "{} fit, the best with {best:.2}: below {bound:.2} that is not good enough",
            count(*found, "crystal", "crystals")
        ),
        Reason::ByWords { found } => format!(
            "{} hold the words. By words alone no score tells whether that is good enough",
            count(*found, "crystal", "crystals")
        ),
        Reason::NotNeeded => "what is here is good enough, so no peer is asked".to_owned(),
        Reason::NoneFits => "peers told of nothing else that fits".to_owned(),
        Reason::Fits { bodies } => {
            format!(
                "peers told of {} that fit and are not here",
                count(*bodies, "crystal", "crystals")
            )
        }
        Reason::AllAway { bodies } => {
            format!("whoever has the {} is away", count(*bodies, "crystal", "crystals"))
        }
        Reason::Asked { came, late, not_given, away } => {
            let mut said = format!("{came} came and were verified");
            for (n, what) in [
                (late, "still on the way"),
                (not_given, "not given"),
                (away, "with peers who are away"),
            ] {
                if *n > 0 {
                    said.push_str(&format!(", {n} {what}"));
                }
            }
            said.push_str(". Peers were told ids of their own, never the question");
            said
        }
        Reason::Given { crystals, of_peers: 0 } => {
            format!("{} given", count(*crystals, "crystal", "crystals"))
        }
        Reason::Given { crystals, of_peers } => {
            format!("{} given, {of_peers} of peers", count(*crystals, "crystal", "crystals"))
        }
        Reason::HeldBack { crystals } => format!(
            "{} held back: silence is better than what fits too badly",
            count(*crystals, "crystal", "crystals")
        ),
        Reason::Nothing => "there is nothing to give".to_owned(),
    }
}
