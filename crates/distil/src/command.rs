//! Reads shell command lines as far as distillation needs: which programs run, in which form,
//! and whether one of them tests or builds.
//!
//! It is no shell: substitutions and here-documents are passed over, and what it cannot read it
//! takes for one plain command.

mod programs;

use crate::steps::cut_bytes;
use programs::{
    CHECKING, CHECKING_SCRIPTS, CHECKING_VERBS, INTERPRETERS, LOOKING, RUNNERS, WITH_VERB,
    WRAPPERS, has,
};

/// One simple command: its program and arguments, wrappers and assignments taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Simple {
    words: Vec<String>,
}

impl Simple {
    fn new(mut words: Vec<String>) -> Self {
        let mut rest = words.as_slice();
        while let [first, tail @ ..] = rest {
            let wrapped = has(WRAPPERS, &base(first)) && !tail.is_empty();
            if is_assignment(first) || wrapped {
                rest = tail;
                while wrapped && rest.first().is_some_and(|word| word.starts_with('-')) {
                    rest = rest.get(1..).unwrap_or_default();
                }
            } else if base(first) == "timeout" {
                let after =
                    tail.iter().position(|word| word.starts_with(|c: char| c.is_ascii_digit()));
                rest = after.and_then(|n| tail.get(n + 1..)).unwrap_or_default();
            } else if let [verb, tail @ ..] = tail
                && !tail.is_empty()
                && has(RUNNERS, &format!("{} {verb}", base(first)))
            {
                rest = tail;
            } else {
                break;
            }
        }
        let taken = words.len() - rest.len();
        words.drain(..taken);
        Self { words }
    }

    /// The program's name without its folder; `python3` and `python3.12` are `python`.
    pub(crate) fn program(&self) -> String {
        let name = self.words.first().map(|word| base(word)).unwrap_or_default();
        if name.starts_with("python") { "python".to_owned() } else { name }
    }

    /// Its arguments.
    pub(crate) fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The program with the verb, module or script that makes it comparable with its retries.
    pub(crate) fn form(&self) -> String {
        let program = self.program();
        let arguments = self.arguments();
        let plain = || arguments.iter().find(|word| !word.starts_with('-') && !is_assignment(word));
        if has(INTERPRETERS, &program) {
            return match arguments {
                [flag, module, ..] if flag == "-m" => format!("{program} -m {module}"),
                [flag, ..] if flag == "-c" || flag == "-e" || flag == "-" => {
                    format!("{program} {flag}")
                }
                _ => {
                    plain().map_or(program.clone(), |script| format!("{program} {}", base(script)))
                }
            };
        }
        if program == "cmake" && arguments.iter().any(|word| word == "--build") {
            return "cmake --build".to_owned();
        }
        let Some(verb) = plain().filter(|_| has(WITH_VERB, &program) || self.is_own()) else {
            return program;
        };
        // `npm run test` is told apart from `npm run lint`.
        let script = (verb == "run" || verb == "exec")
            .then(|| arguments.iter().skip_while(|word| *word != verb).nth(1))
            .flatten();
        match script {
            Some(script) => format!("{program} {verb} {script}"),
            None => format!("{program} {verb}"),
        }
    }

    /// Whether it tests or builds.
    pub(crate) fn checks(&self) -> bool {
        let form = self.form();
        if has(CHECKING, &form) || has(CHECKING, &self.program()) {
            return !(self.program() == "make" && has("clean, install, help", last_word(&form)));
        }
        let last = last_word(&form);
        let verb = last.split(':').next().unwrap_or_default();
        let runs = form.contains(" run ") || form.contains(" exec ") || self.is_own();
        runs && has(CHECKING_VERBS, verb)
            || has(CHECKING_SCRIPTS, last)
            || last.starts_with("test_") && last.ends_with(".py")
            || last.starts_with("repro") && form.contains(' ')
    }

    /// Whether it is a script of the repository, such as `./dev`.
    fn is_own(&self) -> bool {
        self.words.first().is_some_and(|word| word.starts_with("./"))
    }

