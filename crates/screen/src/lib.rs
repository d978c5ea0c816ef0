//! Finds secrets and personal data in bytes.
