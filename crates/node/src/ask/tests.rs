//! What the scanner finds, and what the prompt counts as secrets.

use std::collections::BTreeSet;

#[test]
fn the_prompt_counts_as_secrets_what_the_scanner_says_are_such() {
    let others = screen::rules().iter().filter(|rule| !rule.class.is_secret());
    let told: BTreeSet<&str> = consent::prompt::NO_SECRETS.into_iter().collect();
    let large = screen::scan(&vec![b' '; screen::MAX_BYTES + 1]);
    let unread = large.findings.iter().map(|found| found.rule);
    assert_eq!(told, others.map(|rule| rule.id.as_str()).chain(unread).collect());
}
