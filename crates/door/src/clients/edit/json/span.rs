//! Where everything stands in a text of JSON, and that text with one span exchanged.

use super::super::EditError;
use jsonc_parser::{
    CollectOptions, ParseOptions, ast::Value, common::Ranged, errors::ParseError, parse_to_ast,
    parse_to_serde_value,
};
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use std::ops::Range;

/// What editors write into such files, and nothing beyond it.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// A span of JSON as a value of this type, if it is one.
pub(in crate::clients) fn value<T: DeserializeOwned>(raw: &str) -> Option<T> {
    parse_to_serde_value(raw, &OPTIONS).ok()
}

/// A text that was read whole.
pub(in crate::clients) struct Text<'t> {
    text: &'t str,
    /// The bytes of a mark before the JSON.
    mark: usize,
    value: Value<'t>,
}

impl<'t> Text<'t> {
    pub(in crate::clients) fn read(text: &'t str, comments: bool) -> Result<Self, EditError> {
        let json = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let not_read = |line, column| EditError::NotRead { what: "JSON", line, column };
        if !comments {
            let strict = serde_json::from_str::<IgnoredAny>(json);
            strict.map_err(|e| not_read(e.line(), e.column()))?;
        }
        let refused = |e: ParseError| not_read(e.line_display(), e.column_display());
        let read = parse_to_ast(json, &CollectOptions::default(), &OPTIONS).map_err(refused)?;
        let value = read.value.ok_or_else(|| not_read(1, 0))?;
        Ok(Self { text, mark: text.len() - json.len(), value })
    }

    pub(in crate::clients) fn root(&self) -> Result<Holder<'_, 't>, EditError> {
        match &self.value {
            Value::Object(_) => Ok(Holder::of(self.text, self.mark, &self.value)),
            _ => Err(EditError::NotAnObject),
        }
    }
}

/// A member of an object, or an element of an array.
struct Item<'a, 't> {
    key: Option<&'a str>,
    whole: Range<usize>,
    value: Range<usize>,
    node: &'a Value<'t>,
}

/// An object or an array.
pub(in crate::clients) struct Holder<'a, 't> {
    text: &'t str,
    mark: usize,
    /// Of the opening bracket.
    open: usize,
    /// Of the closing bracket.
    close: usize,
    items: Vec<Item<'a, 't>>,
}

impl<'a, 't> Holder<'a, 't> {
    fn of(text: &'t str, mark: usize, node: &'a Value<'t>) -> Self {
        let span = |of: jsonc_parser::common::Range| of.start + mark..of.end + mark;
        let items = match node {
            Value::Object(object) => object
                .properties
                .iter()
                .map(|member| Item {
                    key: Some(member.name.as_str()),
                    whole: span(member.range),
                    value: span(member.value.range()),
                    node: &member.value,
                })
                .collect(),
            Value::Array(array) => array
                .elements
                .iter()
                .map(|node| Item {
                    key: None,
                    whole: span(node.range()),
                    value: span(node.range()),
                    node,
                })
                .collect(),
            _ => Vec::new(),
        };
        let whole = span(node.range());
        Self { text, mark, open: whole.start, close: whole.end.saturating_sub(1), items }
    }

    pub(in crate::clients) const fn len(&self) -> usize {
        self.items.len()
    }

    /// The place of the member of this name.
    pub(in crate::clients) fn find(&self, key: &str) -> Result<Option<usize>, EditError> {
        let mut named = self.items.iter().enumerate().filter(|(_, item)| item.key == Some(key));
        match (named.next(), named.next()) {
            (found, None) => Ok(found.map(|(n, _)| n)),
            _ => Err(EditError::Twice { key: key.to_owned() }),
        }
    }

