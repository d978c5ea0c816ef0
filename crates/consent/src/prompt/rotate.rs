//! What a prompt says of a new key in the place of one of this node's.

use crate::NodeKey;

/// What the human has to know before.
pub(super) const fn warnings(role: NodeKey) -> &'static [&'static str] {
    match role {
        NodeKey::Author => &[
            "What you shared before stays yours, and goes on to whom it was told before: their nodes \
             keep the card that names the key until now. Nobody else is told of it any more, and no \
             node of an older version: share it with them anew. Asks to share that wait are cancelled.",
            COPIED,
            WIPED,
        ],
        NodeKey::Transport => &[
            "Every ticket that you gave out and nobody used becomes void. This node goes to the \
             people it knows and tells them; whoever replaces this key while you do, or whom it \
             cannot reach, waits in the inbox.",
            COPIED,
            WIPED,
        ],
        NodeKey::Journal => {
            &["The journal goes on: the key until now signs that this one follows it.", WIPED]
        }
    }
}

const COPIED: &str = "Whoever has a copy of all this node's keys passes for it with everybody who has \
                      not seen the new card yet. They see it when they next connect to this node.";
const WIPED: &str = "The key until now is overwritten in its file. What the disk and backups of \
                     this folder keep of it is theirs.";
