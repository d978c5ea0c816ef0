//! What was given ends: in the main window without a key, signed in the consent window, and the
//! neighbour learns it.

use crate::{
    app::{Driven, built, until},
    hands::{ASKS, MAIN},
    scene,
    session::{Keychain, Session},
};
use wire::{Query, View};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_given_is_ended_and_the_ending_signed() {
    if built().is_none() {
        return;
    }
    let session = Session::start(Keychain::Unlocked);
    let app = Driven::start(&session).await;
    let page = app.page();
    scene::first_start(&session, &app).await;
    let mut node = app.node().await;
    let crystal = scene::crystal(&session, &mut node).await;
    let harbour = scene::neighbour(&session, &app, &mut node).await;
    let (ask, _) = scene::share(&mut node, &crystal).await;
    page.consent(&ask).await;
    scene::allow(&session, page).await;
    harbour.receives(&crystal.id).await;
    session.window_gone(ASKS).await;

    // Who holds it stands beside it, and what its end would come to is said before it ends.
    page.main().await;
    session.focus(MAIN).await;
    page.evaluate(&format!("location.hash = '#/memory/{}'", crystal.id)).await.unwrap();
    page.shows("has it and signed for it").await;
    session.picture("holders");
    page.click("button[aria-label^='Revoke: ']").await;
    page.shows("1 receipt to 1 person ends.").await;
    page.shows("cannot be recalled").await;
    page.type_into(".dialog-box input", "it named a customer").await;
    session.picture("revoke");
    page.click(".dialog-box button.danger").await;
    page.shows("1 ending waits for your signature").await;
    session.picture("ended");
    let receipts =
        Query::Receipts { artifact: crystal.id.clone(), peer: String::new(), offset: 0, limit: 10 };
    let View::Receipts(given) = node.view(receipts).await else { panic!("no receipts") };
    assert_eq!((given.unsigned, given.rows[0].state.as_str()), (1, "stopped"));
    assert_eq!(harbour.given().await[0].withdrawn, 0);

    // It is signed where everything is signed.
    let mut notices = node.notices().await;
    page.click("[data-go=sign]").await;
    let ask = until("the ask for a signature", async || match node.view(Query::Asks {}).await {
        View::Asks(asks) => asks.pending.first().map(|row| row.id.clone()),
        _ => None,
    })
    .await;
    page.consent(&ask).await;
    session.picture("sign-endings");
    scene::allow(&session, page).await;
    assert_eq!(notices.settled(&ask).await, "allowed");
    until("the neighbour learns the end", async || {
        (harbour.given().await[0].withdrawn > 0).then_some(())
    })
    .await;
    page.main().await;
    page.shows("ended").await;
    harbour.stop().await;
}
