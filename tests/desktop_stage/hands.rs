//! A human's hands: focus, pointer and keys through the X server, as a person moves them.

use crate::{app::until, session::Session};
use fantoccini::elements::Element;

/// The title of the consent window.
pub const ASKS: &str = "TraceNet asks";
/// The title of the main window.
pub const MAIN: &str = "TraceNet";

impl Session {
    fn xdotool(&self, args: &[&str]) -> Option<String> {
        let done = self.run("xdotool", args);
        done.status.success().then(|| String::from_utf8_lossy(&done.stdout).trim().to_owned())
    }

    /// The visible window with exactly this title; `Err` when a window vanished while it was
    /// looked for, which tells nothing of the others.
    fn look_for(&self, title: &str) -> Result<Option<String>, ()> {
        let pattern = format!("^{title}$");
        let done = self.run("xdotool", &["search", "--onlyvisible", "--name", &pattern]);
        let found = String::from_utf8_lossy(&done.stdout).lines().last().map(str::to_owned);
        if found.is_none() && !done.stderr.is_empty() { Err(()) } else { Ok(found) }
    }

    /// Waits until a window of this title can be seen.
    pub async fn window(&self, title: &str) -> String {
        until(title, async || self.look_for(title).ok().flatten()).await
    }

    /// Waits until none can be seen.
    pub async fn window_gone(&self, title: &str) {
        until(&format!("{title} goes"), async || (self.look_for(title) == Ok(None)).then_some(()))
            .await;
    }

    /// The title of the window that has the focus.
    pub fn focused(&self) -> Option<String> {
        self.xdotool(&["getactivewindow", "getwindowname"])
    }

    /// Waits until a window of another title has the focus.
    pub async fn other_than(&self, title: &str) {
        until("another window", async || self.focused().filter(|focused| focused != title)).await;
    }

    /// Gives a window the focus, as a click on its title bar would.
    pub async fn focus(&self, title: &str) {
        let window = self.window(title).await;
        until(&format!("{title} has the focus"), async || {
            self.xdotool(&["windowactivate", "--sync", &window]);
            (self.focused().as_deref() == Some(title)).then_some(())
        })
        .await;
    }

    /// Presses the pointer's button in the middle of this element.
    pub async fn press(&self, title: &str, element: &Element) {
        let window = self.window(title).await;
        let (x, y, width, height) = element.rectangle().await.unwrap();
        let (x, y) = (format!("{:.0}", x + width / 2.0), format!("{:.0}", y + height / 2.0));
        self.xdotool(&["mousemove", "--window", &window, &x, &y, "click", "1"]);
    }

    /// Puts a window away with Escape, as often as it takes: its page may be loading still.
    pub async fn escape(&self, title: &str) {
        until(&format!("{title} goes"), async || {
            let window = match self.look_for(title) {
                Ok(Some(window)) => window,
                Ok(None) => return Some(()),
                Err(()) => return None,
            };
            self.xdotool(&["windowactivate", "--sync", &window]);
            self.key("Escape");
            None
        })
        .await;
    }

    /// Presses a key where the focus is.
    pub fn key(&self, key: &str) {
        self.xdotool(&["key", key]);
    }
}
