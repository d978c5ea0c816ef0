//! The prompt in a terminal: the same rows in the same order as in the window.

use super::{bytes, say};
use wire::PromptView;

/// The most lines of the whole text that are printed without being asked for.
const LINES: usize = 200;

pub(crate) fn prompt(prompt: &PromptView) {
    say(&format!("{}   request {} of {}", prompt.heading, prompt.position, prompt.waiting));
    let size = if prompt.size == 0 { String::new() } else { format!("   {}", bytes(prompt.size)) };
    say(&format!("What    {}{size}", prompt.what));
    if !prompt.artifact.is_empty() {
        say(&format!("        {} ({})", prompt.artifact_words, prompt.artifact));
    }
    if let Some(head) = &prompt.head {
        say("        its head, which the audience sees at once:");
        rows(&head.title);
        rows(&head.problem);
        if !head.family.is_empty() {
            rows(&head.family.join(" · "));
        }
    }
    if !prompt.text.is_empty() {
        say(match (prompt.wish.as_str(), prompt.artifact.is_empty()) {
            ("sign-revocations", _) => "        what you sign, each of them is told this:",
            (_, true) => "        what is known of it:",
            (_, false) => "        the whole text that would leave:",
        });
        let lines: Vec<&str> = prompt.text.lines().collect();
        for (n, line) in lines.iter().enumerate().take(LINES) {
            say(&format!("  {:>5} │ {line}", n + 1));
        }
        if lines.len() > LINES {
            more(lines.len() - LINES);
        }
    }
    if let Some(changes) = &prompt.changes {
        say(&format!("Changes {}", changes.since));
        let lines: Vec<&str> = changes.diff.lines().collect();
        lines.iter().take(LINES).for_each(|line| say(&format!("        {line}")));
        if lines.len() > LINES {
            more(lines.len() - LINES);
        }
    }
    if prompt.found.is_empty() && prompt.size > 0 {
        say("Found   no secrets or addresses");
    }
    for (n, found) in prompt.found.iter().enumerate() {
        let label = if n == 0 { "Found " } else { "      " };
        let n = n + 1;
        say(&format!("{label}  {n}. {} (line {}: {})", found.label, found.line, found.masked));
    }
    if prompt.scan_spent {
        say("        not all of the text could be looked through");
    }
    list("To    ", &prompt.to);
    let unknown = prompt.unknown.then(|| "UNKNOWN REQUESTER".to_owned());
    let who: Vec<String> = unknown.into_iter().chain(prompt.who.iter().cloned()).collect();
    list("Who   ", &who);
    if prompt.says.is_empty() {
        say("Says    no reason was given");
    } else {
        say(&format!("Says    “{}”   claimed by the requester", prompt.says));
    }
    say(&format!("Code    {}   also told to the requester", prompt.code));
    list("Policy", &prompt.policies);
    if !prompt.forbidden.is_empty() {
        say("        THIS CANNOT BE ALLOWED");
        prompt.forbidden.iter().for_each(|why| say(&format!("        {why}")));
    }
    list("Note  ", &prompt.warnings);
    if !prompt.terms.is_empty() {
        say("For     once, unless you answer with --for session, --for lock or --for day");
    }
    if prompt.choose_reach {
        say("Reach   this network only, unless you choose anywhere: answer with --anywhere");
    }
}

fn list(label: &str, rows: &[String]) {
    for (n, row) in rows.iter().enumerate() {
        let label = if n == 0 { label } else { "      " };
        say(&format!("{label}  {row}"));
    }
}

fn rows(text: &str) {
    text.lines().for_each(|line| say(&format!("        {line}")));
}

fn more(lines: usize) {
    let lines = wire::count(lines, "line more: look at it", "lines more: look at them");
    say(&format!("        … and {lines} in the window"));
}
