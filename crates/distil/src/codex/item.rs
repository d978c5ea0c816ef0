//! The shape of a rollout's line and of what it carries: all fields that matter of all kinds.

use crate::shape::{Content, Perhaps, Scalar};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// One line.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    pub(super) timestamp: Scalar<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Scalar<'a>,
    #[serde(borrow)]
    pub(super) record_type: Scalar<'a>,
    #[serde(borrow)]
    pub(super) payload: Option<&'a RawValue>,
    /// Stands in the first line of an older rollout, perhaps as nothing.
    #[serde(borrow)]
    pub(super) instructions: Given<'a>,
}

/// Tells a field that is given from one that is not, whatever it holds.
#[derive(Default)]
pub(super) struct Given<'a>(Option<&'a RawValue>);

impl Given<'_> {
    pub(super) const fn is_some(&self) -> bool {
        self.0.is_some()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Given<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self(Some(raw)))
    }
}

/// What a line carries.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Payload<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Scalar<'a>,
    #[serde(borrow)]
    pub(super) id: Scalar<'a>,
    #[serde(borrow)]
    pub(super) call_id: Scalar<'a>,
    #[serde(borrow)]
    pub(super) cwd: Scalar<'a>,
    #[serde(borrow)]
    pub(super) cli_version: Scalar<'a>,
    #[serde(borrow)]
    pub(super) model: Scalar<'a>,
    #[serde(borrow)]
    pub(super) source: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) git: Perhaps<Git<'a>>,
    #[serde(borrow)]
    pub(super) role: Scalar<'a>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) summary: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) name: Scalar<'a>,
    #[serde(borrow)]
    pub(super) namespace: Scalar<'a>,
    #[serde(borrow)]
    pub(super) arguments: Scalar<'a>,
    #[serde(borrow)]
    pub(super) input: Scalar<'a>,
    #[serde(borrow)]
    pub(super) output: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) action: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) message: Scalar<'a>,
    #[serde(borrow)]
    pub(super) stdout: Scalar<'a>,
    #[serde(borrow)]
    pub(super) stderr: Scalar<'a>,
    #[serde(borrow)]
    pub(super) aggregated_output: Scalar<'a>,
    #[serde(borrow)]
    pub(super) formatted_output: Scalar<'a>,
    #[serde(borrow)]
    pub(super) exit_code: Scalar<'a>,
    #[serde(borrow)]
    pub(super) success: Scalar<'a>,
    #[serde(borrow)]
    pub(super) status: Scalar<'a>,
}

/// Where the repository stood.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Git<'a> {
    #[serde(borrow)]
    pub(super) branch: Scalar<'a>,
    #[serde(borrow)]
    pub(super) commit_hash: Scalar<'a>,
}

/// A part of a message, of a thought or of an output.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(borrow)]
    text: Scalar<'a>,
}

impl<'a> From<Cow<'a, str>> for Part<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self { text: Scalar::Text(text) }
    }
}

/// The text of a string, or of a list of parts.
pub(super) fn text(raw: Option<&RawValue>) -> String {
    let raw = raw.map(RawValue::get).unwrap_or_default();
    match serde_json::from_str::<Content<'_, Part<'_>>>(raw) {
        Ok(Content::Text(text)) => text.into_owned(),
        Ok(Content::Blocks(parts)) => {
            let texts = parts.iter().filter_map(|part| part.text.text());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}
