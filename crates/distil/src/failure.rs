//! Reads failures out of output: whether a command failed, which line says why, and the same
//! line with what varies between runs taken out.

use crate::{
    command,
    steps::{cut_bytes, tail_bytes},
    tidy::{patterns, replace_all},
};
use regex::Regex;
use std::sync::LazyLock;

/// How much of either end of an output is searched, in bytes.
const SEARCHED: usize = 64 << 10;

/// Output of a test or build that failed, whatever its exit status became in a pipe.
static BROKEN: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        r"(?m)^test result: FAILED|^error(\[E\d+\])?: |^error: could not compile",
        r"(?mi)\b[1-9]\d* (tests? )?(failed|failures?)\b",
        r"(?m)^--- FAIL|^FAIL\b|^FAILED\b|BUILD FAILED|[Ff]ailed to compile|^make(\[\d+\])?: \*\*\*",
        r"(?m)^npm (ERR!|error)|\berror TS\d+|^Traceback \(most recent call last\)|panicked at ",
        r"(?m)^\s*(\w+\.)*\w*(Error|Exception): |^\S+:\d+:\d+: (fatal )?error:",
    ])
});

/// How the output of a test or build ends whose status is 0 and no other, by the word of the
/// programs that print it.
static WHOLE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        r"(?m)^test result: ok\. |^=+ [^\n]*\b\d+ passed\b[^\n]* =+$|^OK( \([^\n]*\))?$",
        r"(?m)^\d+ passed(, \d+ (skipped|deselected|xfailed|warnings?))* in [\d.]+s",
        r"(?m)^ok\s+\S+\s+([\d.]+s|\(cached\))|^\s*\d+ passing\b|^Tests:\s+[^\n]*\b\d+ passed\b",
        r"(?m)\bBUILD SUCCESS(FUL)?\b|^100% tests passed\b|^\d+ examples?, 0 failures\b|^Passed! ",
    ])
});

/// How an output begins when the command failed behind a pipe.
static BEGINS_BROKEN: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        r"(?i)^\s*(error|fatal|usage error)\b[^\n]{0,20}:",
        r"^\s*Traceback \(most recent call last\)",
        r"^[^\n]{0,80}: (command not found|No such file or directory|Permission denied)",
    ])
});

/// Lines that say why, the clearest first.
static REASONS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        r"^\s*error(\[E\d+\])?: |^E   \s*\S|\berror TS\d+|^\S+:\d+(:\d+)?: (fatal )?error:",
        r"^\s*([\w.]+\.)?\w*(Error|Exception|Panic)\b(:|$)|panicked at|^\s*(fatal|FATAL): ",
        r"(?i)^\s*(\S{1,40}:? )?error\b ?[:!\]]|^npm (ERR!|error) |^\*\*\* ",
        r"(?i)command not found|no such file|permission denied|cannot |could not |undefined ",
        r"(?i)\bfailed\b|\bfailure\b|assertion|not found|timed out|refused|unknown |invalid ",
    ])
});

/// What varies between runs of the same failure.
static VARYING: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let pairs = [
        (r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{14,}\b", "<id>"),
        (r"\b0x[0-9a-fA-F]+\b", "<hex>"),
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?Z?", "<time>"),
        // A path keeps its last component, which names the matter.
        (r"(?:[A-Za-z]:|~|\.{1,2})?(?:[/\\][\w.@+~-]+)+[/\\]([\w.@+-]+)", "<path>/$1"),
        (r"\b([0-9]+[a-f]|[a-f]+[0-9])[0-9a-f]{6,}\b", "<hash>"),
        (r"([\w.])(:\d+)(:\d+)?\b", "$1:<n>"),
    ];
    pairs.iter().filter_map(|(p, with)| Some((Regex::new(p).ok()?, *with))).collect()
});

/// A number of its own, and the word before it, which may make it a code that matters.
static NUMBERS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        r"(?i)((?:code|status|errno|http|http/[\d.]+|signal)[ =:]{0,2})?\b\d+(?:\.\d+)*(ms|s|%|MB|KB|B)?\b",
    ])
});

