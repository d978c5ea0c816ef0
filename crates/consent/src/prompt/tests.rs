//! The prompt: what each wish looks like, and that no text can move its facts.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::tests::{NOW, Person, ada, ask, bo, mallory, object, scribe, the_human};
use std::fmt::Write;

pub(in crate::prompt) fn north() -> PeerFact {
    PeerFact { name: "north".into(), human: bo().key(), since: NOW }
}

fn harbour() -> PeerFact {
    PeerFact { name: "harbour".into(), human: mallory().key(), since: NOW }
}

fn to_north(bytes: &[u8]) -> Wish {
    Wish::SharePrivate { object: object(bytes), peers: vec![bo().key()] }
}

pub(in crate::prompt) fn pair(name: &str, known_before: bool) -> Wish {
    Wish::Pair { name: name.into(), key: [9; 32], known_before }
}

fn newcomer(name: &str) -> Requester {
    Requester::Agent {
        name: name.into(),
        key: [9; 32],
        paired: None,
        session: "e0a1".into(),
        process: Vec::new(),
        verified: false,
    }
}

/// The prompt of an ask as the only one that waits.
pub(in crate::prompt) fn shown(ask: &Ask, bytes: Option<&[u8]>, audience: &[PeerFact]) -> Prompt {
    beside(ask, bytes, audience, Some(&Alike::default()))
}

/// The same of a share that stands so among what is here.
pub(in crate::prompt) fn shown_beside(
    ask: &Ask,
    bytes: &[u8],
    audience: &[PeerFact],
    alike: Option<&Alike>,
) -> Prompt {
    beside(ask, Some(bytes), audience, alike)
}

fn beside(ask: &Ask, bytes: Option<&[u8]>, audience: &[PeerFact], alike: Option<&Alike>) -> Prompt {
    let text = bytes.map_or_else(String::new, |_| "the whole text\nof it".into());
    let (here, position) = (Reach::default(), (1, 1));
    let reach = Some(&here);
    prompt(&Facts {
        policy: &PolicyFact::default(),
        ask,
        bytes,
        text: &text,
        audience,
        position,
        pin: true,
        reach,
        distilled: true,
        before: None,
        batch: &[],
        alike,
    })
}

/// A prompt as a terminal would print it.
pub(in crate::prompt) fn rendered(prompt: &Prompt) -> String {
    let mut out = String::new();
    let mut row = |name: &str, text: &str| writeln!(out, "{name:<9} {text}").unwrap();
    row("heading", &prompt.heading);
    row("position", &format!("{} of {}", prompt.position.0, prompt.position.1));
    row("what", &format!("{} ({} bytes)", prompt.what, prompt.size));
    row("artifact", &prompt.artifact.map_or_else(|| "-".into(), |id| id.short()));
    if let Some(head) = &prompt.head {
        row("head", &format!("{} | {} | {:?}", head.title, head.problem, head.family));
    }
    row("text", &format!("{:?}", prompt.text));
    for found in &prompt.found {
        row("found", &format!("{} in line {}: {}", found.label, found.line, found.masked));
    }
    prompt.to.iter().for_each(|to| row("to", to));
    prompt.who.iter().for_each(|who| row("who", who));
    row("unknown", &prompt.unknown.to_string());
    row("says", &prompt.says);
    row("code", &prompt.code);
    prompt.warnings.iter().for_each(|warning| row("warning", warning));
    if prompt.choose_reach {
        row("reach", "this network only, or anywhere");
    }
    if !prompt.terms.is_empty() {
        let words: Vec<&str> = prompt.terms.iter().map(|term| term.word()).collect();
        row("terms", &words.join(", "));
    }
    row("needs", &format!("irrevocable {}, pin {}", prompt.irrevocable, prompt.pin));
    out
}

#[test]
fn a_private_share_to_two() {
    let bytes = ada().crystal("Fix for flaky port binding in CI");
    let mut peers = vec![bo().key(), mallory().key()];
    peers.sort();
    let wish = Wish::SharePrivate { object: object(&bytes), peers };
    let mut ask = ask(scribe(), wish, "the user asked me to publish this");
    ask.findings = vec![
        finding("aws-key", "API key", 14, "AKIA…9f2a"),
        finding("email", "e-mail address", 20, "a…@example.org"),
    ];
    insta::assert_snapshot!(rendered(&shown(&ask, Some(&bytes), &[harbour(), north()])));
}