    fn holder(
        &self,
        key: &str,
        is: fn(&Value<'t>) -> bool,
        what: &'static str,
    ) -> Result<Option<Self>, EditError> {
        let found = self.find(key)?.and_then(|n| self.items.get(n));
        let holder = found.map(|item| {
            let held = is(item.node).then(|| Self::of(self.text, self.mark, item.node));
            held.ok_or_else(|| EditError::NotAHolder { key: key.to_owned(), what })
        });
        holder.transpose()
    }

    /// The object that is the member of this name.
    pub(in crate::clients) fn object(&self, key: &str) -> Result<Option<Self>, EditError> {
        self.holder(key, |node| matches!(node, Value::Object(_)), "an object")
    }

    /// The array that is the member of this name.
    pub(in crate::clients) fn array(&self, key: &str) -> Result<Option<Self>, EditError> {
        self.holder(key, |node| matches!(node, Value::Array(_)), "an array")
    }

    /// The object or array in place `n`.
    pub(in crate::clients) fn nested(&self, n: usize) -> Option<Self> {
        let node = self.items.get(n)?.node;
        let holds = matches!(node, Value::Object(_) | Value::Array(_));
        holds.then(|| Self::of(self.text, self.mark, node))
    }

    /// What stands in place `n` as a value of this type, if it is one.
    pub(in crate::clients) fn value<T: DeserializeOwned>(&self, n: usize) -> Option<T> {
        value(self.text.get(self.items.get(n)?.value.clone())?)
    }

    /// The text of the member of this name.
    pub(in crate::clients) fn text_of(&self, key: &str) -> Result<Option<&'t str>, EditError> {
        Ok(self.find(key)?.and_then(|n| self.text.get(self.items.get(n)?.value.clone())))
    }

    /// The text with a member more, at the end.
    pub(in crate::clients) fn with_member(
        &self,
        style: &Style,
        key: &str,
        render: &dyn Fn(&Style, &str) -> String,
    ) -> String {
        let key = serde_json::to_string(key).unwrap_or_default();
        self.with(style, &|style, indent| {
            format!("{key}{}{}", style.colon(), render(style, indent))
        })
    }

    /// The text with something more, at the end.
    pub(in crate::clients) fn with(
        &self,
        style: &Style,
        render: &dyn Fn(&Style, &str) -> String,
    ) -> String {
        let (text, newline) = (self.text, style.newline);
        let outer = indent_before(text, self.open);
        let Some((first, last)) = self.items.first().zip(self.items.last()) else {
            let inside = text.get(self.open + 1..self.close).unwrap_or_default();
            let cut = self.open + 1 + inside.trim_end().len()..self.close;
            let Some(unit) = &style.unit else { return splice(text, cut, &render(style, "")) };
            let inner = format!("{outer}{unit}");
            let new = format!("{newline}{inner}{}{newline}{outer}", render(style, &inner));
            return splice(text, cut, &new);
        };
        let comma = self.comma_after(last);
        let from = comma.map_or(last.whole.end, |comma| comma + 1);
        let (at, in_line_comment) = beside(text, from);
        let gap = text.get(self.open + 1..first.whole.start).unwrap_or_default();
        let new = match gap.rsplit_once('\n') {
            Some((_, before)) => {
                let inner = leading_space(before);
                format!("{newline}{inner}{}", render(style, inner))
            }
            // On one line, even where the file as a whole is not.
            None => {
                let line = Style { unit: None, ..*style };
                let space = if style.airy { " " } else { "" };
                let space = if in_line_comment { newline } else { space };
                format!("{space}{}", render(&line, ""))
            }
        };
        let part = |range: Range<usize>| text.get(range).unwrap_or_default();
        let (needed, kept) = if comma.is_some() { ("", ",") } else { (",", "") };
        let (begin, between) = (part(0..last.whole.end), part(last.whole.end..at));
        [begin, needed, between, &new, kept, part(at..text.len())].concat()
    }

    /// The text with another value in place `n`.
    pub(in crate::clients) fn with_value(
        &self,
        n: usize,
        style: &Style,
        render: &dyn Fn(&Style, &str) -> String,
    ) -> String {
        let Some(item) = self.items.get(n) else { return self.text.to_owned() };
        let inner = indent_before(self.text, item.whole.start);
        splice(self.text, item.value.clone(), &render(style, inner))
    }

    /// The text without what stands in place `n`: what [`Holder::with`] did, undone.
    pub(in crate::clients) fn without(&self, n: usize) -> String {
        let text = self.text;
        let Some(this) = self.items.get(n) else { return text.to_owned() };
        let own = self.comma_after(this);
        let end = own.map_or(this.whole.end, |comma| comma + 1);
        let part = |range: Range<usize>| text.get(range).unwrap_or_default();
        let rest = part(end..text.len());
        if n + 1 < self.items.len() {
            let space = rest.len() - rest.trim_start().len();
            return splice(text, this.whole.start..end + space, "");
        }
        let before = n.checked_sub(1).and_then(|n| self.items.get(n));
        let comma = before.and_then(|before| self.comma_after(before));
        let gap = part(comma.map_or(self.open, |comma| comma) + 1..this.whole.start);
        // A line that a comment ends must still end where it did.
        let line_ends = rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
        let loose = gap.trim().is_empty() || line_ends;
        let begin = if loose {
            this.whole.start - (gap.len() - gap.trim_end().len())
        } else {
            this.whole.start
        };
        let Some(comma) = comma else {
            let alone = gap.trim().is_empty() && part(end..self.close).trim().is_empty();
            return splice(text, if alone { self.open + 1..self.close } else { begin..end }, "");
        };
        let kept = if own.is_some() { "," } else { "" };
        [part(0..comma), kept, part(comma + 1..begin), rest].concat()
    }

