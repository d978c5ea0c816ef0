//! The journal in sentences, and whether it is whole.

use super::{line, name_of};
use crate::{EntriesView, EntryRow, Fault, JournalPage, JournalRow, JournalVerdict};
use artifact::{ArtifactId, HumanKey, KeyProtection, Policy, Public, Revocation};
use consent::{Ask, Entry, EntryHash, Event, Requester, Rotation, Term, Way};
use node::{Node, PeerRow, refusal};

mod about;

use about::{About, Abouts};

/// The most rows of one page.
const PAGE: u32 = 500;
/// Bytes of entries after which a page of them ends: one answer is one frame.
const BYTES: usize = 1 << 20;

type Peers = [(HumanKey, PeerRow)];

pub(crate) fn page(
    node: &Node,
    before: u64,
    limit: u32,
    event: &str,
) -> Result<JournalPage, Fault> {
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let before = if before == 0 { u64::MAX } else { before };
    let limit = limit.min(PAGE) as usize;
    let abouts = Abouts::new(&look, &peers);
    let (mut rows, mut failed) = (Vec::new(), None);
    look.journal(before, |seq, bytes| {
        let hash = hex(&consent::journal::hash(&bytes));
        match Entry::decode(&bytes) {
            Ok(entry) if event.is_empty() || entry.event.word() == event => {
                match abouts.of(&entry.event) {
                    Ok(about) => rows.push(row(&entry, hash, about, &peers)),
                    Err(fault) => failed = Some(fault),
                }
            }
            Ok(_) => {}
            Err(_) => rows.push(unreadable(seq, hash)),
        }
        rows.len() < limit && failed.is_none()
    })
    .map_err(node::Fault::from)?;
    if let Some(fault) = failed {
        return Err(fault.into());
    }
    let total = look.journal_len().map_err(node::Fault::from)?;
    Ok(JournalPage { total, rows })
}

pub(crate) async fn verify(node: &Node) -> Result<JournalVerdict, Fault> {
    let anchored = node.anchored().await;
    let anchor = super::storage::anchor(&anchored);
    let entries = || node.look()?.journal_len().map_err(node::Fault::from);
    Ok(match node.verify_journal().await? {
        // Whole in itself, and yet not the journal that was signed for.
        Ok(_) if anchored.is_distrusted() => JournalVerdict {
            whole: false,
            entries: entries()?,
            problem: anchor.what.clone(),
            hint: anchor.hint.clone(),
            head: String::new(),
            anchor,
        },
        Ok((entries, head)) => JournalVerdict {
            whole: true,
            entries,
            problem: String::new(),
            hint: String::new(),
            head: hex(&head),
            anchor,
        },
        Err(problem) => JournalVerdict {
            whole: false,
            entries: entries()?,
            problem: problem.to_string(),
            hint: "the store was changed by something other than TraceNet, or restored from a \
                   backup: compare it with a backup before you trust it"
                .to_owned(),
            head: String::new(),
            anchor,
        },
    })
}

/// Entries as they lie in the store, after number `after`; with the last of them the signed head,
/// read from the same snapshot.
pub(crate) fn entries(node: &Node, after: u64) -> Result<EntriesView, Fault> {
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let (mut rows, mut bytes, mut ended) = (Vec::new(), 0, true);
    look.journal_after(after, |entry| {
        ended = rows.len() < PAGE as usize && bytes < BYTES;
        if ended {
            bytes += entry.len();
            rows.push(lying(&entry, &peers));
        }
        ended
    })
    .map_err(node::Fault::from)?;
    let head = match ended {
        true => look.journal_head().map_err(node::Fault::from)?,
        false => None,
    };
    Ok(EntriesView { rows, head: head.map(|head| super::hex(&head.0)).unwrap_or_default() })
}

