//! Which crystals a run used, as its calls of TraceNet's own tools name them. What those tools
//! gave is no evidence of anything; that they were asked is.

use crate::{Run, scaffold};
use artifact::StepKind;
use serde::Deserialize;

/// The most crystals of one run.
const MAX_USED: usize = 64;
/// Tools that name the crystal they are about.
const NAMING: [&str; 2] = ["open", "outcome"];
/// Digits of the shortest and of the longest name of a crystal.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=64;

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// What a run called the crystals that it opened, or said how they had served it: the first
/// digits of their ids, each once, in the order of the calls.
#[must_use]
pub fn used(run: &Run) -> Vec<String> {
    let mut used: Vec<String> = Vec::new();
    for step in run.trace.steps.iter().filter(|step| step.kind == StepKind::Call) {
        let tool = step.name.as_deref().unwrap_or_default();
        let naming = NAMING.iter().any(|verb| tool.ends_with(verb));
        if !naming || !scaffold::is_own_tool(tool) {
            continue;
        }
        let Ok(Named { id }) = serde_json::from_str(&step.text) else { continue };
        let id = id.trim().to_ascii_lowercase();
        let is_name = DIGITS.contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit());
        if is_name && !used.contains(&id) && used.len() < MAX_USED {
            used.push(id);
        }
    }
    used
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::{Format, Log};
    use artifact::ArtifactId;

    fn call(id: u32, tool: &str, input: &serde_json::Value) -> String {
        let content = serde_json::json!([
            { "type": "tool_use", "id": format!("t{id}"), "name": tool, "input": input },
        ]);
        let message = serde_json::json!({ "role": "assistant", "content": content });
        format!("{}\n", serde_json::json!({ "type": "assistant", "message": message }))
    }

    #[test]
    fn a_run_used_what_it_opened_and_what_it_judged() {
        let id = |text: &str| serde_json::json!({ "id": text });
        let calls = [
            call(1, "mcp__tracenet__open", &id("00AABBCCDDEEFF11")),
            call(2, "mcp__tracenet__outcome", &id("00aabbccddeeff11")),
            call(3, "mcp__tracenet__outcome", &id("99aabbccddeeff11")),
            call(4, "mcp__tracenet__recall", &serde_json::json!({ "query": "33aabbccddeeff11" })),
            call(5, "mcp__other__open", &id("44aabbccddeeff11")),
            call(6, "mcp__tracenet__open", &id("no name of anything")),
            call(7, "mcp__tracenet__open", &serde_json::json!({ "id": 7 })),
        ];
        let mut log = Log::new(Format::ClaudeCode);
        log.push(calls.concat().as_bytes());
        let run = log.finish(ArtifactId::of(b"log"));
        assert_eq!(used(&run), ["00aabbccddeeff11", "99aabbccddeeff11"]);
    }
}
