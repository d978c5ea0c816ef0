//! Stray typing and clicks at the real consent window: a robot that never rests decides nothing.

use crate::{
    app::{Driven, Remote, built},
    hands::{ASKS, MAIN},
    robot::Robot,
    scene,
    session::{Keychain, Session},
};
use std::{thread, time::Duration};
use tokio::runtime::Runtime;
use town::effort;
use wire::{Act, KeepKey};

/// How long it goes on once the window can be seen: longer than the buttons want rest.
const LONG: Duration = Duration::from_millis(1_500);
/// Whoever rests for longer was too slow: the run says nothing.
const TOO_SLOW: Duration = Duration::from_millis(900);

/// Where the buttons are in the window: of an ask that is denied again.
async fn buttons(session: &Session, app: &Driven<'_>, node: &mut Remote) -> Vec<(i16, i16)> {
    let (ask, _) = node.ask(Act::Ticket {}).await;
    session.window(ASKS).await;
    app.page().consent(&ask).await;
    let mut places = Vec::new();
    for button in ["allow", "allow", "deny"] {
        let button = app.page().find(&format!("[data-armed='{button}']")).await;
        let (x, y, width, height) = button.rectangle().await.unwrap();
        places.push(((x + width / 2.0) as i16, (y + height / 2.0) as i16));
    }
    denied(session, node, ask).await;
    places
}

async fn denied(session: &Session, node: &mut Remote, ask: String) {
    node.act(Act::Deny { ask, rebuke: None }).await;
    session.window_gone(ASKS).await;
}

/// So many runs in one session; how many strokes there were, and runs that say nothing.
async fn robot(seed: u64, runs: usize) -> (u32, usize) {
    let session = Session::start(Keychain::Unlocked);
    let _tray = session.double("tray.py");
    let app = Driven::start(&session).await;
    let mut node = app.node().await;
    // Without a PIN a single click on Allow would grant.
    node.act(Act::Init { keep: KeepKey::Keychain {}, name: "north".to_owned() }).await;
    session.focus(MAIN).await;
    session.key("alt+F4");
    session.window_gone(MAIN).await;
    let places = buttons(&session, &app, &mut node).await;
    let robot = Robot::new(&session);
    let (mut done, mut strokes, mut void) = (0, 0, 0);
    while done < runs {
        let working = robot.works(seed + (done + void) as u64);
        let (ask, _) = node.ask(Act::Ticket {}).await;
        robot.aims(&session.window(ASKS).await, &places);
        tokio::time::sleep(LONG).await;
        let state = node.state(&ask).await;
        let work = working.ends();
        if work.rested > TOO_SLOW {
            void += 1;
            assert!(void <= runs, "this machine is too slow for a robot");
        } else {
            assert_eq!(state, "pending", "run {done} after {} strokes", work.strokes);
            strokes += work.strokes;
            done += 1;
        }
        // Where a slow robot has answered it is too late for a no.
        if state == "pending" {
            denied(&session, &mut node, ask).await;
        }
    }
    // The very click that was tried: by a hand that rests it grants.
    let mut notices = node.notices().await;
    let (ask, _) = node.ask(Act::Ticket {}).await;
    app.page().consent(&ask).await;
    session.focus(ASKS).await;
    let button = app.page().find(&scene::armed("allow")).await;
    session.press(ASKS, &button).await;
    assert_eq!(notices.settled(&ask).await, "allowed");
    (strokes, void)
}

#[test]
fn a_robot_that_types_and_clicks_from_before_the_window_is_there_decides_nothing() {
    if built().is_none() {
        return;
    }
    let (runs, sessions) = (effort::times(12, 1_000), effort::times(1, 4));
    let each: Vec<_> = (0..sessions)
        .map(|n| {
            let seed = 1_000_000 * n as u64;
            let runs = runs / sessions;
            thread::spawn(move || Runtime::new().unwrap().block_on(robot(seed, runs)))
        })
        .collect();
    let (mut strokes, mut void) = (0, 0);
    for one in each {
        let (more, slow) = one.join().unwrap();
        strokes += more;
        void += slow;
    }
    effort::reached(&format!(
        "{runs} runs of a robot at the consent window, {strokes} strokes, {void} runs void; no answer"
    ));
}
