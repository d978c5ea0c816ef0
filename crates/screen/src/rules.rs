//! The rules: which literals to look for, what must stand there, how random it must be.
//!
//! Modelled on the token formats that their issuers publish. Patterns are ASCII, begin at the
//! literal (or at the run of bytes that may lead to it) and never backtrack over more than a
//! bounded stretch: quantifiers without an upper end stand only where the match is already won.

use crate::finding::Class;

/// What may stand before the literal inside the match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    /// Nothing: the match begins at the literal.
    None,
    /// Decimal digits.
    Digits,
    /// The name of an e-mail address.
    MailName,
    /// The first part of a JSON web token, which opens with three characters of its own.
    JwtHeader,
}

/// One rule. Of rules that claim the same bytes the first in the table wins.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) label: &'static str,
    pub(crate) class: Class,
    pub(crate) literals: &'static [&'static str],
    pub(crate) lead: Lead,
    /// Anchored by the engine. A group `v` marks the secret where it is not the whole.
    pub(crate) pattern: &'static str,
    /// The least Shannon entropy of what follows the literal, in bits a byte; 0 asks nothing.
    pub(crate) entropy: f32,
    /// The pattern is the BEGIN line of an armoured key, whose body follows.
    pub(crate) armored: bool,
}

const fn token(
    id: &'static str,
    label: &'static str,
    literals: &'static [&'static str],
    pattern: &'static str,
    entropy: f32,
) -> Rule {
    let (class, lead) = (Class::Token, Lead::None);
    Rule { id, label, class, literals, lead, pattern, entropy, armored: false }
}

const fn armored(
    id: &'static str,
    label: &'static str,
    literals: &'static [&'static str],
    pattern: &'static str,
) -> Rule {
    let (class, lead) = (Class::PrivateKey, Lead::None);
    Rule { id, label, class, literals, lead, pattern, entropy: 0.0, armored: true }
}

