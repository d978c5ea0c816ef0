//! The order in which things happen: one closed enum of events, one thread that takes them.
//!
//! Everything that changes the store goes through here, one event at a time, each in one
//! durable transaction. What takes long (unwrapping a key, reading a log, the network) happens
//! outside and comes back as another event, so that no event ever waits for another's work.

use crate::{
    Fault,
    answer::Settle,
    ask::{NewAsk, Placed, redact::Redact},
    exchange::{
        receive::{Heard, Taken},
        revoke::{Ending, Revoked, SignedRevocations},
        settle::Settled,
        strangers::Visit,
        told::Tell,
    },
    house::House,
    import::Kept,
    init::Birth,
    rules::Which,
    unlock::Locked,
};
use artifact::{
    ArtifactId, Human, HumanKey, KeyProtection, Outcome, Revocation, Secret, TransportKey,
};
use consent::{AskId, DeliveryRefused, Party, Received, VerifiedCard, Way};
use peer::Diverged;
use std::sync::Arc;
use store::{AheadRow, OutcomeRow};
use tokio::sync::{mpsc, oneshot};

/// Where an event's outcome goes.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, Fault>>;

/// Everything that can happen to the store.
pub(crate) enum Event {
    /// The node gets its keys.
    Birth(Box<Birth>, Reply<Option<crate::anchor::Signed>>),
    /// Somebody asks.
    Ask(Box<NewAsk>, Reply<Placed>),
    /// The human answered.
    Settle(Box<Settle>, Reply<crate::answer::Settled>),
    /// The human takes something out of what is asked for; gives the ask about the rest.
    Redact(Box<Redact>, Reply<AskId>),
    /// An agent takes its ask back.
    Withdraw(AskId, [u8; 32], Reply<()>),
    /// The human shows an agent out.
    Unpair(String, Reply<()>),
    /// The human shows an agent out for good.
    BlockAgent(String, Reply<()>),
    /// A blocked agent may ask to be let in again.
    UnblockAgent(String, Reply<()>),
    /// An agent is heard again.
    Unmute(String, Reply<()>),
    /// Rules end; gives how many.
    EndRules(Which, Reply<usize>),
    /// A human is taken out of one rule, or of all; gives how many name fewer people.
    NarrowRules(Option<ArtifactId>, HumanKey, Reply<usize>),
    /// The human was told of the rules that were not what they signed for.
    AlteredSeen(Reply<()>),
    /// A line for the journal that changes nothing else.
    Journal(Box<consent::Event>, Reply<()>),
    /// A log was read.
    Keep(Box<Kept>, Reply<bool>),
    /// A card, a binding and maybe an invite hold: pin this human.
    Pin(Box<VerifiedCard>, Option<[u8; 16]>, Option<AskId>, Reply<()>),
    /// A connection that was allowed is given up.
    DropConnect(AskId, Reply<()>),
    /// A session is over.
    Gone(HumanKey),
    /// A session is ready.
    Seen(Party, Box<VerifiedCard>, Vec<String>, Reply<()>),
    /// Sessions go on at other addresses, which are to be written.
    ReachedAt,
    /// A peer that holds heads up to a number is about to be told these; gives their numbers.
    Told(HumanKey, Vec<Tell>, u64, Reply<Vec<u64>>),
    /// The first byte is about to leave.
    Serving(consent::Event, Reply<()>),
    /// Serving ended: totals are to be written.
    Served,
    /// Heads came whose receipts hold.
    Heads(Vec<Taken>, Reply<Heard>),
    /// A body came in a session and passed every check.
    Received(Box<Received>, Vec<u8>, u64, Reply<bool>),
    /// A taker signed for what it received.
    Delivered(Box<VerifiedCard>, Vec<u8>, Reply<Settled>),
    /// A giver countersigned; gives whether that is new.
    Countersigned(Box<VerifiedCard>, Vec<u8>, Reply<Result<bool, DeliveryRefused>>),
    /// A giver's book does not agree.
    Diverged(HumanKey, Diverged, Reply<()>),
    /// A peer holds more of what was told than this store knows of.
    Older(HumanKey, Reply<()>),
    /// The human ends what was given.
    Revoke(Box<Ending>, Reply<Revoked>),
    /// human_key is unlocked, to sign what was ended.
    SignRevocations(Secret<Human>, Reply<SignedRevocations>),
    /// A peer holds revocations up to a number that was never given out here.
    NumberAnew(HumanKey, u64, Reply<()>),
    /// Revocations of a peer came that hold.
    RevokedBy(HumanKey, Vec<(Revocation, Vec<u8>)>, Reply<bool>),
    /// How much is fetched ahead.
    Ahead(AheadRow, Reply<()>),
    /// A body was refused for good.
    HeadRefused(ArtifactId, HumanKey, String, Reply<()>),
    /// Something from a peer was refused.
    Refused(TransportKey, Option<HumanKey>, String),
    /// Something happens with people who are not trusted.
    Stranger(Visit),
    /// An agent says what a crystal did for it.
    Outcome(ArtifactId, [u8; 32], OutcomeRow, Reply<()>),
    /// The human says how a run ended, or lets what distillation found stand.
    Judge(ArtifactId, Option<Outcome>, Reply<()>),
    /// The human forgets a crystal.
    Forget(ArtifactId, Reply<u64>),
    /// A crystal is proposed no more for these people.
    Withhold(ArtifactId, Vec<HumanKey>, Reply<()>),
    /// The human gives a peer another name.
    Rename(HumanKey, String, Reply<()>),
    /// Wrong PINs in a row through one face.
    Tries(Way, u64, Reply<()>),
    /// human_key was locked; whether it had been unlocked.
    Locked(Locked, bool, Reply<()>),
    /// Whether the PIN is asked for at every grant.
    PinAlways(bool, Reply<()>),
    /// human_key is kept otherwise since.
    PinChanged(Way, KeyProtection, Reply<()>),
    /// The recovery phrase was written down.
    PhraseVerified(Way, Reply<()>),
    /// The keychain holds an anchor over this entry.
    Anchored(u64, Reply<()>),
    /// The bytes of these traces are to go.
    Purge(Vec<ArtifactId>, Reply<u64>),
    /// Agents' logs are to be followed from now on, or no longer.
    Follow(bool, Reply<()>),
    /// What kept logs told, so that they need not be read again for it.
    Learnt(Vec<crate::past::Learnt>, Reply<()>),
    /// The human says how long traces are kept.
    Retain(store::RetentionRow, Reply<()>),
    /// The human switches off what others reach this node by.
    SwitchOff(crate::reach::Switch, Reply<()>),
    /// The human hides this machine's addresses from a peer.
    Hide(HumanKey, Reply<()>),
    /// An allowed ticket is written anew, with the relay in it.
    Ticket(AskId, store::TicketRow, Reply<()>),
    /// The UDP port in use.
    Port(u16),
    /// Time passed.
    Tick(Reply<()>),
    /// The node stops; everything sent before has happened.
    Stop(oneshot::Sender<()>),
}

