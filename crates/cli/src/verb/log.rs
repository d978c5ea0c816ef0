//! The journal: its entries, what they say ever left, whether it is whole, and all of it in a file.

use crate::{
    Call, Ended,
    args::{Log, LogVerb},
    gates::Gates,
    text,
    verb::look::{look, show_one},
};
use serde_json::json;
use std::path::Path;
use wire::{Fault, JournalFile, LeftPage, Query, View};

pub(crate) async fn log(call: &Call, args: Log) -> Result<Ended, Fault> {
    match args.verb {
        None => {
            let Log { limit, event, .. } = args;
            show_one(call, Query::Journal { before: 0, limit, event }).await
        }
        Some(LogVerb::Verify) => verify(call).await,
        Some(LogVerb::Left(args)) => left(call, args.text.join(" "), args.limit).await,
        Some(LogVerb::Export(args)) => {
            let mut gates = Gates::open(call).await?;
            let written = export(&mut gates, &args.file).await;
            gates.close().await;
            let entries = written?;
            if call.json {
                text::json(&json!({ "file": args.file, "entries": entries }));
            } else {
                let file = args.file.display();
                text::say(&format!("Wrote {file} with {entries} entries and the signed head."));
            }
            Ok(Ended::Well)
        }
    }
}

async fn verify(call: &Call) -> Result<Ended, Fault> {
    let view = look(call, Query::Verify {}).await?;
    text::view(call.json, &view);
    match view {
        View::Verify(verdict) if !verdict.whole => {
            call.ill(node::Fault::refused("the journal is not whole", ""))
        }
        _ => Ok(Ended::Well),
    }
}

/// As many rows as are wanted, page by page.
async fn left(call: &Call, wanted: String, limit: u32) -> Result<Ended, Fault> {
    let mut gates = Gates::open(call).await?;
    let found = all_left(&mut gates, &wanted, limit).await;
    gates.close().await;
    text::view(call.json, &View::Left(found?));
    Ok(Ended::Well)
}

async fn all_left(gates: &mut Gates, wanted: &str, limit: u32) -> Result<LeftPage, Fault> {
    let mut whole = LeftPage { total: 0, rows: Vec::new(), unreadable: 0 };
    loop {
        let offset = text::small(whole.rows.len());
        let ask = limit.saturating_sub(offset);
        let query = Query::Left { text: wanted.to_owned(), offset, limit: ask };
        let View::Left(page) = gates.view(query).await? else { return Err(unexpected()) };
        let ended = page.rows.is_empty();
        whole.rows.extend(page.rows);
        (whole.total, whole.unreadable) = (page.total, page.unreadable);
        let got = text::small(whole.rows.len());
        if ended || got >= limit || got >= whole.total {
            return Ok(whole);
        }
    }
}

async fn export(gates: &mut Gates, path: &Path) -> Result<u64, Fault> {
    let mut file = JournalFile::create(path)?;
    loop {
        let query = Query::Entries { after: file.entries() };
        let View::Entries(page) = gates.view(query).await? else { return Err(unexpected()) };
        if file.put(&page)? {
            return Ok(file.entries());
        }
    }
}

fn unexpected() -> Fault {
    node::Fault::broken("the node answered something else than it was asked").into()
}