/// The exit status that a result begins with, as in `Exit code 1`.
pub(crate) fn exit_in(text: &str) -> Option<i64> {
    let text = text.trim_start();
    let rest = text.strip_prefix("Error: ").unwrap_or(text).strip_prefix("Exit code ")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit() && c != '-').next()?;
    digits.parse().ok()
}

/// Whether a result says that the human refused the call.
pub(crate) fn is_refusal(text: &str) -> bool {
    let start = cut_bytes(text, 1 << 10);
    [
        "doesn't want to proceed with this tool use",
        "tool use was rejected",
        "User rejected",
        "User chose to",
        "The user rejected permission",
        "The user has specified a rule which prevents",
        "The user dismissed",
    ]
    .iter()
    .any(|said| start.contains(said))
}

/// Whether output shows a failure that the command's exit status hides. A pipe or a list gives
/// the status of its last command only.
pub(crate) fn shows_through(command: &str, output: &str) -> bool {
    if !command.contains(['|', ';', '\n']) {
        return false;
    }
    if command::checks(command) {
        let ends = [cut_bytes(output, SEARCHED), tail_bytes(output, SEARCHED)];
        return BROKEN.iter().any(|broken| ends.iter().any(|end| broken.is_match(end)));
    }
    let start = cut_bytes(output, 400);
    !command::looks(command) && BEGINS_BROKEN.iter().any(|broken| broken.is_match(start))
}

/// Whether output shows a failure of a command whose status nobody told.
pub(crate) fn shows(command: &str, output: &str) -> bool {
    if command::looks(command) {
        return false;
    }
    let start = cut_bytes(output, 400);
    let ends = [cut_bytes(output, SEARCHED), tail_bytes(output, SEARCHED)];
    BEGINS_BROKEN.iter().any(|broken| broken.is_match(start))
        || BROKEN.iter().any(|broken| ends.iter().any(|end| broken.is_match(end)))
}

/// Whether the end of an output shows a status of 0 that nobody told. What also shows a failure
/// does not.
pub(crate) fn shows_success(output: &str) -> bool {
    let end = tail_bytes(output, SEARCHED);
    WHOLE.iter().any(|whole| whole.is_match(end)) && !BROKEN.iter().any(|b| b.is_match(end))
}

/// The line of a failed output that best says why, with the next one where it belongs to it.
/// Empty when the output is.
pub(crate) fn reason(output: &str) -> String {
    let plain = crate::tidy::without_escapes(output);
    let plain = plain.replace("<tool_use_error>", "").replace("</tool_use_error>", "");
    let (head, tail) = if plain.len() > 2 * SEARCHED {
        (cut_bytes(&plain, SEARCHED), tail_bytes(&plain, SEARCHED))
    } else {
        (plain.as_str(), "")
    };
    let lines: Vec<&str> =
        head.lines().chain(tail.lines()).filter(|line| !line.trim().is_empty()).collect();
    let traceback = lines.iter().any(|line| line.starts_with("Traceback (most recent"));
    for (clearness, pattern) in REASONS.iter().enumerate() {
        let mut found = lines.iter().enumerate().filter(|(_, line)| pattern.is_match(line));
        // A Python traceback says what happened in its last line, all others in the first.
        let hit = if traceback && clearness < 2 { found.next_back() } else { found.next() };
        if let Some((n, line)) = hit {
            // Rust says where an error is, and what a panic said, on the next line.
            let panics = line.contains("panicked at ") && line.trim_end().ends_with(':');
            let next = lines.get(n + 1);
            let next = next.filter(|next| panics || next.trim_start().starts_with("--> "));
            let next = next.map(|next| cut_bytes(next, 300));
            let line = cut_bytes(line.trim(), 300);
            return next.map_or(line.to_owned(), |next| format!("{line} {}", next.trim()));
        }
    }
    let first = lines.iter().find(|line| exit_in(line).is_none()).or(lines.first());
    first.map(|line| cut_bytes(line.trim(), 300).to_owned()).unwrap_or_default()
}

