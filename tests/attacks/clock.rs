//! A clock that jumps by a year, either way: nothing goes on past its end, nothing begins again,
//! nothing is lost, and no yes counts twice.

use artifact::ArtifactId;
use consent::{Answer, AskId, Event, State, Term, Way};
use node::{Code, Given, Request};
use serde_json::json;
use town::{
    Agent, PIN, Town,
    clock::{BEGIN, DAY, SECOND},
    disk::next,
    effort, log,
};
use zeroize::Zeroizing;

const YEAR: u64 = 365 * DAY;

/// What waits or holds when the clock jumps: an ask, a rule over the line of a run, a ticket and
/// a key that is unlocked.
struct Scene {
    town: Town,
    agent: Agent,
    run: String,
    given: ArtifactId,
    waiting: ArtifactId,
    ask: AskId,
}

impl Scene {
    async fn open() -> Self {
        let town = Town::new().house_with_pin("north").house("harbour").open().await;
        town.introduce("north", "harbour").await;
        let agent = town.pair("north", "scribe").await;
        let waiting = town.import_small("north", 7).await;
        let (given, ask) = (waiting, town.share("north", &waiting, &["harbour"]).await);
        let mut scene = Self { town, agent, run: log::small(1), given, waiting, ask };
        scene.given = scene.goes_on("").await;
        let asked = scene.asks(&scene.given.clone()).await;
        scene.allows(asked, Term::Day, PIN).await.unwrap();
        scene.town.wait_for_crystal("harbour", &scene.given).await;
        scene.town.ticket("north").await;
        assert_eq!((scene.rules(), scene.invites()), (1, 1));
        scene
    }

    /// The agent's run goes on, and its log is read again.
    async fn goes_on(&mut self, more: &str) -> ArtifactId {
        self.run.push_str(more);
        let path = self.town.ground().join("run.jsonl");
        std::fs::write(&path, &self.run).unwrap();
        self.town.import("north", &path).await
    }

    /// The agent asks to share a crystal with harbour.
    async fn asks(&mut self, id: &ArtifactId) -> AskId {
        let share = json!({ "id": id.to_string(), "audience": ["harbour"] });
        let said = self.agent.call("request_share", share).await;
        assert!(!said.refused, "{said:?}");
        said.body["ask"].as_str().unwrap().parse().unwrap()
    }

    /// The human says yes in the consent window.
    async fn allows(&self, ask: AskId, term: Term, pin: &str) -> Result<(), node::Fault> {
        let (node, pin) = (self.town.node("north"), Zeroizing::new(pin.to_owned()));
        let code = node.prompt(&ask)?.0.code;
        let plain = Given::plain(ask, Answer::Allow, Way::ConsentWindow, code, pin);
        node.answer(Given { term, ..plain }).await.map(drop)
    }

    async fn ticks(&self) {
        for house in ["north", "harbour"] {
            self.town.node(house).tick().await.unwrap();
        }
    }

    /// The PIN is asked for again.
    async fn is_locked(&self) {
        let ticket = self.town.ask("north", Request::Ticket).await.unwrap();
        let refused = self.allows(ticket, Term::Once, "").await.unwrap_err();
        assert_eq!(refused.code, Code::PinNeeded, "{refused}");
        self.town.deny("north", ticket).await;
    }

    fn rules(&self) -> usize {
        self.town.node("north").look().unwrap().rules().unwrap().len()
    }

    fn invites(&self) -> usize {
        self.town.node("north").toward_peers().invites().len()
    }

    fn receipts(&self) -> usize {
        self.town.node("north").look().unwrap().receipts().unwrap().len()
    }

    /// Why rules and the unlocked key ended.
    fn ends(&self) -> Vec<String> {
        let why = |event| match event {
            Event::RuleEnded { why, .. } | Event::KeyLocked { why } => Some(why),
            _ => None,
        };
        self.town.journal("north").into_iter().filter_map(|entry| why(entry.event)).collect()
    }

