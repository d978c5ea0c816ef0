//! Every word the shell itself shows. Those of a notification name nothing of the artifact: a
//! locked screen shows them too.

pub(crate) const APP: &str = "TraceNet";

pub(crate) const NO_DISPLAY: &str = "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY \
    is set); start the node without a window instead: tracenet node";

pub(crate) const HEADLESS: &str = "a node without a window already works on this folder. To use \
    the window, end it first (Ctrl-C where `tracenet node` runs), then start TraceNet again; or \
    answer in the terminal: tracenet asks";

pub(crate) const NO_HOME: &str = "the folder for the data is not known: set TRACENET_HOME or HOME";

pub(crate) const STAYS: &str = "TraceNet keeps running, so that asks reach you.\n\nThis desktop \
    shows no tray. To see this window again, start TraceNet once more, or choose Review in the \
    notification of an ask.";
pub(crate) const KEEP: &str = "Keep running";
pub(crate) const QUIT: &str = "Quit";

pub(crate) const TRAY_OPEN: &str = "Open TraceNet";
pub(crate) const TRAY_LOCK: &str = "Lock the key";
pub(crate) const TRAY_QUIT: &str = "Quit TraceNet";
pub(crate) const TRAY_NOTHING: &str = "Nothing waits";
pub(crate) const TRAY_DENY: &str = "Deny";

pub(crate) const REVIEW: &str = "Review";
pub(crate) const DENY: &str = "Deny";

/// What a notification says when the store was changed by another program.
pub(crate) const ALTERED: &str = "A rule was changed by another program. It is ignored.";

/// What a notification says of an ask of this kind, which an agent made or the human.
pub(crate) fn announced(wish: &str, by_agent: bool) -> &'static str {
    match (wish, by_agent) {
        ("share-private" | "share-public", true) => "An agent asks to share an artifact",
        ("share-private" | "share-public", false) => "You are asked whether to share an artifact",
        ("pair", _) => "An agent asks to be let in",
        ("ticket", _) => "You are asked whether to give out a ticket",
        ("connect", _) => "You are asked whether to connect to someone",
        _ => "Something waits for your answer",
    }
}
