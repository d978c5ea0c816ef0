//! The shape of a Claude Code record, borrowed from its line and forgiving: a field of an
//! unexpected type reads as absent, so that only what is not JSON is ever called malformed.

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt, marker::PhantomData};

/// The most content blocks that are read of one message.
const MAX_BLOCKS: usize = 4_096;

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
    pub(crate) content: Content<'a>,
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

/// A single value; lists and maps read as `Nothing`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) enum Scalar<'a> {
    #[default]
    Nothing,
    Bool(bool),
    Number(i64),
    Text(Cow<'a, str>),
}

impl Scalar<'_> {
    /// The text, unless it is none or empty.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }

    pub(crate) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// Text, or a list of blocks.
#[derive(Debug, Default)]
pub(crate) enum Content<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Blocks(Vec<Block<'a>>),
}

/// A map of the expected shape; any other value reads as absent.
#[derive(Debug)]
pub(crate) struct Perhaps<T>(pub(crate) Option<T>);

impl<T> Default for Perhaps<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// What the scalar visits of a forgiving visitor have in common.
macro_rules! forgiving {
    ($($visit:ident($from:ty) => $give:expr;)*) => {$(
        fn $visit<E>(self, value: $from) -> Result<Self::Value, E> {
            Ok($give(value))
        }
    )*};
}

fn drain<'de, A: SeqAccess<'de>>(seq: &mut A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn drain_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    forgiving! {
        visit_bool(bool) => Scalar::Bool;
        visit_i64(i64) => Scalar::Number;
        visit_u64(u64) => |n| i64::try_from(n).map_or(Scalar::Nothing, Scalar::Number);
        visit_f64(f64) => |_| Scalar::Nothing;
        visit_borrowed_str(&'de str) => |t| Scalar::Text(Cow::Borrowed(t));
        visit_str(&str) => |t: &str| Scalar::Text(Cow::Owned(t.to_owned()));
        visit_string(String) => |t| Scalar::Text(Cow::Owned(t));
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        drain(&mut seq).map(|()| Scalar::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        drain_map(map).map(|()| Scalar::Nothing)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    forgiving! {
        visit_bool(bool) => |_| Content::Nothing;
        visit_i64(i64) => |_| Content::Nothing;
        visit_u64(u64) => |_| Content::Nothing;
        visit_f64(f64) => |_| Content::Nothing;
        visit_borrowed_str(&'de str) => |t| Content::Text(Cow::Borrowed(t));
        visit_str(&str) => |t: &str| Content::Text(Cow::Owned(t.to_owned()));
        visit_string(String) => |t| Content::Text(Cow::Owned(t));
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Content::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut blocks = Vec::new();
        while blocks.len() < MAX_BLOCKS {
            match seq.next_element::<Perhaps<Block<'de>>>()? {
                Some(Perhaps(block)) => blocks.extend(block),
                None => return Ok(Content::Blocks(blocks)),
            }
        }
        drain(&mut seq).map(|()| Content::Blocks(blocks))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        drain_map(map).map(|()| Content::Nothing)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct PerhapsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PerhapsVisitor<T> {
    type Value = Perhaps<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    forgiving! {
        visit_bool(bool) => |_| Perhaps(None);
        visit_i64(i64) => |_| Perhaps(None);
        visit_u64(u64) => |_| Perhaps(None);
        visit_f64(f64) => |_| Perhaps(None);
        visit_str(&str) => |_| Perhaps(None);
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Perhaps(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        drain(&mut seq).map(|()| Perhaps(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| Perhaps(Some(value)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Perhaps<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PerhapsVisitor(PhantomData))
    }
}
