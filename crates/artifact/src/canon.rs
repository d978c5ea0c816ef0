//! The canonical form of every byte that is signed: DAG-CBOR, one encoding per value.
//!
//! Promises: `decode` accepts only bytes that `encode` could have produced, never allocates
//! by a length it has not seen, and never recurses deeper than [`MAX_DEPTH`].
//! Source: <https://ipld.io/specs/codecs/dag-cbor/spec/>, narrowed: no floats, no tags (links),
//! no indefinite lengths, text keys only.

use serde::{Serialize, de::DeserializeOwned};

/// Deepest nesting of lists and maps, counted from the outermost value as 1.
pub const MAX_DEPTH: usize = 16;

/// Why bytes are not the canonical form of a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonError {
    /// More bytes than the kind may have.
    #[error("{size} bytes, at most {cap} are allowed")]
    TooLarge {
        /// Bytes received.
        size: usize,
        /// Bytes allowed.
        cap: usize,
    },
    /// Lists and maps nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Not DAG-CBOR, or not the shape of the expected value.
    #[error("not a well-formed value: {0}")]
    Malformed(String),
    /// Well-formed, but not the one encoding of the value.
    #[error("not in canonical form")]
    NotCanonical,
}

/// Encodes `value` canonically.
///
/// # Errors
/// [`CanonError::Malformed`] when the value holds something the form has no place for.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonError> {
    serde_ipld_dagcbor::to_vec(value).map_err(|e| CanonError::Malformed(e.to_string()))
}

/// Decodes `bytes`, at most `cap` of them, and proves that they are the canonical form.
///
/// # Errors
/// In this order: size, depth and shape, the type's own fields, canonicity.
pub fn decode<T: Serialize + DeserializeOwned>(bytes: &[u8], cap: usize) -> Result<T, CanonError> {
    if bytes.len() > cap {
        return Err(CanonError::TooLarge { size: bytes.len(), cap });
    }
    check_shape(bytes)?;
    let value: T =
        serde_ipld_dagcbor::from_slice(bytes).map_err(|e| CanonError::Malformed(e.to_string()))?;
    if encode(&value)? != bytes {
        return Err(CanonError::NotCanonical);
    }
    Ok(value)
}

/// Reads some fields of a map, leaving the others: of bytes that somebody else vouches for. It
/// says nothing of whether they are canonical.
///
/// # Errors
/// When they are malformed, nested too deep, or lack a field.
pub fn glance<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CanonError> {
    check_shape(bytes)?;
    serde_ipld_dagcbor::from_slice(bytes).map_err(|e| CanonError::Malformed(e.to_string()))
}

/// Walks the headers of one CBOR item without building anything, so that a decoder that
/// recurses is never handed more than [`MAX_DEPTH`] levels.
fn check_shape(bytes: &[u8]) -> Result<(), CanonError> {
    let bad = |why: &str| CanonError::Malformed(why.to_owned());
    let mut rest = bytes;
    // How many items are still owed at each open level.
    let mut owed: Vec<u64> = vec![1];
    while let Some(top) = owed.last_mut() {
        if *top == 0 {
            owed.pop();
            continue;
        }
        *top -= 1;
        let (&first, tail) = rest.split_first().ok_or_else(|| bad("ends early"))?;
        rest = tail;
        let (major, info) = (first >> 5, first & 0x1f);
        let argument = match info {
            0..=23 => u64::from(info),
            24..=27 => {
                take_uint(&mut rest, 1_usize << (info - 24)).ok_or_else(|| bad("ends early"))?
            }
            _ => return Err(bad("indefinite length or reserved header")),
        };
        match major {
            0 | 1 => {}
            2 | 3 => {
                let length = usize::try_from(argument).map_err(|_| bad("length too large"))?;
                rest = rest.get(length..).ok_or_else(|| bad("string ends early"))?;
            }
            4 | 5 => {
                if owed.len() > MAX_DEPTH {
                    return Err(CanonError::TooDeep);
                }
                let items = if major == 5 { argument.checked_mul(2) } else { Some(argument) };
                owed.push(items.ok_or_else(|| bad("length too large"))?);
            }
            6 => return Err(bad("tags are not used")),
            _ if info <= 23 && (20..=22).contains(&info) => {}
            _ => return Err(bad("floats and other simple values are not used")),
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(bad("trailing bytes")) }
}

fn take_uint(rest: &mut &[u8], width: usize) -> Option<u64> {
    let (head, tail) = rest.split_at_checked(width)?;
    *rest = tail;
    Some(head.iter().fold(0, |n, b| (n << 8) | u64::from(*b)))
}

#[cfg(test)]
mod tests;
