//! One rule: what a human allowed one agent for a while, and everything that happens to it.
//!
//! The conditions of a rule and the receiver's order are the real code; the grant and the
//! receipts under it are really signed. What the node adds is a step here for each step there.

use crate::people::{NOW, Person};
use artifact::{
    Act, ArtifactId, Audience, Grant, Head, HumanKey, KeyProtection, Limits, Nonce, Object,
    Receipt, Secret, UnixMillis,
};
use consent::{
    Arrival, Bounds, Finding, Requester, Term, receive,
    rule::{self, Request},
};
use stateright::{Model, Property};
use std::collections::BTreeMap;

/// Agents.
const AGENTS: u8 = 2;
/// Crystals: the first of a line, two later versions, of which the scanner finds something in the
/// second, and one that is of no line.
const CRYSTALS: u8 = 4;
/// In this one something is found.
const FLAGGED: u8 = 2;
/// This one is of no line.
const OTHER: u8 = 3;
/// The people a request may name, as bits.
const PEOPLE: [u8; 3] = [0b01, 0b10, 0b11];
/// After a rule of any term.
const LATER: UnixMillis = NOW + artifact::grant::MAX_LIFE;

/// A guard that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// None: this is the protocol.
    Nothing,
    /// Any agent may use the rule.
    Agent,
    /// A rule of a session goes on in the next.
    Session,
    /// Nobody looks at the time.
    Time,
    /// Whom a rule was narrowed by is named all the same.
    People,
    /// Any crystal is of the line.
    Line,
    /// What the scanner found is not looked at.
    Finding,
    /// A rule that was ended keeps its key.
    Key,
    /// A rule of somebody who was told to be quiet does not rest.
    Mute,
    /// What the store says of a rule decides, whoever wrote it there.
    Row,
}

/// What an agent asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wanted {
    agent: u8,
    session: u8,
    crystal: u8,
    people: u8,
}

/// A rule: what it is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Made of an answer to this.
    shown: Wanted,
    /// Whether it holds for a session only.
    session_only: bool,
    /// Whom it may name now, and whose it is.
    people: u8,
    agent: u8,
}

/// What came of the last request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Last {
    /// Nothing, or the human was asked.
    Nothing,
    /// The rule covered it, and the receiver keeps it.
    Received,
    /// The rule covered it, and the human had not meant it.
    NotMeant,
    /// The rule covered it, and a receiver does not keep it.
    Refused,
    /// The store's row was not what was made here, and the rule ended.
    Alarm,
}

/// A state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    /// The store's row of the rule, which outlives the node.
    row: Option<Rule>,
    /// The rule that signs, in memory.
    held: Option<Rule>,
    /// The session each agent is in.
    session: [u8; AGENTS as usize],
    /// That a session is over was not heard inside yet.
    unheard: bool,
    /// Whether the rule's day has passed.
    later: bool,
    /// The agent with the rule was told to be quiet for a while.
    muted: bool,
    up: bool,
    crashed: bool,
    edited: bool,
    /// What the human means to be allowed, by what they did and saw alone.
    meant: Option<Rule>,
    last: Last,
}

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// An agent asks, and the rule is looked at: `House::covering`. What it does not cover waits
    /// for the human, and changes nothing here until they answer.
    Ask(Wanted),
    /// The human allows what was asked for a session, or for a day: `House::make_rule`.
    Allow(Wanted, bool),
    /// The human mutes the agent whose rule it is.
    Mute,
    /// The mute is over.
    Unmute,
    /// The human ends the rule, stops what it was about or shows the agent out: the key goes.
    End,
    /// That it ended is kept.
    Kept,
    /// The human takes somebody out.
    Narrow(u8),
    /// A connection ends, and the agent comes back on another.
    Reconnect(u8),
    /// That a connection ended is heard inside.
    Heard,
    /// A day passes.
    Day,
    /// The node looks at what is over.
    Tick,
    /// Another program writes a wider rule into the store.
    Edit,
    /// The machine stops.
    Crash,
    /// It starts: what was left behind ends.
    Start,
}

/// The model.
#[derive(Debug)]
pub struct Ruling {
    people: Vec<Person>,
    giver: Person,
    crystals: Vec<Vec<u8>>,
    heads: Vec<Head>,
    signer: Secret<artifact::key::Rule>,
    slip: Slip,
    /// Whether those who are named keep what comes under a rule, by what was shown and wanted.
    kept: BTreeMap<[u8; 4], bool>,
}

impl Ruling {
    /// The model with a guard left out.
    #[must_use]
    pub fn new(slip: Slip) -> Self {
        let giver = Person::new(10);
        let first = giver.crystal("the first");
        let line = ArtifactId::of(&first);
        let of_line = |title| giver.version(title, Some(line));
        let crystals =
            vec![of_line("clean"), of_line("with something in it"), giver.crystal("another")];
        let crystals: Vec<Vec<u8>> = std::iter::once(first).chain(crystals).collect();
        let heads = crystals.iter().map(|bytes| Head::of(bytes).unwrap()).collect();
        let people = vec![Person::new(20), Person::new(30)];
        let (signer, kept) = (Secret::from_seed(&[99; 32]), BTreeMap::new());
        let mut model = Self { people, crystals, heads, signer, slip, giver, kept };
        for shown in wanted(0, 0) {
            for wanted in wanted(0, 0) {
                let kept = model.is_kept(&shown, &wanted);
                model.kept.insert(pair(&shown, &wanted), kept);
            }
        }
        model
    }