    /// Whether it only looks, or frames what matters.
    pub(crate) fn looks(&self) -> bool {
        let program = self.program();
        if program == "sed" {
            return !self.arguments().iter().any(|word| word.starts_with("-i"));
        }
        has(LOOKING, &program) || has(LOOKING, &self.form())
    }
}

/// The simple commands of a command line, in order. Reads no further than its first 4 KiB, nor
/// past the line that begins a here-document.
pub(crate) fn simple(command: &str) -> Vec<Simple> {
    let mut all = Vec::new();
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = cut_bytes(command, 4 << 10).chars().peekable();
    let mut here = false;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.push(c),
            (None, '\'' | '"') => quote = Some(c),
            (None, '\\') => word.extend(chars.next().filter(|next| *next != '\n')),
            (None, '<') if chars.peek() == Some(&'<') => here = true,
            (None, '\n') if here => break,
            (None, ' ' | '\t') => end_word(&mut words, &mut word),
            // `2>&1` and `&>` redirect; they end no command.
            (None, '&') if word.ends_with('>') || chars.peek() == Some(&'>') => word.push(c),
            (None, '&' | ';' | '|' | '\n' | '(' | ')') => {
                end_word(&mut words, &mut word);
                end_command(&mut all, &mut words);
            }
            (None, _) => word.push(c),
        }
    }
    end_word(&mut words, &mut word);
    end_command(&mut all, &mut words);
    all
}

fn end_word(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

fn end_command(all: &mut Vec<Simple>, words: &mut Vec<String>) {
    let simple = Simple::new(std::mem::take(words));
    if !simple.words.is_empty() {
        all.push(simple);
    }
}

/// The form of a whole command line: that of its last test or build, else of its first command
/// that does something, else of its first.
pub(crate) fn form(command: &str) -> String {
    let all = simple(command);
    let check = all.iter().rev().find(|one| one.checks());
    let told = check.or_else(|| all.iter().find(|one| !one.looks())).or(all.first());
    told.map(Simple::form).unwrap_or_default()
}

/// Whether a command line tests or builds.
pub(crate) fn checks(command: &str) -> bool {
    simple(command).iter().any(Simple::checks)
}

/// Whether a command line only looks.
pub(crate) fn looks(command: &str) -> bool {
    simple(command).iter().all(Simple::looks)
}

fn last_word(form: &str) -> &str {
    form.rsplit([' ', '/']).next().unwrap_or_default()
}

fn base(word: &str) -> String {
    word.rsplit(['/', '\\']).next().unwrap_or(word).trim_end_matches(".exe").to_owned()
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &str, want: &str, tests: bool) {
        assert_eq!((form(command).as_str(), checks(command)), (want, tests), "{command}");
    }

    #[test]
    fn a_form_is_what_retries_share() {
        check("cargo test -p distil 2>&1 | tail -20", "cargo test", true);
        check("cd /work && RUST_LOG=debug cargo test", "cargo test", true);
        check("npm run test:unit -- --watch=false", "npm run test:unit", true);
        check("npm run dev", "npm run dev", false);
        check("python3 -m pytest tests/", "python -m pytest", true);
        check("/usr/bin/python3.12 scripts/publish.py --force", "python publish.py", false);
        check("timeout 60 ./dev test", "dev test", true);
        check("sudo -E apt-get install -y jq", "apt-get install", false);
        check("uv run pytest -q", "pytest", true);
        check("bundle exec rspec spec/a_spec.rb", "rspec", true);
        check("python reproduce_bug.py", "python reproduce_bug.py", true);
        check("make", "make", true);
        check("make clean", "make clean", false);
        check("git commit -m \"make the tests pass; cargo test\"", "git commit", false);
        check("cat > a.sh <<'EOF'\ncargo test\nEOF", "cat", false);
        check("", "", false);
    }

    #[test]
    fn looking_is_not_doing() {
        assert!(looks("ls -la | head -5 && git status"));
        assert!(!looks("git add . && git status"));
    }
}
