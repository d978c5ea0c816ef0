//! Bad envelopes, one fault each: rules of single fields, kind by kind. The signatures are good.

use super::{
    exchange,
    faults::Faults,
    people::{NOON, base, card, humans, public, sealed, seed, signers, wrap},
    policy,
    raw::Raw,
};
use artifact::{ArtifactId, Audience, Kind};

fn text(length: usize) -> Raw {
    Raw::Text("x".repeat(length))
}

fn texts(count: usize) -> Raw {
    Raw::List(vec![text(1); count])
}

const NULL: &[u8] = &[0xf6];
const FALSE: &[u8] = &[0xf4];
const TRUE: &[u8] = &[0xf5];

fn bare(bytes: &[u8]) -> Raw {
    Raw::Bare(bytes.to_vec())
}

pub(crate) fn field_faults(f: &mut Faults) {
    match f.kind {
        Kind::Trace => trace(f),
        Kind::Crystal => crystal(f),
        Kind::Card => card_fields(f),
        Kind::Consent => {
            consent(f);
            audience(f);
        }
        Kind::JournalHead => journal_head(f),
        Kind::Grant => exchange::grant_faults(f),
        Kind::Revocation => exchange::revocation_faults(f),
        Kind::Delivery => exchange::delivery_faults(f),
        Kind::Countersign => exchange::countersign_faults(f),
        Kind::Anchor => anchor(f),
        Kind::Policy => policy::policy_faults(f),
    }
}

fn trace(f: &mut Faults) {
    let p = f.payload.clone();
    f.payload("agent too long", "bad-field:agent", &p.with("agent", text(65)));
    f.payload("model too long", "bad-field:model", &p.with("model", text(129)));
    f.payload("format too long", "bad-field:source", &p.with("source.format", text(65)));
    f.payload("ends before it starts", "bad-field:ended", &p.with("ended", Raw::Uint(1)));
    let long = p.with("steps.0.text", text(8_193)).with("steps.0.bytes", Raw::Uint(9_000));
    f.payload("a step's text too long", "bad-field:steps", &long);
    let wide = Raw::Text("é".repeat(4_097));
    let wide = p.with("steps.0.text", wide).with("steps.0.bytes", Raw::Uint(9_000));
    f.payload("a step's text too long in bytes, not in characters", "bad-field:steps", &wide);
    let less = p.with("steps.0.bytes", Raw::Uint(1));
    f.payload("a step says fewer bytes than it has", "bad-field:steps", &less);
    let bad = "malformed";
    f.payload("unknown outcome", bad, &p.with("outcome", Raw::text("maybe")));
    f.payload("unknown kind of step", bad, &p.with("steps.0.kind", Raw::text("dream")));
    f.payload("a step with an unknown field", bad, &p.plus("steps.0", "x", Raw::Uint(0)));
    f.payload("a step without a line", bad, &p.without("steps.0", "line"));
    f.payload("failed is a number", bad, &p.with("steps.2.failed", Raw::Uint(1)));
    f.payload("a hash of 31 bytes", bad, &p.with("source.hash", Raw::Bytes(vec![7; 31])));
    f.payload(
        "a word as a map",
        bad,
        &p.with("outcome", Raw::Map(vec![(Raw::text("passed"), bare(NULL))])),
    );
    let double = "not-canonical";
    f.payload("model is null", double, &p.with("model", bare(NULL)));
    f.payload(
        "a step that says it did not fail",
        double,
        &p.plus("steps.0", "failed", bare(FALSE)),
    );
    f.payload("a step whose name is null", double, &p.plus("steps.0", "name", bare(NULL)));
    f.payload("a step whose time is null", double, &p.with("steps.0.at", bare(NULL)));
}

