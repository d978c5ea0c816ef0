//! Policies of organisations.

use super::small;
use crate::{Fault, PoliciesView, PolicyView, WouldAcceptView, from};
use artifact::words::key_words;
use consent::{
    Accepted,
    policy::{eased, in_short},
};
use node::Node;

pub(crate) fn policies(node: &Node) -> Result<PoliciesView, Fault> {
    let held = node.policies();
    let mut policies: Vec<PolicyView> = held
        .all()
        .map(|policy| Ok(view(node, policy, node.policy_text(&policy.policy)?)))
        .collect::<Result<_, Fault>>()?;
    policies.sort_by(|a, b| (&a.org, &a.key).cmp(&(&b.org, &b.key)));
    let trouble = if held.is_unknown() {
        "The journal was changed, so nobody can tell which policies you accepted: nothing new is \
         shared until you have dropped them all."
    } else {
        ""
    };
    Ok(PoliciesView { policies, trouble: trouble.to_owned() })
}

pub(crate) fn would_accept(node: &Node, policy: &str) -> Result<WouldAcceptView, Fault> {
    let would = node.would_accept(&from::bytes(policy)?)?;
    let fact = &would.fact;
    let replaces = fact.replaces.as_ref();
    let mut policy = view(node, &would.policy, would.text);
    policy.accepted = 0;
    Ok(WouldAcceptView {
        policy,
        refused: would.refused.map(|why| why.to_string()).unwrap_or_default(),
        replaces: replaces.map_or(0, |held| held.policy.seq),
        eased: replaces.map(|held| eased(held, &would.policy.policy)).unwrap_or_default(),
        shares: small(fact.shares),
        rules: small(fact.rules),
        asks: small(fact.asks),
        unknown: fact.unknown_words.clone(),
    })
}

fn view(node: &Node, held: &Accepted, text: String) -> PolicyView {
    PolicyView {
        org: held.name(),
        key: held.organisation.to_string(),
        words: key_words(&held.organisation),
        seq: held.policy.seq,
        short: in_short(&held.policy),
        text,
        accepted: held.at,
        until: held.policy.until.unwrap_or(0),
        over: !held.policy.holds_at(node.clock().now()),
    }
}