/// Every rule.
pub(crate) static RULES: &[Rule] = &[
    armored(
        "openssh-private-key",
        "OpenSSH private key",
        &["-----BEGIN OPENSSH"],
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ),
    armored(
        "pgp-private-key",
        "PGP private key",
        &["-----BEGIN PGP"],
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    ),
    armored(
        "pem-private-key",
        "private key (PEM)",
        &["-----BEGIN "],
        "-----BEGIN (?:(?:RSA|DSA|EC|ENCRYPTED|ANY) )?PRIVATE KEY-----",
    ),
    Rule {
        class: Class::PrivateKey,
        ..token(
            "age-secret-key",
            "age secret key",
            &["AGE-SECRET-KEY-1"],
            "AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}",
            3.0,
        )
    },
    token(
        "aws-access-key-id",
        "AWS access key id",
        &["AKIA", "ASIA", "ABIA", "ACCA"],
        "A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}",
        3.0,
    ),
    token(
        "aws-secret-access-key",
        "AWS secret access key",
        &[
            "aws_secret",
            "AWS_SECRET",
            "awsSecret",
            "AwsSecret",
            "secretAccessKey",
            "SecretAccessKey",
            "secret_access_key",
            "SECRET_ACCESS_KEY",
        ],
        concat!(
            r#"(?i:aws_?secret(?:_?access)?_?key|secret_?access_?key)[\\"'`\s:=>]{1,12}"#,
            r"(?P<v>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|\z)",
        ),
        4.0,
    ),
    token(
        "aws-secret-near-id",
        "AWS secret access key",
        &["AKIA", "ASIA"],
        concat!(
            r"A[KS]IA[A-Z2-7]{16}[^A-Za-z0-9/+](?s:.{0,200}?[^A-Za-z0-9/+])??",
            r"(?P<v>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|\z)",
        ),
        4.2,
    ),
    token(
        "github-token",
        "GitHub token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        "gh[pousr]_[A-Za-z0-9_]{36,}",
        3.0,
    ),
    token(
        "github-fine-grained-token",
        "GitHub fine-grained token",
        &["github_pat_"],
        "github_pat_[A-Za-z0-9_]{60,}",
        3.0,
    ),
    token(
        "gitlab-token",
        "GitLab token",
        &["glpat-", "gldt-", "glrt-", "glptt-", "gloas-", "glcbt-"],
        r"gl(?:pat|dt|rt|ptt|oas|cbt)-[A-Za-z0-9_-]{20,}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?",
        3.0,
    ),
    token(
        "slack-token",
        "Slack token",
        &["xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"],
        "xox[abeoprs]-[0-9][0-9A-Za-z-]{20,}",
        2.5,
    ),
    token(
        "slack-app-token",
        "Slack app token",
        &["xapp-"],
        "xapp-[0-9]-[A-Z0-9]{6,20}-[0-9]{6,20}-[a-z0-9]{20,}",
        2.5,
    ),
    token(
        "slack-webhook",
        "Slack webhook address",
        &["hooks.slack.com/"],
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<v>[A-Za-z0-9][A-Za-z0-9/_-]{24,})",
        3.0,
    ),
    token(
        "stripe-key",
        "Stripe key",
        &["sk_live_", "rk_live_", "sk_test_", "rk_test_"],
        "[rs]k_(?:live|test)_[A-Za-z0-9]{20,}",
        3.0,
    ),
    token(
        "stripe-webhook-secret",
        "Stripe webhook secret",
        &["whsec_"],
        "whsec_[A-Za-z0-9+/]{32,}=?=?",
        3.5,
    ),
    token(
        "google-api-key",
        "Google API key",
        &["AIza"],
        r"(?P<v>AIza[A-Za-z0-9_-]{35})(?:[^A-Za-z0-9_-]|\z)",
        3.5,
    ),
    token(
        "google-oauth-secret",
        "Google OAuth client secret",
        &["GOCSPX-"],
        "GOCSPX-[A-Za-z0-9_-]{28}",
        3.0,
    ),
    token(
        "google-oauth-token",
        "Google OAuth access token",
        &["ya29."],
        r"ya29\.[A-Za-z0-9_-]{30,}",
        3.5,
    ),
    token("anthropic-key", "Anthropic API key", &["sk-ant-"], "sk-ant-[A-Za-z0-9_-]{32,}", 3.5),
    token(
        "openai-key",
        "OpenAI API key",
        &["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"],
        "sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{32,}",
        3.5,
    ),
    token(
        "openai-style-key",
        "API key of the OpenAI form",
        &["sk-"],
        "sk-(?:or-v1-)?[A-Za-z0-9]{32,}",
        3.2,
    ),
    token("npm-token", "npm token", &["npm_"], "npm_[A-Za-z0-9]{36}", 3.0),
    token("pypi-token", "PyPI token", &["pypi-AgE"], "pypi-AgE[A-Za-z0-9_-]{50,}", 3.0),
    token("crates-io-token", "crates.io token", &["cio"], "cio[A-Za-z0-9]{32}", 4.0),
    token(
        "docker-token",
        "Docker token",
        &["dckr_pat_", "dckr_oat_"],
        "dckr_[op]at_[A-Za-z0-9_-]{24,}",
        3.0,
    ),
    token(
        "sendgrid-key",
        "SendGrid API key",
        &["SG."],
        r"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,}",
        3.5,
    ),
    token("twilio-key", "Twilio API key", &["SK"], "SK[0-9a-f]{32}", 3.0),
    token(
        "discord-bot-token",
        "Discord bot token",
        // A user id in decimal digits, as base64 writes its first twelve bits.
        &["MD", "MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"],
        r"[MNO][DTjz][A-Za-z0-9]{21,26}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
        3.5,
    ),
    token(
        "discord-webhook",
        "Discord webhook address",
        &["/api/webhooks/"],
        "/api/webhooks/[0-9]{17,20}/(?P<v>[A-Za-z0-9_-]{60,})",
        3.5,
    ),
    Rule {
        lead: Lead::Digits,
        ..token(
            "telegram-bot-token",
            "Telegram bot token",
            &[":AA"],
            r"(?P<v>[0-9]{8,10}:AA[A-Za-z0-9_-]{33})(?:[^A-Za-z0-9_-]|\z)",
            3.5,
        )
    },
    token("huggingface-token", "Hugging Face token", &["hf_"], "hf_[A-Za-z0-9]{34,}", 3.0),
    token(
        "digitalocean-token",
        "DigitalOcean token",
        &["dop_v1_", "doo_v1_", "dor_v1_"],
        "do[opr]_v1_[0-9a-f]{64}",
        3.0,
    ),
    token(
        "shopify-token",
        "Shopify token",
        &["shpat_", "shpca_", "shppa_", "shpss_"],
        "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
        3.0,
    ),
    token("heroku-key", "Heroku API key", &["HRKU-"], "HRKU-[A-Za-z0-9_-]{36,}", 3.0),
    token("databricks-token", "Databricks token", &["dapi"], "dapi[0-9a-f]{32}(?:-[0-9])?", 3.0),
    token("linear-key", "Linear API key", &["lin_api_"], "lin_api_[A-Za-z0-9]{40}", 3.0),
    token("notion-token", "Notion token", &["ntn_"], "ntn_[A-Za-z0-9]{40,}", 3.0),
    token("groq-key", "Groq API key", &["gsk_"], "gsk_[A-Za-z0-9]{40,}", 3.0),
    token("vault-token", "Vault token", &["hvs."], r"hvs\.[A-Za-z0-9_-]{24,}", 3.5),
    token(
        "azure-storage-key",
        "Azure storage account key",
        &["AccountKey="],
        "AccountKey=(?P<v>[A-Za-z0-9+/]{86}==)",
        4.0,
    ),
    Rule {
        lead: Lead::JwtHeader,
        ..token(
            "jwt",
            "JSON web token",
            &[".eyJ"],
            // The signature is optional so that a token is found whose end was cut off.
            r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)?",
            3.0,
        )
    },
    Rule {
        class: Class::Email,
        lead: Lead::MailName,
        ..token(
            "email",
            "e-mail address",
            &["@"],
            concat!(
                r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@",
                r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}[A-Za-z]{2,18}",
            ),
            0.0,
        )
    },
];

#[cfg(test)]
pub(crate) mod tests;
