//! The session itself: who may say what when, and what follows.
//!
//! The dialler introduces first and shows its card first. The accepter tells a stranger to show
//! who it is and to wait, and nothing of its own. A session that refuses is closed for good.

use crate::{
    Capabilities, CardMessage, Channel, Close, Code, Effect, Facts, Input, Introduce, Invite,
    InviteId, Kept, Message, PinRefused, Refusal, Role, Stage, Standing, Step, VERSIONS, Wait,
    binding,
};
use artifact::{ArtifactId, CanonError, EnvelopeError};
use consent::{CLOCK_SKEW, Party, VerifiedCard};
use serde_bytes::ByteArray;

/// Stands for the accepter's card where it is not told.
const NOBODY: ArtifactId = ArtifactId::from_bytes([0; 32]);

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Dialled,
    Accepted,
    Inbox { theirs: ArtifactId },
    Knocking,
    Introduced { theirs: ArtifactId, invite: Option<InviteId> },
    Pinning { card: VerifiedCard },
    Ready { card: VerifiedCard, speaks: bool },
    Closed,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    state: State,
    mine: ArtifactId,
    versions: &'static [u64],
    agreed: Option<u64>,
}

impl Session {
    /// Begins a session. A dialler's first frame is the returned one.
    ///
    /// # Errors
    /// A dialler that holds no ticket and has not pinned the other, or has blocked it.
    pub fn begin(facts: &Facts<'_>) -> Result<(Self, Step), Refusal> {
        Self::speaking(VERSIONS, facts)
    }

    /// Begins a session between builds that speak these versions, ascending.
    ///
    /// # Errors
    /// As [`Session::begin`].
    pub fn speaking(versions: &'static [u64], facts: &Facts<'_>) -> Result<(Self, Step), Refusal> {
        let mine = ArtifactId::of(facts.card);
        let begun = |state| Self { state, mine, versions, agreed: None };
        if facts.role == Role::Accepter {
            return Ok((begun(State::Accepted), Step::default()));
        }
        let may = match facts.standing {
            Standing::Blocked => false,
            Standing::Unknown => facts.invitation.is_some(),
            Standing::Pinned { .. } => true,
        };
        if !may {
            return Err(refusal(Code::NotInvited));
        }
        let proof = facts
            .invitation
            .map(|it| ByteArray::new(binding::invite_proof(&it.secret, facts.exporter, &mine)));
        let hello =
            Message::Introduce(Introduce { versions: versions.to_vec(), card: mine, proof });
        let send = vec![frame(&hello)?];
        Ok((begun(State::Dialled), Step { send, effects: Vec::new() }))
    }

    /// The version that both ends speak, once both are introduced: the highest in common.
    #[must_use]
    pub const fn version(&self) -> Option<u64> {
        self.agreed
    }

