//! Which pages a window may show.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::{CONSENT, MAIN, is_page};

fn check(label: &str, url: &str, expected: bool) {
    assert_eq!(is_page(label, &url.parse().unwrap()), expected, "{label} {url}");
}

#[test]
fn each_window_shows_its_own_page() {
    check(MAIN, "tauri://localhost", true);
    check(MAIN, "tauri://localhost/", true);
    check(MAIN, "tauri://localhost/index.html", true);
    check(MAIN, "tauri://localhost/index.html#/memory/abc", true);
    check(CONSENT, "tauri://localhost/consent.html#00ff", true);
}

#[test]
fn no_window_shows_anything_else() {
    check(MAIN, "tauri://localhost/consent.html", false);
    check(CONSENT, "tauri://localhost/index.html", false);
    check(MAIN, "https://example.org/", false);
    check(MAIN, "http://localhost/", false);
    check(MAIN, "tauri://example.org/", false);
    check(MAIN, "file:///etc/hostname", false);
    check(CONSENT, "data:text/html,hello", false);
    check(CONSENT, "about:blank", false);
}
