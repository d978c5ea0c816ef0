//! The same inputs give the same transcript: `tests/vectors/session.json` holds it, byte for
//! byte, for anyone who writes another implementation.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "people/lib.rs"]
mod people;

use data_encoding::HEXLOWER;
use people::{EXPORTER, NOW, Person, acquainted, invite, invited, run};
use serde_json::{Value, json};
use session::Role;

fn transcript(name: &str, known: bool, spent: bool) -> Value {
    let (north, harbour) = (Person::new(10), Person::new(20));
    let (mut dialler, mut accepter) =
        if known { acquainted(&north, &harbour) } else { invited(&north, &harbour) };
    if spent {
        accepter.invites.clear();
    }
    let out = run(&mut dialler, &mut accepter, |_, _| {});
    let mut frames: Vec<Value> = out.frames.iter().map(|(who, f)| said(*who, f)).collect();
    frames.extend(out.refused.iter().map(|(who, refusal)| said(*who, &refusal.say)));
    json!({
        "name": name,
        "pinned": known,
        "invite_live": !known && !spent,
        "ticket": !known,
        "frames": frames,
        "closes": out.refused.map(|(_, refusal)| refusal.code.word()),
    })
}

fn said(who: Role, frame: &[u8]) -> Value {
    let who = match who {
        Role::Dialler => "dialler",
        Role::Accepter => "accepter",
    };
    json!({ "from": who, "frame": HEXLOWER.encode(frame) })
}

fn person(seed: u8) -> Value {
    let person = Person::new(seed);
    json!({
        "human_seed": HEXLOWER.encode(person.human.seed()),
        "author_seed": HEXLOWER.encode(person.author.seed()),
        "transport_seed": HEXLOWER.encode(person.transport.seed()),
        "card": HEXLOWER.encode(&person.card),
        "human_digest": HEXLOWER.encode(&session::human_digest(&person.human.public())),
    })
}

#[test]
fn transcripts_match_the_vectors() {
    let now = json!({
        "about": "Transcripts of a session. Frames are without their 4-byte length.",
        "now": NOW,
        "exporter": HEXLOWER.encode(&EXPORTER),
        "invite_secret": HEXLOWER.encode(&invite().secret),
        "dialler": person(10),
        "accepter": person(20),
        "codes": session::Code::ALL.iter().map(|c| json!([c.number(), c.word()])).collect::<Vec<_>>(),
        "transcripts": [
            transcript("invited", false, false),
            transcript("pinned", true, false),
            transcript("invite already spent", false, true),
        ],
    });
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/session.json");
    let text = serde_json::to_string_pretty(&now).unwrap() + "\n";
    if std::env::var_os("WRITE_VECTORS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(kept == text, "the transcript changed: a new wire version, or a mistake");
}