fn lying(bytes: &[u8], peers: &Peers) -> EntryRow {
    let entry = super::hex(bytes);
    match Entry::decode(bytes) {
        Ok(read) => {
            let (what, _) = sentence(&read.event, peers);
            let event = read.event.word().to_owned();
            EntryRow { entry, seq: read.seq, at: read.at, event, what }
        }
        Err(_) => EntryRow { entry, seq: 0, at: 0, event: String::new(), what: String::new() },
    }
}

fn hex(hash: &EntryHash) -> String {
    Public::<()>::from_bytes(hash.0).to_string()
}

fn unreadable(seq: u64, hash: String) -> JournalRow {
    let what = "This entry cannot be read: it was changed.".to_owned();
    let event = "unreadable".to_owned();
    told(seq, 0, (event, what, String::new()), hash, About::default())
}

fn row(entry: &Entry, hash: String, of: About, peers: &Peers) -> JournalRow {
    let (what, about) = sentence(&entry.event, peers);
    let event = entry.event.word().to_owned();
    told(entry.seq, entry.at, (event, what, about), hash, of)
}

fn told(
    seq: u64,
    at: u64,
    (event, what, about): (String, String, String),
    hash: String,
    About { who, thing, whom, why }: About,
) -> JournalRow {
    JournalRow { seq, at, event, what, about, who, thing, whom, why, hash }
}

/// An event in one sentence, and the id it is about.
fn sentence(event: &Event, peers: &Peers) -> (String, String) {
    let name = |human: &HumanKey| name_of(peers, human);
    let id = |id: &ArtifactId| id.to_string();
    match event {
        Event::Opened { human, .. } => ("This node was made.".to_owned(), human.to_string()),
        Event::Asked { ask } => (asked(ask, peers), ask.id.to_string()),
        Event::Shown { ask, way } => {
            (format!("The prompt was shown in {}.", place(*way)), ask.to_string())
        }
        Event::Allowed { ask, way, receipt } => {
            let signed = if receipt.is_some() { ", and a receipt was signed" } else { "" };
            (format!("Allowed in {}{signed}.", place(*way)), ask.to_string())
        }
        Event::Denied { ask, way } => (format!("Denied from {}.", place(*way)), ask.to_string()),
        Event::Expired { ask } => ("Nobody answered within a day.".to_owned(), ask.to_string()),
        Event::Withdrawn { ask } => ("The ask was taken back.".to_owned(), ask.to_string()),
        Event::Cancelled { ask } => ("What the ask was about is gone.".to_owned(), ask.to_string()),
        Event::GrantFailed { ask, way, why } => {
            let why = failure(why);
            (format!("A grant from {} failed: {why}.", place(*way)), ask.to_string())
        }
        Event::Exported { artifact, .. } => {
            ("The consented bytes lie in the outbox.".to_owned(), id(artifact))
        }
        Event::Told { artifact, peer, .. } => {
            (format!("{} was told the head.", name(peer)), id(artifact))
        }
        Event::Serving { artifact, peer, .. } => {
            (format!("Serving {} begins.", name(peer)), id(artifact))
        }
        Event::Served { artifact, peer, bytes, whole, .. } => {
            let whole = if *whole { "all of it" } else { "not all of it" };
            (format!("{} was sent {bytes} bytes, {whole}.", name(peer)), id(artifact))
        }
        Event::Received { artifact, peer, .. } => {
            (format!("Received from {}, and verified.", name(peer)), id(artifact))
        }
        Event::Refused { peer, endpoint, why } => {
            let who = peer.as_ref().map_or_else(|| "an unknown node".to_owned(), name);
            (format!("Something from {who} was refused. {}", refusal(why)), endpoint.to_string())
        }
        Event::PeerPinned { name, peer, .. } => {
            (format!("{} was pinned.", line(name, 64)), peer.to_string())
        }
        Event::Knocked { peer, endpoint } => {
            (format!("{} knocked and waits in the inbox.", name(peer)), endpoint.to_string())
        }
        Event::PeerBlocked { peer, endpoint, why } => {
            let who = peer.as_ref().map_or_else(|| "A node".to_owned(), name);
            (format!("{who} was blocked. {}", node::reason(why)), endpoint.to_string())
        }
        Event::PeerUnblocked { peer, endpoint } => {
            let who = peer.as_ref().map_or_else(|| "a node".to_owned(), name);
            (format!("The block of {who} was lifted."), endpoint.to_string())
        }
        Event::PeerLet { peer } => {
            (format!("Agents are given {}'s crystals from now on.", name(peer)), peer.to_string())
        }
        Event::PeerUnlet { peer } => (
            format!("Agents are not given {}'s crystals unasked any more.", name(peer)),
            peer.to_string(),
        ),
        Event::Stopped { receipt, peer } => {
            let whom = peer.as_ref().map_or_else(|| "anybody".to_owned(), name);
            (format!("Nothing more is given to {whom} under a receipt."), id(receipt))
        }
        Event::Revoked { revocation } => of_revocation(revocation, &name),
        Event::RevokedByPeer { peer, revocation } => {
            let about = ArtifactId::of(revocation);
            (format!("{} withdrew something they gave.", name(peer)), id(&about))
        }
        Event::Diverged { peer, delivery } => {
            (format!("{}'s book and this one do not say the same.", name(peer)), id(delivery))
        }
        Event::ReachChanged { reach } => (
            format!("The network changed: {}.", consent::prompt::reach_words(reach)),
            String::new(),
        ),
        Event::Upgraded { .. }
        | Event::Restored { .. }
        | Event::PolicyAccepted { .. }
        | Event::PolicyDropped { .. } => of_house(event),
        Event::KeyUnlocked { .. }
        | Event::KeyLocked { .. }
        | Event::PinChanged { .. }
        | Event::PhraseShown { .. }
        | Event::PhraseVerified { .. }
        | Event::PeerMoved { .. }
        | Event::KeyRotated { .. }
        | Event::JournalHandedOver { .. } => (of_key(event), String::new()),
        Event::AllowedByRule { .. }
        | Event::RuleMade { .. }
        | Event::RuleNarrowed { .. }
        | Event::RuleEnded { .. }
        | Event::AgentMuted { .. }
        | Event::AgentUnmuted { .. }
        | Event::AgentBlocked { .. }
        | Event::AgentUnblocked { .. }
        | Event::AgentPaired { .. }
        | Event::AgentUnpaired { .. } => of_agents(event, &name),
    }
}

