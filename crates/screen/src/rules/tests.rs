//! One made-up secret for every rule, put together here so that none stands in the source.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::rules;
use crate::{Class, scan};
use std::collections::BTreeSet;

pub(crate) const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BECH32: &str = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
const BASE64: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";

/// `length` characters that look random and are the same every time.
pub(crate) fn noise(alphabet: &str, length: usize) -> String {
    let mut state = 0x9e37_79b9_u32 ^ u32::try_from(length).unwrap();
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(alphabet.as_bytes()[(state >> 16) as usize % alphabet.len()])
    };
    (0..length).map(next).collect()
}

pub(crate) fn armor(label: &str) -> String {
    let body = [noise(BASE64, 64), noise(BASE64, 64), noise(BASE64, 20)].join("\n");
    let line = |word: &str| format!("-----{word} {label}-----");
    format!("{}\n{body}==\n{}", line("BEGIN"), line("END"))
}

/// (rule, text before the finding, the finding, text after it)
pub(crate) fn examples() -> Vec<(&'static str, String, String, String)> {
    let mut all = Vec::new();
    let mut within = |rule, before: &str, secret: String, after: &str| {
        all.push((rule, before.to_owned(), secret, after.to_owned()));
    };
    within("openssh-private-key", "", armor("OPENSSH PRIVATE KEY"), "");
    within("pgp-private-key", "", armor("PGP PRIVATE KEY BLOCK"), "");
    for kind in ["", "RSA ", "EC ", "DSA ", "ENCRYPTED "] {
        within("pem-private-key", "", armor(&format!("{kind}PRIVATE KEY")), "");
    }
    let secret = noise(BASE64, 40);
    let near = format!("{}{}, ", "AKIA", noise(UPPER, 16));
    for name in ["aws_secret_access_key = ", "\"SecretAccessKey\": \"", "AWS_SECRET_ACCESS_KEY="] {
        within("aws-secret-access-key", name, secret.clone(), "\"");
    }
    within("aws-secret-near-id", &near, secret, "\n");
    let hook = format!("T{}/B{}/{}", noise(UPPER, 8), noise(UPPER, 8), noise(ALNUM, 24));
    within("slack-webhook", &format!("https://{}", "hooks.slack.com/services/"), hook, "");
    let webhook = format!("discord.com/api/webhooks/{}/", noise("0123456789", 18));
    within("discord-webhook", &webhook, noise(ALNUM, 68), "");
    let azure = format!("{}==", noise(BASE64, 86));
    within("azure-storage-key", "AccountName=a;AccountKey=", azure, ";EndpointSuffix=b");
    let telegram = format!("{}:{}{}", noise("123456789", 10), "AA", noise(ALNUM, 33));
    within("telegram-bot-token", "https://api.telegram.org/bot", telegram, "/getMe");
    within("email", "mail to <", format!("{}@{}", "ada.l+x", "mail.lovelace.co.uk"), ">, please");

    let sendgrid = format!("{}.{}", noise(ALNUM, 22), noise(ALNUM, 43));
    let discord = format!("{}.{}.{}", noise(ALNUM, 22), noise(ALNUM, 6), noise(ALNUM, 38));
    let jwt = format!("{}.{}{}.{}", noise(ALNUM, 30), "eyJ", noise(ALNUM, 60), noise(ALNUM, 43));
    let slack_app =
        format!("1-{}-{}-{}", noise(UPPER, 11), noise("0123456789", 13), noise(HEX, 64));
    let slack =
        format!("{}-{}-{}", noise("123456789", 12), noise("123456789", 12), noise(ALNUM, 24));
    for (rule, prefix, body) in [
        ("age-secret-key", ["AGE-SECRET", "-KEY-1"], noise(BECH32, 58)),
        ("aws-access-key-id", ["AK", "IA"], noise(UPPER, 16)),
        ("aws-access-key-id", ["AS", "IA"], noise(UPPER, 16)),
        ("github-token", ["gh", "p_"], noise(ALNUM, 36)),
        ("github-token", ["gh", "s_"], noise(ALNUM, 36)),
        ("github-fine-grained-token", ["github", "_pat_"], noise(ALNUM, 82)),
        ("gitlab-token", ["gl", "pat-"], noise(ALNUM, 20)),
        ("slack-token", ["xo", "xb-"], slack),
        ("slack-app-token", ["xa", "pp-"], slack_app),
        ("stripe-key", ["sk_", "live_"], noise(ALNUM, 24)),
        ("stripe-key", ["rk_", "live_"], noise(ALNUM, 99)),
        ("stripe-webhook-secret", ["wh", "sec_"], noise(ALNUM, 32)),
        ("google-api-key", ["AI", "za"], noise(ALNUM, 35)),
        ("google-oauth-secret", ["GOC", "SPX-"], noise(ALNUM, 28)),
        ("google-oauth-token", ["ya", "29."], noise(ALNUM, 120)),
        ("anthropic-key", ["sk-", "ant-api03-"], noise(ALNUM, 95)),
        ("openai-key", ["sk-", "proj-"], noise(ALNUM, 120)),
        ("openai-style-key", ["sk", "-"], noise(ALNUM, 48)),
        ("npm-token", ["np", "m_"], noise(ALNUM, 36)),
        ("pypi-token", ["py", "pi-AgE"], noise(ALNUM, 150)),
        ("crates-io-token", ["ci", "o"], noise(ALNUM, 32)),
        ("docker-token", ["dckr", "_pat_"], noise(ALNUM, 27)),
        ("sendgrid-key", ["S", "G."], sendgrid),
        ("twilio-key", ["S", "K"], noise(HEX, 32)),
        ("discord-bot-token", ["M", "T"], discord),
        ("huggingface-token", ["h", "f_"], noise(ALNUM, 34)),
        ("digitalocean-token", ["dop", "_v1_"], noise(HEX, 64)),
        ("shopify-token", ["shp", "at_"], noise(HEX, 32)),
        ("heroku-key", ["HR", "KU-"], noise(ALNUM, 60)),
        ("databricks-token", ["da", "pi"], noise(HEX, 32)),
        ("linear-key", ["lin", "_api_"], noise(ALNUM, 40)),
        ("notion-token", ["nt", "n_"], noise(ALNUM, 46)),
        ("groq-key", ["gs", "k_"], noise(ALNUM, 52)),
        ("vault-token", ["hv", "s."], noise(ALNUM, 90)),
        ("jwt", ["ey", "J"], jwt),
    ] {
        within(rule, "", format!("{}{body}", prefix.concat()), "");
    }
    all
}