/// `text` without what varies between runs: numbers, hashes, times, the folders of paths.
/// Codes such as `E0502` or `status 404` stay.
pub(crate) fn normalise(text: &str) -> String {
    let mut out = text.to_owned();
    for (pattern, with) in VARYING.iter() {
        out = replace_all(pattern, out, with);
    }
    for numbers in NUMBERS.iter() {
        let replaced = numbers.replace_all(&out, |found: &regex::Captures<'_>| {
            let whole = found.get(0).map_or("", |m| m.as_str()).to_owned();
            if found.get(1).is_some() { whole } else { "<n>".to_owned() }
        });
        out = replaced.into_owned();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let counts =
            (BROKEN.len(), BEGINS_BROKEN.len(), REASONS.len(), VARYING.len(), NUMBERS.len());
        assert_eq!(counts, (5, 3, 5, 6, 1));
    }

    #[test]
    fn what_varies_is_taken_out() {
        let check = |text: &str, want: &str| assert_eq!(normalise(text), want);
        check("error[E0502]: at /a/b/lib.rs:12:5", "error[E0502]: at <path>/lib.rs:<n>");
        check("exit code 101 after 3.2s", "exit code 101 after <n>");
        check("HTTP 404 for 17 files", "HTTP 404 for <n> files");
        check("commit 9f86d081884c7d65 lost", "commit <hash> lost");
        check("took 1200 ms on 2026-01-21T15:30:16.868Z", "took <n> ms on <time>");
        check("TypeError: x is undefined", "TypeError: x is undefined");
    }

    #[test]
    fn the_line_that_says_why() {
        let check = |text: &str, want: &str| assert_eq!(reason(text), want);
        check("Exit code 1\nError: Session not available.", "Error: Session not available.");
        check(
            "a\nerror[E0308]: mismatched\n  --> src/a.rs:1:2\nb",
            "error[E0308]: mismatched --> src/a.rs:1:2",
        );
        check(
            "Traceback (most recent call last):\n  File \"x\", line 1\nKeyError: 'a'\n",
            "KeyError: 'a'",
        );
        check("<tool_use_error>Unknown skill: commit</tool_use_error>", "Unknown skill: commit");
        check("Exit code 2\nnothing told", "nothing told");
        check("", "");
    }

    #[test]
    fn a_pipe_hides_no_failure() {
        assert!(shows_through(
            "cargo test 2>&1 | tail -5",
            "test result: FAILED. 3 passed; 1 failed"
        ));
        assert!(!shows_through("cargo test 2>&1 | tail -5", "test result: ok. 3 passed; 0 failed"));
        assert!(shows_through("claude --yes | head", "error: unknown option '--yes'"));
        assert!(!shows_through("grep -r error src | head", "error: in a string"));
        assert!(!shows_through("cargo run", "error: but status 0"));
    }

    #[test]
    fn success_is_shown_by_those_who_print_it_then_only() {
        for output in [
            "running 3 tests\n...\ntest result: ok. 3 passed; 0 failed; 0 ignored\n",
            "collected 5 items\n\n============ 5 passed, 1 warning in 0.31s ============\n",
            "12 passed in 0.44s",
            "Ran 4 tests in 0.002s\n\nOK\n",
            "OK (skipped=1)",
            "ok  \texample.org/cart\t0.012s\n",
            "  14 passing (32ms)\n",
            "Tests:       2 skipped, 9 passed, 11 total\n",
            "[INFO] BUILD SUCCESS\n",
            "100% tests passed, 0 tests failed out of 7\n",
        ] {
            assert!(shows_success(output), "{output}");
        }
        for output in [
            "",
            "done",
            "5 items passed on",
            "It is OK",
            "1 failed, 3 passed in 0.2s",
            "=== 1 failed, 3 passed in 0.2s ===",
            "FAILED (failures=1)",
            "ok",
            "Tests:       1 failed, 9 passed, 10 total",
            "test result: ok. 3 passed; 0 failed\ntest result: FAILED. 1 passed; 1 failed",
        ] {
            assert!(!shows_success(output), "{output}");
        }
    }

    #[test]
    fn an_exit_status_is_read() {
        assert_eq!(exit_in("Exit code 101\nx"), Some(101));
        assert_eq!(exit_in("all well"), None);
    }
}
