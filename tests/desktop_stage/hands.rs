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

    /// The visible window with exactly this title.
    pub fn visible(&self, title: &str) -> Option<String> {
        let pattern = format!("^{title}$");
        let found = self.xdotool(&["search", "--onlyvisible", "--name", &pattern])?;
        found.lines().last().map(str::to_owned)
    }

    /// Waits until a window of this title can be seen.
    pub async fn window(&self, title: &str) -> String {
        until(title, async || self.visible(title)).await
    }

    /// Waits until none can be seen.
    pub async fn window_gone(&self, title: &str) {
        until(&format!("{title} goes"), async || self.visible(title).is_none().then_some(())).await;
    }

    /// The title of the window that has the focus.
    pub fn focused(&self) -> Option<String> {
        self.xdotool(&["getactivewindow", "getwindowname"])
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
            if let Some(window) = self.visible(title) {
                self.xdotool(&["windowactivate", "--sync", &window]);
                self.key("Escape");
                return None;
            }
            Some(())
        })
        .await;
    }

    /// Presses a key where the focus is.
    pub fn key(&self, key: &str) {
        self.xdotool(&["key", key]);
    }
}
