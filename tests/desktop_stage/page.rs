//! The app's pages as WebDriver sees them. Looking never sleeps blindly: it looks again until what
//! is wanted is there.

use crate::app::until;
use fantoccini::{Client, ClientBuilder, Locator, elements::Element, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::Path;

/// A WebDriver session with the app.
pub struct Page(Client);

impl Page {
    /// Starts the app through the driver at this port.
    pub async fn open(port: u16, app: &Path) -> Result<Self, String> {
        let options = json!({ "binary": app, "args": [] });
        let capabilities: Capabilities =
            [("webkitgtk:browserOptions".to_owned(), options)].into_iter().collect();
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// Turns to the window that shows this page, once there is one.
    pub async fn turn_to(&self, page: &str) {
        until(page, async || {
            for window in self.0.windows().await.ok()? {
                self.0.switch_to_window(window).await.ok()?;
                let url = self.0.current_url().await.ok()?;
                if url.path().trim_end_matches("index.html").trim_end_matches('/') == page {
                    return Some(());
                }
            }
            None
        })
        .await;
    }

    /// Turns to the main window.
    pub async fn main(&self) {
        self.turn_to("").await;
    }

    /// Turns to the consent window once it shows this ask.
    pub async fn consent(&self, ask: &str) {
        self.turn_to("/consent.html").await;
        self.find(&format!("[data-ask='{ask}']")).await;
    }

    /// The element, once it is there.
    pub async fn find(&self, css: &str) -> Element {
        until(css, async || self.0.find(Locator::Css(css)).await.ok()).await
    }

    /// Clicks it, once it is there and can be: a dialog that closes covers the page a moment longer.
    pub async fn click(&self, css: &str) {
        until(&format!("{css} can be clicked"), async || self.find(css).await.click().await.ok())
            .await;
    }

    /// Clicks it until what it leads to is there, as a human would whose click came while the page
    /// was drawn anew.
    pub async fn click_through(&self, css: &str, next: &str) {
        until(&format!("{css} leads to {next}"), async || {
            if let Ok(button) = self.0.find(Locator::Css(css)).await {
                // It may be gone already, or covered still.
                let _ = button.click().await;
            }
            self.0.find(Locator::Css(next)).await.ok()
        })
        .await;
    }

    /// Types into it, once it is there.
    pub async fn type_into(&self, css: &str, text: &str) {
        self.find(css).await.send_keys(text).await.unwrap();
    }

    /// All that the page shows, as text.
    pub async fn text(&self) -> String {
        self.find("body").await.text().await.unwrap()
    }

    /// Waits until the page shows this.
    pub async fn shows(&self, text: &str) {
        let seen = until_or_last(async || {
            let seen = self.text().await;
            (seen.contains(text), seen)
        })
        .await;
        assert!(seen.contains(text), "not shown: {text:?}, but: {seen}");
    }

    /// Waits until the page holds this, also where it is cut short for want of room: WebDriver takes
    /// such text for hidden.
    pub async fn holds(&self, text: &str) {
        let script = format!("document.body.textContent.includes({})", json!(text));
        until(text, async || (self.evaluate(&script).await == Ok(json!(true))).then_some(())).await;
    }

    /// The value of a script's last expression, which may be a promise; a rejection is `Err`.
    pub async fn evaluate(&self, script: &str) -> Result<Value, Value> {
        let wrapped = format!(
            "const done = arguments[arguments.length - 1];\
             Promise.resolve().then(() => {script})\
             .then((ok) => done({{ ok: ok ?? null }}), (err) => done({{ err: err ?? null }}));"
        );
        let came = self.0.execute_async(&wrapped, Vec::new()).await.unwrap();
        match came.get("err") {
            Some(err) => Err(err.clone()),
            None => Ok(came["ok"].clone()),
        }
    }
}

/// Looks until it is good or patience ends; the last that was seen.
async fn until_or_last<T>(mut look: impl AsyncFnMut() -> (bool, T)) -> T {
    let end =
        std::time::Instant::now() + std::time::Duration::from_millis(crate::session::PATIENCE_MS);
    loop {
        let (good, seen) = look().await;
        if good || std::time::Instant::now() > end {
            return seen;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
}
