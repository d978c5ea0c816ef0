//! What the human should know before allowing something.

use super::{Alike, Facts, NO_SECRETS, policy, reach, rotate};
use crate::{Finding, Reach, Requester, Wish};
use artifact::{DisplaySafe, display_safe};

pub(super) fn warnings(facts: &Facts<'_>, text: &DisplaySafe) -> Vec<String> {
    let ask = facts.ask;
    let mut warnings = Vec::new();
    if let Some(redaction) = &ask.redacts {
        let taken = match redaction.taken_out {
            1 => "1 finding".to_owned(),
            n => format!("{n} findings"),
        };
        warnings.push(format!(
            "You took {taken} out of what was asked for. Look whether the rest says too much still."
        ));
    }
    match &ask.wish {
        Wish::SharePublic { .. } => {
            warnings.push("Public copies cannot be recalled, by anyone, ever.".into());
            warnings.extend(facts.alike.map_or_else(|| Some(UNCOUNTED.into()), Alike::warning));
        }
        Wish::SharePrivate { peers, .. } => {
            if peers.len() > 1 {
                warnings.push("The people in this audience see each other's keys.".into());
            }
            warnings.push("Copies already received cannot be recalled.".into());
        }
        Wish::Pair { known_before: true, .. } => {
            warnings.push("Another key has used this name before.".into());
        }
        Wish::Pair { .. } => {}
        Wish::Ticket { .. } | Wish::Connect { .. } | Wish::Reach { .. } | Wish::Unhide { .. } => {
            warnings.extend(reach::warnings(facts));
        }
        Wish::Accept { .. } => {
            warnings.push(
                "They came without an invitation. Compare the key words with them another way."
                    .into(),
            );
        }
        Wish::Unblock { .. } => {
            warnings.push("They may knock again. They are not let in by this alone.".into());
        }
        Wish::Let { .. } => {
            warnings
                .push("Your agents will be given their crystals without asking for them.".into());
        }
        Wish::Resume { .. } => warnings.extend(RESUME.map(str::to_owned)),
        Wish::SignRevocations {} => warnings.extend(REVOKED.map(str::to_owned)),
        Wish::Rotate { role } => {
            warnings.extend(rotate::warnings(*role).iter().map(|said| (*said).to_owned()));
        }
        Wish::AcceptPolicy { policy } => warnings.extend(policy::accepting(policy, facts.policy)),
        Wish::DropPolicy { .. } => warnings.extend(policy::dropping(facts.policy)),
    }
    let secret = |f: &&Finding| !NO_SECRETS.contains(&f.rule.as_str());
    let tokens = ask.findings.iter().filter(secret).count();
    match tokens {
        0 => {}
        1 => warnings.push("1 possible secret was found in what would leave.".into()),
        _ => warnings.push(format!("{tokens} possible secrets were found in what would leave.")),
    }
    if ask.scan_spent {
        warnings.push("Not all of the text could be looked through.".into());
    }
    if text.escaped {
        warnings.push("Invisible characters in it are shown as ⟨U+…⟩.".into());
    }
    if text.cut {
        warnings.push("It is longer than what is shown here.".into());
    }
    let names = names_of(facts);
    if text.mixed_scripts || names.into_iter().any(|n| display_safe(n, 64, false).mixed_scripts) {
        warnings.push("A word mixes alphabets: its letters may not be what they seem.".into());
    }
    warnings
}

/// Where the index cannot be read.
const UNCOUNTED: &str = "How many others share what it is about could not be counted.";

/// What a human has to know of a store that was put back.
const RESUME: [&str; 5] = [
    "If you did not put a backup back, somebody changed this store: deny, and find out who.",
    "What you decided since that day is not in it: people let in or blocked, what was shared.",
    "What you revoked since that day is served again until you revoke it again.",
    "Policies that you accepted since that day do not hold until you accept them again.",
    "Asks and tickets that wait in it are cancelled: they may have been used since.",
];

/// What a human has to know of the word of an ending.
const REVOKED: [&str; 2] = [
    "Copies already received cannot be recalled.",
    "Once signed this cannot be taken back. You can share the same artifact anew.",
];

/// Names that somebody else may have chosen.
fn names_of<'a>(facts: &Facts<'a>) -> Vec<&'a str> {
    let mut names: Vec<&str> = facts.audience.iter().map(|p| p.name.as_str()).collect();
    if let Requester::Agent { name, .. } = &facts.ask.by {
        names.push(name);
    }
    match &facts.ask.wish {
        Wish::Pair { name, .. }
        | Wish::Connect { name: Some(name), .. }
        | Wish::Accept { name: Some(name), .. } => names.push(name),
        Wish::Reach { reach: Reach { relay: Some(relay), .. } } => names.push(relay),
        _ => {}
    }
    names
}
