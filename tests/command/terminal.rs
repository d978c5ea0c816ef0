//! A terminal with a human at it: a pseudo-terminal that is the command's controlling one.
//!
//! Reads what the command shows, and types when a question has come. A secret is typed only
//! once the terminal does not echo any more, as a human would.

use super::Machine;
use nix::{
    fcntl::OFlag,
    pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt},
    sys::termios::{LocalFlags, tcgetattr},
};
use std::{
    fs::File,
    io::{Read, Write},
    process::{Child, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

/// Nothing here takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command that runs in a terminal.
pub struct Terminal {
    child: Child,
    keyboard: File,
    shown: Receiver<Vec<u8>>,
    /// All that was shown.
    screen: Vec<u8>,
    /// How much of it was waited for already.
    read: usize,
}

/// How it ended, and all that was shown.
#[derive(Debug)]
pub struct Screen {
    pub code: i32,
    pub text: String,
    /// The bytes that were sent to the terminal.
    #[allow(dead_code, reason = "the tests of hostile crystals look at them")]
    pub raw: Vec<u8>,
}

impl Terminal {
    /// Starts `tracenet` with these arguments in a new terminal.
    pub fn open(machine: &Machine, args: &[&str]) -> Self {
        Self::start(machine, args, None)
    }

    /// The same with `input` on standard input, as after `echo … | tracenet …`.
    pub fn open_piped(machine: &Machine, args: &[&str], input: &str) -> Self {
        Self::start(machine, args, Some(input))
    }

    fn start(machine: &Machine, args: &[&str], input: Option<&str>) -> Self {
        let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let other = ptsname_r(&master).unwrap();
        let open = || File::options().read(true).write(true).open(&other).unwrap();
        // `setsid` gives the command a session of its own with this terminal.
        let mut command = machine.command("setsid");
        command.args(["--ctty", "--wait"]);
        if let Some(input) = input {
            let file = machine.file("input", input);
            command.args(["sh", "-c", "exec \"$@\" <\"$0\""]).arg(file);
        }
        command.arg(machine.program()).args(args);
        command.env("TERM", "dumb").stdin(open()).stdout(open()).stderr(open());
        let child = command.spawn().unwrap();
        let (keyboard, shown) = watch(master);
        Self { child, keyboard, shown, screen: Vec::new(), read: 0 }
    }

    /// Waits until `question` is shown, then types `line`.
    #[track_caller]
    pub fn type_at(&mut self, question: &str, line: &str) {
        self.wait_for(question);
        writeln!(self.keyboard, "{line}").unwrap();
    }

    /// As [`Self::type_at`], once the terminal shows nothing of what is typed.
    #[track_caller]
    pub fn type_unseen(&mut self, question: &str, secret: &str) {
        self.wait_for(question);
        self.type_secret(secret);
    }

    /// Types what the terminal is not to show.
    #[track_caller]
    pub fn type_secret(&mut self, secret: &str) {
        let until = Instant::now() + PATIENCE;
        while tcgetattr(&self.keyboard).unwrap().local_flags.contains(LocalFlags::ECHO) {
            assert!(Instant::now() < until, "the terminal echoes: {}", self.text());
            std::thread::yield_now();
        }
        writeln!(self.keyboard, "{secret}").unwrap();
    }

    /// Waits until this is shown.
    #[track_caller]
    pub fn wait_for(&mut self, question: &str) {
        loop {
            let new = self.screen.get(self.read..).unwrap();
            let at = new.windows(question.len()).position(|w| w == question.as_bytes());
            if let Some(at) = at {
                self.read += at + question.len();
                return;
            }
            match self.shown.recv_timeout(PATIENCE) {
                Ok(bytes) => self.screen.extend(bytes),
                Err(e) => panic!("{question:?} never came ({e}): {}", self.text()),
            }
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.screen).replace('\r', "")
    }

    /// Waits until the command has ended.
    #[track_caller]
    pub fn end(mut self) -> Screen {
        loop {
            match self.shown.recv_timeout(PATIENCE) {
                Ok(bytes) => self.screen.extend(bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end: {}", self.text()),
            }
        }
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        let (text, raw) = (self.text(), std::mem::take(&mut self.screen));
        let screen = Screen { code, text, raw };
        assert!(!screen.text.contains(super::PASSPHRASE), "the PIN was shown: {screen:#?}");
        assert!(!screen.text.contains("panicked at"), "{screen:#?}");
        screen
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended, or its test failed and nobody types any more.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads the terminal on a thread of its own, until the command has let go of it.
fn watch(master: PtyMaster) -> (File, Receiver<Vec<u8>>) {
    let keyboard = File::from(std::os::fd::OwnedFd::from(master));
    let mut screen = keyboard.try_clone().unwrap();
    let (tell, shown) = channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        // The end of a terminal is an error, not an empty read.
        while let Ok(n @ 1..) = screen.read(&mut bytes) {
            if tell.send(bytes[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    (keyboard, shown)
}

/// Runs a command with no terminal anywhere: not its input, not its session's.
pub fn without(machine: &Machine, args: &[&str], input: &str) -> super::Ran {
    let mut command = machine.command("setsid");
    command.arg("--wait").arg(machine.program()).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that does not read has ended before all is written.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    machine.ended(child.wait_with_output().unwrap())
}
