//! What changed, and how much of it is compared.
use super::*;

const NOON: UnixMillis = 1_794_484_800_000;

#[test]
fn what_changed_is_shown_with_its_neighbours() {
    let before = "a\nb\nc\nd\ne\nf\n";
    let now = "a\nb\nc\nD\ne\nf\n";
    let made = changes(NOON, before, now);
    assert_eq!(made.since, "Since the version that you shared on 12 Nov 2026.");
    assert_eq!(made.diff, "@@ -1,6 +1,6 @@\n a\n b\n c\n-d\n+D\n e\n f\n");
}

#[test]
fn the_same_text_again_is_said_to_be_the_same() {
    let made = changes(NOON, "a\n", "a\n");
    assert_eq!(made.since, "You shared this very text with them on 12 Nov 2026.");
    assert_eq!(made.diff, "");
}

#[test]
fn of_texts_two_thousand_lines_are_compared_and_longer_ones_are_not() {
    let lines = |count: usize| "line\n".repeat(count);
    let most = changes(NOON, &lines(MAX_LINES), "another\n");
    assert!(most.diff.starts_with("@@ -1,2000 +1 @@\n"), "{}", most.diff);
    let more = changes(NOON, &lines(MAX_LINES + 1), "another\n");
    assert!(more.diff.is_empty());
    assert!(more.since.ends_with("too long to compare."), "{}", more.since);
}
