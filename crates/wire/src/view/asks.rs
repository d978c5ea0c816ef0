//! What a face is shown of asks: the list, and one prompt with everything that it shows.

use super::*;
use crate::Term;

views! {
    /// What waits and what was decided.
    pub struct AsksView {
        /// Oldest first.
        pub pending: Vec<AskRow>,
        /// The last 50, newest first.
        pub decided: Vec<AskRow>,
    }
    /// One ask in a list.
    pub struct AskRow {
        /// Its id.
        pub id: String,
        /// The word of what is wished for, such as `share-private` or `accept`.
        pub wish: String,
        /// As the prompt's heading.
        pub heading: String,
        /// Title of what would leave, or who wants in.
        pub what: String,
        /// Who asks, in short.
        pub who: String,
        /// Whether an agent asks, rather than the human.
        pub by_agent: bool,
        /// To whom, in short.
        pub to: String,
        /// When it was made.
        #[ts(type = "number")]
        pub at: u64,
        /// When it stops waiting.
        #[ts(type = "number")]
        pub expires: u64,
        /// `pending`, `allowed`, `denied`, `expired`, `withdrawn` or `cancelled`.
        pub state: String,
        /// When the final state was reached; 0 while it waits.
        #[ts(type = "number")]
        pub ended: u64,
        /// How many things the scanner found.
        pub findings: u32,
        /// Whether its agent is muted: it is not brought up by itself.
        pub quiet: bool,
    }
    /// One ask with its outcome.
    pub struct AskView {
        /// The row.
        pub row: AskRow,
        /// What came of it, in one sentence; empty while it waits.
        pub outcome: String,
        /// The ticket, once a ticket was allowed; else empty.
        pub ticket: String,
    }
    /// What the scanner found.
    pub struct FindingRow {
        /// The rule.
        pub rule: String,
        /// In words.
        pub label: String,
        /// The line of the prompt's text, from 1.
        pub line: u32,
        /// The value, masked.
        pub masked: String,
    }
    /// The head, which the audience sees at once.
    pub struct HeadView {
        /// Title.
        pub title: String,
        /// At most 280 characters.
        pub problem: String,
        /// `kind:term`.
        pub family: Vec<String>,
    }
    /// By what the human knows the true consent window.
    pub struct MarkView {
        /// Whether one was chosen.
        pub chosen: bool,
        /// The phrase; empty where none was chosen.
        pub phrase: String,
        /// The colour's name; empty where none was chosen.
        pub colour: String,
    }
    /// What is another than in the version that the same people were given.
    pub struct ChangesView {
        /// Since when, in a sentence.
        pub since: String,
        /// A unified diff of both texts; empty where nothing is another, or both are too long.
        pub diff: String,
    }
    /// The prompt, in the order it is shown.
    pub struct PromptView {
        /// The ask.
        pub ask: String,
        /// Its state; the prompt can be answered only while `pending`.
        pub state: String,
        /// The wish's word.
        pub wish: String,
        /// Heading.
        pub heading: String,
        /// This ask's place among those that wait, from 1.
        pub position: u32,
        /// How many wait.
        pub waiting: u32,
        /// What.
        pub what: String,
        /// Bytes that would leave; 0 where none would.
        #[ts(type = "number")]
        pub size: u64,
        /// The artifact's id; empty where there is none.
        pub artifact: String,
        /// Three words of it.
        pub artifact_words: String,
        /// What the audience sees at once.
        pub head: Option<HeadView>,
        /// The whole text.
        pub text: String,
        /// What changed since this audience was given a version; absent where it was given none.
        pub changes: Option<ChangesView>,
        /// What was found in it.
        pub found: Vec<FindingRow>,
        /// Whether the scanner stopped early.
        pub scan_spent: bool,
        /// To whom, one line each.
        pub to: Vec<String>,
        /// Who asks, one line each.
        pub who: Vec<String>,
        /// Whether an agent asks, which can be muted or blocked with a no.
        pub by_agent: bool,
        /// Whether the requester is unknown.
        pub unknown: bool,
        /// What the requester says.
        pub says: String,
        /// Four words, also told to the requester.
        pub code: String,
        /// What to know before allowing this.
        pub warnings: Vec<String>,
        /// The policies that this has to do with, one line each.
        pub policies: Vec<String>,
        /// Why it cannot be allowed, one sentence each; empty where it can.
        pub forbidden: Vec<String>,
        /// Whether allowing needs a hold of one second or the PIN.
        pub irrevocable: bool,
        /// Whether allowing needs the PIN.
        pub pin: bool,
        /// Whether the answer chooses: this network only, or anywhere.
        pub choose_reach: bool,
        /// For how long the answer may allow this; empty where it is once and no choice.
        pub terms: Vec<Term>,
        /// Asks that may be answered together with this one, itself among them; empty where it
        /// stands alone.
        pub batch: Vec<String>,
        /// How the keychain stands: allowing works only when `ready`.
        pub keychain: Keychain,
        /// What to do about the keychain.
        pub keychain_hint: String,
        /// A command that does it where there is no desktop; empty where none does.
        pub keychain_command: String,
        /// When the ask stops waiting.
        #[ts(type = "number")]
        pub expires: u64,
    }
}