    /// What was asked for before the jump never left.
    fn nothing_left_of_what_waited(&self) {
        assert!(self.town.left("north", &self.waiting).is_nothing());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_a_year_ahead_ends_what_has_an_end_and_loses_nothing() {
    let mut scene = Scene::open().await;
    let later = scene.goes_on(&log::more(1, "and do the same for the pier", 10)).await;
    let receipts = scene.receipts();
    scene.town.clock.pass(YEAR);
    // Before any tick: what had an end is over at the first look.
    let outside = scene.asks(&later).await;
    assert_eq!(scene.town.state("north", &outside), State::Pending {}, "the rule is over");
    assert_eq!(scene.invites(), 0, "the ticket is over");
    scene.is_locked().await;
    let expired = scene.allows(scene.ask, Term::Once, PIN).await.unwrap_err();
    assert_eq!(expired.code, Code::NotNow, "{expired}");
    scene.ticks().await;
    assert!(matches!(scene.town.state("north", &scene.ask), State::Expired { .. }));
    assert_eq!(scene.rules(), 0);
    assert_eq!(scene.ends(), ["over", "over"], "the key and the rule");
    assert_eq!(scene.receipts(), receipts);
    scene.nothing_left_of_what_waited();

    // Set right again: what is over stays over.
    scene.town.clock.set(BEGIN + SECOND);
    scene.ticks().await;
    assert!(matches!(scene.town.state("north", &scene.ask), State::Expired { .. }));
    assert!(scene.allows(scene.ask, Term::Once, PIN).await.is_err(), "silence was no");
    assert_eq!((scene.rules(), scene.receipts()), (0, receipts));
    let asked = scene.asks(&later).await;
    assert_eq!(scene.town.state("north", &asked), State::Pending {});
    scene.nothing_left_of_what_waited();
    // And nothing was lost: who was known is known, and may be given to as before.
    scene.allows(asked, Term::Once, PIN).await.unwrap();
    scene.town.wait_for_crystal("harbour", &later).await;
    scene.town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_a_year_behind_lengthens_nothing_and_loses_nothing() {
    let mut scene = Scene::open().await;
    let later = scene.goes_on(&log::more(1, "and do the same for the pier", 10)).await;
    let receipts = scene.receipts();
    scene.town.clock.set(BEGIN - YEAR);
    let outside = scene.asks(&later).await;
    assert_eq!(scene.town.state("north", &outside), State::Pending {}, "the rule is not yet");
    scene.is_locked().await;
    scene.ticks().await;
    assert_eq!(scene.ends(), ["clock-set-back"]);
    assert_eq!(scene.town.state("north", &scene.ask), State::Pending {}, "it was not answered");
    assert_eq!(scene.receipts(), receipts);
    scene.nothing_left_of_what_waited();

    // A start at that time finds everything, and set right again all is as it was.
    scene.town.stop("north").await;
    scene.town.start("north").await;
    scene.town.clock.set(BEGIN + SECOND);
    scene.ticks().await;
    scene.town.wait_for_link("north", "harbour").await;
    assert_eq!((scene.rules(), scene.invites()), (0, 1), "rules end with the node");
    assert_eq!(scene.receipts(), receipts);
    scene.allows(scene.ask, Term::Once, PIN).await.unwrap();
    scene.town.wait_for_crystal("harbour", &scene.waiting).await;
    let again = scene.allows(scene.ask, Term::Once, PIN).await.unwrap_err();
    assert_eq!(again.code, Code::NotNow, "one yes, one receipt: {again}");
    assert_eq!(scene.receipts(), receipts + 1);
    scene.town.close().await;
}

/// However it jumps: only while a rule's own day is on is anything given under it.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_about_gives_nothing_outside_a_rules_day() {
    let jumps = effort::times(40, 1_000);
    let mut scene = Scene::open().await;
    let given = scene.given;
    let (mut dice, mut made, mut within) = (11, BEGIN, 0);
    let anywhen = |dice: &mut u64| BEGIN - YEAR + next(dice) % (2 * YEAR);
    for n in 1..=jumps {
        if scene.rules() == 0 {
            made = anywhen(&mut dice);
            scene.town.clock.set(made);
            let asked = scene.asks(&given).await;
            scene.allows(asked, Term::Day, PIN).await.unwrap();
        }
        let then = match next(&mut dice) % 2 {
            0 => made + next(&mut dice) % DAY,
            _ => anywhen(&mut dice),
        };
        scene.town.clock.set(then);
        let (before, holds) = (scene.receipts(), (made..made + DAY).contains(&then));
        let asked = scene.asks(&given).await;
        let state = scene.town.state("north", &asked);
        assert_eq!(matches!(state, State::Allowed { .. }), holds, "jump {n} to {then}: {state:?}");
        assert_eq!(scene.receipts(), before + usize::from(holds), "jump {n} to {then}");
        within += usize::from(holds);
        if !holds {
            scene.agent.call("withdraw", json!({ "id": asked.to_string() })).await;
        }
        if n % 10 == 0 {
            scene.ticks().await;
        }
    }
    assert!((jumps / 4..jumps).contains(&within), "{within} of {jumps} within the rule's day");
    effort::reached(&format!("{jumps} jumps of the clock within a year either way"));
    scene.town.close().await;
}
