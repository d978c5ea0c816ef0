//! What organisations forbid, for people.

use super::{say, time};
use wire::{PoliciesView, PolicyView, WouldAcceptView};

pub(crate) fn policies(view: &PoliciesView) {
    if !view.trouble.is_empty() {
        say(&view.trouble);
        say("  → tracenet log verify, then: tracenet policy drop --all");
    }
    if view.policies.is_empty() && view.trouble.is_empty() {
        say("No policy is accepted here: what is shared is up to you alone.");
    }
    for policy in &view.policies {
        let over = if policy.over { ", over: it forbids nothing any more" } else { "" };
        say(&format!("{}, version {}{over}", policy.org, policy.seq));
        say(&format!("  {}", policy.short));
        say(&format!("  key {}, accepted {}", policy.words, time(policy.accepted)));
    }
}

/// All that one policy says.
pub(crate) fn whole(policy: &PolicyView) {
    say(&format!("{}, version {}", policy.org, policy.seq));
    say(&format!("key     {}", policy.words));
    say(&format!("        {}", policy.key));
    if policy.accepted > 0 {
        say(&format!("since   {}", time(policy.accepted)));
    }
    if policy.until > 0 {
        let over = if policy.over { ": it is over" } else { "" };
        say(&format!("until   {}{over}", time(policy.until)));
    }
    policy.text.lines().for_each(|line| say(&format!("  {line}")));
}

pub(crate) fn would_accept(would: &WouldAcceptView) {
    whole(&would.policy);
    if would.replaces > 0 {
        say(&format!("It takes the place of version {}.", would.replaces));
    }
    if !would.eased.is_empty() {
        say(&format!("It no longer forbids: {}.", would.eased.join(", ")));
    }
    for (count, what) in [
        (would.shares, "shares that run would have been forbidden by it; they go on"),
        (would.rules, "rules that it forbids would end"),
        (would.asks, "asks that wait could not be allowed any more as they stand"),
    ] {
        if count > 0 {
            say(&format!("{count} {what}."));
        }
    }
    if !would.unknown.is_empty() {
        let unknown = would.unknown.join(", ");
        say(&format!("This version's scanner knows nothing called {unknown}."));
    }
}
