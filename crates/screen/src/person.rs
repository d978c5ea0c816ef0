//! Tells telephone numbers, homes of people, hosts and addresses of inner networks from numbers,
//! paths and names that only look like them.
//!
//! Homes that every machine has, numbers that are kept for fiction and addresses that stand for a
//! whole network tell nothing of anybody.

use crate::check;

/// Names of homes that machines and manuals have.
const NOBODY: &str = "user username users me you name yourname your-name your_name your-username someone \
    somebody example runner root ubuntu debian fedora centos admin administrator ec2-user azureuser \
    vagrant docker node python app apps application vscode codespace gitpod coder jovyan circleci \
    travis jenkins git build builder buildbot linuxbrew shared public default guest test tester testuser \
    sandbox agent worker claude oai home www www-data web deploy nobody postgres dev developer foo bar \
    alias pages page index assets static api src lib components views";

/// Beginnings of hosts that every machine of a kind has.
const EVERYWHERE: &[&[u8]] = &[
    b"host.docker.internal",
    b"gateway.docker.internal",
    b"kubernetes.docker.internal",
    b"metadata.google.internal",
    b"kubernetes.default.svc.cluster.local",
    b"localhost.localdomain",
    b"example.local",
    b"example.internal",
];

fn before(bytes: &[u8], start: usize) -> Option<u8> {
    start.checked_sub(1).and_then(|n| bytes.get(n)).copied()
}

/// Whether what is written as a number is one that somebody can be called at.
pub(crate) fn is_phone(bytes: &[u8], start: usize, end: usize) -> bool {
    let text = bytes.get(start..end).unwrap_or_default();
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_digit).collect();
    let plain = digits.len() + 1 >= text.len();
    let international = text.first() == Some(&b'+');
    // A line that a diff added, a sum, a part of a longer number or word.
    let glued = before(bytes, start).is_some_and(|b| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'_' | b'/' | b'=') && international
    });
    let added = plain && international && before(bytes, start).is_none_or(|b| b == b'\n');
    let goes_on = match bytes.get(end..) {
        Some([b, ..]) if b.is_ascii_alphanumeric() || *b == b'_' => true,
        Some([b'.' | b'-' | b',' | b':' | b'/', b, ..]) => b.is_ascii_digit(),
        _ => false,
    };
    let least = if international { 9 } else { 7 };
    let fiction = digits.windows(5).any(|five| five == b"55501") && digits.len() < 13;
    let distinct = (b'0'..=b'9').filter(|digit| digits.contains(digit)).count();
    let grouped = text.iter().any(|b| matches!(b, b' ' | b'-' | b'(' | b'.' | b'/'));
    (least..=15).contains(&digits.len())
        && (international || grouped || digits.len() >= 10 && digits.first() == Some(&b'0'))
        && !(glued || added || goes_on || fiction || distinct < 4 || check::placeholder(&digits))
        && !is_date(text)
}

/// `2024-11-21 10` and the like.
fn is_date(text: &[u8]) -> bool {
    matches!(
        text,
        [b'1' | b'2', b'0' | b'9', _, _, b'-' | b'/' | b'.', _, _, b'-' | b'/' | b'.', ..]
    )
}

/// Whether a path leads into the home of a person.
pub(crate) fn is_home(bytes: &[u8], start: usize, name: &[u8]) -> bool {
    let inside = before(bytes, start).is_some_and(|b| {
        b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/' | b'}' | b')' | b'~')
    });
    let ahead = bytes.get(..start).unwrap_or_default();
    let escaped =
        matches!(ahead, [.., b'\\', b'n' | b't' | b'r' | b'f']) || ahead.ends_with(b"file://");
    let low = name.to_ascii_lowercase();
    let trimmed = low.trim_ascii_end();
    let end = trimmed.iter().rev().take_while(|b| **b == b'.').count();
    let known = trimmed.get(..trimmed.len() - end).unwrap_or_default();
    let nobody = NOBODY.split_ascii_whitespace().any(|word| word.as_bytes() == known);
    let letters = known.iter().any(u8::is_ascii_alphabetic) && known.len() > 1;
    let file = [
        &b".html"[..],
        b".js",
        b".ts",
        b".tsx",
        b".vue",
        b".php",
        b".py",
        b".css",
        b".md",
        b".json",
    ];
    (!inside || escaped) && letters && !nobody && !file.iter().any(|ending| known.ends_with(ending))
}

