//! What was given and taken, and the receipts behind every figure.

use crate::{Call, Ended, args::Balances, gates::Gates, text};
use serde_json::json;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};
use wire::{DeliveriesPage, Fault, Query, View};

/// Rows asked for at a time.
const PAGE: u32 = 200;
/// Envelopes asked for at a time.
const PROOFS: u32 = 50;

pub(crate) async fn balances(call: &Call, args: Balances) -> Result<Ended, Fault> {
    let mut gates = Gates::open(call).await?;
    let outcome = match (&args.peer, &args.export) {
        (Some(peer), Some(file)) => export(call, &mut gates, peer, file).await,
        (Some(peer), None) => receipts(call, &mut gates, peer, &args).await,
        (None, _) if args.all => receipts(call, &mut gates, "", &args).await,
        (None, _) => all(call, &mut gates).await,
    };
    gates.close().await;
    outcome.map(|()| Ended::Well)
}

async fn all(call: &Call, gates: &mut Gates) -> Result<(), Fault> {
    let view = gates.view(Query::Balances {}).await?;
    text::view(call.json, &view);
    Ok(())
}

/// The receipts of one peer, or of everybody, both ways, as many as were asked for.
async fn receipts(
    call: &Call,
    gates: &mut Gates,
    peer: &str,
    args: &Balances,
) -> Result<(), Fault> {
    let mut pages = Vec::new();
    for direction in ["given", "taken"] {
        pages.push(rows(gates, peer, direction, args).await?);
    }
    if call.json {
        text::json(&json!({ "deliveries": pages }));
    } else {
        pages.iter().for_each(text::books::deliveries);
    }
    Ok(())
}

async fn rows(
    gates: &mut Gates,
    peer: &str,
    direction: &str,
    args: &Balances,
) -> Result<DeliveriesPage, Fault> {
    let mut whole: Option<DeliveriesPage> = None;
    loop {
        let offset = whole.as_ref().map_or(0, |page| text::small(page.rows.len()));
        let limit = args.limit.saturating_sub(offset).min(PAGE);
        let (peer, direction) = (peer.to_owned(), direction.to_owned());
        let signed = args.signed.map(|signed| signed.word().to_owned()).unwrap_or_default();
        let query = Query::Deliveries { peer, direction, signed, offset, limit };
        let View::Deliveries(page) = gates.view(query).await? else { return Err(unexpected()) };
        let got = text::small(page.rows.len());
        match &mut whole {
            Some(before) => before.rows.extend(page.rows),
            None => whole = Some(page),
        }
        if got < limit || limit == 0 || offset + got >= args.limit {
            return whole.ok_or_else(unexpected);
        }
    }
}

/// Writes the signed envelopes, one JSON value a line: the cards, then the receipts.
async fn export(call: &Call, gates: &mut Gates, peer: &str, file: &Path) -> Result<(), Fault> {
    let unwritten = |error: std::io::Error| -> Fault {
        let what = format!("{} cannot be written: {error}", file.display());
        node::Fault::not_now(what, "name a file in a folder of yours").into()
    };
    let mut lines: Vec<serde_json::Value> = Vec::new();
    let mut offset = 0;
    loop {
        let query = Query::Proofs { peer: peer.to_owned(), offset, limit: PROOFS };
        let View::Proofs(page) = gates.view(query).await? else { return Err(unexpected()) };
        if offset == 0 {
            lines.extend(page.cards.iter().map(|card| json!({ "card": card })));
        }
        offset += text::small(page.rows.len());
        let ended = page.rows.is_empty() || offset >= page.total;
        lines.extend(page.rows.iter().map(|row| json!(row)));
        if ended {
            break;
        }
    }
    let mut out = BufWriter::new(File::create_new(file).map_err(unwritten)?);
    for line in &lines {
        writeln!(out, "{line}").map_err(unwritten)?;
    }
    out.flush().map_err(unwritten)?;
    if call.json {
        text::json(&json!({ "file": file, "receipts": offset }));
    } else {
        text::say(&format!("Wrote {} with {offset} delivery receipts.", file.display()));
    }
    Ok(())
}

fn unexpected() -> Fault {
    node::Fault::broken("the node answered something else than it was asked").into()
}
