//! Who knocked and who is shut out, as text.

use super::{say, short, time};
use wire::{BlockedView, InboxView};

pub(crate) fn inbox(view: &InboxView) {
    if view.rows.is_empty() {
        say("Nobody waits at the door.");
    }
    for knock in &view.rows {
        let known = if knock.known.is_empty() {
            String::new()
        } else {
            format!("  (known as {}, from another machine)", knock.known)
        };
        say(&format!("{}  {:<20}  {}{known}", short(&knock.endpoint), knock.name, knock.words));
        let times = if knock.times == 1 { "once" } else { "several times, last" };
        say(&format!("          knocked {times} {}", time(knock.last)));
        let id = short(&knock.endpoint);
        say(&format!("          → tracenet accept {id} | dismiss {id} | block {id}"));
    }
    if view.full {
        say("The inbox is full: whoever else knocks is refused until you answer these.");
        say("  → tracenet dismiss --all");
    }
}

pub(crate) fn blocked(view: &BlockedView) {
    if view.rows.is_empty() {
        say("Nobody is blocked.");
    }
    for row in &view.rows {
        let who = if row.name.is_empty() { "somebody not known" } else { row.name.as_str() };
        say(&format!("{who:<20}  since {}  {}", time(row.at), row.reason));
        say(&format!("{:<20}  endpoint {}", "", row.endpoint));
        if !row.words.is_empty() {
            say(&format!("{:<20}  key {}", "", row.words));
        }
    }
}
