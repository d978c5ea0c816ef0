//! What looks like a secret, and what looks like a manual.

use super::*;

#[test]
fn entropy_is_in_bits_a_byte() {
    for (text, bits) in [("aaaa", 0.0), ("abab", 1.0), ("abcd", 2.0), ("", 0.0)] {
        assert!((entropy(text.as_bytes()) - bits).abs() < 1e-6, "{text}");
    }
}

#[test]
fn passwords_are_told_from_words_and_from_code() {
    for word in ["hunter2", "Tr0ub4dor&3", "s3cr3t-x9", "k7#mQ2!z", "gr4nite_7k"] {
        assert!(password(word.as_bytes(), true), "{word}");
    }
    for word in [
        "string",
        "required",
        "password123",
        "Test123",
        "changeme",
        "${DB_PASSWORD}",
        "$PASSWORD",
        "{{ x1 }}",
        "config.password1",
        "os.environ",
        "getpass()",
        "DB_PASSWORD",
        "12345678",
        "********",
        "<your-1>",
        "abc",
        "must have 8 characters",
        "sha256",
        "http://x1.y",
    ] {
        assert!(!password(word.as_bytes(), true), "{word}");
    }
    assert!(!password(b"password_2", false) && !password(b"next_step2", false));
}

#[test]
fn secrets_are_told_from_names_and_from_digests() {
    for word in [
        "f97e0f727120c70f537bb58c57e63bcd",
        "bWDY8u2aoF3G5U8L448QsrfL496U",
        "c0e30769-2c7f-74a7-f472-baeea7619b04",
    ] {
        assert!(secret(word.as_bytes(), true), "{word}");
    }
    for word in [
        "authorization_code",
        "projects/x1/secrets/db-password",
        "getAccessTokenFromStorage2",
        "sha256:0f727120c70f537bb5",
        "2026-11-21T10:04:05.123Z",
        "xxxxxxxxxxxxxxxxxxxx",
        "0123456789abcdef0123",
        "your_token_here_123",
        "config.api2.token3",
        "refresh_token_grant_v2",
        "AKIAIOSFODNN7EXAMPLE",
    ] {
        assert!(!secret(word.as_bytes(), true), "{word}");
    }
}

#[test]
fn an_address_with_the_password_every_program_has_at_first_tells_nothing() {
    let judged = |text: &str, word: &str| {
        let start = text.find(word).unwrap_or(0);
        address_password(text.as_bytes(), start, start + word.len())
    };
    assert!(judged("postgres://app:k7mq2z@db", "k7mq2z"));
    assert!(
        !judged("amqp://guest:guest@mq", "guest@")
            && !judged("x://postgres:postgres@db", "postgres")
    );
    assert!(!judged("x://u:${PW}@db", "${PW}") && !judged("x://u:8080@db", "8080"));
}

#[test]
fn basic_credentials_are_a_user_and_a_password() {
    let made = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    assert!(basic(made("ada:Harbour77x").as_bytes()));
    for text in ["no colon here", "ada:password", "ada:ada", "\u{1}:\u{2}\u{3}\u{4}"] {
        assert!(!basic(made(text).as_bytes()), "{text}");
    }
    assert!(!basic(b"understanding"));
}
