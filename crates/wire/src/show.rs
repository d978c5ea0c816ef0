//! How each view is made from the node. Every text from outside goes through `display_safe`
//! here, and nowhere else on its way to a face.

pub(crate) mod agents;
pub(crate) mod asks;
pub(crate) mod autopsy;
pub(crate) mod books;
pub(crate) mod clients;
pub(crate) mod doctor;
pub(crate) mod evidence;
pub(crate) mod journal;
pub(crate) mod key;
pub(crate) mod left;
pub(crate) mod memory;
pub(crate) mod network;
pub(crate) mod past;
pub(crate) mod peers;
pub(crate) mod policy;
pub(crate) mod recall;
pub(crate) mod related;
pub(crate) mod shared;
pub(crate) mod status;
pub(crate) mod storage;
pub(crate) mod strangers;
pub(crate) mod worth;

use artifact::{HumanKey, display};
use node::PeerRow;
use std::fmt::Write as _;

/// A count as a face reads it.
pub(crate) fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// One line of text from outside.
pub(crate) fn line(text: &str, max: usize) -> String {
    display::line(text, max)
}

/// Several lines of text from outside.
pub(crate) fn lines(text: &str, max: usize) -> String {
    display::display_safe(text, max, true).text
}

/// Something the scanner found.
pub(crate) fn shown_finding(found: &consent::Finding) -> crate::FindingRow {
    crate::FindingRow {
        rule: found.rule.clone(),
        label: found.label.clone(),
        line: u32::try_from(found.line).unwrap_or(u32::MAX),
        masked: display::still_line(&found.masked, 200),
    }
}

/// Bytes as programs read them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // A string takes any text.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The name this human gave a key.
pub(crate) fn name_of(peers: &[(HumanKey, PeerRow)], human: &HumanKey) -> String {
    let known = peers.iter().find(|(key, _)| key == human);
    known.map_or_else(|| "somebody forgotten".to_owned(), |(_, row)| line(&row.name, 64))
}