    /// Where the session stands.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        match self.state {
            State::Dialled => Stage::Dialled,
            State::Accepted => Stage::Accepted,
            State::Inbox { .. } => Stage::Inbox,
            State::Knocking => Stage::Knocking,
            State::Introduced { .. } => Stage::Introduced,
            State::Pinning { .. } => Stage::Pinning,
            State::Ready { .. } => Stage::Ready,
            State::Closed => Stage::Closed,
        }
    }

    /// Whether the other's capabilities came, so that other ALPNs may be dialled.
    #[must_use]
    pub const fn may_speak(&self) -> bool {
        matches!(self.state, State::Ready { speaks: true, .. })
    }

    /// The other's card, once it is proven.
    #[must_use]
    pub const fn card(&self) -> Option<&VerifiedCard> {
        match &self.state {
            State::Ready { card, .. } => Some(card),
            _ => None,
        }
    }

    /// Takes one input.
    ///
    /// # Errors
    /// When the session is closed by this side; every later input is refused too.
    pub fn step(&mut self, facts: &Facts<'_>, input: Input<'_>) -> Result<Step, Refusal> {
        let state = std::mem::replace(&mut self.state, State::Closed);
        let (state, step) = self.next(state, facts, input).map_err(refusal)?;
        self.state = state;
        Ok(step)
    }

    fn next(
        &mut self,
        state: State,
        facts: &Facts<'_>,
        input: Input<'_>,
    ) -> Result<(State, Step), Code> {
        let (channel, bytes) = match input {
            Input::Late => return Err(Code::Late),
            Input::Oversized => return Err(Code::TooLarge),
            Input::Pinned(answer) => return self.pinned(state, facts, answer),
            Input::Frame(channel, bytes) => (channel, bytes),
        };
        let message = Message::decode(bytes).map_err(|e| match e {
            CanonError::TooLarge { .. } => Code::TooLarge,
            _ => Code::Malformed,
        })?;
        match (channel, state, message) {
            (_, State::Closed, _) => Err(Code::OutOfOrder),
            (Channel::Control, _, Message::Close(close)) => {
                Ok((State::Closed, effect(Effect::Closed(Code::from_word(&close.code)))))
            }
            (Channel::Control, State::Accepted, Message::Introduce(theirs)) => {
                self.admit(facts, &theirs)
            }
            (Channel::Control, State::Dialled, Message::Introduce(theirs)) => {
                self.answered(facts, &theirs)
            }
            (Channel::Control, State::Dialled, Message::Wait(_)) => {
                let send = vec![self.show(facts, NOBODY, Message::Knock)?];
                Ok((State::Knocking, Step { send, effects: Vec::new() }))
            }
            (Channel::Control, State::Inbox { theirs }, Message::Knock(shown)) => {
                Self::knocked(facts, theirs, &shown)
            }
            (Channel::Control, State::Introduced { theirs, invite }, Message::Card(shown)) => {
                let card = self.prove(facts, theirs, &shown)?;
                self.proven(facts, card, invite)
            }
            (
                Channel::Control,
                State::Ready { card, speaks: false },
                Message::Capabilities(capabilities),
            ) => Ok((State::Ready { card, speaks: true }, effect(Effect::Speak(capabilities)))),
            (Channel::Control, state @ State::Ready { speaks: true, .. }, Message::Ping(_)) => {
                Ok((state, Step::default()))
            }
            (channel, state @ State::Ready { speaks: true, .. }, message) => {
                let effect = ready(channel, message).ok_or(Code::OutOfOrder)?;
                Ok((state, self::effect(effect)))
            }
            _ => Err(Code::OutOfOrder),
        }
    }

    /// The accepter's answer to the dialler's introduction: the only place where a stranger is
    /// told anything, and it is one code.
    fn admit(&mut self, facts: &Facts<'_>, theirs: &Introduce) -> Result<(State, Step), Code> {
        self.agreed = Some(common(self.versions, &theirs.versions).ok_or(Code::Unsupported)?);
        let invite = theirs.proof.as_ref().and_then(|proof| {
            let live = facts.invites.iter().filter(|invite| facts.now < invite.expires);
            let proves = |invite: &&Invite| {
                let expected = binding::invite_proof(&invite.secret, facts.exporter, &theirs.card);
                binding::same_proof(&expected, proof)
            };
            live.filter(proves).map(|invite| invite.id).next()
        });
        match facts.standing {
            Standing::Pinned { .. } => {}
            Standing::Unknown if invite.is_some() => {}
            Standing::Unknown | Standing::Blocked => {
                let send = vec![frame(&Message::Wait(Wait {})).map_err(|r| r.code)?];
                let state = State::Inbox { theirs: theirs.card };
                return Ok((state, Step { send, effects: Vec::new() }));
            }
        }
        let versions = self.versions.to_vec();
        let hello = Message::Introduce(Introduce { versions, card: self.mine, proof: None });
        let send = vec![frame(&hello).map_err(|r| r.code)?];
        let state = State::Introduced { theirs: theirs.card, invite };
        Ok((state, Step { send, effects: Vec::new() }))
    }

    /// The dialler's next word once the accepter has introduced itself: its own card.
    fn answered(&mut self, facts: &Facts<'_>, theirs: &Introduce) -> Result<(State, Step), Code> {
        self.agreed = Some(common(self.versions, &theirs.versions).ok_or(Code::Unsupported)?);
        if theirs.proof.is_some() {
            return Err(Code::OutOfOrder);
        }
        let send = vec![self.show(facts, theirs.card, Message::Card)?];
        let state = State::Introduced { theirs: theirs.card, invite: None };
        Ok((state, Step { send, effects: Vec::new() }))
    }

    /// My card, bound to this connection and to the other's card.
    fn show(
        &self,
        facts: &Facts<'_>,
        theirs: ArtifactId,
        message: fn(CardMessage) -> Message,
    ) -> Result<Vec<u8>, Code> {
        let signed = bound(facts, facts.role, theirs, self.mine);
        let shown = CardMessage { card: facts.card.to_vec(), binding: (facts.sign)(&signed) };
        frame(&message(shown)).map_err(|r| r.code)
    }

    /// A stranger has shown who it is: noted unless it is shut out, and told to wait either way,
    /// in the same bytes.
    fn knocked(
        facts: &Facts<'_>,
        introduced: ArtifactId,
        shown: &CardMessage,
    ) -> Result<(State, Step), Code> {
        let signed = bound(facts, facts.role.other(), introduced, NOBODY);
        let card = open_card(facts, introduced, shown, &signed)?;
        let shut_out = facts.standing == Standing::Blocked || (facts.blocked)(&card.card().human);
        if shut_out {
            return Err(Code::Waiting);
        }
        let send = vec![refusal(Code::Waiting).say];
        Ok((State::Closed, Step { send, effects: vec![Effect::Knocked(card)] }))
    }

    /// Every check of the other's card, in one fixed order.
    fn prove(
        &self,
        facts: &Facts<'_>,
        introduced: ArtifactId,
        shown: &CardMessage,
    ) -> Result<VerifiedCard, Code> {
        let signed = bound(facts, facts.role.other(), introduced, self.mine);
        let card = open_card(facts, introduced, shown, &signed)?;
        let keys = card.card();
        match facts.standing {
            Standing::Pinned { human, .. } if human != keys.human => {
                return Err(Code::HumanChanged);
            }
            Standing::Pinned { card_seq, .. } if keys.seq < card_seq => return Err(Code::CardOld),
            Standing::Blocked => return Err(Code::Waiting),
            Standing::Pinned { .. } | Standing::Unknown => {}
        }
        if (facts.blocked)(&keys.human) {
            return Err(Code::Waiting);
        }
        let ticket = facts.invitation.filter(|_| facts.role == Role::Dialler);
        if ticket.is_some_and(|it| it.human != binding::human_digest(&keys.human)) {
            return Err(Code::WrongHuman);
        }
        Ok(card)
    }

    /// The card holds: pins first where this connection is to pin, else opens at once.
    fn proven(
        &self,
        facts: &Facts<'_>,
        card: VerifiedCard,
        invite: Option<InviteId>,
    ) -> Result<(State, Step), Code> {
        let by_ticket = facts.role == Role::Dialler && facts.invitation.is_some();
        if invite.is_some() || by_ticket {
            let pin = Effect::Pin { card: card.clone(), invite };
            return Ok((State::Pinning { card }, effect(pin)));
        }
        // Forgotten between the introduction and the card: nothing is left to let it in.
        match facts.standing {
            Standing::Pinned { .. } => self.open(facts, card),
            Standing::Unknown | Standing::Blocked => Err(Code::Waiting),
        }
    }

    fn pinned(
        &self,
        state: State,
        facts: &Facts<'_>,
        answer: Result<(), PinRefused>,
    ) -> Result<(State, Step), Code> {
        let State::Pinning { card } = state else { return Err(Code::OutOfOrder) };
        match answer {
            Ok(()) => self.open(facts, card),
            Err(PinRefused::Refused) => Err(Code::NotInvited),
            Err(PinRefused::CardOld) => Err(Code::CardOld),
            Err(PinRefused::Broken) => Err(Code::Broken),
        }
    }

    /// The other is proven. The accepter now shows its card; the dialler's is already there.
    fn open(&self, facts: &Facts<'_>, card: VerifiedCard) -> Result<(State, Step), Code> {
        let mut send = Vec::new();
        if facts.role == Role::Accepter {
            send.push(self.show(facts, card.id(), Message::Card)?);
        }
        let kept = match facts.standing {
            Standing::Pinned { kept, .. } => kept,
            Standing::Unknown | Standing::Blocked => Kept::default(),
        };
        let capabilities =
            Message::Capabilities(Capabilities { kept, ..facts.capabilities.clone() });
        send.push(frame(&capabilities).map_err(|r| r.code)?);
        let party = Party { human: card.card().human, transport: facts.remote };
        let step = Step { send, effects: vec![Effect::Open(party)] };
        Ok((State::Ready { card, speaks: false }, step))
    }
}

