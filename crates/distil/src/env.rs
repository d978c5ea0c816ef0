//! Where a run took place, as far as its log shows: never more than a folder's name.

use crate::{Run, Verdict, command, edits::Written, fix, run::Deed, tidy::Tidy};
use artifact::Env;
use std::collections::{BTreeMap, BTreeSet};

/// The most files and tools.
const MAX_FILES: usize = 64;
const MAX_TOOLS: usize = 24;

/// Programs that every system has and that say nothing about a run.
const EVERYDAY: &[&str] = &[
    "chmod", "chown", "cp", "kill", "killall", "ln", "mkdir", "mktemp", "mv", "open", "pkill",
    "rm", "rmdir", "tee", "touch", "xargs",
];

/// Folders of containers in which any repository may lie.
const SHARED: &[&str] = &["app", "testbed", "workspace", "work", "repo", "src", "code", "tmp"];

/// Where a run took place.
pub(crate) fn env(run: &Run, written: &[Written], tidy: &Tidy<'_>) -> Env {
    let cwd = run.place.cwd.as_deref().unwrap_or_default();
    let repo = Some(tidy.line(repository(cwd), 200)).filter(|repo| !repo.is_empty());
    let own = |edit: &&Written| !fix::is_agents_own(run, &edit.file);
    let touched: BTreeSet<&str> =
        written.iter().filter(own).map(|edit| edit.file.as_str()).collect();
    let files = touched.into_iter().take(MAX_FILES).map(|file| fix::file_name(file, tidy));
    let files: BTreeSet<String> = files.filter(|file| !file.is_empty()).collect();
    let files = files.into_iter().collect();
    Env { os: os(cwd).map(str::to_owned), repo, tools: tools(run, tidy), files }
}

/// The name of the repository that is worked on in `cwd`; empty when the folder tells of none.
#[must_use]
pub fn repository(cwd: &str) -> &str {
    let name = cwd.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default();
    // A home folder is no repository, and its name is its owner's.
    if is_home(cwd) || SHARED.contains(&name) { "" } else { name }
}

/// Whether a folder is somebody's home itself.
fn is_home(cwd: &str) -> bool {
    let mut parts = cwd.trim_matches(['/', '\\']).rsplit(['/', '\\']);
    let above = parts.nth(1).unwrap_or_default();
    above == "home" || above == "Users"
}

/// The system that a folder of this shape is found on.
fn os(cwd: &str) -> Option<&'static str> {
    let drive = cwd.as_bytes().get(1) == Some(&b':') || cwd.starts_with("\\\\");
    match cwd {
        "" => None,
        _ if drive => Some("windows"),
        _ if ["/Users/", "/private/", "/Volumes/"].iter().any(|p| cwd.starts_with(p)) => {
            Some("macos")
        }
        _ if cwd.starts_with('/') => Some("linux"),
        _ => None,
    }
}

/// The agent program with its version, the commit that the work began on, then the programs that
/// ran, with their versions where one was asked for.
fn tools(run: &Run, tidy: &Tidy<'_>) -> Vec<String> {
    let mut programs: BTreeMap<String, Option<String>> = BTreeMap::new();
    for work in run.work.iter().filter(|work| work.verdict == Verdict::Passed) {
        let Deed::Command(text) = &work.deed else { continue };
        let all = command::simple(text);
        for one in
            all.iter().filter(|one| !one.looks() && !EVERYDAY.contains(&one.program().as_str()))
        {
            let program = tidy.line(&one.program(), 64);
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
            if !program.is_empty() && program.chars().all(plain) {
                let asked = one.arguments().iter().any(|a| a == "--version" || a == "-V");
                let version = (asked && all.len() <= 2).then(|| version(&work.said)).flatten();
                let known = programs.entry(program).or_default();
                *known = version.or(known.take());
            }
        }
    }
    let agent = run.place.version.as_deref().and_then(version);
    let agent = agent.map_or(run.trace.agent.clone(), |v| format!("{} {v}", run.trace.agent));
    let rest = programs.into_iter().map(|(program, version)| match version {
        Some(version) => format!("{program} {version}"),
        None => program,
    });
    let plain = |head: &&str| head.len() >= 7 && head.bytes().all(|b| b.is_ascii_hexdigit());
    let head = run.place.head.as_deref().filter(plain).map(|head| format!("HEAD {head}"));
    std::iter::once(agent).chain(head).chain(rest).take(MAX_TOOLS).collect()
}

/// The first word of a text that looks like a version.
fn version(text: &str) -> Option<String> {
    let words =
        text.split([' ', ',', '(', ')', '/']).map(|word| word.trim_start_matches(['v', 'V']));
    let mut versions = words.filter(|word| {
        word.starts_with(|c: char| c.is_ascii_digit())
            && word.contains('.')
            && word.len() <= 32
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))
    });
    versions.next().map(str::to_owned)
}
