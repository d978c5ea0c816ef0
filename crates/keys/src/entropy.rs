//! Where random bytes come from: always passed in, so that a test can pass its own.

/// Fills a buffer with random bytes.
pub type Entropy<'a> = dyn FnMut(&mut [u8]) -> Result<(), EntropyError> + 'a;

/// The source gave nothing. No key is ever made from less.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random bytes: {0}")]
pub struct EntropyError(pub String);

/// The operating system's source. Pass it as `&mut entropy::os`.
///
/// # Errors
/// When the system refuses, for instance before it has gathered enough at boot.
pub fn os(bytes: &mut [u8]) -> Result<(), EntropyError> {
    getrandom::fill(bytes).map_err(|e| EntropyError(e.to_string()))
}
