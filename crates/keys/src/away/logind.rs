//! What logind tells.

use super::{Away, NotSeen};
use std::{collections::HashMap, future::poll_fn, pin::Pin};
use zbus::{
    Connection, MatchRule, Message, MessageStream,
    export::futures_core::Stream as _,
    fdo::DBusProxy,
    message::Type,
    names::{BusName, OwnedUniqueName},
    zvariant::{ObjectPath, OwnedFd, OwnedObjectPath, OwnedValue, Value},
};

const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// Follows what logind tells.
#[derive(Debug)]
pub struct Presence {
    bus: Connection,
    signals: MessageStream,
    /// Who logind is on the bus: anybody may send a signal straight to us.
    owner: OwnedUniqueName,
    /// While this is open the machine waits before it sleeps.
    delay: Option<OwnedFd>,
}

impl From<zbus::Error> for NotSeen {
    fn from(error: zbus::Error) -> Self {
        Self(error.to_string())
    }
}

impl Presence {
    /// Follows from now on. Needs a runtime.
    ///
    /// # Errors
    /// When there is no system bus, or no logind on it.
    pub async fn follow() -> Result<Self, NotSeen> {
        let bus = Connection::system().await?;
        let rule = MatchRule::builder().msg_type(Type::Signal).sender(NAME)?.build();
        // Before logind is looked for: what it tells meanwhile is not missed.
        let signals = MessageStream::for_match_rule(rule, &bus, None).await?;
        let Some(owner) = owner(&bus).await? else {
            return Err(NotSeen("logind does not run".to_owned()));
        };
        let mut presence = Self { bus, signals, owner, delay: None };
        presence.hold_sleep().await;
        Ok(presence)
    }

    /// The next time that the human goes away.
    ///
    /// # Errors
    /// When the bus is gone: nothing more is seen.
    pub async fn next(&mut self) -> Result<Away, NotSeen> {
        loop {
            let next = poll_fn(|context| Pin::new(&mut self.signals).poll_next(context)).await;
            let message = next.ok_or_else(|| NotSeen("the system bus is gone".to_owned()))??;
            if self.is_logind(&message).await
                && let Some(away) = self.read(&message).await
            {
                return Ok(away);
            }
        }
    }

    /// Whether logind itself said it, which may have been started anew.
    async fn is_logind(&mut self, message: &Message) -> bool {
        let header = message.header();
        let Some(sender) = header.sender() else { return false };
        if *sender != self.owner
            && let Ok(Some(owner)) = owner(&self.bus).await
        {
            self.owner = owner;
        }
        *sender == self.owner
    }

    /// Whatever had to be done before the machine sleeps is done.
    pub fn let_sleep(&mut self) {
        self.delay = None;
    }

    /// Without the leave to hold up sleep the key is wiped all the same, a moment later.
    async fn hold_sleep(&mut self) {
        let asked = ("sleep", "TraceNet", "The key is locked first", "delay");
        let held = self.bus.call_method(Some(NAME), PATH, Some(MANAGER), "Inhibit", &asked).await;
        match held.and_then(|reply| reply.body().deserialize::<OwnedFd>()) {
            Ok(delay) => self.delay = Some(delay),
            Err(error) => tracing::debug!(%error, "sleep is not held up for the key"),
        }
    }

    async fn read(&mut self, message: &Message) -> Option<Away> {
        let header = message.header();
        let (interface, member) = (header.interface()?.as_str(), header.member()?.as_str());
        let path = header.path()?;
        match (interface, member) {
            (MANAGER, "PrepareForSleep") if message.body().deserialize().unwrap_or(true) => {
                Some(Away::Asleep)
            }
            (MANAGER, "PrepareForSleep") => {
                self.hold_sleep().await;
                None
            }
            (SESSION, "Lock") => self.of_mine(path).await,
            (PROPERTIES, "PropertiesChanged") if says_locked(message) => self.of_mine(path).await,
            _ => None,
        }
    }

    /// A lock counts when the session is this user's, or nobody can tell whose it is.
    async fn of_mine(&self, session: &ObjectPath<'_>) -> Option<Away> {
        let asked = (SESSION, "User");
        let user = self.bus.call_method(Some(NAME), session, Some(PROPERTIES), "Get", &asked).await;
        let user = user.and_then(|reply| {
            let value: OwnedValue = reply.body().deserialize()?;
            Ok(<(u32, OwnedObjectPath)>::try_from(value)?.0)
        });
        let mine = nix::unistd::geteuid().as_raw();
        user.map_or(true, |user| user == mine).then_some(Away::ScreenLocked)
    }
}

/// Who has logind's name; nobody when it does not run.
async fn owner(bus: &Connection) -> Result<Option<OwnedUniqueName>, NotSeen> {
    let names = DBusProxy::new(bus).await?;
    let name = BusName::try_from(NAME).map_err(zbus::Error::from)?;
    match names.get_name_owner(name).await {
        Ok(owner) => Ok(Some(owner)),
        Err(zbus::fdo::Error::NameHasNoOwner(_)) => Ok(None),
        Err(error) => Err(zbus::Error::from(error).into()),
    }
}

/// Whether a session tells that its screen is locked now.
fn says_locked(message: &Message) -> bool {
    type Changed = (String, HashMap<String, OwnedValue>, Vec<String>);
    let body = message.body();
    let Ok((interface, changed, _)) = body.deserialize::<Changed>() else { return false };
    let hint = changed.get("LockedHint").map(|hint| &**hint);
    interface == SESSION && matches!(hint, Some(Value::Bool(true)))
}