fn crystal(f: &mut Faults) {
    let p = f.payload.clone();
    f.payload("title empty", "bad-field:title", &p.with("title", Raw::text("")));
    let blank = Raw::text(" \t\u{2003}\u{3000}\u{85}");
    f.payload("title of white space", "bad-field:title", &p.with("title", blank));
    f.payload("title too long", "bad-field:title", &p.with("title", text(161)));
    let wide = Raw::Text("🜁".repeat(161));
    f.payload(
        "title too long in characters of four bytes",
        "bad-field:title",
        &p.with("title", wide),
    );
    f.payload("problem too long", "bad-field:problem", &p.with("problem", text(8_001)));
    f.payload(
        "too many steps",
        "bad-field:fix",
        &p.but(|p| {
            let step = p.at("fix.0").clone();
            *p.at("fix") = Raw::List(vec![step; 129]);
        }),
    );
    f.payload("a command too long", "bad-field:fix", &p.with("fix.1.command.text", text(8_001)));
    f.payload("a file name too long", "bad-field:fix", &p.with("fix.0.edit.file", text(1_025)));
    f.payload("an edit too long", "bad-field:fix", &p.with("fix.0.edit.text", text(8_001)));
    let check = p.with("checks.0.command", text(8_001));
    f.payload("a check too long", "bad-field:checks", &check);
    f.payload(
        "too many checks",
        "bad-field:checks",
        &p.but(|p| {
            let check = p.at("checks.0").clone();
            *p.at("checks") = Raw::List(vec![check; 129]);
        }),
    );
    let tried = p.with("dead_ends.0.tried", text(8_001));
    f.payload("a dead end too long", "bad-field:dead_ends", &tried);
    let error = p.with("dead_ends.0.error", text(8_001));
    f.payload("a dead end's error too long", "bad-field:dead_ends", &error);
    f.payload("a lesson too long", "bad-field:lesson", &p.with("lesson.0", text(8_001)));
    f.payload("too many lessons", "bad-field:lesson", &p.with("lesson", texts(129)));
    f.payload("os too long", "bad-field:env", &p.with("env.os", text(257)));
    f.payload("repo too long", "bad-field:env", &p.with("env.repo", text(257)));
    f.payload("a tool too long", "bad-field:env", &p.with("env.tools.0", text(1_025)));
    f.payload("too many files", "bad-field:env", &p.with("env.files", texts(129)));
    let proofs = Raw::List(vec![Raw::Bytes(vec![7; 32]); 513]);
    f.payload("too many commitments", "bad-field:evidence", &p.with("evidence", proofs));
    family(f, &p);
    crystal_shapes(f, &p);
}

fn crystal_shapes(f: &mut Faults, p: &Raw) {
    let bad = "malformed";
    let unknown = Raw::Map(vec![(Raw::text("guess"), Raw::Map(Vec::new()))]);
    f.payload("an unknown kind of step", bad, &p.with("fix.0", unknown));
    f.payload(
        "a step of two kinds",
        bad,
        &p.but(|p| {
            let command = p.at("fix.1").entries()[0].clone();
            p.at("fix.0").entries().insert(0, command);
            p.at("fix.0").entries().sort_by_key(|(k, _)| k.write());
        }),
    );
    f.payload("a step as a word", bad, &p.with("fix.0", Raw::text("edit")));
    f.payload("an edit without its file", bad, &p.without("fix.0.edit", "file"));
    f.payload("an edit with an unknown field", bad, &p.plus("fix.0.edit", "mode", Raw::Uint(0)));
    f.payload("exit above 2^63 - 1", bad, &p.with("checks.0.exit", Raw::Uint(1 << 63)));
    f.payload("exit below -2^63", bad, &p.with("checks.0.exit", Raw::Neg(1 << 63)));
    f.payload("a commitment of 33 bytes", bad, &p.with("evidence.0", Raw::Bytes(vec![7; 33])));
    f.payload("supersedes half an id", bad, &p.plus("", "supersedes", Raw::Bytes(vec![7; 16])));
    let double = "not-canonical";
    f.payload("supersedes is null", double, &p.plus("", "supersedes", bare(NULL)));
    f.payload("an empty list of tools", double, &p.with("env.tools", Raw::List(Vec::new())));
    f.payload("an os that is null", double, &p.with("env.os", bare(NULL)));
}

fn family(f: &mut Faults, p: &Raw) {
    let code = "bad-field:family";
    let list = |terms: &[&str]| Raw::List(terms.iter().map(|t| Raw::text(t)).collect());
    let mut set = |name: &str, terms: Raw| f.payload(name, code, &p.with("family", terms));
    set("family not sorted", list(&["lang:rust", "error:EADDRINUSE"]));
    set("family with a term twice", list(&["lang:rust", "lang:rust"]));
    set("family with a term without its kind", list(&["rust"]));
    set("family with a term too long", Raw::List(vec![Raw::Text(format!("k:{}", "x".repeat(63)))]));
    let many = (1_000..1_129).map(|n| Raw::Text(format!("n:{n}")));
    set("family too large", Raw::List(many.collect()));
}

