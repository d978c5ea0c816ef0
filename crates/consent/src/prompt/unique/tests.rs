//! When a public share is warned of, and in which words.

use super::*;
use crate::{
    Wish,
    prompt::tests::{north, shown_beside},
    tests::{ada, ask, bo, object, the_human},
};

fn alike(others: u64, alike: u64, own: u64) -> Alike {
    let family = ["error:E0502", "tool:cargo"].map(str::to_owned).to_vec();
    Alike { family, others, alike, own }
}

#[track_caller]
fn check(of: &Alike, want: &str) {
    assert_eq!(of.warning().unwrap_or_default(), want);
}

#[test]
fn a_combination_is_rare_below_25_and_unique_where_nobody_has_it() {
    let what = "What it is about: error:E0502 · tool:cargo.";
    check(
        &alike(24, 0, 0),
        &format!(
            "{what} There is not enough here to tell whether this combination is unique to you: \
             24 crystals of others. Nothing else of yours has it."
        ),
    );
    check(
        &alike(25, 0, 1),
        &format!(
            "{what} This combination is unique to you: none of 25 crystals of others here has it. \
             Who knows your work may know you by it. One more of yours has it: whoever has both \
             sees that they are by one."
        ),
    );
    check(
        &alike(900, 24, 3),
        &format!(
            "{what} This combination is rare: 24 of 900 crystals of others here have it. 3 more of \
             yours have it: whoever has them sees that they are by one."
        ),
    );
    check(&alike(900, 25, 0), "");
    check(&Alike { family: Vec::new(), ..alike(900, 0, 0) }, "");
    let unique = [alike(24, 0, 0), alike(25, 0, 9), alike(25, 1, 0)].map(|one| one.is_unique());
    assert_eq!(unique, [false, true, false]);
}

#[test]
fn only_what_would_be_public_is_warned_of() {
    let bytes = ada().crystal("Fix");
    let (public, unique) = (Wish::SharePublic { object: object(&bytes) }, alike(25, 0, 0));
    let warned = |wish: &Wish, beside: Option<&Alike>| {
        let ask = ask(the_human(), wish.clone(), "");
        shown_beside(&ask, &bytes, &[north()], beside).warnings
    };
    assert_eq!(warned(&public, Some(&unique)).get(1), unique.warning().as_ref());
    let uncounted = "How many others share what it is about could not be counted.";
    assert_eq!(warned(&public, None).get(1).map(String::as_str), Some(uncounted));
    let private = Wish::SharePrivate { object: object(&bytes), peers: vec![bo().key()] };
    assert_eq!(warned(&private, Some(&unique)), ["Copies already received cannot be recalled."]);
}
