//! The shape of a Claude Code record.

use crate::shape::{Content, Perhaps, Scalar};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// One line.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Record<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) uuid: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) timestamp: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) cwd: Scalar<'a>,
    #[serde(borrow, rename = "gitBranch")]
    pub(crate) branch: Scalar<'a>,
    #[serde(borrow, rename = "sessionId")]
    pub(crate) session: Scalar<'a>,
    #[serde(borrow, rename = "agentId")]
    pub(crate) agent: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) version: Scalar<'a>,
    #[serde(borrow, rename = "leafUuid")]
    pub(crate) leaf: Scalar<'a>,
    #[serde(borrow, rename = "messageId")]
    pub(crate) message_id: Scalar<'a>,
    #[serde(borrow, rename = "isMeta")]
    pub(crate) meta: Scalar<'a>,
    #[serde(borrow, rename = "isSidechain")]
    pub(crate) sidechain: Scalar<'a>,
    #[serde(borrow, rename = "isCompactSummary")]
    pub(crate) compact: Scalar<'a>,
    #[serde(borrow, rename = "isApiErrorMessage")]
    pub(crate) api_error: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) message: Perhaps<Message<'a>>,
    #[serde(borrow, rename = "toolUseResult")]
    pub(crate) told: Option<&'a RawValue>,
}

/// What was said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Message<'a> {
    #[serde(borrow)]
    pub(crate) model: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) content: Content<'a, Block<'a>>,
}

/// One part of what was said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) text: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) thinking: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) id: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) name: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) tool_use_id: Scalar<'a>,
    #[serde(borrow)]
    pub(crate) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) is_error: Scalar<'a>,
}

impl<'a> From<Cow<'a, str>> for Block<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        let kind = Scalar::Text(Cow::Borrowed("text"));
        Self { kind, text: Scalar::Text(text), ..Self::default() }
    }
}
