//! Reads patches as edits: the `*** Begin Patch` form that Codex and OpenCode write, and unified
//! diffs. Context lines are passed over; each run of changed lines is one replacement.

use crate::{
    run::Span,
    steps::cut_bytes,
    tool::{MAX_PART, MAX_SPANS},
};

/// What a patch begins with.
const BEGIN: &str = "*** Begin Patch";
/// What stands for the text of a file that was deleted.
const ALL: &str = "the whole file";
/// The most files of one patch.
const MAX_FILES: usize = 256;

/// The patch that a command line applies, as in `apply_patch <<'EOF'`.
pub(crate) fn in_command(command: &str) -> Option<&str> {
    let (before, _) = command.split_once(BEGIN)?;
    let tool = before.contains("apply_patch") || before.contains("applypatch");
    tool.then(|| command.get(before.len()..)).flatten()
}

/// The files that a patch changes, each with its replacements.
pub(crate) fn files(patch: &str) -> Vec<(String, Vec<Span>)> {
    let mut reader = Reader::default();
    for line in patch.lines() {
        reader.line(line);
        if reader.files.len() > MAX_FILES {
            break;
        }
    }
    reader.end_file();
    reader.files
}

#[derive(Default)]
struct Reader {
    files: Vec<(String, Vec<Span>)>,
    file: Option<String>,
    /// The file that a unified diff takes away, which is its name when nothing comes instead.
    from: String,
    spans: Vec<Span>,
    old: String,
    new: String,
    added: bool,
    /// Whether a unified diff's header is past, so that `---` and `+++` are changes.
    inside: bool,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let line = line.trim_end_matches('\r');
        if let Some(file) = line.strip_prefix("*** Add File: ") {
            self.begin_file(file, true);
        } else if let Some(file) = line.strip_prefix("*** Update File: ") {
            self.begin_file(file, false);
        } else if let Some(file) = line.strip_prefix("*** Delete File: ") {
            self.begin_file(file, false);
            self.spans.push(Span { old: ALL.to_owned(), new: String::new(), whole: true });
        } else if let Some(file) = line.strip_prefix("*** Move to: ") {
            self.file = Some(cut_bytes(file.trim(), 1_024).to_owned());
        } else if line.starts_with("*** ") {
            self.end_span();
        } else if line.starts_with("diff --git ") {
            self.end_file();
            self.inside = false;
        } else if let Some(from) = line.strip_prefix("--- ").filter(|_| !self.inside) {
            self.end_file();
            self.from = name(from).to_owned();
        } else if let Some(to) = line.strip_prefix("+++ ").filter(|_| !self.inside) {
            let gone = to.starts_with("/dev/null");
            let (file, added) = if gone {
                (self.from.clone(), false)
            } else {
                (name(to).to_owned(), self.from == "/dev/null")
            };
            self.begin_file(&file, added);
        } else if line.starts_with("@@") {
            self.end_span();
            self.inside = self.file.is_some();
        } else {
            self.change(line);
        }
    }

    fn change(&mut self, line: &str) {
        if self.file.is_none() {
            return;
        }
        if let Some(old) = line.strip_prefix('-') {
            if !self.new.is_empty() {
                self.end_span();
            }
            append(&mut self.old, old);
        } else if let Some(new) = line.strip_prefix('+') {
            append(&mut self.new, new);
        } else if !line.starts_with('\\') {
            self.end_span();
        }
    }

    fn begin_file(&mut self, file: &str, added: bool) {
        self.end_file();
        self.file = Some(cut_bytes(file.trim(), 1_024).to_owned());
        self.added = added;
    }

    fn end_span(&mut self) {
        let (old, new) = (std::mem::take(&mut self.old), std::mem::take(&mut self.new));
        if (old.is_empty() && new.is_empty()) || self.spans.len() >= MAX_SPANS {
            return;
        }
        let whole = self.added && self.spans.is_empty() && old.is_empty();
        self.spans.push(Span { old, new, whole });
    }

    fn end_file(&mut self) {
        self.end_span();
        self.inside = false;
        let spans = std::mem::take(&mut self.spans);
        if let Some(file) = self.file.take().filter(|file| !file.is_empty() && !spans.is_empty()) {
            self.files.push((file, spans));
        }
    }
}

fn append(text: &mut String, line: &str) {
    if text.len() + line.len() < MAX_PART {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
}

/// A file's name in the header of a unified diff, without its `a/` or `b/` and its time.
fn name(header: &str) -> &str {
    let name = header.split('\t').next().unwrap_or(header).trim();
    name.strip_prefix("a/").or_else(|| name.strip_prefix("b/")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each replacement as `file: old > new`, a whole file with `!`.
    fn check(patch: &str, want: &[&str]) {
        let got = files(patch).into_iter().flat_map(|(file, spans)| {
            let told = move |span: Span| {
                let whole = if span.whole { "!" } else { "" };
                format!("{file}{whole}: {} > {}", span.old, span.new)
            };
            spans.into_iter().map(told)
        });
        assert_eq!(got.collect::<Vec<_>>(), want, "{patch}");
    }

    #[test]
    fn a_patch_is_a_list_of_edits() {
        check(
            "*** Begin Patch\n*** Add File: a.txt\n+one\n+two\n*** Update File: src/b.rs\n\
             *** Move to: src/c.rs\n@@ fn main()\n keep\n-old\n+new\n keep\n-gone\n\
             *** Delete File: d.rs\n*** End Patch\n",
            &[
                "a.txt!:  > one\ntwo",
                "src/c.rs: old > new",
                "src/c.rs: gone > ",
                "d.rs!: the whole file > ",
            ],
        );
        check("no patch at all\n+x\n", &[]);
    }

    #[test]
    fn a_unified_diff_is_read_too() {
        check(
            "diff --git a/x.py b/x.py\nindex 1..2 100644\n--- a/x.py\n+++ b/x.py\r\n\
             @@ -1,3 +1,3 @@ def f():\n a\n--- b\n+++ c\n d\n\
             diff --git a/n b/n\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+n\n\
             \\ No newline at end of file\n",
            &["x.py: -- b > ++ c", "n!:  > n"],
        );
    }

    #[test]
    fn a_patch_is_found_in_a_command() {
        let patch = "*** Begin Patch\n*** End Patch\nEOF";
        assert_eq!(in_command(&format!("cd x && apply_patch <<'EOF'\n{patch}")), Some(patch));
        assert_eq!(in_command("echo '*** Begin Patch'"), None);
    }
}