#[test]
fn a_public_share() {
    let bytes = ada().crystal("Fix for flaky port binding in CI");
    let ask = ask(the_human(), Wish::SharePublic { object: object(&bytes) }, "");
    insta::assert_snapshot!(rendered(&shown(&ask, Some(&bytes), &[])));
}

#[test]
fn a_pairing() {
    let ask = ask(newcomer("scribe"), pair("scribe", true), "I write things down");
    insta::assert_snapshot!(rendered(&shown(&ask, None, &[])));
}

#[test]
fn a_ticket() {
    let by = Requester::Human { way: Way::Terminal, process: vec!["zsh".into()] };
    let ask = ask(by, Wish::Ticket { lifetime: crate::ask::LIFETIME, hidden: false }, "");
    insta::assert_snapshot!(rendered(&shown(&ask, None, &[])));
}

#[test]
fn a_connection() {
    let wish = Wish::Connect { ticket: "ticket-text".into(), name: Some("north".into()) };
    let ask = ask(the_human(), wish, "");
    insta::assert_snapshot!(rendered(&shown(&ask, None, &[])));
}

#[test]
fn a_stranger_at_the_door() {
    let (peer, endpoint) = (bo().key(), bo().transport.public());
    let accept = |name| ask(the_human(), Wish::Accept { peer, endpoint, name }, "");
    insta::assert_snapshot!(rendered(&shown(&accept(Some("north".into())), None, &[])));
    // Without a name of this human's, the key is the name.
    let unnamed = shown(&accept(None), None, &[]);
    assert_eq!(unnamed.what, key_words(&peer));
    assert_eq!(unnamed.to, [format!("somebody not known here · key {}", key_words(&peer))]);
}

#[test]
fn a_block_to_be_lifted() {
    let (peer, endpoint) = (bo().key(), bo().transport.public());
    let lift =
        |peer| shown(&ask(the_human(), Wish::Unblock { peer, endpoint }, ""), None, &[north()]);
    insta::assert_snapshot!(rendered(&lift(Some(peer))));
    // Nobody proved who is behind it: the endpoint is all there is to show.
    let nobody = lift(None);
    assert_eq!((nobody.what, nobody.to.len()), (format!("endpoint {endpoint}"), 0));
}

#[test]
fn a_peer_to_be_let() {
    let ask = ask(the_human(), Wish::Let { peer: bo().key() }, "");
    insta::assert_snapshot!(rendered(&shown(&ask, None, &[north()])));
}

#[test]
fn a_wider_reach() {
    let reach = |anywhere, relay: Option<&str>, nearby| {
        let reach = Reach { anywhere, relay: relay.map(Into::into), nearby };
        shown(&ask(the_human(), Wish::Reach { reach }, ""), None, &[])
    };
    let own = "https://relay.example.org";
    insta::assert_snapshot!(rendered(&reach(true, Some(own), true)));
    for (anywhere, relay, nearby, what, warnings) in [
        (false, None, false, "This network only", 0),
        (false, Some(own), false, "This network only", 0),
        (false, None, true, "This network only; announced near by", 1),
        (true, None, false, "Anywhere, by public relays", 1),
        (true, None, true, "Anywhere, by public relays; announced near by", 2),
    ] {
        let prompt = reach(anywhere, relay, nearby);
        assert_eq!((prompt.what.as_str(), prompt.warnings.len()), (what, warnings));
        assert!(!prompt.irrevocable && prompt.to.is_empty());
    }
}

fn finding(rule: &str, label: &str, line: u64, masked: &str) -> Finding {
    Finding { rule: rule.into(), label: label.into(), line, masked: masked.into() }
}