    /// The comma behind this.
    fn comma_after(&self, item: &Item<'_, '_>) -> Option<usize> {
        let mut at = item.whole.end;
        loop {
            let rest = self.text.get(at..self.close)?;
            let next = rest.trim_start();
            at += rest.len() - next.len();
            if next.starts_with(',') {
                return Some(at);
            }
            at += comment(next)?;
        }
    }
}

/// The bytes of the comment that begins here, without the line break that ends it.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find(['\n', '\r']).unwrap_or(text.len()));
    }
    let inside = text.strip_prefix("/*")?;
    inside.find("*/").map(|at| at + "/**/".len())
}

/// Where the comments end that stand on the line of what ends here, and whether the last of
/// them takes the rest of the line.
fn beside(text: &str, from: usize) -> (usize, bool) {
    let mut at = from;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let next = rest.trim_start_matches([' ', '\t']);
        let length = comment(next).unwrap_or_default();
        let said = next.get(..length).unwrap_or_default();
        if said.is_empty() || said.contains('\n') {
            return (at, false);
        }
        at += rest.len() - next.len() + length;
        if said.starts_with("//") {
            return (at, true);
        }
    }
}

/// How a file is written.
pub(in crate::clients) struct Style {
    /// Members stand on lines of their own, indented by this.
    unit: Option<String>,
    newline: &'static str,
    /// A space follows a colon.
    airy: bool,
}

impl Style {
    pub(in crate::clients) fn of(root: &Holder<'_, '_>) -> Self {
        let text = root.text;
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let Some(first) = root.items.first() else {
            return Self { unit: Some("  ".to_owned()), newline, airy: true };
        };
        let gap = text.get(root.open + 1..first.whole.start).unwrap_or_default();
        let outer = indent_before(text, root.open);
        let unit = gap.rsplit_once('\n').map(|(_, before)| {
            let inner = leading_space(before);
            inner.strip_prefix(outer).unwrap_or(inner).to_owned()
        });
        let airy = text.get(..first.value.start).is_some_and(|before| before.ends_with(' '));
        Self { unit, newline, airy }
    }

    const fn colon(&self) -> &'static str {
        if self.airy || self.unit.is_some() { ": " } else { ":" }
    }

    /// A value as it stands behind a key that is indented by `indent`.
    pub(in crate::clients) fn render<T: Serialize>(&self, value: &T, indent: &str) -> String {
        // Names, paths and words: there is nothing in them that has no JSON.
        let Some(unit) = &self.unit else {
            return serde_json::to_string(value).unwrap_or_default();
        };
        let mut out = Vec::new();
        let pretty = serde_json::ser::PrettyFormatter::with_indent(unit.as_bytes());
        let mut writer = serde_json::Serializer::with_formatter(&mut out, pretty);
        if value.serialize(&mut writer).is_err() {
            return serde_json::to_string(value).unwrap_or_default();
        }
        // A string in JSON holds no line break, so these are all the formatter's.
        let text = String::from_utf8(out).unwrap_or_default();
        text.replace('\n', &format!("{}{indent}", self.newline))
    }

    /// An object with this one member, as it stands behind a key that is indented by `indent`.
    pub(in crate::clients) fn wrapped(
        &self,
        key: &str,
        indent: &str,
        render: &dyn Fn(&str) -> String,
    ) -> String {
        let key = serde_json::to_string(key).unwrap_or_default();
        let Some(unit) = &self.unit else { return format!("{{{key}:{}}}", render("")) };
        let (newline, inner) = (self.newline, format!("{indent}{unit}"));
        format!("{{{newline}{inner}{key}: {}{newline}{indent}}}", render(&inner))
    }
}

fn leading_space(text: &str) -> &str {
    let deep = text.len() - text.trim_start_matches([' ', '\t']).len();
    text.get(..deep).unwrap_or_default()
}

/// The indentation of the line on which this stands.
fn indent_before(text: &str, at: usize) -> &str {
    leading_space(text.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default())
}

fn splice(text: &str, cut: Range<usize>, new: &str) -> String {
    let before = text.get(..cut.start).unwrap_or_default();
    let after = text.get(cut.end..).unwrap_or_default();
    [before, new, after].concat()
}
