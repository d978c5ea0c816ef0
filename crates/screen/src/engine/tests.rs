//! The engine: there are rules, and each of them compiles.

use super::*;

#[test]
fn every_rule_compiles() {
    let keywords = rules().iter().map(|rule| rule.keywords.len() + rule.names().len()).sum();
    let engine = ENGINE.as_ref().map(|e| e.exact.keywords.len() + e.folded.keywords.len());
    assert_eq!(engine, Some(keywords));
    for rule in rules() {
        assert!(rule.regex().is_some(), "{}", rule.id);
        let judged = matches!(rule.check, Check::Password | Check::Secret);
        assert!(!rule.pattern.is_empty() || rule.is_named() && judged, "{}", rule.id);
        assert!(!rule.keywords.is_empty() || rule.is_named(), "{}: what is it known by", rule.id);
    }
}

/// The pass over the keywords lowers case, so that folded ones must be written so.
#[test]
fn keywords_are_written_as_they_are_compared() {
    for rule in rules().iter().filter(|rule| rule.fold) {
        assert!(rule.keywords.iter().all(|word| *word == word.to_lowercase()), "{}", rule.id);
    }
}
