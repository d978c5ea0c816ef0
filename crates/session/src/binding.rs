//! What ties an identity to one connection: the invite proof and the card binding.
//!
//! Both are over the connection's exporter, 32 bytes of TLS keying material that both ends
//! compute and no third can: replayed on another connection they do not verify.

use crate::Role;
use artifact::{ArtifactId, HumanKey, envelope};

/// The label (RFC 5705) under which both ends export 32 bytes, with an empty context.
pub const EXPORTER_LABEL: &[u8] = b"tracenet/handshake/0";

/// The type string under which the author_key signs a binding. No envelope has this type, so
/// a binding is never an artifact's signature.
const BINDING_TYPE: &str = "application/vnd.tracenet.binding.v0";

/// BLAKE3 keyed with the ticket's invite secret over `exporter ‖ card digest`.
#[must_use]
pub fn invite_proof(secret: &[u8; 32], exporter: &[u8; 32], card: &ArtifactId) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(secret);
    hasher.update(exporter);
    hasher.update(card.as_bytes());
    *hasher.finalize().as_bytes()
}

/// Compares two proofs without telling by time where they differ.
pub(crate) fn same_proof(a: &[u8; 32], b: &[u8; 32]) -> bool {
    blake3::Hash::from_bytes(*a) == blake3::Hash::from_bytes(*b)
}

/// What the author_key signs: the DSSE pre-authentication encoding of
/// `role ‖ exporter ‖ dialler's card digest ‖ accepter's card digest`, 97 bytes, where role is
/// 0 for the dialler's binding and 1 for the accepter's.
#[must_use]
pub fn binding_bytes(
    role: Role,
    exporter: &[u8; 32],
    dialler: &ArtifactId,
    accepter: &ArtifactId,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(97);
    bytes.push(match role {
        Role::Dialler => 0,
        Role::Accepter => 1,
    });
    bytes.extend_from_slice(exporter);
    bytes.extend_from_slice(dialler.as_bytes());
    bytes.extend_from_slice(accepter.as_bytes());
    envelope::pae(BINDING_TYPE, &bytes)
}

/// BLAKE3 of a human_key: what a ticket carries in its place.
#[must_use]
pub fn human_digest(human: &HumanKey) -> [u8; 32] {
    *blake3::hash(human.as_bytes()).as_bytes()
}
