//! The verbs about people who are not trusted: the inbox, blocks, and letting.

use crate::{
    Call, Ended,
    args::{Accept, Block, Dismiss, Who, WhoWait},
    verb::{ask, look},
};
use wire::{Act, Fault, Query};

pub(crate) async fn inbox(call: &Call) -> Result<Ended, Fault> {
    look::show_one(call, Query::Inbox {}).await
}

pub(crate) async fn blocked(call: &Call) -> Result<Ended, Fault> {
    look::show_one(call, Query::Blocked {}).await
}

pub(crate) async fn accept(call: &Call, args: Accept) -> Result<Ended, Fault> {
    ask::make(call, Act::Accept { who: args.who, name: args.name }, args.wait).await
}

pub(crate) async fn dismiss(call: &Call, args: Dismiss) -> Result<Ended, Fault> {
    let done = "Taken out of the inbox. They may knock again.";
    let act = args.who.map_or(Act::DismissAll {}, |who| Act::Dismiss { who });
    ask::simple(call, act, done).await
}

pub(crate) async fn block(call: &Call, args: Block) -> Result<Ended, Fault> {
    let done = "Blocked. Nothing is given to them or taken from them any more.";
    let Block { who, endpoint, reason } = args;
    ask::simple(call, Act::Block { who, endpoint, reason }, done).await
}

pub(crate) async fn unblock(call: &Call, args: WhoWait) -> Result<Ended, Fault> {
    ask::make(call, Act::Unblock { who: args.who }, args.wait).await
}

pub(crate) async fn let_in(call: &Call, args: WhoWait) -> Result<Ended, Fault> {
    ask::make(call, Act::Let { who: args.who }, args.wait).await
}

pub(crate) async fn unlet(call: &Call, args: Who) -> Result<Ended, Fault> {
    let done = "Your agents are no longer given their crystals unasked.";
    ask::simple(call, Act::Unlet { who: args.who }, done).await
}
