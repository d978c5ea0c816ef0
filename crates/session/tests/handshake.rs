//! Who gets in, who does not, and that each refusal has its own code.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

#[path = "people/lib.rs"]
mod people;

use artifact::TransportKey;
use people::{End, NOW, Person, acquainted, invitation, invited, run};
use session::{
    CardMessage, Code, Effect, Input, Introduce, Kept, Message, PinRefused, Role, Stage, Standing,
};

/// Runs a session and checks who refuses with what, or that nobody does.
#[track_caller]
fn check<'a>(dialler: &mut End<'a>, accepter: &mut End<'a>, expected: Option<(Role, Code)>) {
    let transcript = run(dialler, accepter, |_, _| {});
    assert_eq!(transcript.refused.as_ref().map(|(who, r)| (*who, r.code)), expected);
    if expected.is_none() {
        for end in [dialler, accepter] {
            let session = end.session.as_ref().unwrap();
            assert_eq!(session.stage(), Stage::Ready);
            assert!(session.may_speak());
        }
    }
}

fn two() -> (Person, Person) {
    (Person::new(10), Person::new(20))
}

#[test]
fn an_invited_dialler_and_its_host_pin_each_other() {
    let (north, harbour) = two();
    let (mut dialler, mut accepter) = invited(&north, &harbour);
    let transcript = run(&mut dialler, &mut accepter, |_, _| {});
    let pins: Vec<_> = transcript
        .effects
        .iter()
        .filter_map(|(who, effect)| match effect {
            Effect::Pin { card, invite } => Some((*who, card.card().human, *invite)),
            _ => None,
        })
        .collect();
    assert_eq!(
        pins,
        vec![
            (Role::Accepter, north.human.public(), Some([1; 16])),
            (Role::Dialler, harbour.human.public(), None),
        ]
    );
    let said: Vec<_> = transcript
        .frames
        .iter()
        .map(|(who, frame)| match Message::decode(frame).unwrap() {
            Message::Introduce(_) => (*who, "introduce"),
            Message::Card(_) => (*who, "card"),
            Message::Capabilities(_) => (*who, "capabilities"),
            other => panic!("unexpected {other:?}"),
        })
        .collect();
    assert_eq!(
        said,
        vec![
            (Role::Dialler, "introduce"),
            (Role::Accepter, "introduce"),
            (Role::Dialler, "card"),
            (Role::Accepter, "card"),
            (Role::Accepter, "capabilities"),
            (Role::Dialler, "capabilities"),
        ]
    );
}

#[test]
fn acquaintances_need_no_secret_and_pin_nothing() {
    let (north, harbour) = two();
    let (mut dialler, mut accepter) = acquainted(&north, &harbour);
    let transcript = run(&mut dialler, &mut accepter, |_, _| {});
    assert!(transcript.refused.is_none());
    assert!(!transcript.effects.iter().any(|(_, e)| matches!(e, Effect::Pin { .. })));
}

#[test]
fn a_used_ticket_still_works_for_one_who_is_pinned() {
    let (north, harbour) = two();
    let (mut dialler, mut accepter) = acquainted(&north, &harbour);
    dialler.invitation = Some(invitation(&harbour));
    check(&mut dialler, &mut accepter, None);
}

#[test]
fn an_invite_spent_meanwhile_lets_nobody_in() {
    let (north, harbour) = two();
    let (mut dialler, mut accepter) = invited(&north, &harbour);
    accepter.begin().unwrap();
    let hello = dialler.begin().unwrap().send.remove(0);
    let answer = accepter.hear(&hello).unwrap().send.remove(0);
    let card = dialler.hear(&answer).unwrap().send.remove(0);
    let refused = accepter.hear_and_pin(&card, Err(PinRefused::Refused)).unwrap_err();
    assert_eq!(refused.code, Code::NotInvited);
    assert_eq!(accepter.session.unwrap().stage(), Stage::Closed);
}

#[test]
fn who_is_known_by_a_newer_card_is_not_let_in_by_an_invite() {
    let (north, harbour) = two();
    let (mut dialler, mut accepter) = invited(&north, &harbour);
    accepter.begin().unwrap();
    let hello = dialler.begin().unwrap().send.remove(0);
    let answer = accepter.hear(&hello).unwrap().send.remove(0);
    let card = dialler.hear(&answer).unwrap().send.remove(0);
    let refused = accepter.hear_and_pin(&card, Err(PinRefused::CardOld)).unwrap_err();
    assert_eq!(refused.code, Code::CardOld);
    assert_eq!(accepter.session.unwrap().stage(), Stage::Closed);
}

#[test]
fn a_dialler_without_ticket_or_pin_says_nothing() {
    let (north, harbour) = two();
    for standing in [Standing::Unknown, Standing::Blocked] {
        let mut dialler = End::new(Role::Dialler, &north, &harbour, standing);
        assert_eq!(dialler.begin().unwrap_err().code, Code::NotInvited);
    }
}

#[test]
fn a_changed_human_behind_a_known_endpoint_stops_either_side() {
    let (north, harbour) = two();
    let stranger = Person::new(90).human.public();
    let (mut dialler, mut accepter) = acquainted(&north, &harbour);
    accepter.standing = Standing::Pinned { human: stranger, card_seq: 0, kept: Kept::default() };
    check(&mut dialler, &mut accepter, Some((Role::Accepter, Code::HumanChanged)));

    let (mut dialler, mut accepter) = acquainted(&north, &harbour);
    dialler.standing = Standing::Pinned { human: stranger, card_seq: 0, kept: Kept::default() };
    check(&mut dialler, &mut accepter, Some((Role::Dialler, Code::HumanChanged)));
}