/// Whether a name is a host's and not a package's, a file's or an attribute's.
pub(crate) fn is_host(bytes: &[u8], start: usize, end: usize) -> bool {
    let host = bytes.get(start..end).unwrap_or_default().to_ascii_lowercase();
    let after = bytes.get(end..).unwrap_or_default();
    // It goes on: a file, a package, a call.
    let more = match after {
        [b'.', b, ..] => b.is_ascii_alphanumeric() || *b == b'_',
        [b'(' | b'_' | b'-' | b'[' | b'@', ..] => true,
        _ => false,
    };
    let begins = before(bytes, start);
    let odd = begins.is_some_and(|b| matches!(b, b'.' | b'-' | b'_' | b'$' | b'%' | b'{'));
    let java = host.starts_with(b"com.")
        || host.starts_with(b"org.")
        || host.starts_with(b"io.")
        || host.starts_with(b"sun.");
    if more || odd || java || EVERYWHERE.iter().any(|known| host.ends_with(known)) {
        return false;
    }
    let labels: Vec<&[u8]> = host.split(|b| *b == b'.').collect();
    let machine = labels.iter().any(|label| label.iter().any(|b| b.is_ascii_digit() || *b == b'-'));
    let addressed = matches!(begins, Some(b'@'))
        || bytes.get(..start).is_some_and(|b| b.ends_with(b"://"))
        || matches!(after, [b':', b, ..] if b.is_ascii_digit());
    let file = matches!(begins, Some(b'/' | b'\\')) && !addressed;
    let top = labels.last().copied().unwrap_or_default();
    // Nobody but networks ends a name so.
    let named = matches!(top, b"lan" | b"corp" | b"intranet" | b"arpa")
        && labels.first().is_some_and(|l| l.len() > 1);
    let deep = labels.len() >= 3 && !matches!(top, b"local");
    !file && (addressed || named || deep || machine && (labels.len() >= 3 || top != b"local"))
}

/// Whether four numbers are an address of one machine in a private network (RFC 1918, RFC 6598).
pub(crate) fn is_private(bytes: &[u8], start: usize, end: usize) -> bool {
    let text = bytes.get(start..end).unwrap_or_default();
    let octet = |part: &[u8]| {
        let plain = part.len() == 1 || part.first() != Some(&b'0');
        std::str::from_utf8(part).ok().filter(|_| plain).and_then(|part| part.parse::<u8>().ok())
    };
    let parts: Option<Vec<u8>> = text.split(|b| *b == b'.').map(octet).collect();
    let private = match parts.as_deref() {
        Some([10, b, c, d]) => (*b, *c, *d) != (0, 0, 0),
        Some([172, 16..=31, _, d] | [192, 168, _, d] | [100, 64..=127, _, d]) => *d != 0,
        _ => false,
    };
    let version = match bytes.get(..start) {
        Some([.., b]) if b.is_ascii_alphanumeric() => true,
        Some([.., b'=', b'='] | [.., b'.' | b'-' | b'_' | b'@' | b'^' | b'~' | b'$']) => true,
        Some(all) => {
            let near =
                all.get(all.len().saturating_sub(10)..).unwrap_or_default().to_ascii_lowercase();
            memchr::memmem::find(&near, b"version").is_some()
        }
        None => false,
    };
    let goes_on = match bytes.get(end..) {
        Some([b, ..]) if b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-') => true,
        Some([b'.', b, ..]) => b.is_ascii_digit(),
        _ => false,
    };
    private && !version && !goes_on
}

/// Whether groups of hex digits are an address of one machine in a private network (RFC 4193).
pub(crate) fn is_private6(bytes: &[u8], start: usize, end: usize) -> bool {
    let text = bytes.get(start..end).unwrap_or_default();
    let text = text.strip_suffix(b":").filter(|t| !t.ends_with(b":")).unwrap_or(text);
    let address =
        std::str::from_utf8(text).ok().and_then(|t| t.parse::<core::net::Ipv6Addr>().ok());
    let apart = before(bytes, start).is_none_or(|b| !b.is_ascii_alphanumeric() && b != b':');
    // The network itself, as manuals write it.
    address.is_some_and(|address| {
        address.segments().get(4..).is_some_and(|low| low.iter().any(|n| *n != 0))
    }) && apart
}

#[cfg(test)]
mod tests;
