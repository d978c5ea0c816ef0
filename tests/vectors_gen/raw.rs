//! CBOR as a tree that keeps what it is given, right or wrong: the tool for making exactly one
//! fault. It does not know any rule of the canonical form; keys stay in the order they have.

use serde::Serialize;

/// One CBOR item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Raw {
    Uint(u64),
    /// `-1 - n`.
    Neg(u64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
    /// Bytes written as they stand: every fault that a tree cannot hold.
    Bare(Vec<u8>),
}

impl Raw {
    pub(crate) fn of<T: Serialize>(value: &T) -> Self {
        Self::parse(&artifact::canon::encode(value).unwrap())
    }

    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut rest = bytes;
        let value = parse(&mut rest);
        assert!(rest.is_empty(), "one item");
        value
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        match self {
            Self::Uint(n) => header(0, *n),
            Self::Neg(n) => header(1, *n),
            Self::Bytes(b) => [header(2, b.len() as u64), b.clone()].concat(),
            Self::Text(t) => [header(3, t.len() as u64), t.as_bytes().to_vec()].concat(),
            Self::List(items) => {
                let body: Vec<u8> = items.iter().flat_map(Self::write).collect();
                [header(4, items.len() as u64), body].concat()
            }
            Self::Map(entries) => {
                let body = entries.iter().flat_map(|(k, v)| [k.write(), v.write()].concat());
                [header(5, entries.len() as u64), body.collect()].concat()
            }
            Self::Bare(bytes) => bytes.clone(),
        }
    }

    pub(crate) fn entries(&mut self) -> &mut Vec<(Raw, Raw)> {
        match self {
            Self::Map(entries) => entries,
            other => panic!("not a map: {other:?}"),
        }
    }

    /// The value at a path of keys and list positions.
    pub(crate) fn at(&mut self, path: &str) -> &mut Raw {
        path.split('.').filter(|step| !step.is_empty()).fold(self, |value, step| match value {
            Self::List(items) => &mut items[step.parse::<usize>().unwrap()],
            Self::Map(entries) => entries
                .iter_mut()
                .find(|(key, _)| *key == Self::text(step))
                .map(|(_, value)| value)
                .unwrap_or_else(|| panic!("no {step}")),
            other => panic!("no {step} in {other:?}"),
        })
    }

    /// A copy with the value at `path` replaced.
    pub(crate) fn with(&self, path: &str, value: Raw) -> Self {
        self.but(|copy| *copy.at(path) = value)
    }

    /// A copy without `key` in the map at `path`.
    pub(crate) fn without(&self, path: &str, key: &str) -> Self {
        self.but(|copy| copy.at(path).entries().retain(|(k, _)| *k != Self::text(key)))
    }

    /// A copy with one more entry in the map at `path`, where the canonical order wants it.
    pub(crate) fn plus(&self, path: &str, key: &str, value: Raw) -> Self {
        self.but(|copy| {
            let entries = copy.at(path).entries();
            entries.push((Self::text(key), value));
            entries.sort_by_key(|(k, _)| k.write());
        })
    }

    /// A changed copy.
    pub(crate) fn but(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut copy = self.clone();
        change(&mut copy);
        copy
    }
}

/// `depth` lists inside each other around an empty text.
pub(crate) fn nested(depth: usize) -> Raw {
    Raw::Bare([vec![0x81; depth], vec![0x60]].concat())
}

fn header(major: u8, n: u64) -> Vec<u8> {
    let wide = n.to_be_bytes();
    let (info, width) = match n {
        0..=23 => return vec![major << 5 | n as u8],
        24..=0xff => (24, 1),
        0x100..=0xffff => (25, 2),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 8),
    };
    [vec![major << 5 | info], wide[8 - width..].to_vec()].concat()
}

fn parse(rest: &mut &[u8]) -> Raw {
    let (first, tail) = rest.split_first().unwrap();
    *rest = tail;
    let (major, info) = (first >> 5, first & 31);
    let width = if info < 24 { 0 } else { 1 << (info - 24) };
    let argument = if info < 24 {
        u64::from(info)
    } else {
        take(rest, width).iter().fold(0, |n, b| n << 8 | u64::from(*b))
    };
    let length = argument as usize;
    match major {
        0 => Raw::Uint(argument),
        1 => Raw::Neg(argument),
        2 => Raw::Bytes(take(rest, length).to_vec()),
        3 => Raw::Text(String::from_utf8(take(rest, length).to_vec()).unwrap()),
        4 => Raw::List((0..length).map(|_| parse(rest)).collect()),
        5 => Raw::Map((0..length).map(|_| (parse(rest), parse(rest))).collect()),
        _ => Raw::Bare(vec![*first]),
    }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (head, tail) = rest.split_at(length);
    *rest = tail;
    head
}