/// Texts that have moved, hidden or forged lines of a prompt somewhere.
const TRICKS: [&str; 25] = [
    "\n\nTo      nobody",
    "\r\x1b[2J\x1b[Hall is well",
    "\x1b[31mDENIED\x1b[0m",
    "\x1b]8;;https://example.org\x07link\x1b]8;;\x07",
    "\u{202e}drocer eht ot",
    "\u{2066}isolated\u{2069}",
    "\u{200b}\u{200c}\u{200d}\u{feff}",
    "\u{e0041}\u{e0042}",
    "<b>bold</b><script>answer('allow')</script>",
    "<img src=x onerror=alert(1)>",
    "[click](https://example.org)",
    "**trusted** `code` # heading",
    "\0\u{1}\u{7f}\u{9b}",
    "⟨U+0041⟩",
    "\u{2028}\u{2029}To      everyone",
    "\t\t\t\tSays",
    "Share privately with 1 person",
    "maple-orbit-tin-seven",
    "p\u{430}ypal",
    "Z\u{310}\u{302}\u{300}algo",
    "}}{{%s%n$(allow)`allow`",
    "'; drop table asks; --",
    "{\"state\":\"allowed\"}",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "ﷺ﷽",
];

/// Twenty ways to say each trick: 500 texts.
fn hostile() -> impl Iterator<Item = String> {
    TRICKS.into_iter().flat_map(|trick| {
        (0..20_usize).map(move |n| match n % 5 {
            0 => format!("{trick}{n}"),
            1 => format!("please {trick} {n}"),
            2 => trick.repeat(n + 1),
            3 => format!("{}{trick}", "x".repeat(n * 100)),
            _ => format!("{trick}\n{}\n{trick}", trick.to_uppercase()),
        })
    })
}

/// Whether a text shows every character it has, and keeps to its line.
fn is_safe(text: &str) -> bool {
    line_of(text) == text
}

fn line_of(text: &str) -> String {
    // Escapes are this crate's own: their brackets are the one thing a second pass would touch.
    let bare: String = text.chars().filter(|c| !matches!(c, '⟨' | '⟩')).collect();
    if display::line(&bare, bare.len()) == bare { text.to_owned() } else { String::new() }
}

/// Every text of a prompt that stands on one line.
fn lines(prompt: &Prompt) -> Vec<&str> {
    let mut lines = vec![prompt.heading.as_str(), &prompt.what, &prompt.says, &prompt.code];
    lines.extend(prompt.to.iter().chain(&prompt.who).chain(&prompt.warnings).map(String::as_str));
    if let Some(head) = &prompt.head {
        lines.push(&head.title);
        lines.extend(head.family.iter().map(String::as_str));
    }
    for found in &prompt.found {
        lines.extend([found.rule.as_str(), &found.label, &found.masked]);
    }
    lines
}

#[test]
fn no_reason_moves_a_fact() {
    let bytes = ada().crystal("Fix");
    let told = |reason: &str| {
        let ask = ask(scribe(), to_north(&bytes), reason);
        shown(&ask, Some(&bytes), &[north()])
    };
    let plain = told("please");
    let mut count = 0;
    for reason in hostile() {
        let mut prompt = told(&reason);
        assert!(prompt.says.chars().count() <= 10 * crate::ask::MAX_REASON, "{reason:?}");
        assert!(lines(&prompt).into_iter().all(is_safe), "{reason:?}: {prompt:?}");
        prompt.says.clone_from(&plain.says);
        assert_eq!(prompt, plain, "{reason:?}");
        count += 1;
    }
    assert_eq!(count, 500);
}

#[test]
fn no_title_moves_a_fact() {
    let told = |title: &str| {
        let bytes = ada().crystal(title);
        let ask = ask(scribe(), to_north(&bytes), "please");
        shown(&ask, Some(&bytes), &[north()])
    };
    let plain = told("Fix");
    for title in hostile() {
        let title: String = title.chars().take(artifact::crystal::MAX_TITLE).collect();
        let prompt = told(&title);
        assert!(lines(&prompt).into_iter().all(is_safe), "{title:?}: {prompt:?}");
        assert_eq!(Some(&prompt.what), prompt.head.as_ref().map(|h| &h.title), "{title:?}");
        // What is left when the rows that are about these very bytes are taken away.
        let rest = Prompt {
            what: plain.what.clone(),
            size: plain.size,
            artifact: plain.artifact,
            head: plain.head.clone(),
            code: plain.code.clone(),
            ..prompt
        };
        assert_eq!(rest, plain, "{title:?}");
    }
}