/// The highest version in common, if there is one.
fn common(mine: &[u64], theirs: &[u64]) -> Option<u64> {
    mine.iter().copied().filter(|version| theirs.contains(version)).max()
}

/// The bytes that the binding of `role` signs on this connection. `mine` is [`NOBODY`] where
/// the other end was not told my card.
fn bound(facts: &Facts<'_>, role: Role, theirs: ArtifactId, mine: ArtifactId) -> Vec<u8> {
    let (dialler, accepter) = match facts.role {
        Role::Dialler => (mine, theirs),
        Role::Accepter => (theirs, mine),
    };
    binding::binding_bytes(role, facts.exporter, &dialler, &accepter)
}

/// The parts of every proof of a card that do not depend on who is known.
fn open_card(
    facts: &Facts<'_>,
    introduced: ArtifactId,
    shown: &CardMessage,
    signed: &[u8],
) -> Result<VerifiedCard, Code> {
    if ArtifactId::of(&shown.card) != introduced {
        return Err(Code::CardSwapped);
    }
    let card = VerifiedCard::open(&shown.card).map_err(|e| match e {
        // Newer, and no malice.
        EnvelopeError::UnsupportedVersion(_) => Code::Unsupported,
        _ => Code::CardInvalid,
    })?;
    let keys = card.card();
    if keys.transport != facts.remote {
        return Err(Code::WrongEndpoint);
    }
    let begun = keys.iat <= facts.now.saturating_add(CLOCK_SKEW);
    if !begun || keys.exp <= facts.now {
        return Err(Code::CardExpired);
    }
    if !keys.author.verifies(signed, &shown.binding) {
        return Err(Code::BadBinding);
    }
    Ok(card)
}

