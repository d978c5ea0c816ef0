//! The app in its real WebKit windows, on a screen of its own, with a real Secret Service, a
//! notification service and a tray on its bus; each test in its own session.
//!
//! The app that is installed is tested as it is wherever no page has to be looked into; what has to
//! is done in its drivable twin. Without a built app the tests say so and are skipped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "tests fail by panicking, and a story is told in one go"
)]

#[path = "desktop_stage/app.rs"]
mod app;
#[path = "desktop_stage/hands.rs"]
mod hands;
#[path = "desktop_stage/neighbour.rs"]
mod neighbour;
#[path = "desktop_stage/page.rs"]
mod page;
#[path = "desktop_stage/robot.rs"]
mod robot;
#[path = "desktop_stage/scene.rs"]
mod scene;
#[path = "desktop_stage/session.rs"]
mod session;

#[allow(dead_code, reason = "the tests of tools and terminal use other parts")]
#[path = "hostile/corpus.rs"]
mod corpus;
#[path = "hostile/given.rs"]
mod given;
#[allow(dead_code, reason = "the tests of tools and terminal use other parts")]
#[path = "hostile/texts.rs"]
mod texts;

#[path = "desktop_stories/consent.rs"]
mod consent;
#[path = "desktop_stories/ended.rs"]
mod ended;
#[path = "desktop_stories/forged.rs"]
mod forged;
#[path = "desktop_stories/hostile.rs"]
mod hostile;
#[path = "desktop_stories/outside.rs"]
mod outside;
#[path = "desktop_stories/pictures.rs"]
mod pictures;
#[path = "desktop_stories/start.rs"]
mod start;
#[path = "desktop_stories/steps.rs"]
mod steps;
#[path = "desktop_stories/stray.rs"]
mod stray;
