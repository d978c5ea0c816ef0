//! The key of an organisation: a file of its own, wherever the organisation wants it, in the form
//! of a node's key files. No node has one.

use crate::{
    entropy::Entropy,
    files::{KeyFileError, line, read_at},
    private,
};
use artifact::{OrganisationKey, Secret, key::Organisation};
use std::path::Path;
use zeroize::Zeroizing;

/// Makes a key in a new file, and gives its public half.
///
/// # Errors
/// When there is such a file, or it cannot be written.
pub fn new(file: &Path, entropy: &mut Entropy<'_>) -> Result<OrganisationKey, KeyFileError> {
    let mut seed = Zeroizing::new([0_u8; 32]);
    entropy(seed.as_mut())?;
    let key = Secret::<Organisation>::from_seed(&seed);
    private::write_new(file, line(&key).as_bytes())?;
    Ok(key.public())
}

/// Reads the key in a file.
///
/// # Errors
/// When there is none, it is another user's, or holds something else.
pub fn read(file: &Path) -> Result<Secret<Organisation>, KeyFileError> {
    let key = read_at::<Organisation>(file)?;
    key.ok_or_else(|| KeyFileError::NotThere { path: file.to_owned() })
}

#[cfg(all(test, unix))]
mod tests;