#[test]
fn no_name_or_process_breaks_its_row() {
    let bytes = ada().crystal("Fix");
    for trick in hostile() {
        let by = Requester::Agent {
            name: trick.clone(),
            key: [9; 32],
            paired: Some(NOW),
            session: trick.clone(),
            process: vec![trick.clone(), trick.clone()],
            verified: trick.len() % 2 == 0,
        };
        let mut ask = ask(by, to_north(&bytes), "");
        ask.findings = vec![finding(&trick, &trick, 1, &trick)];
        let peer = PeerFact { name: trick.clone(), ..north() };
        let prompt = shown(&ask, Some(&bytes), &[peer]);
        assert!(lines(&prompt).into_iter().all(is_safe), "{trick:?}: {prompt:?}");
        let rows = if trick.len() % 2 == 0 { 3 } else { 2 };
        assert_eq!((prompt.to.len(), prompt.who.len()), (1, rows), "{trick:?}");
        for wish in [
            pair(&trick, false),
            Wish::Connect { ticket: trick.clone(), name: Some(trick.clone()) },
            Wish::Accept {
                peer: bo().key(),
                endpoint: bo().transport.public(),
                name: Some(trick.clone()),
            },
            Wish::Reach {
                reach: Reach { anywhere: true, relay: Some(trick.clone()), nearby: true },
            },
        ] {
            let prompt = shown(&crate::tests::ask(newcomer(&trick), wish, ""), None, &[]);
            assert!(lines(&prompt).into_iter().all(is_safe), "{trick:?}: {prompt:?}");
        }
    }
}

#[test]
fn the_people_shown_are_the_people_signed_for() {
    let bytes = ada().crystal("Fix");
    let wish =
        Wish::SharePrivate { object: object(&bytes), peers: vec![bo().key(), mallory().key()] };
    let ask = ask(scribe(), wish, "");
    let carol = PeerFact { name: "carol".into(), human: Person::key(&ada()), since: NOW };
    // One of the two is not known any more, and somebody who is not named is.
    let prompt = shown(&ask, Some(&bytes), &[carol, harbour()]);
    assert_eq!(prompt.heading, "Share privately with 2 people");
    assert_eq!(
        prompt.to,
        [
            format!("somebody not known here · key {}", key_words(&bo().key())),
            format!("harbour · paired 17 Mar 2030 · key {}", key_words(&mallory().key())),
        ]
    );
}

#[test]
fn bytes_that_the_ask_does_not_name_are_not_shown() {
    let bytes = ada().crystal("Fix");
    let ask = ask(scribe(), to_north(&bytes), "");
    for other in [Some(ada().crystal("Harmless")), None] {
        let prompt = shown(&ask, other.as_deref(), &[north()]);
        assert_eq!((prompt.head.as_ref(), prompt.artifact, prompt.size), (None, None, 0));
        assert_eq!(prompt.what, format!("artifact {}", ArtifactId::of(&bytes).short()));
        assert_eq!(prompt.forbidden, [format!("{GONE}: deny it.")]);
        assert_eq!(prompt.text, "", "no other text is shown in its place");
        // The code is the one the agent was told, whatever is shown.
        assert_eq!(prompt.code, words_of(&ask));
    }
}

fn check_who(by: Requester, rows: &[&str], unknown: bool) {
    let prompt = shown(&ask(by, pair("x", false), ""), None, &[]);
    assert_eq!(prompt.who, rows);
    assert_eq!(prompt.unknown, unknown, "{rows:?}");
}

