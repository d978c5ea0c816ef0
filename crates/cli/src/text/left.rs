//! What ever left, as text.

use super::{bytes, say, short, time};
use wire::{LeftPage, LeftRow};

pub(crate) fn left(page: &LeftPage) {
    if page.rows.is_empty() {
        say("Nothing of this ever left this machine.");
    }
    page.rows.iter().for_each(row);
    let more = (page.total as usize).saturating_sub(page.rows.len());
    if more > 0 {
        say(&format!("{more} more: `--limit` shows them."));
    }
    if page.unreadable > 0 {
        say(&format!("{} entries cannot be read: `tracenet log verify`.", page.unreadable));
    }
    if page.rows.iter().any(|row| row.ended > 0) {
        say("Copies that were received cannot be recalled.");
    }
}

fn row(row: &LeftRow) {
    let what = match (row.what.as_str(), row.title.is_empty()) {
        ("ticket", _) => format!("ticket {}", short(&row.id)),
        ("card", _) => "your card: your keys and the name it suggests".to_owned(),
        ("ending", _) => format!("the word of an ending {}", short(&row.id)),
        (kind, true) => format!("{kind} {}, of which nothing is here any more", short(&row.id)),
        (kind, false) => format!("{kind} {} {}", short(&row.id), row.title),
    };
    let to = if row.name.is_empty() { "whoever you gave it to" } else { &row.name };
    say(&format!("{}  {to}  {what}", time(row.last)));
    let mut about: Vec<String> = Vec::new();
    if !row.state.is_empty() {
        about.push(format!("{}, {}", has(&row.state), bytes(row.bytes)));
    }
    if !row.signed.is_empty() {
        about.push(signed(&row.signed).to_owned());
    }
    if row.ended > 0 {
        let word = if row.unsigned { ", not signed yet" } else { "" };
        about.push(format!("ended {}{word}", time(row.ended)));
    }
    if !about.is_empty() {
        say(&format!("        {}", about.join("; ")));
    }
    if !row.ask.is_empty() {
        let asked = if row.agent.is_empty() { "you" } else { &row.agent };
        let why =
            if row.reason.is_empty() { String::new() } else { format!(" “{}”", row.reason) };
        let under = if row.receipt.is_empty() {
            String::new()
        } else {
            format!(", receipt {}", short(&row.receipt))
        };
        say(&format!("        asked by {asked}{why}, allowed in {}{under}", row.allowed));
    }
}

fn has(state: &str) -> &'static str {
    match state {
        "acknowledged" | "sent" => "has all of it",
        "part" => "has a part of it",
        "may-have" => "may have all of it: the end was not written down",
        _ => "was told of it",
    }
}

fn signed(signed: &str) -> &'static str {
    match signed {
        "countersigned" => "signed for it, and you countersigned",
        "acknowledged" => "signed for it",
        "diverged" => "signed for something else than your book says",
        _ => "has not signed for it",
    }
}
