//! Linux: the Secret Service on the session bus
//! (<https://specifications.freedesktop.org/secret-service/latest/>).
//!
//! Looks before it touches: the default collection's `Locked` property, and whether the entry
//! itself lies in a locked collection. It asks the bus to start a keychain that is installed
//! and not running, and never asks the keychain to unlock anything.

use super::{ANSWER_LIMIT, KeychainState};
use keyring_core::{Entry, api::CredentialStoreApi};
use std::collections::HashMap;
use zbus::{
    blocking::{Connection, connection},
    zvariant::{OwnedObjectPath, OwnedValue},
};

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// What can be done with the keychain, and with the entry (service, user) if one is named.
pub(super) fn state(entry: Option<(&str, &str)>) -> KeychainState {
    let bus = connection::Builder::session()
        .and_then(|builder| builder.method_timeout(ANSWER_LIMIT).build());
    let bus = match bus {
        Ok(bus) => bus,
        Err(e) => {
            tracing::debug!(error = %e, "no session bus");
            return KeychainState::Unsupported;
        }
    };
    match look(&bus, entry) {
        Ok(state) => state,
        // Busy behind a prompt of somebody else's, most likely.
        Err(zbus::Error::InputOutput(e)) if e.kind() == std::io::ErrorKind::TimedOut => {
            KeychainState::Locked
        }
        Err(e) => {
            tracing::debug!(error = %e, "no keychain answers");
            KeychainState::Missing
        }
    }
}

fn look(bus: &Connection, entry: Option<(&str, &str)>) -> zbus::Result<KeychainState> {
    let reply = bus.call_method(Some(NAME), PATH, Some(SERVICE), "ReadAlias", &"default")?;
    let keyring: OwnedObjectPath = reply.body().deserialize()?;
    if keyring.as_str() == "/" {
        return Ok(KeychainState::Missing);
    }
    let asked = (COLLECTION, "Locked");
    let reply = bus.call_method(Some(NAME), &keyring, Some(PROPERTIES), "Get", &asked)?;
    if bool::try_from(reply.body().deserialize::<OwnedValue>()?)? {
        return Ok(KeychainState::Locked);
    }
    if let Some((service, user)) = entry {
        let attributes = HashMap::from([("service", service), ("username", user)]);
        let reply =
            bus.call_method(Some(NAME), PATH, Some(SERVICE), "SearchItems", &(attributes,))?;
        let (_, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
            reply.body().deserialize()?;
        if !locked.is_empty() {
            return Ok(KeychainState::Locked);
        }
    }
    Ok(KeychainState::Ready)
}

/// The entry, over a connection of its own: one that hangs must not hold the next call.
pub(super) fn entry(service: &str, user: &str) -> keyring_core::Result<Entry> {
    zbus_secret_service_keyring_store::Store::new()?.build(service, user, None)
}