    fn keys(&self, people: u8) -> Vec<HumanKey> {
        let named = self.people.iter().enumerate().filter(|(n, _)| people & (1 << n) != 0);
        let mut keys: Vec<_> = named.map(|(_, person)| person.key()).collect();
        keys.sort();
        keys
    }

    fn grant(&self, shown: &Wanted) -> Grant {
        Grant {
            v: 0,
            rule: self.signer.public(),
            act: Act::SharePrivate,
            line: rule::line_of(&self.heads[usize::from(shown.crystal)]),
            aud: Audience::Peers(self.keys(shown.people)),
            iat: NOW,
            until: LATER,
        }
    }

    /// The real conditions, over what holds in memory.
    fn covers(&self, rule: &Rule, wanted: &Wanted, now: UnixMillis) -> bool {
        let grant = self.grant(&rule.shown);
        let term = if rule.session_only { Term::Session } else { Term::Day };
        let mut bounds = Bounds {
            agent: [rule.agent; 32],
            name: String::new(),
            term,
            session: rule.shown.session.to_string(),
            peers: self.keys(rule.people),
            shown: self.heads[usize::from(rule.shown.crystal)].id,
        };
        let mut by = requester(wanted);
        let mut head = self.heads[usize::from(wanted.crystal)].clone();
        let mut findings = if wanted.crystal == FLAGGED { vec![finding()] } else { Vec::new() };
        let mut at = now;
        let all = self.keys(0b11);
        let mut peers = self.keys(wanted.people);
        match self.slip {
            Slip::Agent => by = requester(&Wanted { agent: rule.agent, ..*wanted }),
            Slip::Session => bounds.term = Term::Day,
            Slip::Time => at = NOW,
            Slip::People => (bounds.peers, peers) = (all, self.keys(rule.shown.people)),
            Slip::Line => head.supersedes = Some(grant.line),
            Slip::Finding => findings.clear(),
            _ => {}
        }
        let findings = findings.as_slice();
        let request = Request { by: &by, peers: &peers, head: &head, findings, scan_spent: false };
        bounds.cover(&grant, &request, at).is_ok()
    }

    /// Whether whoever is named keeps what comes with a receipt under the rule.
    fn is_kept(&self, shown: &Wanted, wanted: &Wanted) -> bool {
        let bytes = &self.crystals[usize::from(wanted.crystal)];
        let grant = self.grant(shown).seal(&self.giver.human).unwrap();
        let receipt = Receipt {
            v: 0,
            act: Act::SharePrivate,
            obj: Object { id: ArtifactId::of(bytes), size: bytes.len() as u64, children: None },
            aud: Audience::Peers(self.keys(wanted.people)),
            lim: Limits { until: None, reshare: false },
            iat: NOW,
            nonce: Nonce([7; 16]),
            key_protection: KeyProtection::Pin,
            grant: Some(ArtifactId::of(&grant)),
        };
        let receipt = receipt.seal_under(&self.signer).unwrap();
        let head = self.heads[usize::from(wanted.crystal)].encode().unwrap();
        let keeps = |person: &Person| {
            let arrival = Arrival {
                receipt: &receipt,
                grant: Some(&grant),
                head: &head,
                giver: &self.giver.card,
                me: &person.key(),
                now: NOW,
                revoked: &|_, _| false,
                floor: KeyProtection::File,
            };
            receive::expect(&arrival).and_then(|expected| expected.accept(bytes)).is_ok()
        };
        let mut named =
            self.people.iter().enumerate().filter(|(n, _)| wanted.people & (1 << n) != 0);
        named.all(|(_, person)| keeps(person))
    }

    fn ask(&self, state: &mut State, wanted: &Wanted) {
        let now = if state.later { LATER } else { NOW };
        let says = if self.slip == Slip::Row { state.held.and(state.row) } else { state.held };
        let is_muted = state.muted && state.row.is_some_and(|row| row.agent == wanted.agent);
        let Some(rule) = says.filter(|_| !is_muted || self.slip == Slip::Mute) else { return };
        if state.row.is_some_and(|row| row != rule) {
            (state.held, state.row, state.meant) = (None, None, None);
            state.last = Last::Alarm;
        } else if self.covers(&rule, wanted, now) {
            let is_meant = state.meant.is_some_and(|meant| meant.holds(wanted, state.later));
            state.last = match self.kept[&pair(&rule.shown, wanted)] {
                _ if !is_meant || is_muted => Last::NotMeant,
                false => Last::Refused,
                true => Last::Received,
            };
        }
    }
}

