//! The labelled corpus: secrets of every form, made up when they are needed and the same every
//! time, each where logs, settings and code have such things; and what only looks like one.
//!
//! Nothing that looks alive stands in the sources: forms are written as `rules/tokens.toml`
//! explains, and filled by a generator. Labels come from the making, and from no rule.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use std::{io::Write, ops::Range};

/// One text with one thing in it that must be found.
pub struct Sample {
    /// What it is counted as.
    pub group: &'static str,
    /// Its form, for whoever looks for what was missed.
    pub what: String,
    pub bytes: Vec<u8>,
    /// Where it stands.
    pub place: Range<usize>,
}

/// Random characters that are the same every time.
pub struct Noise(u64);

impl Noise {
    pub fn new(seed: usize) -> Self {
        Self((seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap()
    }

    pub fn text(&mut self, alphabet: &str, length: usize) -> String {
        (0..length).map(|_| char::from(alphabet.as_bytes()[self.next() % alphabet.len()])).collect()
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.next() % of.len()]
    }

    /// A form with its places filled: `{A36}` is 36 letters and digits, `{A36+}` some more.
    pub fn fill(&mut self, form: &str) -> String {
        let mut out = String::new();
        let mut rest = form;
        while let Some((plain, after)) = rest.split_once('{') {
            out.push_str(plain);
            let place = after.split_once('}').filter(|(place, _)| is_place(place));
            match place {
                Some((place, after)) => {
                    out.push_str(&self.place(place));
                    rest = after;
                }
                None => {
                    out.push('{');
                    rest = after;
                }
            }
        }
        out + rest
    }

    fn place(&mut self, place: &str) -> String {
        let (kind, count) = place.split_at(1);
        let most = count.ends_with('+');
        let mut counts = count.trim_end_matches('+').split('-').map(|n| n.parse().unwrap_or(0));
        let least: usize = counts.next().unwrap_or(0);
        let length = counts.next().unwrap_or(least) + if most { self.next() % 12 } else { 0 };
        match kind {
            "u" => [8, 4, 4, 4, 12].map(|n| self.text(HEX, n)).join("-"),
            "P" => self.password(),
            _ => self.text(alphabet(kind), length),
        }
    }

    /// A password as humans and programs make them.
    fn password(&mut self) -> String {
        let word =
            ["Harbour", "tuesday", "Maple", "winter", "Copper", "kestrel", "Rowan", "granite"];
        match self.next() % 6 {
            0 => format!(
                "{}{}{}",
                self.one(&word),
                self.text("23456789", 3),
                self.one(&["!", "#", "$x", "?k"])
            ),
            1 => self.text(ALNUM, 12) + "7k",
            2 => format!(
                "{}-{}-{}",
                self.text("bcdfghjk", 6),
                self.text(DIGITS, 4),
                self.text(ALNUM, 6)
            ),
            3 => format!("{}@{}{}", self.one(&word), self.one(&word), self.text("2345679", 2)),
            4 => self.text("abcdefghkmnpqrstuvwxyzABCDEFGHJKLMN23456789!#%+=^~", 16) + "4a",
            _ => {
                format!("{}_{}{}", self.text(ALNUM, 7), self.text("#!+", 1), self.text(ALNUM, 6))
                    + "5"
            }
        }
    }
}

const DIGITS: &str = "0123456789";
const HEX: &str = "0123456789abcdef";
pub const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn is_place(place: &str) -> bool {
    let (kind, count) = place.split_at(usize::from(!place.is_empty()));
    let counted = count.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+'));
    counted
        && ("uP".contains(kind) && count.is_empty()
            || "AaUhdbwBL".contains(kind) && !count.is_empty())
}

fn alphabet(kind: &str) -> &'static str {
    match kind {
        "a" => "0123456789abcdefghijklmnopqrstuvwxyz",
        "U" => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "h" => HEX,
        "d" => "2345678901",
        "b" => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/",
        "w" => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ-_",
        "B" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "L" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        _ => ALNUM,
    }
}