/// What became of the store, and what binds this node.
fn of_house(event: &Event) -> (String, String) {
    match event {
        Event::Upgraded { from, to } => {
            (format!("The store was upgraded from version {from} to {to}."), String::new())
        }
        Event::Restored { anchor, found } => (
            format!("A restored store was taken up at entry {found}; entry {anchor} was known."),
            String::new(),
        ),
        Event::PolicyAccepted { policy, .. } => of_policy(policy),
        Event::PolicyDropped { organisation: Some(organisation) } => {
            ("The policy of an organisation was dropped.".to_owned(), organisation.to_string())
        }
        Event::PolicyDropped { organisation: None } => {
            ("Every policy was dropped.".to_owned(), String::new())
        }
        other => (other.word().to_owned(), String::new()),
    }
}

fn of_policy(policy: &[u8]) -> (String, String) {
    match Policy::open(policy) {
        Ok((opened, organisation)) => {
            let Policy { org, seq, .. } = opened.payload;
            let what = format!("Version {seq} of the policy of {} was accepted.", line(&org, 64));
            (what, organisation.to_string())
        }
        Err(_) => ("A policy that cannot be read.".to_owned(), String::new()),
    }
}

fn of_revocation(revocation: &[u8], name: &dyn Fn(&HumanKey) -> String) -> (String, String) {
    match Revocation::open(revocation) {
        Ok((opened, _)) => {
            let to = name(&opened.payload.to);
            (format!("A revocation for {to} was signed."), opened.id.to_string())
        }
        Err(_) => ("A revocation that cannot be read.".to_owned(), String::new()),
    }
}

