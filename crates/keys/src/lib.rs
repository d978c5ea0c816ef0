//! The keys: OS keychain, PIN wrapping, key files.