/// Where a token may stand; `¤` is its place.
const PLACES: [&str; 9] = [
    "export SERVICE_TOKEN=¤\n",
    "  \"value\": \"¤\",\n",
    "client = Client('¤')  # made yesterday\n",
    "+ curl -s -H 'X-Auth: ¤' https://status.harbour.dev/v1/jobs\n",
    "2026-11-21T10:04:05Z INFO using ¤ for the upload\n",
    "key: ¤\n",
    "{\"role\":\"user\",\"content\":\"try it with ¤ please\\nthanks\"}\n",
    "https://build.harbour.dev/hook?key=¤&run=7\n",
    "the old one was `¤`, rotate it\n",
];
/// Where the value of a name stands; `NAME` is in capitals, `name` is not.
const NAMED: [&str; 6] = [
    "NAME_API_KEY=¤\n",
    "  \"name_api_key\": \"¤\",\n",
    "name_secret = '¤'\n",
    "const nameToken = \"¤\";\n",
    "name:\n  name_key: ¤\n",
    "run --name-api-key=¤ --fast\n",
];

fn placed(group: &'static str, what: &str, place: &str, secret: &str) -> Sample {
    let (before, after) = place.split_once("¤").unwrap();
    let start = before.len();
    let bytes = format!("{before}{secret}{after}").into_bytes();
    Sample { group, what: what.to_owned(), bytes, place: start..start + secret.len() }
}

/// Tokens of every form, each in three places.
pub fn tokens() -> Vec<Sample> {
    let mut all = Vec::new();
    for (n, rule) in
        screen::rules().iter().filter(|rule| rule.class == screen::Class::Token).enumerate()
    {
        for (m, form) in rule.forms().into_iter().enumerate() {
            for turn in 0..3 {
                let secret = Noise::new(n * 31 + m * 7 + turn).fill(form);
                let sample = if rule.is_named() {
                    let name = rule.names()[turn % rule.names().len()]
                        .trim_matches(['_', '-'])
                        .replace('-', "_");
                    let place = NAMED[(n + turn * 2) % NAMED.len()];
                    let place = place.replace("NAME", &name.to_uppercase()).replace("name", &name);
                    placed("named-token", &rule.id, &place, &secret)
                } else {
                    placed("token", &rule.id, PLACES[(n + turn * 4) % PLACES.len()], &secret)
                };
                all.push(sample);
            }
        }
    }
    all
}

/// Everything else: one form a line, `group | text`, the secret between `«` and `»`.
pub fn others() -> Vec<Sample> {
    let mut all = Vec::new();
    for (n, line) in include_str!("others.txt")
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .enumerate()
    {
        let (group, form) = line.split_once(" | ").unwrap();
        let group = GROUPS.iter().find(|known| **known == group).unwrap();
        for turn in 0..3 {
            let text = Noise::new(n * 13 + turn + 5_000).fill(&form.replace("⏎", "\n"));
            let (before, rest) = text.split_once('«').unwrap();
            let (secret, after) = rest.split_once('»').unwrap();
            let place = format!("{before}¤{after}\n");
            all.push(placed(group, form, &place, secret));
        }
    }
    for (n, label) in LABELS.iter().enumerate() {
        for (turn, wrap) in ["\n", "\\n", "\r\n"].iter().enumerate() {
            let mut noise = Noise::new(n * 3 + turn + 9_000);
            let body = noise.fill("{b64}⏎{b64}⏎{b64}⏎{b41}").replace('⏎', "\n");
            let key = format!("-----BEGIN {label}-----\n{body}==\n-----END {label}-----")
                .replace('\n', wrap);
            all.push(placed("private-key", label, "key = \"¤\"\n", &key));
        }
    }
    all
}

const LABELS: [&str; 7] = [
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
];

/// Every group, in the order of the table.
pub const GROUPS: [&str; 16] = [
    "private-key",
    "token",
    "named-token",
    "password",
    "secret",
    "address",
    "header",
    "command",
    "email",
    "phone",
    "home",
    "host",
    "encoded",
    "nested",
    "joined",
    "invisible",
];

