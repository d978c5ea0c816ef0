//! Serializable mirrors for the face: what the window and the command line may see and ask.
//!
//! Three gates and no more: [`Query`] → [`View`], [`Act`] → [`Done`], [`Answer`] → [`Answered`],
//! and one stream of [`Notice`]s. The same JSON crosses to the webview and over the control
//! socket. Nothing in here decides; it translates to and from `node`.

mod act;
mod answer;
pub mod control;
mod export;
mod fault;
mod from;
mod gate;
mod notice;
mod pin;
mod query;
mod show;
mod view;

pub use act::{Act, Colour, Done, KeepKey, NodeKey, revoke::Revoke};
pub use answer::{Answer, Answered, Beside, Rebuke, Term, Verdict};
pub use artifact::display::count;
pub use control::serve_control;
pub use export::JournalFile;
pub use fault::{Code, Fault};
pub use gate::{Face, Gate, Notices};
pub use notice::{JobState, Notice};
pub use pin::Pin;
pub use query::Query;
pub use view::agents::{AgentRow, BlockedAgent, RuleView, SettingsView};
pub use view::asks::{
    AskRow, AskView, AsksView, ChangesView, FindingRow, HeadView, MarkView, PromptView,
};
pub use view::autopsy::{AutopsyView, RecordedRow};
pub use view::books::{
    BalanceSide, BalancesView, DeliveriesPage, DeliveryLine, Figure, PeerBalance, ProofRow,
    ProofsPage,
};
pub use view::clients::{
    ChangeView, ClientState, ClientView, ClientsView, ConnectedView, FoundView, HandshakeView,
    HooksView, LogsRow, UndoneFile, UndoneView,
};
pub use view::evidence::{EvidenceRow, EvidenceView, ExportView};
pub use view::key::UnlockView;
pub use view::left::{EntriesView, EntryRow, LeftPage, LeftRow};
pub use view::memory::{
    Anchor, CrystalRow, CrystalView, FixRow, MemoryPage, Receiver, StepRow, TracePage,
};
pub use view::network::{NetworkView, RelayWord};
pub use view::past::{
    CostView, FailedRow, MetRow, RecurringRow, RecurringView, SavedRow, SavedView, WhyView,
    WrittenView,
};
pub use view::policy::{PoliciesView, PolicyView, WouldAcceptView};
pub use view::recall::{RecallStep, RecallView};
pub use view::related::{RelatedEdge, RelatedRow, RelatedView};
pub use view::shared::{
    AheadPeer, AheadView, HolderRow, OfferedPage, OfferedRow, ReceiptsPage, SharedRow,
    WouldRevokeView,
};
pub use view::storage::{AnchorView, PurgeRow, PurgeView, StoragePart, StorageView};
pub use view::strangers::{BlockRow, BlockedView, InboxView, KnockRow};
pub use view::worth::{WorthPerson, WorthRow, WorthView};
pub use view::{
    DoctorCheck, DoctorView, JournalPage, JournalRow, JournalVerdict, KeyView, Keychain, PeerRow,
    PeersView, Phase, StatusView, View,
};
