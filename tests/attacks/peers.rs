//! A thousand endpoints that nobody knows, each with a way of its own to mean harm, at a node in a
//! process of its own: none of them brings a prompt up, what is kept of them and what is held in
//! memory stay within bounds, and who is known is served meanwhile.

use crate::{
    neighbour::Neighbour,
    rig::Machine,
    watched::{Watched, waiting},
};
use artifact::ArtifactId;
use n0_future::{BufferedStreamExt, StreamExt, stream};
use peer::{CRYSTAL_ALPN, HANDSHAKE_ALPN, PACKET_ALPN, SETTLE_ALPN};
use town::{
    child::now,
    effort,
    puppet::{Person, Puppet, Stranger, Way},
};

/// What the node may take more than before, in kB.
const ROOM: u64 = 128 << 10;
/// Strangers who wait to be accepted, at the most.
const INBOX: usize = 64;
/// Lines of refusals of strangers in one minute, with the one that counts the rest.
const LINES: u64 = 61;
/// Strangers who come at once: more than have a place.
const AT_ONCE: usize = 40;

/// A node, somebody whom it knows and has given a crystal to, and the way to it.
async fn scene(machine: &Machine) -> (Puppet, ArtifactId, Way) {
    let crystal = machine.remember(1);
    let Neighbour { human, puppet, way } = Neighbour::of(machine).await;
    let ask = machine.json(&["share", &crystal, "--to", &human.to_string()]);
    machine.allow(ask["ask"].as_str().unwrap());
    (puppet, crystal.parse().unwrap(), way)
}

/// What stranger number `n` does; whether it came as far as to say it.
async fn does_harm(n: u32, way: &Way) -> bool {
    let stranger = Stranger::new(Person::one_of_many(n, now()).identity(), way).await;
    let said = says(&stranger, n).await.is_some();
    stranger.leave().await;
    said
}

async fn says(stranger: &Stranger, n: u32) -> Option<()> {
    let noise: Vec<u8> =
        (0..16 << 10).map(|at: u32| at.wrapping_mul(n | 1).to_be_bytes()[1]).collect();
    let beside = [PACKET_ALPN, CRYSTAL_ALPN, SETTLE_ALPN];
    match n % 7 {
        0 => stranger.knocks(&stranger.connects(HANDSHAKE_ALPN).await?).await,
        1 => stranger.provokes(HANDSHAKE_ALPN, &noise).await,
        // The longest frame that can be announced, and half of a short one.
        2 => stranger.provokes(HANDSHAKE_ALPN, &[&[0xff; 4], &noise[..]].concat()).await,
        3 => stranger.provokes(HANDSHAKE_ALPN, &[0, 0, 1]).await,
        // What only who is known may open.
        4 => stranger.provokes(beside[n as usize / 7 % beside.len()], &noise).await,
        // Many streams, and a word on each.
        5 => {
            let conn = stranger.connects(HANDSHAKE_ALPN).await?;
            for _ in 0..8 {
                stranger.says(&conn, &noise[..64]).await?;
            }
            conn.closed().await;
            Some(())
        }
        // Again and again.
        _ => {
            for _ in 0..4 {
                stranger.knocks(&stranger.connects(HANDSHAKE_ALPN).await?).await?;
            }
            Some(())
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_hostile_peers_bring_no_prompt_and_take_bounded_memory() {
    let Some(mut machine) = Machine::running() else { return };
    let peers = u32::try_from(effort::times(60, 1_000)).unwrap();
    let (harbour, crystal, way) = scene(&machine).await;
    let bytes = harbour.fetches(&crystal).await.unwrap();
    let watched = Watched::begin(&machine);
    let flood = async {
        let each = stream::iter(0..peers).map(|n| does_harm(n, &way)).buffered_unordered(AT_ONCE);
        each.filter(|said: &bool| *said).count().await
    };
    tokio::pin!(flood);
    let mut served = 0;
    let reached = loop {
        tokio::select! {
            biased;
            reached = &mut flood => break reached,
            again = harbour.fetches(&crystal) => assert_eq!(again.unwrap(), bytes),
        }
        served += 1;
    };
    assert_eq!(harbour.fetches(&crystal).await.unwrap(), bytes);
    assert!(reached >= peers as usize / 10, "only {reached} of {peers} came to say anything");
    assert_eq!(waiting(&machine).await, 0, "a stranger brought a prompt up");
    let inbox = machine.json(&["inbox"])["rows"].as_array().unwrap().len();
    assert!((1..=INBOX).contains(&inbox), "{inbox} wait in the inbox");
    let ended = watched.end(&machine);
    // Of each time that harbour is served two lines are written.
    let others = ended.written.saturating_sub(2 * (served + 1));
    let bound = LINES * (ended.minutes + 1) + INBOX as u64;
    assert!(others <= bound, "{others} entries more in {} minutes", ended.minutes);
    assert!(ended.grown < ROOM, "{} kB more", ended.grown);
    effort::reached(&format!(
        "{peers} hostile peers, {reached} of which came to speak: no prompt, {inbox} in the inbox, \
         {others} entries and at most {} MiB more, a neighbour served {served} times",
        ended.grown >> 10
    ));
    harbour.leave().await;
    machine.stop();
}
