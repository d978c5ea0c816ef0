//! The prompt in a terminal: the same rows in the same order as in the window, and all of the
//! text: a yes is given to nothing that was not shown.

use super::{bytes, say};
use wire::{Keychain, PromptView};

/// What is answered in one go: one prompt, or several that go together.
pub(crate) fn prompts(shown: &[PromptView]) {
    if let [one] = shown {
        return prompt(one);
    }
    say(&format!("{} requests to share with the same people", shown.len()));
    say("Nothing was found in any of them. Each gets a receipt of its own.");
    for one in shown {
        say("");
        rows(one).iter().for_each(|line| say(line));
    }
}

pub(crate) fn prompt(prompt: &PromptView) {
    rows(prompt).iter().for_each(|line| say(line));
    if let n @ 2.. = prompt.batch.len() {
        say(&format!("Batch   {n} can be answered together: tracenet answer --batch"));
    }
}

fn rows(prompt: &PromptView) -> Vec<String> {
    let mut out =
        vec![format!("{}   request {} of {}", prompt.heading, prompt.position, prompt.waiting)];
    what(&mut out, prompt);
    found(&mut out, prompt);
    list(&mut out, "To    ", &prompt.to);
    let unknown = prompt.unknown.then(|| "UNKNOWN REQUESTER".to_owned());
    let who: Vec<String> = unknown.into_iter().chain(prompt.who.iter().cloned()).collect();
    list(&mut out, "Who   ", &who);
    out.push(if prompt.says.is_empty() {
        "Says    no reason was given".to_owned()
    } else {
        format!("Says    “{}”   claimed by the requester", prompt.says)
    });
    out.push(format!("Code    {}   also told to the requester", prompt.code));
    list(&mut out, "Policy", &prompt.policies);
    if !prompt.forbidden.is_empty() {
        out.push("        THIS CANNOT BE ALLOWED".to_owned());
        out.extend(prompt.forbidden.iter().map(|why| format!("        {why}")));
    }
    list(&mut out, "Note  ", &prompt.warnings);
    if prompt.keychain != Keychain::Ready {
        out.push(format!("Key     {}", prompt.keychain_hint));
        let command = prompt.keychain_command.as_str();
        out.extend(Some(command).filter(|c| !c.is_empty()).map(|c| format!("          {c}")));
        out.push("        THIS CANNOT BE ALLOWED UNTIL THEN: the ask keeps waiting".to_owned());
    }
    if !prompt.terms.is_empty() {
        let longer = "--for session, --for lock or --for day";
        out.push(format!("For     once, unless you answer with {longer}"));
    }
    if prompt.choose_reach {
        let anywhere = "unless you choose anywhere: answer with --anywhere";
        out.push(format!("Reach   this network only, {anywhere}"));
    }
    out
}

/// What it is about, the whole text, and what changed in it.
fn what(out: &mut Vec<String>, prompt: &PromptView) {
    let size = if prompt.size == 0 { String::new() } else { format!("   {}", bytes(prompt.size)) };
    out.push(format!("What    {}{size}", prompt.what));
    if !prompt.artifact.is_empty() {
        out.push(format!("        {} ({})", prompt.artifact_words, prompt.artifact));
    }
    if let Some(head) = &prompt.head {
        out.push("        its head, which the audience sees at once:".to_owned());
        let family = head.family.join(" · ");
        for text in [&head.title, &head.problem, &family] {
            out.extend(text.lines().map(|line| format!("        {line}")));
        }
    }
    if !prompt.text.is_empty() {
        out.push(format!("        {}:", about_text(prompt)));
        let numbered = prompt.text.lines().zip(1..);
        out.extend(numbered.map(|(line, n)| format!("  {n:>5} │ {line}")));
    }
    if let Some(changes) = &prompt.changes {
        out.push(format!("Changes {}", changes.since));
        out.extend(changes.diff.lines().map(|line| format!("        {line}")));
    }
}

/// What the text is: the same as above it in the window.
fn about_text(prompt: &PromptView) -> &'static str {
    match prompt.wish.as_str() {
        "sign-revocations" => "what you sign: each of them is told this",
        "accept-policy" | "drop-policy" => "what it forbids",
        _ if prompt.artifact.is_empty() => "what is known of it",
        _ => "the whole text that would leave",
    }
}

fn found(out: &mut Vec<String>, prompt: &PromptView) {
    if prompt.found.is_empty() && prompt.size > 0 {
        out.push("Found   no secrets or addresses".to_owned());
    }
    let one = |(found, n): (&wire::FindingRow, usize)| {
        format!("{n}. {} (line {}: {})", found.label, found.line, found.masked)
    };
    let rows: Vec<String> = prompt.found.iter().zip(1..).map(one).collect();
    list(out, "Found ", &rows);
    if prompt.scan_spent {
        out.push("        not all of the text could be looked through".to_owned());
    }
}

fn list(out: &mut Vec<String>, label: &str, rows: &[String]) {
    for (n, row) in rows.iter().enumerate() {
        let label = if n == 0 { label } else { "      " };
        out.push(format!("{label}  {row}"));
    }
}

#[cfg(test)]
mod tests;
