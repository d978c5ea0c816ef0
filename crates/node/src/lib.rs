//! The node: the order in which things happen.
//!
//! Promises: everything that changes the store is an [`event`] taken by one thread, in one
//! durable transaction; nothing leaves without a receipt that was verified in this process;
//! an answer that grants comes only through [`Node::answer`], which demands a way that may
//! grant, the code that was shown, and the unlocked key.
//!
//! It knows every crate below it, and nothing of windows, commands or JSON.

mod agent;
mod anchor;
mod answer;
mod ask;
mod audience;
mod balances;
mod clients;
mod clock;
mod config;
mod control;
mod embed;
mod event;
mod exchange;
mod export;
mod fault;
mod forget;
mod house;
mod import;
mod init;
mod left;
mod mark;
mod notice;
mod past;
mod policy;
mod power;
mod prompt;
mod reach;
mod related;
mod rotate;
mod rules;
mod search;
mod start;
mod state;
mod storage;
mod unlock;
mod words;
mod worth;

pub use agent::{Rebuke, may_offer_unasked};
pub use anchor::{Anchored, accept_older};
pub use answer::{Given, Settled, Together};
pub use ask::{Request, redact::TakeOut};
pub use audience::{resolve, valid_names};
pub use balances::{Balance, Delivered, Direction, Side, Signed, Sum};
pub use clients::{
    Change, ClientConnected, ClientSeen, ClientState, ClientUndone, HooksSeen,
    Seen as SettingsSeen, Shown, Trial,
};
pub use clock::{Clock, SystemClock};
pub use config::{Config, default_home, model_folder, socket_dir};
pub use control::{Control, Terminal};
pub use door::{
    BoxFuture, ConnectError, ControlClient, ControlError, Notice as Pushed,
    Notices as PushedNotices, Process,
};
pub use exchange::{
    revoke::{Revoke, Revoked, WouldRevoke},
    shut::{BY_HAND, Blocked, MAX_BLOCKED_STRANGERS},
    strangers::{Knock, MAX_INBOX},
};
pub use export::{as_atif, as_skill};
pub use fault::{Code, Fault};
pub use import::FoundLogs;
pub use init::KeepKey;
pub use keys::{KeyState, KeychainState, dump::forbid as forbid_core_dumps, umask::keep_private};
pub use left::{AllLeft, Leaver, Left, title_of};
pub use mark::{Colour, Mark};
pub use notice::{Job, JobPhase, Notice, OddLines, Said};
pub use past::{Autopsy, HelpedBy, LineWritten, MetAgain, Recorded, Recurring, Saved, Why};
pub use peer::{Connected, Path as PeerPath, RelayState};
pub use policy::{
    PolicyTerms, WouldAccept, is_scanner_word, make_policy, new_organisation_key,
    organisation_words,
};
pub use reach::{Network, Switch};
pub use related::{Edge, Related, RelatedCrystal, Relation};
pub use rules::HeldRule;
pub use search::{Explained, Found, Reason, Step, Tried, outcome_named, outcome_word};
pub use start::{Node, StartError};
pub use state::{Counts, Link};
pub use storage::{Leaving, Storage};
pub use store::{
    AgentRow, BlockRow, BlockedAgentRow, CrystalRow, DeliveryRow, HeadRow, Look, OpenError,
    OutcomeRow, PeerRow, ReceiptRow, RetentionRow, RuleRow, Self_, Sizes, TraceRow,
};
pub use unlock::Unlock;
pub use words::{reason, refusal};
pub use worth::{AllWorth, Worth, Worthy};

/// Whether recall finds by meaning too, and by what it found.
pub use recall::{Means, ModelState};

/// What a crystal's sidecar holds: the anchors from its fields to lines of its log; what the log
/// says there; and what its run took.
pub use distil::{Cost, Sidecar, Stood, Tokens, evidence_text};
