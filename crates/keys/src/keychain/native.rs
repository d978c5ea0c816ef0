//! macOS: the login keychain. Windows: the Credential Manager. Elsewhere: none.
//!
//! Neither tells by itself whether it is locked, so a harmless entry is looked for.

use super::KeychainState;
use keyring_core::Entry;

/// What can be done with the keychain. The entry makes no difference here.
pub(super) fn state(_entry: Option<(&str, &str)>) -> KeychainState {
    match entry(super::SERVICE, "state").and_then(|e| e.get_secret()) {
        Ok(_) | Err(keyring_core::Error::NoEntry) => KeychainState::Ready,
        Err(keyring_core::Error::NoStorageAccess(_)) => KeychainState::Locked,
        Err(keyring_core::Error::NotSupportedByStore(_)) => KeychainState::Unsupported,
        Err(e) => {
            tracing::debug!(error = %e, "no keychain answers");
            KeychainState::Missing
        }
    }
}

/// The entry in the login keychain.
#[cfg(target_os = "macos")]
pub(super) fn entry(service: &str, user: &str) -> keyring_core::Result<Entry> {
    use keyring_core::api::CredentialStoreApi;
    apple_native_keyring_store::keychain::Store::new()?.build(service, user, None)
}

/// The entry in the Credential Manager, kept on this machine only.
#[cfg(target_os = "windows")]
pub(super) fn entry(service: &str, user: &str) -> keyring_core::Result<Entry> {
    use keyring_core::api::CredentialStoreApi;
    let kept = std::collections::HashMap::from([("persistence", "local")]);
    windows_native_keyring_store::Store::new()?.build(service, user, Some(&kept))
}

/// No keychain is known for this system.
#[cfg(not(any(target_os = "macos", target_os = "windows")))]
pub(super) fn entry(_service: &str, _user: &str) -> keyring_core::Result<Entry> {
    Err(keyring_core::Error::NotSupportedByStore("no keychain of this system is known".to_owned()))
}
