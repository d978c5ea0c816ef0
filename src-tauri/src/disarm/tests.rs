//! Which variables let another program in.

use super::arms;

fn check(name: &str, expected: bool) {
    assert_eq!(arms(name.as_ref()), expected, "{name}");
}

#[test]
fn automation_and_inspection_are_removed() {
    check("TAURI_WEBVIEW_AUTOMATION", true);
    check("TAURI_AUTOMATION", true);
    check("TAURI_AUTOMATION_MODE", true);
    check("WEBKIT_INSPECTOR_SERVER", true);
    check("WEBKIT_INSPECTOR_HTTP_SERVER", true);
    check("WEBKIT_INJECTED_BUNDLE_PATH", true);
    check("GTK_DEBUG", true);
}

#[test]
fn what_a_desktop_needs_stays() {
    check("GTK_THEME", false);
    check("GTK_MODULES", false);
    check("WEBKIT_DISABLE_DMABUF_RENDERER", false);
    check("TRACENET_HOME", false);
    check("DISPLAY", false);
}
