//! What logind tells.

use super::{Away, NotSeen};
use std::{collections::HashMap, future::poll_fn, pin::Pin, task::Poll};
use zbus::{
    Connection, MatchRule, Message, MessageStream,
    export::futures_core::Stream as _,
    fdo::DBusProxy,
    message::Type,
    names::{BusName, OwnedUniqueName},
    zvariant::{ObjectPath, OwnedFd, OwnedObjectPath, OwnedValue, Value},
};

const BUS: &str = "org.freedesktop.DBus";
const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// Follows what logind tells.
///
/// Anybody on the bus may send signals straight to us. They must not even be queued: a full queue
/// holds up all that comes from the bus, the answers to our own calls as well. So what is listened
/// to is named by the bus's own word of who sent it, which nobody forges.
#[derive(Debug)]
pub struct Presence {
    bus: Connection,
    /// Of whoever is logind now.
    signals: MessageStream,
    /// Of the bus: who is logind from now on.
    owners: MessageStream,
    /// While this is open the machine waits before it sleeps.
    delay: Option<OwnedFd>,
}

impl From<zbus::Error> for NotSeen {
    fn from(error: zbus::Error) -> Self {
        Self(error.to_string())
    }
}

/// What came next.
enum Heard {
    Logind(Message),
    Owner(Message),
}

impl Presence {
    /// Follows from now on. Needs a runtime.
    ///
    /// # Errors
    /// When there is no system bus, or no logind on it.
    pub async fn follow() -> Result<Self, NotSeen> {
        let bus = Connection::system().await?;
        let changes = MatchRule::builder().msg_type(Type::Signal).sender(BUS)?;
        let changes = changes.interface(BUS)?.member("NameOwnerChanged")?.add_arg(NAME)?.build();
        // Before logind is looked for: one that is started meanwhile is not missed.
        let owners = MessageStream::for_match_rule(changes, &bus, None).await?;
        let Some(owner) = owner(&bus).await? else {
            return Err(NotSeen("logind does not run".to_owned()));
        };
        let signals = said_by(&bus, owner).await?;
        let mut presence = Self { bus, signals, owners, delay: None };
        presence.hold_sleep().await;
        Ok(presence)
    }

    /// The next time that the human goes away.
    ///
    /// # Errors
    /// When the bus is gone: nothing more is seen.
    pub async fn next(&mut self) -> Result<Away, NotSeen> {
        loop {
            match self.heard().await? {
                Heard::Owner(message) => self.owned_anew(&message).await?,
                Heard::Logind(message) => {
                    if let Some(away) = self.read(&message).await {
                        return Ok(away);
                    }
                }
            }
        }
    }

    async fn heard(&mut self) -> Result<Heard, NotSeen> {
        let (owners, signals) = (&mut self.owners, &mut self.signals);
        let next = poll_fn(|context| {
            if let Poll::Ready(owner) = Pin::new(&mut *owners).poll_next(context) {
                return Poll::Ready(owner.map(|message| message.map(Heard::Owner)));
            }
            let signal = Pin::new(&mut *signals).poll_next(context);
            signal.map(|signal| signal.map(|message| message.map(Heard::Logind)))
        });
        Ok(next.await.ok_or_else(|| NotSeen("the system bus is gone".to_owned()))??)
    }

    /// Logind was started anew, or has ended.
    async fn owned_anew(&mut self, message: &Message) -> Result<(), NotSeen> {
        let body = message.body();
        let Ok((_, _, new)) = body.deserialize::<(&str, &str, &str)>() else { return Ok(()) };
        if let Ok(owner) = OwnedUniqueName::try_from(new) {
            self.signals = said_by(&self.bus, owner).await?;
            self.hold_sleep().await;
        }
        Ok(())
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

/// The signals of one connection.
async fn said_by(bus: &Connection, owner: OwnedUniqueName) -> Result<MessageStream, NotSeen> {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender(owner)?.build();
    Ok(MessageStream::for_match_rule(rule, bus, None).await?)
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