/// What was decided about agents.
fn of_agents(event: &Event, name: &dyn Fn(&HumanKey) -> String) -> (String, String) {
    let id = |id: &ArtifactId| id.to_string();
    let hex = |key: &[u8; 32]| Public::<()>::from_bytes(*key).to_string();
    match event {
        Event::AllowedByRule { ask, .. } => {
            ("Allowed by a rule, and a receipt was signed under it.".to_owned(), ask.to_string())
        }
        Event::RuleMade { bounds, grant, .. } => {
            let until = match bounds.term {
                Term::Session => "until its session ends",
                Term::Lock => "until the key is locked",
                Term::Day | Term::Once => "for a day",
            };
            let who = line(&bounds.name, 64);
            let what = format!("A rule lets {who} share versions of one crystal {until}.");
            (what, id(&ArtifactId::of(grant)))
        }
        Event::RuleNarrowed { rule, peers: left } => {
            let left: Vec<String> = left.iter().map(name).collect();
            (format!("A rule names fewer people now: {}.", left.join(", ")), id(rule))
        }
        Event::RuleEnded { rule, why } => (format!("A rule ended: {}.", rule_end(why)), id(rule)),
        Event::AgentMuted { name, key, why, .. } => {
            let why = if why == "denied-often" { ", after three denials" } else { "" };
            let what = format!("{} is muted for an hour{why}.", line(name, 64));
            (what, hex(key))
        }
        Event::AgentUnmuted { name, key } => {
            let what = format!("{} is heard again.", line(name, 64));
            (what, hex(key))
        }
        Event::AgentBlocked { name, key } => {
            let what = format!("{} was shown out and blocked.", line(name, 64));
            (what, hex(key))
        }
        Event::AgentUnblocked { name, key } => {
            let what = format!("{} may ask to be let in again.", line(name, 64));
            (what, hex(key))
        }
        Event::AgentPaired { name, key } => {
            (format!("The agent {} was let in.", line(name, 64)), hex(key))
        }
        Event::AgentUnpaired { name, key } => {
            (format!("The agent {} was shown out.", line(name, 64)), hex(key))
        }
        other => (other.word().to_owned(), String::new()),
    }
}

/// What happened to a key.
fn of_key(event: &Event) -> String {
    match event {
        Event::KeyUnlocked { way } => {
            format!("A right PIN was given in {}: the key stays unlocked for a while.", place(*way))
        }
        Event::KeyLocked { why } => format!("The key was locked: {}.", locked(why)),
        Event::PinChanged { way, protection: KeyProtection::Keychain } => {
            format!("The PIN was taken away in {}.", place(*way))
        }
        Event::PinChanged { way, .. } => format!("Another PIN was set in {}.", place(*way)),
        Event::PhraseShown { way } => {
            format!("The recovery phrase was shown in {}.", place(*way))
        }
        Event::PhraseVerified { way } => {
            format!("The recovery phrase was typed and verified in {}.", place(*way))
        }
        Event::PeerMoved { before, endpoint, .. } => {
            format!("A peer replaced their transport_key {before} by {endpoint}.")
        }
        Event::KeyRotated { key } => rotated(key),
        Event::JournalHandedOver { .. } => {
            "The journal goes on under its new key, for which the one before signed.".to_owned()
        }
        other => other.word().to_owned(),
    }
}

/// Why the key was locked, in words.
fn locked(why: &str) -> &'static str {
    match why {
        "by-hand" => "you locked it",
        "idle" => "it was not used for ten minutes",
        "over" => "it had been unlocked for twelve hours",
        "screen-locked" => "the screen was locked",
        "asleep" => "the machine went to sleep",
        "unseen" => "screen lock and sleep could not be seen any more",
        "clock-set-back" => "the clock was set back",
        "pin-changed" => "the PIN was changed",
        "node-stopped" => "the node was stopped",
        _ => "for another reason",
    }
}

