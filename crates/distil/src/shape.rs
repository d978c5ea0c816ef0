//! Shapes that logs are read by, borrowed from their bytes and forgiving: a field of an unexpected
//! type reads as absent, so that only what is not JSON is ever called malformed.

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use std::{borrow::Cow, fmt, marker::PhantomData};

/// The most content blocks that are read of one message.
const MAX_BLOCKS: usize = 4_096;

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

    /// The text; empty unless it is one.
    pub(crate) fn str(&self) -> &str {
        self.text().unwrap_or_default()
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

/// Text, or a list of blocks; one block by itself reads as a list of it.
#[derive(Debug, Default)]
pub(crate) enum Content<'a, B> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Blocks(Vec<B>),
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

/// The whole part of a number, for times that some logs tell in fractions of a millisecond.
fn whole<'a>(number: f64) -> Scalar<'a> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be within")]
    let fits = (number.abs() < 9e15).then_some(number as i64);
    fits.map_or(Scalar::Nothing, Scalar::Number)
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
        visit_f64(f64) => whole;
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

struct ContentVisitor<'a, B>(PhantomData<(&'a (), B)>);

impl<'de: 'a, 'a, B> Visitor<'de> for ContentVisitor<'a, B>
where
    B: Deserialize<'de> + From<Cow<'a, str>>,
{
    type Value = Content<'a, B>;

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
            match seq.next_element::<OneOf<'a, B>>()? {
                Some(OneOf::Text(text)) => blocks.push(B::from(text)),
                Some(OneOf::Map(block)) => blocks.push(block),
                Some(OneOf::Nothing) => {}
                None => return Ok(Content::Blocks(blocks)),
            }
        }
        drain(&mut seq).map(|()| Content::Blocks(blocks))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        B::deserialize(MapAccessDeserializer::new(map)).map(|one| Content::Blocks(vec![one]))
    }
}

impl<'de: 'a, 'a, B> Deserialize<'de> for Content<'a, B>
where
    B: Deserialize<'de> + From<Cow<'a, str>>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor(PhantomData))
    }
}

/// An element of a list of blocks: a block, or text that stands for one.
enum OneOf<'a, B> {
    Nothing,
    Text(Cow<'a, str>),
    Map(B),
}

struct OneOfVisitor<'a, B>(PhantomData<(&'a (), B)>);

impl<'de: 'a, 'a, B: Deserialize<'de>> Visitor<'de> for OneOfVisitor<'a, B> {
    type Value = OneOf<'a, B>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    forgiving! {
        visit_bool(bool) => |_| OneOf::Nothing;
        visit_i64(i64) => |_| OneOf::Nothing;
        visit_u64(u64) => |_| OneOf::Nothing;
        visit_f64(f64) => |_| OneOf::Nothing;
        visit_borrowed_str(&'de str) => |t| OneOf::Text(Cow::Borrowed(t));
        visit_str(&str) => |t: &str| OneOf::Text(Cow::Owned(t.to_owned()));
        visit_string(String) => |t| OneOf::Text(Cow::Owned(t));
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(OneOf::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        drain(&mut seq).map(|()| OneOf::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        B::deserialize(MapAccessDeserializer::new(map)).map(OneOf::Map)
    }
}

impl<'de: 'a, 'a, B: Deserialize<'de>> Deserialize<'de> for OneOf<'a, B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOfVisitor(PhantomData))
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
