//! Policies of an organisation: the good ones, and the rules of their fields, one fault each.

use super::{
    faults::Faults,
    good::{Named, but},
    people::{HOUR, NOON, humans, key},
    raw::Raw,
};
use artifact::{Forbid, HumanKey, Policy};

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// `north` forbids two people what there is to forbid.
pub(crate) fn policy() -> Policy {
    Policy {
        v: 0,
        seq: 3,
        org: "Quay & Sons".to_owned(),
        meant: Some(humans(&["harbour", "island"])),
        forbid: Forbid {
            public: true,
            people: Some(humans(&["harbour", "island"])),
            findings: words(&["email", "github-pat", "token"]),
            agents: Some(words(&["claude-code", "codex"])),
        },
        iat: NOON,
        until: Some(NOON + HOUR),
    }
}

fn many(word: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{word}{n:03}")).collect()
}

fn guests(count: usize) -> Vec<HumanKey> {
    let names: Vec<String> = (0..count).map(|n| format!("guest {n}")).collect();
    humans(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(crate) fn policies() -> Named {
    let seal =
        |change: fn(&mut Policy)| but(policy(), change).seal(&key("north organisation")).unwrap();
    vec![
        ("forbids nothing", seal(|p| p.forbid = Forbid::default())),
        ("for whoever accepts it", seal(|p| p.meant = None)),
        ("without an end", seal(|p| p.until = None)),
        ("the first", seal(|p| p.seq = 1)),
        ("highest seq", seal(|p| p.seq = (1 << 53) - 1)),
        ("public alone is free", seal(|p| p.forbid.public = false)),
        ("nobody may be given anything", seal(|p| p.forbid.people = Some(Vec::new()))),
        ("no agent may ask", seal(|p| p.forbid.agents = Some(Vec::new()))),
        ("no finding is forbidden", seal(|p| p.forbid.findings.clear())),
        ("a name of 64 characters of four bytes", seal(|p| p.org = "🜁".repeat(64))),
        ("a word of 64 characters", seal(|p| p.forbid.findings = vec!["x".repeat(64)])),
        (
            "every list is full",
            seal(|p| {
                p.meant = Some(guests(128));
                let long = "x".repeat(61);
                p.forbid = Forbid {
                    public: true,
                    people: Some(guests(128)),
                    findings: many(&long, 128),
                    agents: Some(many(&long, 128)),
                };
            }),
        ),
        ("the shortest life", seal(|p| p.until = Some(p.iat + 1))),
        ("at the end of time", seal(|p| (p.iat, p.until) = (u64::MAX - 1, Some(u64::MAX)))),
    ]
}

pub(crate) fn policy_faults(f: &mut Faults) {
    let p = f.payload.clone();
    f.payload("v is 1", "bad-field:v", &p.with("v", Raw::Uint(1)));
    f.payload("seq is 0", "bad-field:seq", &p.with("seq", Raw::Uint(0)));
    f.payload("seq is 2^53", "bad-field:seq", &p.with("seq", Raw::Uint(1 << 53)));
    f.payload("no name", "bad-field:org", &p.with("org", Raw::text("")));
    let blank = Raw::text(" \t\u{2003}\u{3000}\u{85}");
    f.payload("a name of white space", "bad-field:org", &p.with("org", blank));
    f.payload(
        "a name of 65 characters",
        "bad-field:org",
        &p.with("org", Raw::Text("é".repeat(65))),
    );
    let two = humans(&["harbour", "island"]);
    let keys = |keys: &[HumanKey]| Raw::of(&keys);
    let list = |entries: &[String]| Raw::of(&entries);
    f.payload("for nobody", "bad-field:for", &p.with("for", keys(&[])));
    f.payload("for 129", "bad-field:for", &p.with("for", keys(&guests(129))));
    for (at, field) in [("for", "for"), ("forbid.people", "people")] {
        let code = format!("bad-field:{field}");
        f.payload(&format!("{field} not sorted"), &code, &p.with(at, keys(&[two[1], two[0]])));
        f.payload(&format!("{field} with one twice"), &code, &p.with(at, keys(&[two[0], two[0]])));
    }
    f.payload("129 people", "bad-field:people", &p.with("forbid.people", keys(&guests(129))));
    for field in ["findings", "agents"] {
        let (at, code) = (format!("forbid.{field}"), format!("bad-field:{field}"));
        let set = |entries: &[String]| p.with(&at, list(entries));
        for (what, entries) in [
            ("not sorted", words(&["token", "email"])),
            ("with one twice", words(&["email", "email"])),
            ("with an empty word", words(&[""])),
            ("with a word too long", vec!["x".repeat(65)]),
            ("with a capital", words(&["Email"])),
            ("with a space", words(&["e mail"])),
            ("with another alphabet", words(&["\u{435}mail"])),
            ("of 129", many("x", 129)),
        ] {
            f.payload(&format!("{field} {what}"), &code, &set(&entries));
        }
    }
    f.payload("ends when it begins", "bad-field:until", &p.with("until", Raw::Uint(NOON)));
    f.payload("ends before it begins", "bad-field:until", &p.with("until", Raw::Uint(NOON - 1)));
    shapes(f, &p);
}

fn shapes(f: &mut Faults, p: &Raw) {
    let bad = "malformed";
    let (yes, no) = (Raw::Bare(vec![0xf5]), Raw::Bare(vec![0xf4]));
    f.payload("it allows", bad, &p.plus("", "allow", p.clone().at("forbid").clone()));
    f.payload("it allows agents", bad, &p.plus("forbid", "allow", yes));
    f.payload("public is a number", bad, &p.with("forbid.public", Raw::Uint(1)));
    f.payload("public is missing", bad, &p.without("forbid", "public"));
    f.payload("forbid is a word", bad, &p.with("forbid", no));
    let short = Raw::List(vec![Raw::Bytes(vec![7; 31])]);
    f.payload("a person of 31 bytes", bad, &p.with("forbid.people", short));
    let (double, null) = ("not-canonical", Raw::Bare(vec![0xf6]));
    f.payload("for is null", double, &p.with("for", null.clone()));
    f.payload("until is null", double, &p.with("until", null.clone()));
    f.payload("people is null", double, &p.with("forbid.people", null.clone()));
    f.payload("agents is null", double, &p.with("forbid.agents", null));
    f.payload("no findings, said", double, &p.with("forbid.findings", Raw::List(Vec::new())));
}