/// What may be said once both sides are Ready, by channel.
fn ready(channel: Channel, message: Message) -> Option<Effect> {
    match (channel, message) {
        (Channel::Control, Message::Revocations(m)) => Some(Effect::Revocations(m.list)),
        (Channel::Crystal, Message::Heads(m)) => Some(Effect::Heads(m.offers)),
        (Channel::Crystal, Message::Want(m)) => Some(Effect::Want(m.id)),
        (Channel::Crystal, Message::Decline(m)) => Some(Effect::Decline(m.id, m.why)),
        (Channel::Settle, Message::Delivery(m)) => Some(Effect::Delivery(m.envelope)),
        (Channel::Settle, Message::Countersign(m)) => Some(Effect::Countersign(m.envelope)),
        (Channel::Settle, Message::Diverged(m)) => Some(Effect::Diverged(m)),
        _ => None,
    }
}

fn effect(effect: Effect) -> Step {
    Step { send: Vec::new(), effects: vec![effect] }
}

/// A message this side made and cannot encode is this side's failure.
fn frame(message: &Message) -> Result<Vec<u8>, Refusal> {
    message.encode().map_err(|_| refusal(Code::Broken))
}

fn refusal(code: Code) -> Refusal {
    let close = Message::Close(Close { code: code.word().to_owned() });
    Refusal { code, say: close.encode().unwrap_or_default() }
}