#[test]
fn who_asks_is_told_with_what_it_rests_on() {
    check_who(
        scribe(),
        &[
            "scribe, paired 16 Mar 2030, session e0a1 · verified by its key",
            "node ← zsh ← terminal · unverified",
        ],
        false,
    );
    let mut held = scribe();
    if let Requester::Agent { verified, .. } = &mut held {
        *verified = true;
    }
    check_who(
        held,
        &[
            "scribe, paired 16 Mar 2030, session e0a1 · verified by its key",
            "program node · verified: the kernel names it as the one that connected",
            "started by zsh ← terminal · unverified",
        ],
        false,
    );
    check_who(
        newcomer("scribe"),
        &["scribe, not paired yet · the name is its own choice", "process unknown"],
        true,
    );
    check_who(the_human(), &["You, from this app"], false);
    let by = |way: Way| Requester::Human { way, process: vec!["zsh".into()] };
    check_who(by(Way::MainWindow), &["You, from this app", "zsh · unverified"], false);
    check_who(by(Way::Terminal), &["From a terminal of this user", "zsh · unverified"], false);
    let terminal = Requester::Human { way: Way::Terminal, process: Vec::new() };
    check_who(terminal, &["From a terminal of this user", "process unknown"], false);
}

/// The warnings of a private share of this text, beside the one that is always there.
fn check_warnings(text: &str, change: impl FnOnce(&mut Ask), want: &[&str]) {
    let bytes = ada().crystal("Fix");
    let mut ask = ask(scribe(), to_north(&bytes), "");
    change(&mut ask);
    let facts = Facts {
        ask: &ask,
        bytes: Some(&bytes),
        text,
        audience: &[north()],
        position: (1, 1),
        pin: false,
        reach: None,
        distilled: false,
        before: None,
        batch: &[],
        alike: None,
        policy: &PolicyFact::default(),
    };
    let mut warnings = prompt(&facts).warnings;
    assert_eq!(warnings.remove(0), "Copies already received cannot be recalled.");
    assert_eq!(warnings, want);
}

#[test]
fn what_the_human_should_know_is_said() {
    let secret = |a: &mut Ask| a.findings = vec![finding("aws-key", "API key", 1, "AK…")];
    let email = |a: &mut Ask| a.findings = vec![finding("email", "e-mail", 1, "a…")];
    check_warnings("plain", |_| {}, &[]);
    check_warnings("plain", secret, &["1 possible secret was found in what would leave."]);
    let two = |a: &mut Ask| a.findings = vec![finding("aws-key", "API key", 1, "AK…"); 2];
    check_warnings("plain", two, &["2 possible secrets were found in what would leave."]);
    check_warnings("plain", email, &[]);
    let spent = "Not all of the text could be looked through.";
    check_warnings("plain", |a| a.scan_spent = true, &[spent]);
    let invisible = "Invisible characters in it are shown as ⟨U+…⟩.";
    check_warnings("a\u{200b}b\nc\td", |_| {}, &[invisible]);
    let mixed = "A word mixes alphabets: its letters may not be what they seem.";
    check_warnings("curl p\u{430}ypal.com", |_| {}, &[mixed]);
    let rename = |a: &mut Ask| {
        if let Requester::Agent { name, .. } = &mut a.by {
            *name = "cl\u{430}ude-code".into();
        }
    };
    check_warnings("plain", rename, &[mixed]);
    let long = "x".repeat(MAX_TEXT + 1);
    check_warnings(&long, |_| {}, &["It is longer than what is shown here."]);
}

#[test]
fn a_ticket_says_how_long_it_holds() {
    for (millis, want) in [
        (24 * 3_600_000, "One use, valid for 24 hours"),
        (3_600_000, "One use, valid for 1 hour"),
        (90 * 60_000, "One use, valid for 90 minutes"),
        (60_000, "One use, valid for 1 minute"),
    ] {
        let ask = ask(the_human(), Wish::Ticket { lifetime: millis, hidden: false }, "");
        assert_eq!(shown(&ask, None, &[]).what, want);
    }
}

#[test]
fn the_code_ties_the_ask_to_its_bytes() {
    let (one, other) = (ada().crystal("Fix"), ada().crystal("Another"));
    let first = ask(scribe(), to_north(&one), "");
    let mut twin = first.clone();
    twin.id = crate::AskId([1; 16]);
    let second = ask(scribe(), to_north(&other), "");
    assert_eq!(words_of(&first), words_of(&first.clone()));
    assert_ne!(words_of(&first), words_of(&twin));
    assert_ne!(words_of(&first), words_of(&second));
    assert_eq!(words_of(&first).split('-').count(), 4);
}
