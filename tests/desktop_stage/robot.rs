//! A robot at the X server: it types and clicks twenty times a second, whatever is on the screen,
//! and says how long its longest pause was, for a slow machine can make it rest.

use crate::session::Session;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use town::disk::next;
use x11rb::{
    connection::Connection,
    protocol::{
        xproto::{BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, MOTION_NOTIFY_EVENT},
        xproto::{ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, Window},
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

/// Between two strokes.
const PACE: Duration = Duration::from_millis(50);
/// The longest pause between two strokes that it makes by itself.
const PAUSE: Duration = Duration::from_millis(600);
/// The button on which a human clicks.
const FIRST: u8 = 1;

/// What it types: Enter twice over, space, Tab, and letters that mean yes somewhere.
const KEYS: [u32; 6] = [0xff0d, 0xff8d, 0x20, 0xff09, 0x79, 0x61];

/// Where it clicks, on the screen.
pub type Places = Arc<Mutex<Vec<(i16, i16)>>>;

/// The robot, at rest.
pub struct Robot {
    x: Arc<RustConnection>,
    root: Window,
    keys: Vec<u8>,
    places: Places,
}

/// The robot at work.
pub struct Working {
    stop: Arc<AtomicBool>,
    hands: JoinHandle<Work>,
}

/// What it did.
pub struct Work {
    /// Keys and clicks.
    pub strokes: u32,
    /// The longest time between two of them.
    pub rested: Duration,
}

impl Robot {
    /// A robot in this session.
    pub fn new(session: &Session) -> Self {
        let (x, screen) = x11rb::connect(Some(session.display())).unwrap();
        let (setup, root) = (x.setup(), x.setup().roots[screen].root);
        let (low, high) = (setup.min_keycode, setup.max_keycode);
        let map = x.get_keyboard_mapping(low, high - low + 1).unwrap().reply().unwrap();
        let rows = map.keysyms.chunks(usize::from(map.keysyms_per_keycode));
        let codes: BTreeMap<u32, u8> =
            rows.zip(low..=high).map(|(row, code)| (row[0], code)).collect();
        let keys = KEYS.iter().map(|key| codes[key]).collect();
        Self { x: Arc::new(x), root, keys, places: Places::default() }
    }

    /// From now on it clicks at these places of a window, wherever that is by now.
    pub fn aims(&self, window: &str, places: &[(i16, i16)]) {
        let window: Window = window.parse().unwrap();
        let at = self.x.translate_coordinates(window, self.root, 0, 0).unwrap();
        // It may have gone just now: then it was there a moment ago.
        let Ok(at) = at.reply() else { return };
        *self.places.lock().unwrap() =
            places.iter().map(|(x, y)| (at.dst_x + x, at.dst_y + y)).collect();
    }

    /// Begins, and goes on until it is told to end.
    pub fn works(&self, seed: u64) -> Working {
        let stop = Arc::new(AtomicBool::new(false));
        let (x, root, keys) = (Arc::clone(&self.x), self.root, self.keys.clone());
        let (places, over) = (Arc::clone(&self.places), Arc::clone(&stop));
        let hands = thread::spawn(move || {
            let (mut dice, mut work) = (seed, Work { strokes: 0, rested: Duration::ZERO });
            let mut last = Instant::now();
            while !over.load(Ordering::Relaxed) {
                let place = {
                    let places = places.lock().unwrap();
                    let many = places.len().max(1) as u64;
                    places.get((next(&mut dice) % many) as usize).copied()
                };
                match (next(&mut dice) % 2, place) {
                    (0, Some(place)) => clicks(&x, root, place),
                    _ => types(&x, root, keys[(next(&mut dice) % keys.len() as u64) as usize]),
                }
                work.strokes += 1;
                work.rested = work.rested.max(last.elapsed());
                last = Instant::now();
                // Now and then it holds still, though never for as long as the buttons want.
                let still = next(&mut dice).is_multiple_of(40);
                thread::sleep(if still { PAUSE } else { PACE });
            }
            work
        });
        Working { stop, hands }
    }
}

impl Working {
    /// Ends.
    pub fn ends(self) -> Work {
        self.stop.store(true, Ordering::Relaxed);
        self.hands.join().unwrap()
    }
}

fn fakes(x: &RustConnection, root: Window, kind: u8, detail: u8, (at_x, at_y): (i16, i16)) {
    x.xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, root, at_x, at_y, 0).unwrap();
}

fn clicks(x: &RustConnection, root: Window, place: (i16, i16)) {
    fakes(x, root, MOTION_NOTIFY_EVENT, 0, place);
    fakes(x, root, BUTTON_PRESS_EVENT, FIRST, place);
    fakes(x, root, BUTTON_RELEASE_EVENT, FIRST, place);
    x.flush().unwrap();
}

fn types(x: &RustConnection, root: Window, key: u8) {
    fakes(x, root, KEY_PRESS_EVENT, key, (0, 0));
    fakes(x, root, KEY_RELEASE_EVENT, key, (0, 0));
    x.flush().unwrap();
}