#[test]
fn a_ticket_that_names_another_human_stops_the_dialler() {
    let (north, harbour) = two();
    let (mut dialler, mut accepter) = invited(&north, &harbour);
    let digest = session::human_digest(&Person::new(90).human.public());
    dialler.invitation = Some(session::Invitation { human: digest, ..invitation(&harbour) });
    check(&mut dialler, &mut accepter, Some((Role::Dialler, Code::WrongHuman)));
}

#[test]
fn cards_out_of_time_or_order_are_refused() {
    let harbour = Person::new(20);
    let over = Person::with_card(10, |card| card.exp = NOW);
    let (mut dialler, mut accepter) = acquainted(&over, &harbour);
    check(&mut dialler, &mut accepter, Some((Role::Accepter, Code::CardExpired)));

    let far = Person::with_card(10, |card| card.iat = NOW + 11 * 60 * 1000);
    let (mut dialler, mut accepter) = acquainted(&far, &harbour);
    check(&mut dialler, &mut accepter, Some((Role::Accepter, Code::CardExpired)));

    let near = Person::with_card(10, |card| card.iat = NOW + 9 * 60 * 1000);
    let (mut dialler, mut accepter) = acquainted(&near, &harbour);
    check(&mut dialler, &mut accepter, None);

    let old = Person::with_card(10, |card| card.seq = 4);
    let (mut dialler, mut accepter) = acquainted(&old, &harbour);
    check(&mut dialler, &mut accepter, Some((Role::Accepter, Code::CardOld)));
}

#[test]
fn a_card_that_names_another_endpoint_is_refused() {
    let (north, harbour) = two();
    let (mut dialler, mut accepter) = acquainted(&north, &harbour);
    accepter.remote = TransportKey::from_bytes([7; 32]);
    check(&mut dialler, &mut accepter, Some((Role::Accepter, Code::WrongEndpoint)));
}

#[test]
fn a_binding_from_another_connection_is_refused() {
    let (north, harbour) = two();
    let (mut dialler, mut accepter) = acquainted(&north, &harbour);
    dialler.exporter = [0xaa; 32];
    check(&mut dialler, &mut accepter, Some((Role::Accepter, Code::BadBinding)));

    // Its proof fits no invite on this connection, nor its binding when it knocks.
    let (mut dialler, mut accepter) = invited(&north, &harbour);
    dialler.exporter = [0xaa; 32];
    check(&mut dialler, &mut accepter, Some((Role::Accepter, Code::BadBinding)));
}

/// Changes the one card message that `who` sends.
#[track_caller]
fn check_bent_card(who: Role, bend: impl Fn(&mut CardMessage), expected: Code) {
    let (north, harbour) = two();
    let (mut dialler, mut accepter) = acquainted(&north, &harbour);
    let at = if who == Role::Dialler { 2 } else { 3 };
    let transcript = run(&mut dialler, &mut accepter, |n, frame| {
        if n == at {
            let Message::Card(mut card) = Message::decode(frame).unwrap() else { panic!("a card") };
            bend(&mut card);
            *frame = Message::Card(card).encode().unwrap();
        }
    });
    let (refuser, refusal) = transcript.refused.unwrap();
    assert_ne!(refuser, who);
    assert_eq!(refusal.code, expected);
}

#[test]
fn a_tampered_card_or_binding_is_refused() {
    for who in [Role::Dialler, Role::Accepter] {
        check_bent_card(who, |m| *m.card.last_mut().unwrap() ^= 1, Code::CardSwapped);
        check_bent_card(who, |m| m.card = Person::new(90).card, Code::CardSwapped);
        check_bent_card(who, |m| m.binding[0] ^= 1, Code::BadBinding);
    }
}

#[test]
fn a_binding_made_for_the_other_role_is_refused() {
    let (north, harbour) = two();
    let signed = session::binding_bytes(
        Role::Accepter,
        &people::EXPORTER,
        &people::digest(&north),
        &people::digest(&harbour),
    );
    let reflected = north.author.sign(&signed);
    check_bent_card(Role::Dialler, |m| m.binding = reflected, Code::BadBinding);
}

#[test]
fn an_introduced_card_that_does_not_open_is_refused() {
    let (north, harbour) = two();
    let (mut dialler, mut accepter) = acquainted(&north, &harbour);
    let junk = b"no card".to_vec();
    let transcript = run(&mut dialler, &mut accepter, |n, frame| {
        let message = match n {
            0 => Message::Introduce(Introduce {
                versions: vec![0],
                card: artifact::ArtifactId::of(&junk),
                proof: None,
            }),
            2 => Message::Card(CardMessage { card: junk.clone(), binding: [0; 64] }),
            _ => return,
        };
        *frame = message.encode().unwrap();
    });
    assert_eq!(transcript.refused.unwrap().1.code, Code::CardInvalid);
}

#[test]
fn silence_and_oversized_frames_close_in_every_state() {
    let (north, harbour) = two();
    for (input, code) in [(Input::Late, Code::Late), (Input::Oversized, Code::TooLarge)] {
        let (mut dialler, mut accepter) = acquainted(&north, &harbour);
        accepter.begin().unwrap();
        dialler.begin().unwrap();
        for end in [&mut dialler, &mut accepter] {
            assert_eq!(end.input(input).unwrap_err().code, code);
            assert_eq!(end.input(input).unwrap_err().code, code);
            assert_eq!(end.session.as_ref().unwrap().stage(), Stage::Closed);
        }
    }
}