fn card_fields(f: &mut Faults) {
    let p = f.payload.clone();
    f.payload("name too long", "bad-field:name", &p.with("name", text(65)));
    let year = 366 * 24 * 60 * 60 * 1_000;
    let iat = card("north").iat;
    let exp = |at: u64| Raw::Uint(at);
    f.payload("lives too long", "bad-field:exp", &p.with("exp", exp(iat + year + 1)));
    f.payload("ends when it begins", "bad-field:exp", &p.with("exp", exp(iat)));
    f.payload("ends before it begins", "bad-field:exp", &p.with("exp", exp(iat - 1)));
    f.payload("ends at the end of time", "bad-field:exp", &p.with("exp", exp(u64::MAX)));
    f.payload("name is null", "not-canonical", &p.with("name", bare(NULL)));
    f.payload("solana is null", "not-canonical", &p.plus("", "solana", bare(NULL)));
    f.payload("solana of 31 bytes", "malformed", &p.plus("", "solana", Raw::Bytes(vec![7; 31])));
    f.payload("seq below zero", "malformed", &p.with("seq", Raw::Neg(0)));
    let kind = Kind::Card;
    let named = |p: &Raw, role: &str, label: &str| {
        p.with(role, Raw::Bytes(public::<()>(label).as_bytes().to_vec()))
    };
    let wrong = "wrong-signer";
    for role in ["human", "author", "transport"] {
        let name = format!("names another {role}");
        f.payload(&name, wrong, &named(&p, role, &format!("island {role}")));
    }
    let swapped = named(&named(&p, "human", "north author"), "author", "north human");
    f.payload("names two keys in each other's place", wrong, &swapped);
    let resigned = |labels: &[&str]| {
        let labels: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
        wrap(&kind.media_type(), &p.write(), &labels).write()
    };
    let reordered = resigned(&["north author", "north human", "north transport"]);
    f.bytes("signatures in another order", wrong, reordered);
    let other = resigned(&["north human", "north author", "island transport"]);
    f.bytes("signed by another transport_key", wrong, other);
    let thrice = resigned(&["north human", "north human", "north human"]);
    f.bytes("signed by human_key thrice", wrong, thrice);
    f.envelope("two signatures in each other's place", "bad-signature", |e| {
        let (first, second) = (e.at("s.0.g").clone(), e.at("s.1.g").clone());
        *e.at("s.0.g") = second;
        *e.at("s.1.g") = first;
    });
    for (a, b) in [("human", "author"), ("human", "transport"), ("author", "transport")] {
        let mut labels = signers(kind, "north");
        let at = |role: &str| ["human", "author", "transport"].iter().position(|r| *r == role);
        labels[at(b).unwrap()] = format!("north {a}");
        let shared = named(&p, b, &format!("north {a}"));
        let bytes = wrap(&kind.media_type(), &shared.write(), &labels).write();
        f.bytes(&format!("one key as {a} and {b}"), "bad-field:keys", bytes);
    }
}

fn consent(f: &mut Faults) {
    let p = f.payload.clone();
    f.payload("v is 1", "bad-field:v", &p.with("v", Raw::Uint(1)));
    f.payload("private, to be passed on", "bad-field:lim", &p.with("lim.reshare", bare(TRUE)));
    let until = |at: u64| p.plus("lim", "until", Raw::Uint(at));
    f.payload("ends when it begins", "bad-field:lim", &until(NOON));
    f.payload("ends before it begins", "bad-field:lim", &until(NOON - 1));
    f.payload("ends at zero", "bad-field:lim", &until(0));
    f.payload("about nothing", "bad-field:obj", &p.with("obj.size", Raw::Uint(0)));
    let ids = Raw::List(vec![Raw::Bytes(vec![7; 32]); 129]);
    f.payload("too many children", "bad-field:obj", &p.plus("obj", "children", ids));
    let bad = "malformed";
    f.payload("an unknown act", bad, &p.with("act", Raw::text("share-all")));
    f.payload("an unknown key protection", bad, &p.with("key_protection", Raw::text("paper")));
    f.payload("a nonce of 15 bytes", bad, &p.with("nonce", Raw::Bytes(vec![7; 15])));
    f.payload("a nonce of 17 bytes", bad, &p.with("nonce", Raw::Bytes(vec![7; 17])));
    f.payload("an id of 31 bytes", bad, &p.with("obj.id", Raw::Bytes(vec![7; 31])));
    f.payload("an id as hex", bad, &p.with("obj.id", Raw::Text("07".repeat(32))));
    f.payload("reshare is a number", bad, &p.with("lim.reshare", Raw::Uint(0)));
    f.payload("no reshare", bad, &p.without("lim", "reshare"));
    f.payload("an unknown field in obj", bad, &p.plus("obj", "name", Raw::text("x")));
    f.payload("an unknown field in lim", bad, &p.plus("lim", "count", Raw::Uint(3)));
    f.payload("a grant of 31 bytes", bad, &p.plus("", "grant", Raw::Bytes(vec![7; 31])));
    let double = "not-canonical";
    f.payload("until is null", double, &p.plus("lim", "until", bare(NULL)));
    f.payload("grant is null", double, &p.plus("", "grant", bare(NULL)));
    f.payload("children is null", double, &p.plus("obj", "children", bare(NULL)));
}

