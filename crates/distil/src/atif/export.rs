//! A trace as a trajectory in ATIF v1.7, for other tools to read.
//!
//! What the human asked, and what the agent thought, said, called and saw; notes stay behind. A
//! step holds at most what the trace kept of a text. The caller masks what must not leave.

use artifact::{Step, StepKind, Trace, UnixMillis};
use serde_json::{Map, Value, json};

/// The version that is written.
const VERSION: &str = "ATIF-v1.7";

/// `trace` as a trajectory, each text passed through `mask`.
#[must_use]
pub fn atif(trace: &Trace, session: &str, mask: &dyn Fn(&str) -> String) -> Value {
    let mut writer = Writer { steps: Vec::new(), open: None, mask };
    for step in &trace.steps {
        writer.step(step);
    }
    writer.close();
    let steps: Vec<Value> = writer
        .steps
        .into_iter()
        .enumerate()
        .map(|(n, mut step)| {
            step.insert("step_id".to_owned(), json!(n + 1));
            Value::Object(step)
        })
        .collect();
    let mut agent = Map::new();
    agent.insert("name".to_owned(), json!(trace.agent));
    agent.insert("version".to_owned(), json!("unknown"));
    if let Some(model) = &trace.model {
        agent.insert("model_name".to_owned(), json!(model));
    }
    let total = steps.len();
    json!({
        "schema_version": VERSION,
        "session_id": session,
        "trajectory_id": session,
        "agent": agent,
        "steps": steps,
        "final_metrics": { "total_steps": total },
        "extra": { "source_format": trace.source.format, "source_hash": trace.source.hash.to_string() },
    })
}

/// Joins the steps of a trace into those of a trajectory: one for each message of the agent.
struct Writer<'a> {
    steps: Vec<Map<String, Value>>,
    open: Option<Turn>,
    mask: &'a dyn Fn(&str) -> String,
}

/// What the agent does between two things that are said to it.
#[derive(Default)]
struct Turn {
    at: Option<UnixMillis>,
    message: String,
    thought: String,
    calls: Vec<Value>,
    results: Vec<Value>,
}

impl Writer<'_> {
    fn step(&mut self, step: &Step) {
        let text = (self.mask)(&step.text);
        match step.kind {
            StepKind::Note => {}
            StepKind::Ask => {
                self.close();
                let mut ask = Map::new();
                stamp(&mut ask, step.at);
                ask.insert("source".to_owned(), json!("user"));
                ask.insert("message".to_owned(), json!(text));
                self.steps.push(ask);
            }
            StepKind::Think => {
                let turn = self.turn(step.at, |turn| !turn.message.is_empty());
                join(&mut turn.thought, &text);
            }
            StepKind::Say => {
                let turn = self.turn(step.at, |_| false);
                join(&mut turn.message, &text);
            }
            StepKind::Call => {
                let turn = self.turn(step.at, |_| false);
                let id = step.call.clone().unwrap_or_else(|| format!("call-{}", step.line));
                turn.calls.push(json!({
                    "tool_call_id": id,
                    "function_name": step.name.clone().unwrap_or_default(),
                    "arguments": arguments(&text),
                }));
            }
            StepKind::Result => self.result(step, &text),
        }
    }

    fn result(&mut self, step: &Step, text: &str) {
        let Some(turn) = self.open.as_mut() else { return };
        // A result may name only a call of its own step.
        let known = step.call.as_deref().filter(|id| {
            turn.calls.iter().any(|call| call.get("tool_call_id").is_some_and(|of| of == id))
        });
        let mut result = Map::new();
        if let Some(id) = known {
            result.insert("source_call_id".to_owned(), json!(id));
        }
        result.insert("content".to_owned(), json!(text));
        result.insert("extra".to_owned(), json!({ "is_error": step.failed }));
        turn.results.push(Value::Object(result));
    }

    /// The turn that is open. A turn whose calls were answered is over, as is one that `ended`.
    fn turn(&mut self, at: Option<UnixMillis>, ended: impl Fn(&Turn) -> bool) -> &mut Turn {
        if self.open.as_ref().is_some_and(|turn| !turn.results.is_empty() || ended(turn)) {
            self.close();
        }
        self.open.get_or_insert_with(|| Turn { at, ..Turn::default() })
    }

    fn close(&mut self) {
        let Some(turn) = self.open.take() else { return };
        let mut step = Map::new();
        stamp(&mut step, turn.at);
        step.insert("source".to_owned(), json!("agent"));
        step.insert("message".to_owned(), json!(turn.message));
        if !turn.thought.is_empty() {
            step.insert("reasoning_content".to_owned(), json!(turn.thought));
        }
        if !turn.calls.is_empty() {
            step.insert("tool_calls".to_owned(), Value::Array(turn.calls));
        }
        if !turn.results.is_empty() {
            step.insert("observation".to_owned(), json!({ "results": turn.results }));
        }
        self.steps.push(step);
    }
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}

/// The input of a call as an object; one that was cut, or is none, as text in one.
fn arguments(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Value::Object(object),
        _ if text.is_empty() => json!({}),
        _ => json!({ "input": text }),
    }
}

fn stamp(step: &mut Map<String, Value>, at: Option<UnixMillis>) {
    let at = at.and_then(|at| i64::try_from(at).ok());
    let at = at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    if let Some(at) = at {
        step.insert("timestamp".to_owned(), json!(at.to_string()));
    }
}
