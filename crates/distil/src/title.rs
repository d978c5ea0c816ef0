//! What was asked: the human's own words, and the first of them that ask for something.

use crate::{Run, scaffold, tidy::Tidy};
use artifact::{StepKind, crystal::MAX_TITLE};

/// The fewest characters of an ask that names a task; shorter ones are greetings and nods.
const REAL_ASK: usize = 12;
/// The fewest characters of a line that can stand as a title by itself.
const TITLE_LINE: usize = 16;

/// Words that keep a conversation going and name no task.
const NODS: &[&str] = &[
    "continue",
    "go on",
    "go ahead",
    "keep going",
    "please continue",
    "try again",
    "thank you",
    "thanks a lot",
    "sounds good",
    "looks good",
    "yes please",
    "hello there",
    "good morning",
];

/// One ask of the human, without scaffolding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) line: u64,
    pub(crate) text: String,
}

/// The human's asks in order.
pub(crate) fn asks(run: &Run) -> Vec<Ask> {
    let steps = run.trace.steps.iter().filter(|step| step.kind == StepKind::Ask);
    let asks = steps.map(|step| Ask { line: step.line, text: scaffold::typed(&step.text) });
    asks.filter(|ask| !ask.text.is_empty()).collect()
}

/// The first ask that names a task; where something was done without one, the first ask.
pub(crate) fn first_real(asks: &[Ask], worked: bool) -> Option<&Ask> {
    asks.iter().find(|ask| names_a_task(&ask.text)).or(asks.first().filter(|_| worked))
}

fn names_a_task(text: &str) -> bool {
    let plain = text.to_lowercase();
    let plain = plain.trim_matches(|c: char| !c.is_alphanumeric());
    let many_words = text.split_whitespace().nth(1).is_some();
    // Scripts without spaces between words say much in few characters.
    let long = text.chars().count() >= REAL_ASK || !text.is_ascii();
    long && (many_words || !text.is_ascii()) && !NODS.contains(&plain)
}

/// A title of one line: the first line of the ask that can stand by itself, else all of it.
pub(crate) fn title(ask: &str, tidy: &Tidy<'_>) -> String {
    let whole = tidy.whole(ask);
    let stands = |line: &&str| {
        let plain = line.trim();
        // "I get this:" only leads to what matters.
        let least = if plain.ends_with(':') { 2 * TITLE_LINE } else { TITLE_LINE };
        plain.chars().count() >= least && !plain.starts_with("```")
    };
    let line = whole.lines().find(stands).unwrap_or(&whole);
    let line = line.trim().trim_start_matches(['#', '>', '*', '-', ' ']);
    let line = line.trim_end_matches([':', ' ']);
    let title = cut_at_word(&crate::tidy::one_line(line), MAX_TITLE);
    if title.trim().is_empty() { "untitled".to_owned() } else { title }
}

/// Cuts to `max` characters, at the end of a word where one is near.
fn cut_at_word(text: &str, max: usize) -> String {
    let cut = crate::steps::cut_chars(text, max);
    if cut.len() == text.len() {
        return cut;
    }
    match cut.rsplit_once(' ') {
        Some((kept, lost)) if lost.chars().count() < 24 => format!("{kept}…"),
        _ => cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ask: &str, want: &str) {
        let mask = str::to_owned;
        assert_eq!(title(ask, &Tidy::new(&mask, None)), want);
    }

    #[test]
    fn a_title_is_one_line_of_the_ask() {
        check("fix the login bug\n\nit fails since monday", "fix the login bug");
        check("Hi!\n\n## Please make the parser faster\n", "Please make the parser faster");
        check("why?", "why?");
        check("```\npanic at the disco, main.rs:4\n```", "panic at the disco, main.rs:4");
        check("-", "untitled");
        let long = "word ".repeat(60);
        assert!(title(&long, &Tidy::new(&str::to_owned, None)).ends_with("word…"));
    }

    #[test]
    fn a_nod_names_no_task() {
        assert!(names_a_task("fix the login bug"));
        assert!(names_a_task("修复登录错误"));
        for nod in ["hi", "Continue.", "please continue", "yes", "/clear", "supercalifragilistic"] {
            assert!(!names_a_task(nod), "{nod}");
        }
    }
}
