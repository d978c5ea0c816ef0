//! Tells e-mail addresses from what merely holds an at sign: logins of ssh and git, packages
//! with a version, image densities, matrix products.
//!
//! It does not know whether an address exists. Domains that the standards keep for examples
//! (RFC 2606) and mailboxes that nobody reads belong to no person and are not reported.

use regex::bytes::Regex;
use std::sync::LazyLock;

/// Country codes (ISO 3166-1 and `eu`, `uk`).
const COUNTRIES: &str = "ac ad ae af ag ai al am ao ar as at au aw ax az ba bb bd be bf bg bh bi \
    bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj \
    dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs \
    gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp \
    kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt \
    mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt \
    pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td \
    tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt \
    za zm zw";
/// Other top-level domains that mailboxes are commonly under. A closed list, because most
/// words after an at sign and a dot are attributes and file endings.
const GENERIC: &str = "com org net edu gov mil int info biz name pro mobi jobs museum coop aero \
    asia cat eus gal post tel travel arpa app dev page cloud tech online site store shop blog \
    xyz club live life world group team work works company agency studio design digital media \
    email network systems software solutions services support center email energy health care \
    school academy university institute foundation bank finance capital ventures consulting \
    legal law social space email today news press wiki zone plus fyi foo berlin london paris \
    amsterdam wien koeln hamburg nyc tokyo swiss africa bayern";

/// Whether a byte may stand in the name before the at sign.
pub(crate) fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'-')
}

/// Moves `start` past what is not part of the name that ends before `at`: the letters of an
/// escape in a log (`\n`, `\u003c`, `%20`) and leading punctuation.
pub(crate) fn name_start(bytes: &[u8], start: usize, at: usize) -> usize {
    let name = bytes.get(start..at).unwrap_or_default();
    let escape = match (start.checked_sub(1).and_then(|n| bytes.get(n)), name.first()) {
        (Some(b'\\'), Some(b'u')) => 5,
        (Some(b'\\'), Some(_)) => 1,
        (Some(b'%'), _) => 2,
        _ => 0,
    };
    let rest = name.get(escape..).unwrap_or_default();
    at - rest.len() + rest.iter().take_while(|b| !b.is_ascii_alphanumeric()).count()
}

/// Whether the address-shaped bytes from `start` to `end` are a person's address.
pub(crate) fn is_address(bytes: &[u8], start: usize, end: usize) -> bool {
    let address = bytes.get(start..end).unwrap_or_default().to_ascii_lowercase();
    let Ok(address) = std::str::from_utf8(&address) else { return false };
    let Some((name, domain)) = address.split_once('@') else { return false };
    let Some((host, top)) = domain.rsplit_once('.') else { return false };
    let known = |list: &str| list.split_ascii_whitespace().any(|entry| entry == top);
    if !known(COUNTRIES) && !known(GENERIC) {
        return false;
    }
    let last = host.rsplit('.').next().unwrap_or(host);
    let reserved = last == "example" && matches!(top, "com" | "org" | "net");
    // `package@1.2.3-rc.in`: no host has only a number where its own name belongs.
    let version = host.split('.').take(2).all(|label| label.bytes().all(|b| b.is_ascii_digit()));
    let nobody = matches!(name, "git" | "noreply" | "no-reply" | "donotreply" | "do-not-reply");
    let odd = name.ends_with('.') || name.contains("..");
    !(reserved || version || nobody || odd || is_login(bytes, start, end))
}

/// `user@host` of a program that logs in somewhere: `host:path`, `scheme://user@host`, or the
/// argument of ssh and its relatives.
fn is_login(bytes: &[u8], start: usize, end: usize) -> bool {
    static COMMAND: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let words = r"\b(?:ssh|scp|sftp|rsync|mosh|ssh-copy-id)(?:[ \t]+-\S+(?:[ \t]+[^\s-]\S*)?)*";
        Regex::new(&format!(r"{words}[ \t]+\z")).ok()
    });
    let after = bytes.get(end..).unwrap_or_default();
    if let [b':', next, ..] = after
        && (next.is_ascii_alphanumeric() || matches!(next, b'/' | b'~' | b'.' | b'_' | b'$'))
    {
        return true;
    }
    let before = bytes.get(start.saturating_sub(96)..start).unwrap_or_default();
    let word = before.iter().rev().take_while(|b| !b.is_ascii_whitespace()).count();
    let word = before.get(before.len() - word..).unwrap_or_default();
    let in_address = word.ends_with(b"://")
        || word.ends_with(b":") && word.windows(3).any(|three| three == b"://");
    in_address || COMMAND.as_ref().is_some_and(|command| command.is_match(before))
}

#[cfg(test)]
mod tests;
