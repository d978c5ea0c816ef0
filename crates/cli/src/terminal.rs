//! The terminal itself: where a PIN is typed, and nowhere else.

use std::io::{IsTerminal, Read};
use wire::Fault;
use zeroize::Zeroizing;

/// The most bytes of a PIN read from a descriptor.
const MAX_PIN: u64 = 1_024;

/// Whether a human can be talked to here.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Reads a PIN from the terminal, unseen. Never from standard input or a descriptor.
pub(crate) fn pin(question: &str) -> Result<Zeroizing<String>, Fault> {
    rpassword::prompt_password(question).map(Zeroizing::new).map_err(|e| {
        let what = format!("no PIN can be typed here: {e}");
        let hint = "run this in a terminal, or answer in the app's window";
        node::Fault::not_now(what, hint).into()
    })
}

/// Reads a new PIN twice.
pub(crate) fn new_pin(what: &str) -> Result<Zeroizing<String>, Fault> {
    let first = pin(&format!("New {what}: "))?;
    let second = pin(&format!("The same {what} again: "))?;
    if *first == *second {
        return Ok(first);
    }
    Err(node::Fault::invalid(format!("the two {what}s differ"), "try again").into())
}

/// Reads a new PIN from a file descriptor: one line, without its line break.
pub(crate) fn pin_from(descriptor: u32) -> Result<Zeroizing<String>, Fault> {
    let unreadable = |e: &dyn std::fmt::Display| -> Fault {
        node::Fault::invalid(format!("descriptor {descriptor} cannot be read: {e}"), "").into()
    };
    let file = std::fs::File::open(format!("/dev/fd/{descriptor}")).map_err(|e| unreadable(&e))?;
    let mut pin = Zeroizing::new(String::with_capacity(256));
    file.take(MAX_PIN).read_to_string(&mut pin).map_err(|e| unreadable(&e))?;
    let line = pin.lines().next().unwrap_or_default();
    Ok(Zeroizing::new(line.to_owned()))
}

/// Asks a question to be answered with a word; anything but the word is no.
pub(crate) fn confirm(question: &str, word: &str) -> bool {
    eprint!("{question}");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).is_ok() && line.trim() == word
}