/// What an agent did, to be counted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Use {
    /// It recalled.
    Recall,
    /// It asked.
    Ask,
}

/// How many events may wait. Senders wait for a place; nothing is dropped.
pub(crate) const QUEUE: usize = 256;

/// Takes events until the node stops.
pub(crate) fn run(house: &Arc<House>, mut events: mpsc::Receiver<Event>) {
    while let Some(event) = events.blocking_recv() {
        match event {
            Event::Birth(birth, reply) => answer(reply, house.on_birth(*birth)),
            Event::Ask(new, reply) => answer(reply, house.on_ask(*new)),
            Event::Settle(settle, reply) => answer(reply, house.on_settle(*settle)),
            Event::Redact(redact, reply) => answer(reply, house.on_redact(*redact)),
            Event::Withdraw(ask, agent, reply) => answer(reply, house.on_withdraw(&ask, &agent)),
            Event::Unpair(name, reply) => answer(reply, house.on_unpair(&name, false)),
            Event::BlockAgent(name, reply) => answer(reply, house.on_unpair(&name, true)),
            Event::UnblockAgent(name, reply) => answer(reply, house.on_unblock_agent(&name)),
            Event::Unmute(name, reply) => answer(reply, house.on_unmute(&name)),
            Event::EndRules(which, reply) => answer(reply, house.on_end_rules(&which)),
            Event::NarrowRules(which, human, reply) => {
                answer(reply, house.on_narrow_rules(which, &human));
            }
            Event::AlteredSeen(reply) => answer(reply, house.on_altered_seen()),
            Event::Journal(event, reply) => answer(reply, house.on_journal(*event)),
            Event::Keep(kept, reply) => answer(reply, house.on_keep(*kept)),
            Event::Pin(card, invite, ask, reply) => {
                answer(reply, house.on_pin(&card, invite, ask));
            }
            Event::DropConnect(ask, reply) => answer(reply, house.on_drop_connect(&ask)),
            Event::Seen(party, card, addrs, reply) => {
                let seen = house.on_seen(party, &card, addrs);
                answer(
                    reply,
                    seen.inspect_err(
                        |fault| tracing::error!(%fault, "a peer's card could not be kept"),
                    ),
                );
            }
            Event::Gone(peer) => log(house.on_gone(&peer)),
            Event::Told(peer, tells, kept, reply) => {
                answer(reply, house.on_told(&peer, &tells, kept));
            }
            Event::Serving(event, reply) => answer(reply, house.on_serving(event)),
            Event::Served => log(house.on_served()),
            Event::ReachedAt => log(house.on_reached_at()),
            Event::Heads(rows, reply) => answer(reply, house.on_heads(&rows)),
            Event::Revoke(ending, reply) => answer(reply, house.on_revoke(&ending)),
            Event::SignRevocations(key, reply) => answer(reply, house.on_sign_revocations(&key)),
            Event::NumberAnew(to, kept, reply) => answer(reply, house.on_number_anew(&to, kept)),
            Event::RevokedBy(giver, list, reply) => answer(reply, house.on_revoked(&giver, &list)),
            Event::Ahead(row, reply) => answer(reply, house.on_ahead(&row)),
            Event::Received(received, bytes, session, reply) => {
                answer(reply, house.on_received(&received, &bytes, session));
            }
            Event::Delivered(card, envelope, reply) => {
                answer(reply, house.on_delivered(&card, envelope));
            }
            Event::Countersigned(card, envelope, reply) => {
                answer(reply, house.on_countersigned(&card, envelope));
            }
            Event::Diverged(giver, theirs, reply) => {
                answer(reply, house.on_diverged(&giver, theirs));
            }
            Event::Older(peer, reply) => answer(reply, house.on_older(&peer)),
            Event::HeadRefused(id, giver, why, reply) => {
                answer(reply, house.on_head_refused(&id, &giver, why));
            }
            Event::Stranger(visit) => house.on_visit(visit),
            Event::Refused(endpoint, human, why) => {
                log(house.on_refused(endpoint, human, why));
            }
            Event::Outcome(id, agent, row, reply) => {
                answer(reply, house.on_outcome(&id, &agent, &row));
            }
            Event::Judge(id, outcome, reply) => answer(reply, house.on_judge(&id, outcome)),
            Event::Forget(id, reply) => answer(reply, house.on_forget(&id)),
            Event::Withhold(id, people, reply) => answer(reply, house.on_withhold(&id, &people)),
            Event::Rename(human, name, reply) => answer(reply, house.on_rename(&human, name)),
            Event::Tries(way, wrong, reply) => answer(reply, house.on_tries(way, wrong)),
            Event::Locked(why, was_open, reply) => answer(reply, house.on_locked(why, was_open)),
            Event::PinAlways(on, reply) => answer(reply, house.on_pin_always(on)),
            Event::PinChanged(way, protection, reply) => {
                answer(reply, house.on_pin_changed(way, protection));
            }
            Event::PhraseVerified(way, reply) => answer(reply, house.on_phrase_verified(way)),
            Event::Anchored(seq, reply) => answer(reply, house.on_anchored(seq)),
            Event::Follow(on, reply) => answer(reply, house.on_follow(on)),
            Event::Learnt(rows, reply) => answer(reply, house.on_learnt(&rows)),
            Event::Purge(ids, reply) => answer(reply, house.on_purge(&ids)),
            Event::Retain(row, reply) => answer(reply, house.on_retain(row)),
            Event::SwitchOff(switch, reply) => answer(reply, house.on_switch_off(&switch)),
            Event::Hide(peer, reply) => answer(reply, house.on_hide(&peer)),
            Event::Ticket(ask, row, reply) => answer(reply, house.on_ticket(&ask, &row)),
            Event::Port(port) => log(house.on_port(port)),
            Event::Tick(reply) => answer(reply, house.on_tick()),
            Event::Stop(done) => {
                // Whoever stops the node may have given up waiting.
                let _ = done.send(());
                return;
            }
        }
    }
}

/// Whoever asked may have gone; what happened has happened all the same.
fn answer<T>(reply: Reply<T>, outcome: Result<T, Fault>) {
    drop(reply.send(outcome));
}

fn log(outcome: Result<(), Fault>) {
    if let Err(fault) = outcome {
        tracing::error!(%fault, "an event could not be kept");
    }
}