impl Rule {
    /// What a human means who allows something for a while, in words of their own: this agent,
    /// these people, this artifact as it goes on, and nothing in it that was not shown.
    fn holds(&self, wanted: &Wanted, later: bool) -> bool {
        let of_line = wanted.crystal == self.shown.crystal
            || ![OTHER, FLAGGED].contains(&wanted.crystal) && self.shown.crystal != OTHER;
        wanted.agent == self.shown.agent
            && (!self.session_only || wanted.session == self.shown.session)
            && !later
            && wanted.people & !self.people == 0
            && of_line
    }
}

impl State {
    const fn new() -> Self {
        Self {
            row: None,
            held: None,
            session: [0; AGENTS as usize],
            unheard: false,
            later: false,
            muted: false,
            up: true,
            crashed: false,
            edited: false,
            meant: None,
            last: Last::Nothing,
        }
    }

    /// The rule ends: the key first.
    fn end(&mut self, slip: Slip) {
        self.meant = None;
        if slip != Slip::Key {
            self.held = None;
        }
    }
}

impl Model for Ruling {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new()]
    }

    fn actions(&self, state: &State, out: &mut Vec<Action>) {
        if !state.up {
            return out.push(Action::Start);
        }
        for agent in 0..AGENTS {
            let session = state.session[usize::from(agent)];
            for wanted in wanted(agent, session) {
                out.push(Action::Ask(wanted));
                if state.row.is_none() {
                    out.extend(
                        [false, true].map(|session_only| Action::Allow(wanted, session_only)),
                    );
                }
            }
            if session == 0 {
                out.push(Action::Reconnect(agent));
            }
        }
        if state.row.is_some() {
            out.push(if state.muted { Action::Unmute } else { Action::Mute });
        }
        if let Some(row) = state.row {
            out.push(if state.held.is_some() { Action::End } else { Action::Kept });
            if row.people == 0b11 && state.held.is_some() {
                out.extend([Action::Narrow(0), Action::Narrow(1)]);
            }
            if !state.edited {
                out.push(Action::Edit);
            }
        }
        if state.unheard {
            out.push(Action::Heard);
        }
        if !state.later {
            out.push(Action::Day);
        } else if state.row.is_some() {
            out.push(Action::Tick);
        }
        if !state.crashed {
            out.push(Action::Crash);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = State { last: Last::Nothing, ..*last };
        match action {
            Action::Ask(wanted) => self.ask(&mut state, &wanted),
            Action::Allow(shown, session_only) => {
                // Its day begins now.
                (state.later, state.muted) = (false, false);
                let rule = Rule { shown, session_only, people: shown.people, agent: shown.agent };
                (state.row, state.held, state.meant) = (Some(rule), Some(rule), Some(rule));
            }
            Action::Mute => state.muted = true,
            Action::Unmute => state.muted = false,
            Action::End => state.end(self.slip),
            Action::Kept => state.row = None,
            Action::Narrow(peer) => {
                let fewer = |rule: &mut Rule| rule.people &= !(1 << peer);
                [&mut state.row, &mut state.held, &mut state.meant]
                    .into_iter()
                    .flatten()
                    .for_each(fewer);
            }
            Action::Reconnect(agent) => {
                state.session[usize::from(agent)] = 1;
                let of_it = |rule: Rule| rule.session_only && rule.shown.agent == agent;
                state.unheard = state.held.is_some_and(of_it);
            }
            Action::Heard => {
                state.unheard = false;
                if state.held.is_some_and(|rule| rule.session_only) && self.slip != Slip::Session {
                    state.end(self.slip);
                    state.row = None;
                }
            }
            Action::Day => state.later = true,
            Action::Tick => {
                state.end(self.slip);
                state.row = None;
            }
            Action::Edit => {
                state.edited = true;
                if let Some(row) = &mut state.row {
                    (row.people, row.agent) = (0b11, 1 - row.agent);
                }
            }
            Action::Crash => {
                state.crashed = true;
                state.up = false;
                (state.held, state.meant) = (None, None);
                state.unheard = false;
            }
            Action::Start => {
                state.up = true;
                state.row = None;
            }
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("nothing is signed that the human did not mean", |_, s: &State| {
                s.last != Last::NotMeant
            }),
            Property::always("what a rule signs is kept", |_, s: &State| s.last != Last::Refused),
            Property::sometimes("a later version goes out", |_, s: &State| {
                s.last == Last::Received
            }),
            Property::sometimes("an edit is noticed", |_, s: &State| s.last == Last::Alarm),
        ]
    }
}

/// Everything that an agent may ask for in a session.
fn wanted(agent: u8, session: u8) -> impl Iterator<Item = Wanted> {
    let of = move |crystal| PEOPLE.map(|people| Wanted { agent, session, crystal, people });
    (0..CRYSTALS).flat_map(of)
}

const fn pair(shown: &Wanted, wanted: &Wanted) -> [u8; 4] {
    [shown.crystal, shown.people, wanted.crystal, wanted.people]
}

fn finding() -> Finding {
    Finding { rule: "email".to_owned(), label: String::new(), line: 1, masked: String::new() }
}

fn requester(wanted: &Wanted) -> Requester {
    Requester::Agent {
        name: String::new(),
        key: [wanted.agent; 32],
        paired: Some(NOW),
        session: wanted.session.to_string(),
        process: Vec::new(),
        verified: false,
    }
}
