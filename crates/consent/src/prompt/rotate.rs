//! What a prompt says of a new key in the place of one of this node's.

use crate::NodeKey;

/// What the human has to know before.
pub(super) const fn warnings(role: NodeKey) -> [&'static str; 2] {
    match role {
        NodeKey::Author => [
            "What you shared before stays yours: the card that names the key until now goes along \
             with it. Nodes of an older version are not told of it any more.",
            WIPED,
        ],
        NodeKey::Transport => [
            "Every ticket that you gave out and nobody used becomes void. This node goes to the \
             people it knows and tells them; whoever replaces this key while you do, or whom it \
             cannot reach, waits in the inbox.",
            WIPED,
        ],
        NodeKey::Journal => {
            ["The journal goes on: the key until now signs that this one follows it.", WIPED]
        }
    }
}

const WIPED: &str = "The key until now is overwritten in its file. What the disk and backups of \
                     this folder keep of it is theirs.";
