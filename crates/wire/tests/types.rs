//! Holds `ui/src/host/types.ts` to the types in this crate: the face is compiled against what
//! the node really says. Run with `TRACENET_BLESS=1` to write the file anew.
//!
//! It compares bytes with the committed file and knows nothing of what the face does with it.

#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};
use ts_rs::{Config, TS, TypeVisitor};

/// Declarations by name, so that the file's order never varies.
struct Gather {
    config: Config,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Gather {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_none() {
            return; // numbers, strings and their lists have no declaration of their own
        }
        let name = T::ident(&self.config);
        if self.found.contains_key(&name) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let declaration = format!("{docs}export {}\n", T::decl(&self.config));
        self.found.insert(name, declaration);
        T::visit_dependencies(self);
    }
}

fn generated() -> String {
    let mut gather = Gather { config: Config::new(), found: BTreeMap::new() };
    gather.visit::<wire::Query>();
    gather.visit::<wire::View>();
    gather.visit::<wire::Act>();
    gather.visit::<wire::Done>();
    gather.visit::<wire::Answer>();
    gather.visit::<wire::Answered>();
    gather.visit::<wire::Notice>();
    gather.visit::<wire::Fault>();
    let mut text = String::from(
        "// What crosses between the node and its faces. Written from crates/wire by its test\n\
         // `types`; change the Rust and run that test with TRACENET_BLESS=1.\n",
    );
    for declaration in gather.found.values() {
        write!(text, "\n{declaration}").expect("a string takes any text");
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    short_comments(&(lines.join("\n") + "\n"))
}

/// Puts a comment of one line before what it is about, on the same line: a third of the file.
fn short_comments(text: &str) -> String {
    let mut short = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/**\n * ") {
        short.push_str(before);
        rest = after;
        if let Some((comment, end)) = after.split_once("\n */\n")
            && !comment.contains('\n')
        {
            let gap = if end.starts_with("export") { "\n" } else { " " };
            write!(short, "/** {comment} */{gap}").expect("a string takes any text");
            rest = end;
        } else {
            short.push_str("/**\n * ");
        }
    }
    short + rest
}

#[test]
fn the_face_is_compiled_against_these_types() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/host/types.ts");
    let wanted = generated();
    assert!(!wanted.contains("bigint"), "mark large integers `#[ts(type = \"number\")]`");
    if std::env::var_os("TRACENET_BLESS").is_some() {
        fs::write(&path, &wanted).expect("ui/src/host can be written");
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == wanted,
        "ui/src/host/types.ts is stale: run `TRACENET_BLESS=1 cargo test -p wire --test types`"
    );
}
