//! The verbs that only look.

use crate::{
    Call, Ended,
    args::{Distil, Recall, Related, Show},
    gates::Gates,
    text,
};
use wire::{Fault, Query, View};

/// Looks once and shows it as JSON or as text.
pub(crate) async fn look(call: &Call, query: Query) -> Result<View, Fault> {
    let mut gates = Gates::open(call).await?;
    let view = gates.view(query).await;
    gates.close().await;
    view
}

pub(crate) async fn show_one(call: &Call, query: Query) -> Result<Ended, Fault> {
    let view = look(call, query).await?;
    text::view(call.json, &view);
    Ok(Ended::Well)
}

pub(crate) async fn status(call: &Call) -> Result<Ended, Fault> {
    show_one(call, Query::Status {}).await
}

/// The status, over gates that are open already.
pub(crate) async fn status_of(call: &Call, gates: &mut Gates) -> Result<Ended, Fault> {
    let view = gates.view(Query::Status {}).await?;
    text::view(call.json, &view);
    Ok(Ended::Well)
}

pub(crate) async fn asks(call: &Call) -> Result<Ended, Fault> {
    show_one(call, Query::Asks {}).await
}

pub(crate) async fn recall(call: &Call, args: Recall) -> Result<Ended, Fault> {
    let text = args.query.join(" ");
    if args.explain {
        let cwd = std::env::current_dir().unwrap_or_default();
        let cwd = cwd.to_string_lossy().into_owned();
        return show_one(call, Query::Recall { text, cwd, limit: args.limit }).await;
    }
    let (origin, outcome) = (String::new(), String::new());
    let limit = args.limit.min(200);
    let query = Query::Memory { text, origin, outcome, offset: 0, limit, at_once: false };
    let mut gates = Gates::open(call).await?;
    let outcome = remembered(call, &mut gates, query).await;
    gates.close().await;
    outcome
}

async fn remembered(call: &Call, gates: &mut Gates, query: Query) -> Result<Ended, Fault> {
    let page = gates.view(query).await?;
    text::view(call.json, &page);
    if let View::Memory(page) = &page
        && page.rows.is_empty()
        && !call.json
        && let View::Status(status) = gates.view(Query::Status {}).await?
        && status.crystals == 0
    {
        text::say("`tracenet import` fills the memory.");
    }
    Ok(Ended::Well)
}

pub(crate) async fn related(call: &Call, args: Related) -> Result<Ended, Fault> {
    let Related { id, steps, limit } = args;
    show_one(call, Query::Related { id, steps, limit }).await
}

pub(crate) async fn show(call: &Call, args: Show) -> Result<Ended, Fault> {
    if !args.trace {
        return show_one(call, Query::Crystal { id: args.id }).await;
    }
    let mut gates = Gates::open(call).await?;
    let mut offset = 0;
    let outcome = loop {
        let query = Query::Trace { id: args.id.clone(), offset, limit: 500 };
        match gates.view(query).await {
            Ok(View::Trace(page)) => {
                let got = u32::try_from(page.steps.len()).unwrap_or(u32::MAX);
                text::view(call.json, &View::Trace(page));
                if got < 500 {
                    break Ok(Ended::Well);
                }
                offset += got;
            }
            Ok(_) => break Ok(Ended::Well),
            Err(fault) => break Err(fault),
        }
    };
    gates.close().await;
    outcome
}

pub(crate) async fn distil(call: &Call, args: Distil) -> Result<Ended, Fault> {
    let form = match (args.skill, args.atif) {
        (true, _) => "skill",
        (_, true) => "atif",
        _ => return show_one(call, Query::Evidence { id: args.id }).await,
    };
    show_one(call, Query::Export { id: args.id, form: form.to_owned() }).await
}
