//! Killed at every write of a rotation: the node is there again with the key before or with the new
//! one, its journal is whole, and it goes on.

use super::{Disk, Failure, House, Left, Said, allow, alone, ask, built};
use consent::NodeKey;
use node::{Node, Request};

const ROLES: [NodeKey; 3] = [NodeKey::Author, NodeKey::Transport, NodeKey::Journal];

/// author_key, transport_key, journal_key.
fn named(node: &Node) -> [String; 3] {
    let me = node.me().unwrap();
    [me.author.to_string(), me.transport.to_string(), me.journal.to_string()]
}

/// Replaces a key, and says whether that was acknowledged.
async fn rotate(node: &Node, role: NodeKey) -> bool {
    match ask(node, Request::Rotate(role)).await {
        Ok(asked) => allow(node, asked).await.is_ok(),
        Err(_) => false,
    }
}

/// What must hold of a node that was started again, and of its next rotation.
async fn check(
    house: &House<Disk>,
    role: NodeKey,
    (before, acknowledged): (&[String; 3], bool),
) -> bool {
    let node = house.run().await;
    let now = named(&node);
    let changed: Vec<usize> = (0..3).filter(|n| now[*n] != before[*n]).collect();
    assert!(changed.is_empty() || changed == [role as usize], "{changed:?}");
    assert!(!acknowledged || !changed.is_empty(), "a new key is lost");
    let verdict = node.verify_journal().await.unwrap();
    assert!(verdict.is_ok(), "the journal: {verdict:?}");
    assert!(!node.anchored().await.is_distrusted());
    let folder = house.home.join("keys");
    let beside = |role: NodeKey| folder.join(format!("{}.next", role.name())).exists();
    assert!(!ROLES.into_iter().any(beside), "a key that nothing names stays behind");
    assert!(rotate(&node, role).await, "it is replaced once more");
    assert_ne!(named(&node)[role as usize], now[role as usize]);
    assert!(node.verify_journal().await.unwrap().is_ok());
    node.stop().await;
    !changed.is_empty()
}

#[test]
fn dying_at_any_write_of_a_rotation_leaves_the_one_key_or_the_other() {
    let (built, ..) = alone(built());
    for role in ROLES {
        let (mut old, mut new) = (0, 0);
        for n in 1.. {
            let (house, outcome, failed) = alone(async {
                let house = built.copy(built.disk.copy());
                let node = house.run().await;
                let before = named(&node);
                house.disk.fail(n, Failure::ForGood);
                let acknowledged = rotate(&node, role).await;
                node.stop().await;
                let failed = house.disk.has_failed();
                (house, (before, acknowledged), failed)
            });
            for left in [Left::All, Left::Synced, Left::Torn(n), Left::Torn(!n)] {
                let _said = Said(format!("{role:?}: write {n} fails, {left:?} is left"));
                let after = house.copy(house.disk.after(left));
                let changed = alone(check(&after, role, (&outcome.0, outcome.1)));
                *(if changed { &mut new } else { &mut old }) += 1;
            }
            if !failed {
                break;
            }
        }
        assert!(
            old > 0 && new > 0,
            "{role:?}: {old} times the key before, {new} times the new one"
        );
    }
}