/// Ways around a scanner, each for some thirty tokens and passwords.
pub fn evasions() -> Vec<Sample> {
    let mut all = Vec::new();
    let chosen = tokens().into_iter().filter(|s| s.group == "token").step_by(19);
    for (n, sample) in chosen.enumerate() {
        let secret = String::from_utf8(sample.bytes[sample.place.clone()].to_vec()).unwrap();
        let config = format!("{{\"service\": \"ingest\", \"token\": \"{secret}\"}}");
        for (group, how, hidden) in hidden(&secret, &config, n) {
            let place = ["blob: ¤\n", "x = \"¤\"\n", "payload=¤\n"][n % 3];
            // What is joined brings its own quotes.
            let place = if hidden.contains(['"', '\'']) { "x = ¤;\n" } else { place };
            all.push(placed(group, &format!("{how} {}", sample.what), place, &hidden));
        }
    }
    all
}

fn hidden(secret: &str, config: &str, n: usize) -> Vec<(&'static str, &'static str, String)> {
    let half = secret.len() / 2;
    let (left, right) = secret.split_at(half);
    let base64 = |text: &str| BASE64.encode(text.as_bytes());
    let url = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let lines = |text: &str| {
        let lines: Vec<_> =
            text.as_bytes().chunks(76).map(|l| String::from_utf8_lossy(l).into_owned()).collect();
        lines.join("\n")
    };
    let packed = gzip(config.as_bytes());
    let long = format!("{}{config}", "an ordinary line of text before it\n".repeat(4));
    let shown = ["\u{200b}", "\u{ad}", "\u{2060}", "\u{feff}"][n % 4];
    vec![
        ("encoded", "base64", base64(secret)),
        ("encoded", "base64 in a text", base64(config)),
        ("encoded", "base64, no padding, url", BASE64URL_NOPAD.encode(config.as_bytes())),
        ("encoded", "base64 in lines", lines(&base64(&long))),
        ("encoded", "hex", HEXLOWER.encode(secret.as_bytes())),
        ("encoded", "HEX", HEXLOWER.encode(config.as_bytes()).to_uppercase()),
        ("encoded", "url", url(secret)),
        ("encoded", "\\x", secret.bytes().map(|b| format!("\\x{b:02x}")).collect()),
        ("encoded", "\\u", secret.bytes().map(|b| format!("\\u{b:04x}")).collect()),
        ("encoded", "gzip, base64", BASE64.encode(&packed)),
        ("nested", "base64 twice", base64(&base64(config))),
        ("nested", "hex in base64", base64(&HEXLOWER.encode(secret.as_bytes()))),
        ("nested", "gzip, hex", HEXLOWER.encode(&packed)),
        ("nested", "url of base64", url(&base64(config))),
        ("nested", "gzip, base64, base64", base64(&BASE64.encode(&packed))),
        ("nested", "base64 thrice", base64(&base64(&base64(config)))),
        ("joined", "plus", format!("\"{left}\" + \"{right}\"")),
        ("joined", "lines", format!("'{left}' \\\n    '{right}'")),
        ("joined", "beside", format!("\"{left}\"\n    \"{right}\"")),
        ("joined", "dot", format!("'{left}' . '{right}'")),
        ("joined", "shell", format!("'{left}''{right}'")),
        ("joined", "continued", format!("'{left}\\\n{right}'")),
        ("invisible", "one", format!("{left}{shown}{right}")),
        ("invisible", "all", secret.chars().map(|c| format!("{c}{shown}")).collect::<String>()),
    ]
}

/// Bytes as gzip packs them.
pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(plain).unwrap();
    packer.finish().unwrap()
}

/// What only looks like one: one form a line.
pub fn look_alikes() -> Vec<(String, Vec<u8>)> {
    let forms =
        include_str!("alikes.txt").lines().filter(|l| !l.is_empty() && !l.starts_with("# "));
    let filled = forms.enumerate().flat_map(|(n, form)| {
        (0..3).map(move |turn| {
            let text = Noise::new(n * 17 + turn + 20_000).fill(&form.replace("⏎", "\n"));
            (form.to_owned(), format!("{text}\n").into_bytes())
        })
    });
    filled.collect()
}

/// Every sample that must be found.
pub fn all() -> Vec<Sample> {
    [tokens(), others(), evasions()].into_iter().flatten().collect()
}
