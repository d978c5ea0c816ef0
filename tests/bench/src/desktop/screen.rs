//! What is on the screen, and since when: seen from outside, as a person would, with no automation
//! in the app that is measured.
//!
//! The X server tells of every drawing (the DAMAGE extension); at each, the moment is noted and a
//! picture taken. A window counts as painted at the last drawing that changed what is seen inside
//! it, once it is not of one colour and nothing inside it changed for [`STILL`].

use anyhow::{Context as _, Result, bail};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::{
    os::fd::AsFd as _,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::{JoinHandle, spawn_blocking};
use x11rb::{
    NONE,
    connection::Connection as _,
    protocol::{
        Event,
        damage::{ConnectionExt as _, ReportLevel},
        xproto::{
            Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat,
            MapState, Window,
        },
    },
    rust_connection::RustConnection,
};

/// How long nothing may change for a window to count as painted.
const STILL: Duration = Duration::from_millis(1_200);
/// How long painting may take at all.
const LIMIT: Duration = Duration::from_secs(60);
/// Milliseconds between two looks when nothing is drawn.
const LOOK: u16 = 50;
/// Bytes of a pixel on a screen of 24 bits.
const PIXEL: usize = 4;

/// The screen of a session.
pub(crate) struct Screen {
    conn: RustConnection,
    root: Window,
    width: u16,
    height: u16,
    damage: u32,
    name: Atom,
    text: Atom,
    protocols: Atom,
    delete: Atom,
}

/// A window's inside, on the screen.
#[derive(Debug, Clone, Copy)]
struct Place {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// What was on the screen, all of it, from a moment on.
struct Picture {
    at: Instant,
    pixels: Vec<u8>,
}

/// A screen that is being watched.
pub(crate) struct Watch(JoinHandle<Result<Instant>>);

impl Screen {
    /// Begins to hear of drawings.
    pub(crate) fn open(display: &str) -> Result<Arc<Self>> {
        let (conn, screen) = RustConnection::connect(Some(display))?;
        let screen = conn.setup().roots.get(screen).context("no screen")?;
        let (root, width, height) = (screen.root, screen.width_in_pixels, screen.height_in_pixels);
        conn.damage_query_version(1, 1)?.reply()?;
        let damage = conn.generate_id()?;
        conn.damage_create(damage, root, ReportLevel::NON_EMPTY)?.check()?;
        let atom = |name: &str| Ok::<_, anyhow::Error>(conn.intern_atom(false, name.as_bytes())?);
        let (name, text) = (atom("_NET_WM_NAME")?, atom("UTF8_STRING")?);
        let (protocols, delete) = (atom("WM_PROTOCOLS")?, atom("WM_DELETE_WINDOW")?);
        let (name, text) = (name.reply()?.atom, text.reply()?.atom);
        let (protocols, delete) = (protocols.reply()?.atom, delete.reply()?.atom);
        Ok(Arc::new(Self { conn, root, width, height, damage, name, text, protocols, delete }))
    }

    /// Watches from now on until the window of this title is painted.
    pub(crate) fn watch(self: &Arc<Self>, title: &'static str) -> Result<Watch> {
        self.heard()?;
        self.conn.damage_subtract(self.damage, NONE, NONE)?.check()?;
        let first = self.picture()?;
        let screen = Arc::clone(self);
        Ok(Watch(spawn_blocking(move || screen.until_painted(title, first))))
    }

    fn until_painted(&self, title: &str, first: Picture) -> Result<Instant> {
        let began = first.at;
        let mut pictures = vec![first];
        loop {
            if self.heard()? {
                self.conn.damage_subtract(self.damage, NONE, NONE)?;
                let now = self.picture()?;
                if pictures.last().is_none_or(|last| last.pixels != now.pixels) {
                    pictures.push(now);
                }
                continue;
            }
            if let Some(place) = self.place(title)?
                && let Some(at) = self.settled(&pictures, place)
            {
                return Ok(at);
            }
            if began.elapsed() > LIMIT {
                bail!("the window {title:?} was not painted and still within a minute");
            }
            self.wait()?;
        }
    }

    /// When what is inside this place took its last form, if it is one and still.
    fn settled(&self, pictures: &[Picture], place: Place) -> Option<Instant> {
        let last = pictures.last()?;
        let stride = usize::from(self.width) * PIXEL;
        if is_blank(&last.pixels, stride, place) {
            return None;
        }
        let same =
            |p: &&Picture| inside(&p.pixels, stride, place).eq(inside(&last.pixels, stride, place));
        let at = pictures.iter().rev().take_while(same).last()?.at;
        (at.elapsed() > STILL).then_some(at)
    }

    /// Asks the window manager's way that the window of this title closes, and waits until it is
    /// not seen any more.
    pub(crate) async fn close(&self, title: &str) -> Result<()> {
        let window = self.window(title)?.context("there is no window to close")?;
        let delete = [self.delete, x11rb::CURRENT_TIME, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window, self.protocols, delete);
        self.conn.send_event(false, window, EventMask::NO_EVENT, message)?.check()?;
        self.gone(title).await
    }

    /// Waits until no window of this title is seen.
    pub(crate) async fn gone(&self, title: &str) -> Result<()> {
        let began = Instant::now();
        while self.window(title)?.is_some() {
            if began.elapsed() > LIMIT {
                bail!("the window {title:?} does not go away");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Takes what the server told; whether something was drawn.
    fn heard(&self) -> Result<bool> {
        let mut drawn = false;
        while let Some(event) = self.conn.poll_for_event()? {
            drawn |= matches!(event, Event::DamageNotify(_));
        }
        Ok(drawn)
    }

    /// Waits until the server tells something, a little while at most.
    fn wait(&self) -> Result<()> {
        self.conn.flush()?;
        let server = PollFd::new(self.conn.stream().as_fd(), PollFlags::POLLIN);
        poll(&mut [server], PollTimeout::from(LOOK))?;
        Ok(())
    }

    /// The screen as it is. The moment is the one before the picture is taken.
    fn picture(&self) -> Result<Picture> {
        let at = Instant::now();
        let (width, height) = (self.width, self.height);
        let image =
            self.conn.get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, width, height, !0)?;
        Ok(Picture { at, pixels: image.reply()?.data })
    }

    fn place(&self, title: &str) -> Result<Option<Place>> {
        let Some(window) = self.window(title)? else { return Ok(None) };
        // A window may go at any moment: then it has no place.
        let Ok(size) = self.conn.get_geometry(window)?.reply() else { return Ok(None) };
        let moved = self.conn.translate_coordinates(window, self.root, 0, 0)?.reply();
        let Ok(corner) = moved else { return Ok(None) };
        let (left, top) =
            (corner.dst_x.max(0).cast_unsigned(), corner.dst_y.max(0).cast_unsigned());
        Ok(Some(Place {
            left: left.into(),
            top: top.into(),
            width: size.width.min(self.width.saturating_sub(left)).into(),
            height: size.height.min(self.height.saturating_sub(top)).into(),
        }))
    }

    /// The window of this title that is seen.
    fn window(&self, title: &str) -> Result<Option<Window>> {
        let mut open = vec![self.root];
        while let Some(window) = open.pop() {
            if window != self.root && self.has_title(window, title)? {
                return Ok(Some(window));
            }
            // A window may go while its children are asked for.
            if let Ok(tree) = self.conn.query_tree(window)?.reply() {
                open.extend(tree.children);
            }
        }
        Ok(None)
    }

    fn has_title(&self, window: Window, title: &str) -> Result<bool> {
        let Ok(seen) = self.conn.get_window_attributes(window)?.reply() else { return Ok(false) };
        if seen.map_state != MapState::VIEWABLE {
            return Ok(false);
        }
        for (name, kind) in
            [(self.name, self.text), (AtomEnum::WM_NAME.into(), AtomEnum::ANY.into())]
        {
            let told = self.conn.get_property(false, window, name, kind, 0, 256)?.reply();
            if told.is_ok_and(|told| told.value == title.as_bytes()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Watch {
    /// When the window was painted.
    pub(crate) async fn painted(self) -> Result<Instant> {
        self.0.await?
    }
}

/// The rows of a place in a picture.
fn inside(pixels: &[u8], stride: usize, place: Place) -> impl Iterator<Item = &[u8]> {
    let (from, to) = (place.left * PIXEL, (place.left + place.width) * PIXEL);
    let rows = pixels.chunks_exact(stride).skip(place.top).take(place.height);
    rows.map(move |row| row.get(from..to).unwrap_or_default())
}

/// Whether a place is of one colour.
fn is_blank(pixels: &[u8], stride: usize, place: Place) -> bool {
    let mut dots = inside(pixels, stride, place).flat_map(|row| row.chunks_exact(PIXEL));
    let first = dots.next();
    dots.all(|dot| Some(dot) == first)
}

#[cfg(test)]
mod tests {
    //! Places in pictures.

    use super::*;

    #[test]
    fn a_place_is_blank_until_something_is_in_it() {
        let place = Place { left: 1, top: 1, width: 2, height: 1 };
        let stride = 3 * PIXEL;
        let mut pixels = vec![7; 2 * stride];
        assert!(is_blank(&pixels, stride, place));
        pixels.splice(0..PIXEL, [1; PIXEL]);
        assert!(is_blank(&pixels, stride, place), "that was outside");
        pixels.splice(2 * stride - PIXEL.., [1; PIXEL]);
        assert!(!is_blank(&pixels, stride, place));
        assert_eq!(inside(&pixels, stride, place).flatten().count(), 2 * PIXEL);
    }
}
