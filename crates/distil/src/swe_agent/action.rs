//! What SWE-agent's own commands mean: its window editor, its search, and the shell beside them.

use crate::{
    failure,
    run::{Span, Work},
    steps::cut_bytes,
    tool::{self, Ending},
};

/// Commands that only look, or steer the editor's window.
const QUIET: &[&str] = &[
    "open",
    "goto",
    "scroll_up",
    "scroll_down",
    "search_dir",
    "search_file",
    "find_file",
    "filemap",
    "create",
    "submit",
    "exit_forfeit",
    "exit_cost",
    "skip",
    "review_on_submit_m",
    "view_image",
    "state",
];

/// How the editor says that it refused an edit.
const REFUSED: &[&str] = &[
    "Your proposed edit has introduced new syntax error",
    "Your edit was not applied",
    "No replacement was performed",
    "Text not found",
    "Text to replace not found",
    "Error: ",
];

/// One action of the agent.
pub(super) struct Action<'a> {
    /// The command's name.
    pub(super) tool: &'a str,
    /// The action as it was given.
    pub(super) text: &'a str,
    /// The file that is open in the editor.
    open: &'a str,
}

impl<'a> Action<'a> {
    pub(super) fn new(text: &'a str, open: &'a str) -> Self {
        let text = text.trim();
        let first = text.split_whitespace().next().unwrap_or_default();
        let own = QUIET.contains(&first)
            || matches!(first, "edit" | "insert" | "str_replace_editor" | "append");
        Self { tool: if own { first } else { "bash" }, text, open }
    }

    /// The work that it begins.
    pub(super) fn begin(&self, line: u64) -> Vec<Work> {
        match self.tool {
            "bash" => tool::command(line, self.text),
            "edit" => self.window_edit(line),
            "insert" | "append" => {
                let text = self.rest().trim_start_matches(|c: char| c.is_ascii_digit());
                let text = text.trim().trim_end_matches("end_of_insert").trim_matches(['\'', '"']);
                tool::edit(line, self.open, vec![tool::span("", text.trim_end())])
            }
            "str_replace_editor" => self.replace_edit(line),
            _ => Vec::new(),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.tool.len()..).unwrap_or_default().trim_start()
    }

    /// `edit 4:7 … end_of_edit` writes lines of the open file; `edit 'old' 'new'` replaces.
    fn window_edit(&self, line: u64) -> Vec<Work> {
        let rest = self.rest();
        let range = rest.split_whitespace().next().unwrap_or_default();
        let numbers = range.split_once(':').is_some_and(|(from, to)| {
            let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
            digits(from) && digits(to)
        });
        if numbers {
            let text = rest.get(range.len()..).unwrap_or_default();
            let text = text.trim_start_matches([' ', '\r']).trim_start_matches('\n');
            let text = text.trim_end().trim_end_matches("end_of_edit");
            return tool::edit(line, self.open, vec![tool::span("", text.trim_end())]);
        }
        let words = words(rest);
        let plain = words.iter().filter(|word| !word.starts_with("--")).take(2);
        match plain.collect::<Vec<_>>().as_slice() {
            [old, new] => tool::edit(line, self.open, vec![tool::span(old, new)]),
            _ => tool::edit(line, self.open, vec![tool::span("", rest)]),
        }
    }

    /// `str_replace_editor str_replace /file --old_str 'a' --new_str 'b'`, and its like.
    fn replace_edit(&self, line: u64) -> Vec<Work> {
        let words = words(self.rest());
        let [verb, file, options @ ..] = words.as_slice() else { return Vec::new() };
        let option = |name: &str| {
            let at = options.iter().position(|word| word == name);
            at.and_then(|at| options.get(at + 1)).map(String::as_str).unwrap_or_default()
        };
        let span: Span = match verb.as_str() {
            "str_replace" => tool::span(option("--old_str"), option("--new_str")),
            "create" => tool::whole(option("--file_text")),
            "insert" => tool::span("", option("--new_str")),
            _ => return Vec::new(),
        };
        tool::edit(line, file, vec![span])
    }
}

/// The words of a shell command line, with quotes taken off.
fn words(text: &str) -> Vec<String> {
    let (mut all, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    let mut chars = cut_bytes(text, 64 << 10).chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some('"') | None, '\\') => word.extend(chars.next()),
            (Some(_), _) => word.push(c),
            (None, '\'' | '"') => (quote, begun) = (Some(c), true),
            (None, _) if c.is_whitespace() => {
                if begun || !word.is_empty() {
                    all.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (None, _) => word.push(c),
        }
    }
    if begun || !word.is_empty() {
        all.push(word);
    }
    all
}

/// The thought without the block of the action that it ends with.
pub(super) fn without_block(thought: &str) -> &str {
    thought.split_once("\n```").map_or(thought, |(before, _)| before).trim()
}

/// The thought and the action of a message whose action is its last block of code.
pub(super) fn in_words(text: &str) -> (&str, &str) {
    let Some((thought, block)) =
        text.rsplit_once("\n```").and_then(|(rest, _)| rest.rsplit_once("```"))
    else {
        return (text, "");
    };
    let action = block.split_once('\n').map_or("", |(_language, action)| action);
    (thought.trim(), action)
}

/// How a turn ended, and its output: mini-swe-agent tells the status, SWE-agent does not.
pub(super) fn ending(seen: &str) -> (Ending, &str) {
    let told =
        seen.split_once("<returncode>").and_then(|(_, rest)| rest.split_once("</returncode>"));
    if let Some((status, output)) = told {
        let exit = status.trim().parse().ok();
        let output = output.trim().strip_prefix("<output>").unwrap_or(output);
        let output = output.trim_end().strip_suffix("</output>").unwrap_or(output);
        return (Ending::of_exit(exit), output.trim());
    }
    let start = cut_bytes(seen, 400);
    let failed = REFUSED.iter().any(|said| start.contains(said)) && !start.starts_with("[File:");
    let exit = failure::exit_in(seen);
    (
        Ending {
            failed: failed || exit.is_some_and(|e| e != 0),
            exit,
            blind: true,
            ..Ending::default()
        },
        seen,
    )
}

/// The file that an observation says is open.
pub(super) fn opened(seen: &str) -> Option<&str> {
    let (_, rest) = seen.rsplit_once("(Open file: ")?;
    rest.split(')').next().filter(|file| *file != "n/a")
}

/// The folder that an observation says is the present one.
pub(super) fn folder(seen: &str) -> Option<&str> {
    seen.rsplit_once("(Current directory: ")?.1.split(')').next()
}