/// Exactly one finding of this rule in its place, and a mask that gives nothing away.
fn check(rule: &str, before: &str, secret: &str, after: &str) {
    let text = format!("{before}{secret}{after}");
    let report = scan(text.as_bytes());
    let found: Vec<_> = report.findings.iter().filter(|f| f.start == before.len()).collect();
    assert_eq!(found.len(), 1, "{rule} in {text:?}: {report:?}");
    let found = found[0];
    assert_eq!((found.rule, found.end), (rule, before.len() + secret.len()), "{text:?}");
    assert!(!report.spent);
    match found.class {
        Class::PrivateKey => assert!(!secret.contains(&found.masked) && found.masked.len() < 48),
        Class::Token => {
            let literal = &rules().iter().find(|r| r.id == rule).unwrap().keywords;
            let shown = found.masked.split_once('…').unwrap();
            let known =
                ["", "eyJ"].contains(&shown.0) || literal.iter().any(|word| word == shown.0);
            assert!(known, "{}", found.masked);
            assert!(secret.ends_with(shown.1) && shown.1.len() == 4, "{}", found.masked);
        }
        Class::Email => assert_eq!(found.masked, "a…@mail.lovelace.co.uk"),
        other => unreachable!("{other:?} has no example here"),
    }
}

#[test]
fn a_rule_finds_its_example() {
    for (rule, before, secret, after) in examples() {
        check(rule, &before, &secret, &after);
    }
    let tried: BTreeSet<_> = examples().iter().map(|e| e.0).collect();
    assert!(tried.iter().all(|id| rules().iter().any(|rule| rule.id == *id)));
}

#[test]
fn every_rule_of_tokens_tells_its_form() {
    let judged = ["keys.toml", "text.toml"].len();
    assert_eq!(super::FILES.len(), judged + 2);
    for text in &super::FILES[1..3] {
        let file: super::File = toml::from_str(text).unwrap();
        assert!(file.rule.iter().all(|rule| !rule.forms().is_empty()));
    }
}

#[test]
fn a_secret_is_found_wherever_a_log_puts_it() {
    for (rule, before, secret, after) in examples() {
        for (left, right) in [
            ("key: ", "\n"),
            ("{\"content\":\"export KEY=", "\"}"),
            (r"line\n", r"\nnext"),
            (r"a\u003d", r"\u0022"),
            ("?k%3D", "&x=1"),
            ("\u{1b}[31m", "\u{1b}[0m"),
            ("grün ", " ≠ x"),
        ] {
            check(rule, &format!("{left}{before}"), &secret, &format!("{after}{right}"));
        }
    }
}

#[test]
fn ids_are_unique_and_written_alike() {
    let ids: BTreeSet<_> = rules().iter().map(|r| &r.id).collect();
    assert_eq!(ids.len(), rules().len());
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    assert!(ids.iter().all(|id| id.bytes().all(plain)));
    let sources = ["vendor", "gitleaks", "trufflehog", "detect-secrets", "github"];
    assert!(rules().iter().all(|rule| sources.contains(&rule.from.as_str())));
    let tokens = rules().iter().filter(|r| r.class == Class::Token);
    assert!(tokens.count() >= 200, "as many forms as the public sets have");
}