/// Why a grant failed, in words.
fn failure(why: &str) -> String {
    match why {
        "pin-wrong" => "the PIN was wrong".to_owned(),
        "keychain-locked" => "the keychain was locked".to_owned(),
        "keychain-missing" => "there was no keychain".to_owned(),
        "refused" => "it was refused".to_owned(),
        other => line(other, 64),
    }
}

/// Through which face, in words.
pub(super) const fn place(way: Way) -> &'static str {
    match way {
        Way::ConsentWindow => "the consent window",
        Way::MainWindow => "the main window",
        Way::Terminal => "a terminal",
        Way::Notification => "a notification",
        Way::Tray => "the tray",
    }
}

fn asked(ask: &Ask, peers: &Peers) -> String {
    let who = match &ask.by {
        Requester::Agent { name, .. } => line(name, 64),
        Requester::Human { .. } => "You".to_owned(),
    };
    let what = match &ask.wish {
        consent::Wish::SharePrivate { peers: people, .. } => {
            let names: Vec<String> = people.iter().map(|h| name_of(peers, h)).collect();
            format!("to share an artifact privately with {}", names.join(", "))
        }
        consent::Wish::SharePublic { .. } => "to share an artifact publicly".to_owned(),
        consent::Wish::Pair { name, .. } => format!("to let the agent {} in", line(name, 64)),
        consent::Wish::Ticket { .. } => "to give out a ticket".to_owned(),
        consent::Wish::Connect { .. } => "to connect to a peer".to_owned(),
        consent::Wish::Accept { peer, .. } => format!("to let {} in", name_of(peers, peer)),
        consent::Wish::Unblock { .. } => "to lift a block".to_owned(),
        consent::Wish::Let { peer } => {
            format!("to let agents use what {} shares", name_of(peers, peer))
        }
        consent::Wish::Resume { .. } => "to go on with a store of another day".to_owned(),
        consent::Wish::SignRevocations {} => "to sign what was ended".to_owned(),
        consent::Wish::Rotate { role } => format!("to make a new {}", role.name()),
        consent::Wish::AcceptPolicy { .. } => "to accept a policy".to_owned(),
        consent::Wish::DropPolicy { name, .. } if name.is_empty() => {
            "to drop every policy".to_owned()
        }
        consent::Wish::DropPolicy { name, .. } => {
            format!("to drop the policy of {}", line(name, 64))
        }
        consent::Wish::Unhide { .. } => "to show a peer this machine's addresses".to_owned(),
        consent::Wish::Reach { reach } => {
            format!("to change the network: {}", consent::prompt::reach_words(reach))
        }
    };
    let found = match ask.findings.len() {
        0 => String::new(),
        n => format!(" {n} findings."),
    };
    format!("{who} asked {what}.{found}")
}

/// Which key was replaced, by what.
fn rotated(key: &Rotation) -> String {
    let (role, before, after) = match key {
        Rotation::Author { before, after, .. } => {
            ("author_key", before.to_string(), after.to_string())
        }
        Rotation::Transport { before, after, .. } => {
            ("transport_key", before.to_string(), after.to_string())
        }
        Rotation::Journal { before, after } => {
            ("journal_key", before.to_string(), after.to_string())
        }
    };
    format!("A new {role} took the place of {before}: {after}.")
}

/// Why a rule ended, in words.
fn rule_end(why: &str) -> &'static str {
    match why {
        "by-hand" => "you ended it",
        "session-over" => "the agent's session is over",
        "over" => "its time is over",
        "agent-shown-out" => "its agent was shown out",
        "revoked" => "you ended what it was about",
        "locked" => "the key was locked",
        "node-stopped" => "the node was stopped, and its key is gone",
        "policy" => "a policy that you accepted forbids it",
        "altered" => "what the store said of it was not what you signed; look who changed it",
        _ => "for another reason",
    }
}