fn audience(f: &mut Faults) {
    let p = f.payload.clone();
    let code = "bad-field:aud";
    let of = |keys: &[artifact::HumanKey]| Raw::of(&Audience::Peers(keys.to_vec()));
    let two = humans(&["harbour", "island"]);
    f.payload("names nobody", code, &p.with("aud", of(&[])));
    f.payload("not sorted", code, &p.with("aud", of(&[two[1], two[0]])));
    f.payload("names one twice", code, &p.with("aud", of(&[two[0], two[0], two[1]])));
    let guests: Vec<String> = (0..129).map(|n| format!("guest {n}")).collect();
    let guests: Vec<&str> = guests.iter().map(String::as_str).collect();
    f.payload("names 129", code, &p.with("aud", of(&humans(&guests))));
    f.payload("public, but the act is private", code, &p.with("aud", Raw::text("public")));
    let act = p.with("act", Raw::text("share-public"));
    f.payload("peers, but the act is public", code, &act);
    let bad = "malformed";
    f.payload("an unknown audience", bad, &p.with("aud", Raw::text("friends")));
    f.payload("peers as a word", bad, &p.with("aud", Raw::text("peers")));
    let map = |key: &str, value: Raw| Raw::Map(vec![(Raw::text(key), value)]);
    f.payload("public as a map", bad, &p.with("aud", map("public", bare(NULL))));
    let keys = Raw::List(vec![Raw::Bytes(two[0].as_bytes().to_vec())]);
    f.payload("another word for peers", bad, &p.with("aud", map("people", keys)));
    let short = Raw::List(vec![Raw::Bytes(vec![7; 31])]);
    f.payload("a peer of 31 bytes", bad, &p.with("aud", map("peers", short)));
    f.payload(
        "peers and public",
        bad,
        &p.but(|p| {
            p.at("aud").entries().push((Raw::text("public"), bare(NULL)));
        }),
    );
    f.payload("an empty audience", bad, &p.with("aud", Raw::Map(Vec::new())));
    let crystal = ArtifactId::of(&sealed(Kind::Crystal, &base(Kind::Crystal)));
    assert_eq!(*p.clone().at("obj.id"), Raw::Bytes(crystal.as_bytes().to_vec()));
}

fn anchor(f: &mut Faults) {
    let p = f.payload.clone();
    f.payload("v is 1", "bad-field:v", &p.with("v", Raw::Uint(1)));
    f.payload("no entry", "bad-field:seq", &p.with("seq", Raw::Uint(0)));
    let zeros = Raw::Bytes(vec![0; 32]);
    f.payload("an entry without a hash", "bad-field:seq", &p.with("hash", zeros));
    f.payload("no card", "bad-field:card", &p.with("card", Raw::Uint(0)));
    f.payload("no version of the store", "bad-field:store", &p.with("store", Raw::Uint(0)));
    let half = Raw::Bytes(seed("end")[..31].to_vec());
    f.payload("a hash of 31 bytes", "malformed", &p.with("hash", half));
}

fn journal_head(f: &mut Faults) {
    let p = f.payload.clone();
    let code = "bad-field:v";
    f.payload("v is 1", code, &p.with("v", Raw::Uint(1)));
    f.payload("an entry without a hash", code, &p.with("hash", Raw::Bytes(vec![0; 32])));
    f.payload("a hash without an entry", code, &p.with("seq", Raw::Uint(0)));
    let half = Raw::Bytes(seed("end")[..31].to_vec());
    f.payload("a hash of 31 bytes", "malformed", &p.with("hash", half));
}
