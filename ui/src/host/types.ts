// What crosses between the node and its faces. Written from crates/wire by its test
// `types`; change the Rust and run that test with TRACENET_BLESS=1.

/**
 * Something to do. None of these lets a byte leave or a key be trusted: what would, becomes
 * an ask.
 */
export type Act = { "act": "set-mark",
/** The phrase. */ phrase: Pin,
/** The colour's name. */ colour: Colour, } | { "act": "init",
/** Where human_key is kept. */ keep: KeepKey,
/** What the card suggests to call this human; may be empty. */ name: string, } | { "act": "restore",
/** Where human_key is kept. */ keep: KeepKey,
/** What the card suggests to call this human; may be empty. */ name: string,
/** The 24 words. */ phrase: Pin, } | { "act": "import",
/** An absolute path. */ path: string, } | { "act": "follow",
/** Whether it does. */ on: boolean, } | { "act": "watch",
/** An absolute path, or nothing for the logs of every agent that is known. */ path: string, } | { "act": "pick-import",
/** A folder rather than a file. */ folder: boolean, } | { "act": "cancel-import",
/** The job. */ job: number, } | { "act": "share",
/** The crystal. */ id: string,
/** Names, key words or keys of people; empty for public. */ to: Array<string>,
/** With anyone. */ public: boolean,
/** Why, for the human's own memory. */ reason: string, } | { "act": "withhold",
/** The crystal. */ id: string,
/** Names, key words or keys of people; empty for all who are known now. */ from: Array<string>, } | { "act": "ticket", } | { "act": "hidden-ticket", } | { "act": "anywhere",
/** Whether. */ on: boolean,
/** A relay of one's own, as `https://relay.example/`; empty for the public ones. */ relay: string, } | { "act": "nearby",
/** Whether. */ on: boolean, } | { "act": "hide-peer",
/** The peer: a name, six words or the key in hex. */ peer: string,
/** Whether to hide. */ on: boolean, } | { "act": "connect",
/** The ticket. */ ticket: string,
/** What to call the other; may be empty. */ name: string, } | { "act": "accept",
/** Their key, key words, endpoint or suggested name. */ who: string,
/** What to call them; may be empty. */ name: string, } | { "act": "dismiss",
/** Their key, key words, endpoint or suggested name. */ who: string, } | { "act": "dismiss-all", } | { "act": "block",
/** Their name, key, key words or endpoint. */ who: string,
/** Whether this is the id of an endpoint, of which nobody need be known. */ endpoint: boolean,
/** Why, for the human's own memory; may be empty. */ reason: string, } | { "act": "unblock",
/** Their name, key, key words or endpoint. */ who: string, } | { "act": "let",
/** Their name, key words or key. */ who: string, } | { "act": "unlet",
/** Their name, key words or key. */ who: string, } | { "act": "pair",
/** Its name. */ name: string, } | { "act": "unpair",
/** Its name. */ name: string, } | { "act": "deny",
/** The ask. */ ask: string,
/** What to do about the agent. */ rebuke?: Rebuke, } | { "act": "deny-all", } | { "act": "end-rule",
/** Its id, or the start of it. */ rule: string, } | { "act": "narrow-rule",
/** Its id, or the start of it. */ rule: string,
/** Their name, key words or key. */ without: string, } | { "act": "altered-seen", } | { "act": "unmute",
/** Its name. */ name: string, } | { "act": "block-agent",
/** Its name. */ name: string, } | { "act": "unblock-agent",
/** The name it had. */ name: string, } | { "act": "review",
/** The ask. */ ask: string, } | { "act": "revoke",
/** What. */ what: Revoke,
/** Why: those who are told of it read this. At most 280 characters; may be empty. */ reason: string, } | { "act": "ask-signature", } | { "act": "sign-revocations",
/** The PIN. */ pin: Pin, } | { "act": "lock", } | { "act": "change-pin",
/** The one before; empty when there was none. */ old: Pin,
/** The new one; empty for none, which a key file does not take. */ new: Pin, } | { "act": "pin-always",
/** Whether. */ on: boolean,
/** The PIN, to be asked less often; else empty. */ pin: Pin, } | { "act": "rotate",
/** Which. */ key: NodeKey, } | { "act": "show-phrase",
/** The PIN. */ pin: Pin, } | { "act": "verify-phrase",
/** The 24 words, as they were written down. */ phrase: Pin, } | { "act": "fetch",
/** Its id, or the start of it. */ id: string, } | { "act": "fetch-ahead",
/** Bytes of one peer. */ perPeer: number,
/** Bytes of all of them. */ total: number, } | { "act": "rename",
/** The peer's current name or key. */ peer: string,
/** The new name. */ name: string, } | { "act": "connect-client",
/** The program. */ client: string,
/** The change that the human saw. */ seen: string,
/** The change of its hooks that the human saw; empty when they are left as they are. */ hooks: string, } | { "act": "undo-client",
/** The program. */ client: string,
/** The change that the human saw; empty when only the hooks go. */ seen: string,
/** The change of its hooks that the human saw; empty when they are left as they are. */ hooks: string, } | { "act": "judge",
/** The crystal. */ id: string,
/** `passed`, `failed`, `accepted`, `unknown`, or empty to let the rule's word stand. */ outcome: string, } | { "act": "forget",
/** The crystal. */ id: string, } | { "act": "purge",
/** Ids of traces or of their crystals, or the starts of them. */ ids: Array<string>, } | { "act": "retain",
/** Days since the end of the run; 0 for no such limit. */ days: number,
/** Bytes of the newest; 0 for no such limit. */ bytes: number, } | { "act": "accept-policy",
/** The bytes of the policy's file, in hex. */ policy: string, } | { "act": "drop-policy",
/** The organisation's name, key words or key; empty for every policy. */ who: string, } | { "act": "resume", } | { "act": "export-journal", } | { "act": "raise", };

/** One agent. */
export type AgentRow = {
/** Its name. */ name: string,
/** Its key, in hex. */ key: string,
/** When it was paired. */ since: number,
/** Whether it is connected now. */ connected: boolean,
/** Its asks so far. */ asks: number,
/** Its recalls so far. */ recalls: number,
/** Until when its asks do not come up by themselves; 0 when they do. */ mutedUntil: number, };

/** A peer who is let. */
export type AheadPeer = {
/** The name this human gave. */ name: string,
/** human_key, in hex. */ human: string,
/** Bytes taken from them. */ taken: number, };

/**
 * How much is fetched ahead of peers who are let. Beyond it nothing goes, and nothing more
 * comes unasked.
 */
export type AheadView = {
/** The most bytes of one peer. */ perPeer: number,
/** The most bytes of all. */ total: number,
/** Bytes taken from everybody: fetched ahead or asked for. */ taken: number,
/** The peers who are let, most taken first. */ peers: Array<AheadPeer>, };

/** From a field of the crystal to lines of the log. */
export type Anchor = {
/** `title`, `problem`, `fix.0`, … */ field: string,
/** First line, from 1. */ from: number,
/** Last line. */ to: number, };

/** How the store stands to what its human last signed for. */
export type AnchorView = {
/**
 * `holds`, `not-yet`, `unread`, `lost`, `behind`, `elsewhere` or `forged`. In the last
 * three nothing is served until the human decides.
 */
state: string,
/** In one sentence. */ what: string,
/** What to do; empty when nothing is to be done. */ hint: string, };

/** An answer to one ask. */
export type Answer = {
/** The ask. */ ask: string,
/** The decision. */ verdict: Verdict,
/** The code that was shown: an answer to a prompt that has changed is refused. */ code: string,
/** The PIN or passphrase, where one is needed; else empty. */ pin: Pin,
/**
 * Where the prompt lets choose: whether to be reached from anywhere. Absent is this
 * network only.
 */
anywhere?: boolean,
/** Where the prompt lets choose: for how long a yes holds. Absent is once. */ term?: Term,
/** What to do about the agent with a no. */ rebuke?: Rebuke,
/**
 * What to take out, with a redaction: findings by their place in the prompt, counted from 1.
 * Absent is all of them.
 */
findings?: Array<number>,
/** Others that go together with this one and get the same answer, each with its own receipt. */ with?: Array<Beside>, };

/** What came of an answer. */
export type Answered = {
/** The ask. */ ask: string,
/** Its state now: `allowed` or `denied`. */ state: string,
/** One sentence for the human. */ what: string,
/** The ticket, when a ticket was allowed; else empty. */ ticket: string,
/** The ask about the redacted version, when something was taken out; else empty. */ instead: string, };

/** One ask in a list. */
export type AskRow = {
/** Its id. */ id: string,
/** The word of what is wished for, such as `share-private` or `accept`. */ wish: string,
/** As the prompt's heading. */ heading: string,
/** Title of what would leave, or who wants in. */ what: string,
/** Who asks, in short. */ who: string,
/** Whether an agent asks, rather than the human. */ byAgent: boolean,
/** To whom, in short. */ to: string,
/** When it was made. */ at: number,
/** When it stops waiting. */ expires: number,
/** `pending`, `allowed`, `denied`, `expired`, `withdrawn` or `cancelled`. */ state: string,
/** When the final state was reached; 0 while it waits. */ ended: number,
/** How many things the scanner found. */ findings: number,
/** Whether its agent is muted: it is not brought up by itself. */ quiet: boolean, };

/** One ask with its outcome. */
export type AskView = {
/** The row. */ row: AskRow,
/** What came of it, in one sentence; empty while it waits. */ outcome: string,
/** The ticket, once a ticket was allowed; else empty. */ ticket: string, };

/** What waits and what was decided. */
export type AsksView = {
/** Oldest first. */ pending: Array<AskRow>,
/** The last 50, newest first. */ decided: Array<AskRow>, };

/** Secrets that stand in some of the kept logs. */
export type AutopsyView = {
/** In the order of the logs. */ found: Array<RecordedRow>,
/** Secrets that are not told, because one log holds too many. */ untold: number,
/** Logs that were looked through. */ looked: number,
/** Their bytes. */ bytes: number,
/** Kept logs in all. */ total: number,
/** To be named in the next query, which goes on behind these; empty at the end. */ next: string, };

/** What went one way. Each figure is the sum of the receipts that its page shows. */
export type BalanceSide = {
/** Artifacts that went over whole, each once. */ all: Figure,
/** Signed for by the taker and countersigned by the giver. */ countersigned: Figure,
/** Went over whole, and one of the two signatures is not here. */ unacknowledged: Figure,
/** Signed for, with totals that are not the giver's. */ diverged: Figure, };

/** What was given and taken, peer by peer. */
export type BalancesView = {
/** By name. */ peers: Array<PeerBalance>,
/** To all of them. */ given: BalanceSide,
/** From all of them. */ taken: BalanceSide, };

/** An ask that is answered together with another. */
export type Beside = {
/** The ask. */ ask: string,
/** The code that was shown for it. */ code: string, };

/** Somebody who is shut out. */
export type BlockRow = {
/** The endpoint id, in hex: what names the row. */ endpoint: string,
/** human_key, in hex, where it is proven; else empty. */ human: string,
/** Six words of it, or empty. */ words: string,
/** The name they had here; may be empty. */ name: string,
/** `by-hand`, or the code of what was refused. */ why: string,
/** Why, in one sentence. */ reason: string,
/** Since when. */ at: number, };

/** An agent that was shown out and may not ask to be let in. */
export type BlockedAgent = {
/** The name it had. */ name: string,
/** Its key, in hex. */ key: string,
/** Since when. */ at: number, };

/** Who is shut out. */
export type BlockedView = {
/** The newest first. */ rows: Array<BlockRow>, };

/** A change that could be made. */
export type ChangeView = {
/** A unified diff over the real file; secrets in the lines around are masked. */ diff: string,
/** Names this very change; to be given back with the act. */ seen: string, };

/** What is another than in the version that the same people were given. */
export type ChangesView = {
/** Since when, in a sentence. */ since: string,
/** A unified diff of both texts; empty where nothing is another, or both are too long. */ diff: string, };

/** How a program that agents run in stands. */
export type ClientState = "not-found" | "not-connected" | "connected" | "changed" | "blocked";

/** One program. */
export type ClientView = {
/** Its name as an agent. */ name: string,
/** As people call it. */ title: string,
/** How it stands. */ state: ClientState,
/** Its settings, there or not. */ file: string,
/** Its executable; empty when only its settings were found. */ program: string,
/** Whether its agent was let in. */ paired: boolean,
/** Why it cannot be connected; empty when it can. */ why: string,
/** What to do about that. */ hint: string,
/** What connecting would change. */ connect: ChangeView | null,
/** What undoing would change. */ undo: ChangeView | null,
/** Its hooks, by which its agent recalls by itself; absent where it has none. */ hooks: HooksView | null, };

/** The programs that can be connected by a click. */
export type ClientsView = {
/** In a fixed order, found or not. */ clients: Array<ClientView>, };

/** What kind of no it is. Only kinds on which a face branches. */
export type Code = "invalid" | "refused" | "not-now" | "not-initialised" | "pin-needed" | "pin-wrong" | "keychain-locked" | "keychain-missing" | "broken";

/** The colour beside the human's phrase. */
export type Colour = "amber" | "teal" | "plum" | "rust" | "sky" | "moss";

/** What connecting a program did. */
export type ConnectedView = {
/** Its settings. */ file: string,
/** The copy of what was there before; empty when nothing was, or nothing was written. */ backup: string,
/** Whether the settings still start this node after the handshake. */ stands: boolean,
/** The handshake; absent when the command did not answer. */ handshake: HandshakeView | null,
/** Why it did not answer; empty when it did. */ why: string,
/** Where hooks were written; empty when they were not. */ hooksFile: string,
/** The copy of what was there before; empty when nothing was. */ hooksBackup: string, };

/** What a run, or a part of it, took. Nothing in it is estimated. */
export type CostView = {
/** What the agent said, thought and called. */ steps: number,
/** Whether the log has times. */ timed: boolean,
/** Milliseconds between its entries, pauses over ten minutes left out. */ millis: number,
/** Whether the log counts tokens. */ counted: boolean,
/** Tokens that the model read, cached or not. */ read: number,
/** Tokens that it wrote. */ written: number, };

/** One crystal in a list. */
export type CrystalRow = {
/** Its id. */ id: string,
/** Three words of it. */ words: string,
/** Title. */ title: string,
/** The first of its problem. */ problem: string,
/** How it ended. */ outcome: string,
/** The repository's name; may be empty. */ repo: string,
/** `mine` or `peer`. */ origin: string,
/** The peer's name; empty when mine. */ peer: string,
/** The end of its run. */ at: number,
/** Bytes of the envelope. */ size: number,
/** With how many people it is shared; public counts as one more. */ shared: number,
/** When its giver withdrew it; 0 while it is given. Agents are not given it any more. */ withdrawn: number, };

/** One crystal. */
export type CrystalView = {
/** As in the list. */ row: CrystalRow,
/**
 * How its run ended by the rule of distillation, as the signed crystal says: the row has
 * the human's word where there is one.
 */
distilled: string,
/** When the human said how it ended; 0 where the rule's word stands. */ judged: number,
/** What was asked, and what stood in the way. */ problem: string,
/** What solved it. */ fix: Array<FixRow>,
/** Commands that show it, with their exit status. */ checks: Array<string>,
/** What did not work: tried, and the error. */ deadEnds: Array<FixRow>,
/** What was learnt. */ lesson: Array<string>,
/** Operating system; may be empty. */ os: string,
/** Tools. */ tools: Array<string>,
/** Files touched. */ files: Array<string>,
/** The author's key, in hex. */ author: string,
/** Whether the trace is here. */ hasTrace: boolean,
/** When its trace was purged; 0 where it was not. */ tracePurged: number,
/** The log's format and where it was read; empty for a peer's. */ source: string,
/** The anchors. */ anchors: Array<Anchor>,
/** With whom it is shared. */ receivers: Array<Receiver>,
/** Of a peer's: its receipt's id; empty when mine. */ receipt: string,
/** Commitments to evidence. */ evidence: number, };

/** A page of deliveries between this human and one peer, or everybody. */
export type DeliveriesPage = {
/** The name this human gave the peer; empty for everybody. */ name: string,
/** `given` or `taken`. */ direction: string,
/** All that match. */ total: number,
/** Peer by peer, by the taker's number; what nobody signed for comes last. */ rows: Array<DeliveryLine>, };

/** One artifact that went over whole, and who signed for it. */
export type DeliveryLine = {
/** The name this human gave the peer. */ peer: string,
/** `given` or `taken`. */ direction: string,
/** The artifact's id. */ artifact: string,
/** Its title, where it is here. */ title: string,
/** Bytes of it. */ size: number,
/** `countersigned`, `unacknowledged` or `diverged`. */ signed: string,
/** The delivery receipt's id; empty when the taker did not sign. */ delivery: string,
/** The countersignature's id; empty when the giver did not countersign. */ countersign: string,
/** Artifacts in all, as the taker counts, this one included; 0 when it did not sign. */ count: number,
/** Bytes in all, as the taker counts, this one included. */ bytesTotal: number,
/** The giver's totals where they do not agree. */ book: Figure | null,
/** When the delivery receipt was made or came; 0 when there is none. */ at: number,
/** The giver's consent receipts under which it was served, of what was given. */ receipts: Array<string>, };

/** One check. */
export type DoctorCheck = {
/** What is looked at. */ name: string,
/** Whether it is well. */ well: boolean,
/** What was seen. */ what: string,
/** What to do; empty when well. */ hint: string, };

/** Checks of this machine. */
export type DoctorView = {
/** In order. */ checks: Array<DoctorCheck>, };

/** What came of an act. */
export type Done = { "done": "nothing", } | { "done": "phrase",
/** Its 24 words. */ phrase: Pin, } | { "done": "asked",
/** The ask. */ ask: string,
/** Four words that the prompt shows too. */ code: string, } | { "done": "connected" } & ConnectedView | { "done": "undone" } & UndoneView | { "done": "freed",
/** Bytes. */ bytes: number, } | { "done": "revoked",
/** Receipts under which less is served from now on. */ receipts: number,
/** Asks that waited and were withdrawn. */ asks: number,
/** People who had been told of it. */ people: number,
/** Revocations that wait for a signature. */ unsigned: number,
/** One sentence for the human. */ what: string, } | { "done": "signed",
/** How many. */ count: number, } | { "done": "exported",
/** Which. */ file: string,
/** How many entries. */ entries: number, } | { "done": "started",
/** The job. */ job: number, };

/** Entries of the journal as they lie in the store. */
export type EntriesView = {
/** In order. */ rows: Array<EntryRow>,
/** The signed head, in hex, once these go up to the end; else empty. */ head: string, };

/** One entry. */
export type EntryRow = {
/** Its bytes, in hex. */ entry: string,
/** Its number; 0 where it cannot be read. As what follows only for reading. */ seq: number,
/** When. */ at: number,
/** The event's word. */ event: string,
/** In one sentence. */ what: string, };

/** One field, or one entry of it. */
export type EvidenceRow = {
/** Which, such as `fix.0`. */ field: string,
/** What the crystal says there. */ says: string,
/** First line of the log. */ from: number,
/** Last line, included. */ to: number,
/** What the log says there, cut short. */ evidence: string,
/** Whether the log still says what the field was made from. */ holds: boolean, };

/** Each field of a crystal beside the lines of the log that it was distilled from. */
export type EvidenceView = {
/** The crystal's id. */ crystal: string,
/** The trace's id. */ trace: string,
/** The log's format. */ format: string,
/** Where it was read. */ place: string,
/** Lines of the log; records, of a log that is one document. */ lines: number,
/** Those that could not be read, and those that were not understood. */ odd: number,
/** In the order of the crystal. */ fields: Array<EvidenceRow>, };

/** A crystal, or its trace, written in a form of others. */
export type ExportView = {
/** `skill` or `atif`. */ form: string,
/** The whole text, secrets masked. */ text: string, };

/** Something that failed. */
export type FailedRow = {
/** Line of the log. */ line: number,
/** What was tried. */ tried: string,
/** The error. */ error: string, };

/** A refusal or a failure, in words for a human. */
export type Fault = {
/** What kind. */ code: Code,
/** What happened. */ what: string,
/** What to do; may be empty. */ hint: string, };

/** A figure. */
export type Figure = {
/** Artifacts, or receipts. */ count: number,
/** Bytes. */ bytes: number, };

/** What the scanner found. */
export type FindingRow = {
/** The rule. */ rule: string,
/** In words. */ label: string,
/** The line of the prompt's text, from 1. */ line: number,
/** The value, masked. */ masked: string, };

/** A step of a fix. */
export type FixRow = {
/** `command` or `edit`. */ kind: string,
/** The file, of an edit. */ file: string,
/** The command, or what was written. */ text: string, };

/** The logs of agents on this machine. */
export type FoundView = {
/** One row for each program that has any. */ logs: Array<LogsRow>,
/** Whether they are followed while the node runs. */ followed: boolean,
/** What of them could not be read. */ failures: Array<string>, };

/** What the command that was written said when it was started. */
export type HandshakeView = {
/** The server's name and version. */ server: string,
/** The version of MCP it speaks. */ protocol: string,
/** Its tools. */ tools: Array<string>,
/** Whether the node behind it answered: the agent is let in. */ ready: boolean,
/** What was answered when it is not. */ said: string,
/** The ask to let the agent in that waits; empty when none does. */ ask: string, };

/** The head, which the audience sees at once. */
export type HeadView = {
/** Title. */ title: string,
/** At most 280 characters. */ problem: string,
/** `kind:term`. */ family: Array<string>, };

/** One human, and how far something came to them. */
export type HolderRow = {
/** The name this human gave. */ name: string,
/** human_key, in hex. */ human: string,
/** `may-have`, `told`, `sent` (all of it) or `acknowledged` (they signed for it). */ state: string,
/** Bytes sent. */ bytes: number,
/** When serving them ended; 0 while they are served. A copy they have stays theirs. */ ended: number,
/** Why, in this human's words; may be empty. */ reason: string,
/** Whether the word of that end still waits for a signature. */ unsigned: boolean, };

/** The hooks of a program. */
export type HooksView = {
/** How they stand. */ state: ClientState,
/** The settings that hold them, there or not. */ file: string,
/** Why they cannot be changed; empty when they can. */ why: string,
/** What to do about that. */ hint: string,
/** What connecting would change. */ connect: ChangeView | null,
/** What undoing would change. */ undo: ChangeView | null, };

/** Who knocked and was not answered. */
export type InboxView = {
/** The first first. */ rows: Array<KnockRow>,
/** Whether there is no room for more. */ full: boolean, };

/** How an import stands. */
export type JobState = {
/** The job. */ job: number,
/** The file being read. */ file: string,
/** Files done. */ done: number,
/** Files in all. */ files: number,
/** Bytes read so far. */ bytes: number,
/** Bytes in all. */ total: number,
/** New traces. */ traces: number,
/** New crystals. */ crystals: number,
/** Files that were here already. */ known: number,
/** Files that are no agent logs. */ skipped: number,
/** Logs in which nothing was asked: kept, without a crystal. */ empty: number,
/** Links that were not followed. */ links: number,
/** Lines that are not in the form of their log; kept byte for byte. */ malformed: number,
/** Lines of a kind that is not known; kept byte for byte. */ unknown: number,
/** Lines longer than one that is read; kept byte for byte. */ oversized: number,
/** Logs that could not be read, and folders that were not looked into. */ failed: number,
/** What is said of the first 20 that failed. */ failures: Array<string>,
/** What is said of the first 20 that are no agent logs, or links. */ skips: Array<string>,
/** `running`, `finished`, `cancelled` or `failed`. */ state: string, };

/** Journal entries. */
export type JournalPage = {
/** Entries in all. */ total: number,
/** Newest first. */ rows: Array<JournalRow>, };

/** One entry. */
export type JournalRow = {
/** Its number. */ seq: number,
/** When. */ at: number,
/** The event's word. */ event: string,
/** In one sentence. */ what: string,
/** The ask, artifact or receipt it names; may be empty. */ about: string,
/** Who wished for it: an agent's name, a peer's, or `you`; may be empty, as what follows. */ who: string,
/** What it is about: a title, or a wish in a line. */ thing: string,
/** Whom it reaches. */ whom: string,
/** Why, as whoever asked said; of an ending, as this human did. */ why: string,
/** The entry's hash, in hex. */ hash: string, };

/** Whether the journal is whole. */
export type JournalVerdict = {
/** Whether it is. */ whole: boolean,
/** Entries checked. */ entries: number,
/** What is wrong; empty when nothing is. */ problem: string,
/** What to do; empty when nothing is wrong. */ hint: string,
/** The hash of the last entry, in hex. */ head: string,
/** How the journal stands to the anchor in the keychain. */ anchor: AnchorView, };

/** Where the human wants their key kept. */
export type KeepKey = { "keep": "pin",
/** The new PIN. */ pin: Pin, } | { "keep": "keychain", } | { "keep": "file",
/** The new passphrase. */ passphrase: Pin, };

/** The public keys, in hex. */
export type KeyView = {
/** human_key. */ human: string,
/** author_key. */ author: string,
/** transport_key: the endpoint id. */ transport: string,
/** solana_key. */ solana: string,
/** journal_key. */ journal: string,
/** Six words of human_key. */ words: string, };

/** How the keychain stands. Each has its own screen and its own next step. */
export type Keychain = "ready" | "locked" | "missing" | "unsupported" | "lost" | "tampered";

/** Somebody who knocked. Their key is proven; their name is their own choice. */
export type KnockRow = {
/** The endpoint id, in hex: what names the row. */ endpoint: string,
/** human_key, in hex. */ human: string,
/** Six words of it. */ words: string,
/** What they suggest to be called. */ name: string,
/** The name this human gave them, if they are pinned at another endpoint; else empty. */ known: string,
/** When they first came. */ first: number,
/** When they last came. */ last: number,
/** How often they came. */ times: number, };

/** A page of what ever left this machine, what left last first. */
export type LeftPage = {
/** All that match. */ total: number,
/** This page. */ rows: Array<LeftRow>,
/** Entries of the journal that cannot be read: the list lacks what they told of. */ unreadable: number, };

/** One thing that left, to one human. */
export type LeftRow = {
/** The number of the newest entry about it. */ seq: number,
/**
 * `crystal`, `head` (as long as no byte of the crystal was served), `ticket`, `card` or
 * `ending`.
 */
what: string,
/**
 * Its id: of a crystal or its head the artifact's, of a ticket its ask's, of an ending
 * its envelope's; empty for a card.
 */
id: string,
/** The title of a crystal; empty where nothing of it is here any more. */ title: string,
/** Whether the crystal can be opened here. */ here: boolean,
/** Under which receipt; may be empty. */ receipt: string,
/** `share-private`, `share-public`, or empty. */ act: string,
/** The name this human gave whoever has it; empty for a ticket. */ name: string,
/** Their human_key, in hex; empty for a ticket. */ human: string,
/** `told`, `part`, `may-have`, `sent` or `acknowledged` for what is shared; else empty. */ state: string,
/**
 * Of what was served: `countersigned`, `acknowledged` (not countersigned yet),
 * `diverged`, `unacknowledged`; else empty.
 */
signed: string,
/** Bytes of it that were sent, in all. */ bytes: number,
/** When it first left. */ first: number,
/** When last. */ last: number,
/** The ask that it comes from; may be empty. */ ask: string,
/** The agent that asked; empty for this human. */ agent: string,
/** Why, as whoever asked said. */ reason: string,
/** Where it was allowed, in words; empty where nobody was asked for it. */ allowed: string,
/** When serving them ended; 0 while they are served. */ ended: number,
/** Whether the word of that end still waits for a signature. */ unsigned: boolean, };

/** The logs of one program. None was opened to say this. */
export type LogsRow = {
/** Its name as an agent. */ name: string,
/** As people call it. */ title: string,
/** Where they are. */ folder: string,
/** How many sessions. */ files: number,
/** Their bytes. */ bytes: number,
/** When the oldest was written last; 0 when there is none. */ oldest: number,
/** When the newest was written last; 0 when there is none. */ newest: number,
/** For how many days the program keeps them; 0 when it deletes none. */ keepsDays: number,
/** How many it deletes within a week. */ soon: number, };

/** By what the human knows the true consent window. */
export type MarkView = {
/** Whether one was chosen. */ chosen: boolean,
/** The phrase; empty where none was chosen. */ phrase: string,
/** The colour's name; empty where none was chosen. */ colour: string, };

/** A page of crystals. */
export type MemoryPage = {
/** All that match. */ total: number,
/** This page. */ rows: Array<CrystalRow>,
/** Heads of peers that match and whose bodies are not here. */ heads: number,
/** Whether a text was looked for by its words alone: there is no model here. */ byWords: boolean, };

/** A run that met an error. */
export type MetRow = {
/** Its crystal. */ crystal: CrystalRow,
/** How often it met it. */ times: number,
/** What it took from the error to its end; absent where the log was not read again. */ cost: CostView | null,
/** Whether what had failed passed in that run. */ ended: boolean,
/** What passed; empty where nothing did. */ passed: string,
/** The files that were edited until then. */ edited: Array<string>, };

/** How far this node reaches. */
export type NetworkView = {
/** Whether the human has said how far; until then it is this network only. */ decided: boolean,
/** From anywhere, by relays. */ anywhere: boolean,
/** The relay of one's own; empty for the public ones. */ relay: string,
/** Announced on the local network. */ nearby: boolean,
/** All of it in a few words. */ reach: string,
/** What the relay is doing. */ relayState: RelayWord,
/** The relay in use, or the one that failed; else empty. */ relayInUse: string,
/** Why it failed; else empty. */ relayWhy: string,
/** The UDP port; 0 while the node is offline. */ port: number,
/** Where this node can be reached: sockets, and its relay. */ addresses: Array<string>,
/** Peers who are reached by relay alone, by name. */ hiddenFrom: Array<string>, };

/** A key that this node keeps for itself, and may replace. */
export type NodeKey = "author" | "transport" | "journal";

/** Something changed. */
export type Notice = { "notice": "asked",
/** The ask. */ ask: string,
/** Whether its agent is muted: it is not to come up by itself. */ quiet: boolean, } | { "notice": "settled",
/** The ask. */ ask: string,
/** The state. */ state: string, } | { "notice": "review",
/** The ask. */ ask: string, } | { "notice": "memory", } | { "notice": "peers", } | { "notice": "settings", } | { "notice": "altered", } | { "notice": "job",
/** How it stands. */ state: JobState, } | { "notice": "raise", } | { "notice": "missed", };

/** A page of what peers share with this human and is not here. */
export type OfferedPage = {
/** All that match. */ total: number,
/** This page. */ rows: Array<OfferedRow>, };

/** One thing that a peer shares and that is not here. */
export type OfferedRow = {
/** Its id. */ id: string,
/** Three words of it. */ words: string,
/** Its title. */ title: string,
/** The first of its problem. */ problem: string,
/** How its run ended. */ outcome: string,
/** Bytes. */ size: number,
/** The end of its run. */ at: number,
/** The peer's name. */ peer: string,
/** Their human_key, in hex. */ human: string,
/** `open` (it can be fetched now), `away` (its giver is not connected) or `refused`. */ state: string,
/** Why it was refused, as a code; else empty. */ why: string,
/** Why it was refused, in a sentence; else empty. */ reason: string,
/** When its giver was last connected. */ seen: number, };

/** What went both ways between this human and one peer. */
export type PeerBalance = {
/** The name this human gave. */ name: string,
/** human_key, in hex. */ human: string,
/** Six words of it. */ words: string,
/** What was given to them. */ given: BalanceSide,
/** What was taken from them. */ taken: BalanceSide,
/** The first of the receipts that differ, both ways; all of them are in the pages. */ differing: Array<DeliveryLine>, };

/** One person. */
export type PeerRow = {
/** The name this human gave. */ name: string,
/** human_key, in hex. */ human: string,
/** Six words of it. */ words: string,
/** The endpoint id, in hex. */ transport: string,
/** When pinned. */ since: number,
/** Connected now. */ connected: boolean,
/** `direct`, `relayed`, or empty when not connected. */ path: string,
/** Since when it is connected; 0 when not. */ connectedSince: number,
/** Whether this machine's addresses are hidden from this person. */ hidden: boolean,
/** Round trip in milliseconds; 0 when not connected. */ rtt: number,
/** When last connected. */ seen: number,
/** Crystals shared with this person. */ given: number,
/** Crystals received from this person. */ taken: number,
/** Bytes served to this person. */ bytesGiven: number,
/** Bytes received from this person. */ bytesTaken: number,
/** Whether agents are given their crystals unasked. */ letIn: boolean,
/** Why they are shut out, in one sentence; empty when they are not. */ blocked: string, };

/** The people this node knows. */
export type PeersView = {
/** By name. */ peers: Array<PeerRow>, };

/** Where the node stands in its life. */
export type Phase = "new" | "ready";

/** A PIN or passphrase; empty where none is needed. */
export type Pin = string;

/** What organisations forbid here. */
export type PoliciesView = {
/** By organisation. */ policies: Array<PolicyView>,
/** Why nobody can tell which policies hold; empty where that is known. */ trouble: string, };

/** One policy. */
export type PolicyView = {
/** What the organisation calls itself. */ org: string,
/** Its key, in hex. */ key: string,
/** Six words of it. */ words: string,
/** Which version of its policy this is. */ seq: number,
/** What it forbids, in a few words. */ short: string,
/** The same in sentences, a line each. */ text: string,
/** When it was accepted; 0 where it is not. */ accepted: number,
/** Until when it forbids; 0 for as long as it is accepted. */ until: number,
/** Whether it is over. */ over: boolean, };

/** The prompt, in the order it is shown. */
export type PromptView = {
/** The ask. */ ask: string,
/** Its state; the prompt can be answered only while `pending`. */ state: string,
/** The wish's word. */ wish: string,
/** Heading. */ heading: string,
/** This ask's place among those that wait, from 1. */ position: number,
/** How many wait. */ waiting: number,
/** What. */ what: string,
/** Bytes that would leave; 0 where none would. */ size: number,
/** The artifact's id; empty where there is none. */ artifact: string,
/** Three words of it. */ artifactWords: string,
/** What the audience sees at once. */ head: HeadView | null,
/** The whole text. */ text: string,
/** What changed since this audience was given a version; absent where it was given none. */ changes: ChangesView | null,
/** What was found in it. */ found: Array<FindingRow>,
/** Whether the scanner stopped early. */ scanSpent: boolean,
/** To whom, one line each. */ to: Array<string>,
/** Who asks, one line each. */ who: Array<string>,
/** Whether an agent asks, which can be muted or blocked with a no. */ byAgent: boolean,
/** Whether the requester is unknown. */ unknown: boolean,
/** What the requester says. */ says: string,
/** Four words, also told to the requester. */ code: string,
/** What to know before allowing this. */ warnings: Array<string>,
/** The policies that this has to do with, one line each. */ policies: Array<string>,
/** Why it cannot be allowed, one sentence each; empty where it can. */ forbidden: Array<string>,
/** Whether allowing needs a hold of one second or the PIN. */ irrevocable: boolean,
/** Whether allowing needs the PIN. */ pin: boolean,
/** Whether the answer chooses: this network only, or anywhere. */ chooseReach: boolean,
/** For how long the answer may allow this; empty where it is once and no choice. */ terms: Array<Term>,
/**
 * Asks that may be answered together with this one, itself among them; empty where it
 * stands alone.
 */
batch: Array<string>,
/** How the keychain stands: allowing works only when `ready`. */ keychain: Keychain,
/** What to do about the keychain. */ keychainHint: string,
/** A command that does it where there is no desktop; empty where none does. */ keychainCommand: string,
/** When the ask stops waiting. */ expires: number, };

/** A delivery receipt with its countersignature. */
export type ProofRow = {
/** `given` or `taken`. */ direction: string,
/** The delivery receipt's envelope, in hex. */ delivery: string,
/** The countersignature's envelope, in hex; empty when there is none. */ countersign: string,
/** Whether its totals are not the giver's. */ diverged: boolean, };

/** A page of signed envelopes, for a proof to others. */
export type ProofsPage = {
/** The name this human gave the peer. */ name: string,
/**
 * The cards of both, whose author_keys signed, in hex: this human's, then theirs,
 * then earlier ones that name other author_keys.
 */
cards: Array<string>,
/** Delivery receipts in all. */ total: number,
/** This page. */ rows: Array<ProofRow>, };

/** A trace that would go, and what depends on it. */
export type PurgeRow = {
/** The trace's id. */ trace: string,
/** Where its log was read. */ place: string,
/** The end of its run; 0 where the log has no times. */ at: number,
/** Bytes on the disk that come free. */ frees: number,
/** Its crystal, which stays; empty where there is none. */ crystal: string,
/** The crystal's title. */ title: string,
/** Receipts over the crystal: those who hold it keep it. */ receipts: number,
/** Commitments to lines of the trace that could be shown to nobody any more. */ evidence: number,
/** Fields of the crystal that point into the trace, and would point nowhere. */ anchors: number, };

/** Traces that would go. */
export type PurgeView = {
/** Oldest first, at most 500. */ rows: Array<PurgeRow>,
/** How many in all. */ traces: number,
/** Bytes on the disk that come free. */ frees: number, };

/** A look at something. Never changes anything. */
export type Query = { "view": "status", } | { "view": "unlock", } | { "view": "asks", } | { "view": "ask",
/** Its id, or the start of one that names a single ask. */ ask: string, } | { "view": "prompt",
/** Its id. */ ask: string, } | { "view": "mark", } | { "view": "memory",
/** What to search; empty for all. */ text: string,
/** `mine`, `peer`, or empty for both. */ origin: string,
/** `passed`, `failed`, `accepted`, `unknown`, or empty for all. */ outcome: string,
/** Rows to skip. */ offset: number,
/** Rows to give, at most 200. */ limit: number,
/**
 * By words alone, at once. What meanings add is answered a moment later to the same
 * query without this.
 */
atOnce: boolean, } | { "view": "recall",
/** What is asked. */ text: string,
/** The folder it is asked in; empty when unknown. It is not looked into. */ cwd: string,
/** Crystals to give, at most 50. */ limit: number, } | { "view": "why",
/** The file, absolute. */ file: string,
/** Lines that stand in a row in it. */ lines: Array<string>,
/** Which of them is asked for, from 0. */ at: number, } | { "view": "saved", } | { "view": "recurring", } | { "view": "worth", } | { "view": "autopsy",
/** Where the last answer ended; empty to begin. */ after: string, } | { "view": "related",
/** Its id, or the start of one that names a single crystal. */ id: string,
/** Steps to walk from it, at most 3. */ steps: number,
/** Crystals to give beside it, at most 200. */ limit: number, } | { "view": "crystal",
/** Its id, or the start of one that names a single crystal. */ id: string, } | { "view": "trace",
/** The crystal's id. */ id: string,
/** Steps to skip. */ offset: number,
/** Steps to give, at most 500. */ limit: number, } | { "view": "peers", } | { "view": "receipts",
/** Only over this artifact; empty for all. */ artifact: string,
/** Only for this peer; empty for all. */ peer: string,
/** Rows to skip. */ offset: number,
/** Rows to give, at most 200. */ limit: number, } | { "view": "would-revoke",
/** What. */ what: Revoke, } | { "view": "ahead", } | { "view": "offered",
/** Only of this peer; empty for all. */ peer: string,
/** Rows to skip. */ offset: number,
/** Rows to give, at most 200. */ limit: number, } | { "view": "network", } | { "view": "balances", } | { "view": "deliveries",
/** The peer: a name, six words or the key in hex; empty for everybody. */ peer: string,
/** `given` or `taken`. */ direction: string,
/** `countersigned`, `unacknowledged`, `diverged`, or empty for all. */ signed: string,
/** Rows to skip. */ offset: number,
/** Rows to give, at most 200. */ limit: number, } | { "view": "proofs",
/** The peer: a name, six words or the key in hex. */ peer: string,
/** Rows to skip. */ offset: number,
/** Rows to give, at most 50. */ limit: number, } | { "view": "inbox", } | { "view": "blocked", } | { "view": "journal",
/** Only entries before this number; 0 for the newest. */ before: number,
/** Rows to give, at most 500. */ limit: number,
/** Only events of this word, or empty for all. */ event: string, } | { "view": "left",
/**
 * Only that in which this stands: a name, words of a key, the beginning of a key or an
 * id, words of a title. Empty for all.
 */
text: string,
/** Rows to skip. */ offset: number,
/** Rows to give, at most 200. */ limit: number, } | { "view": "entries",
/** Only entries after this number. */ after: number, } | { "view": "verify", } | { "view": "settings", } | { "view": "policies", } | { "view": "would-accept",
/** The bytes of its file, in hex. */ policy: string, } | { "view": "doctor", } | { "view": "evidence",
/** The id of the crystal or of its trace, or the start of it. */ id: string, } | { "view": "export",
/** The id of the crystal or of its trace, or the start of it. */ id: string,
/** `skill` for a `SKILL.md`, `atif` for its trace as a trajectory. */ form: string, } | { "view": "found", } | { "view": "clients", } | { "view": "storage", } | { "view": "purge",
/** Ids of traces or of their crystals, or the starts of them. */ ids: Array<string>, } | { "view": "retain",
/** Days since the end of the run; 0 for no such limit. */ days: number,
/** Bytes of the newest; 0 for no such limit. */ bytes: number, };

/** What is done about the agent with a no. */
export type Rebuke = "mute" | "block";

/** One step of a recall. */
export type RecallStep = {
/** `fingerprint`, `memory`, `heads`, `fetch` or `context`. */ step: string,
/** Whether it was taken. */ taken: boolean,
/** How long it took, in milliseconds; 0 where it was not taken. */ took: number,
/** What came of it, or why it was not taken, as a word. */ reason: string,
/** The same in one sentence. */ why: string, };

/** One recall, as an agent's goes. */
export type RecallView = {
/** What was found, best first. */ rows: Array<CrystalRow>,
/** Whether the best is likely to be right. When it is not, an agent is given none. */ sure: boolean,
/** Bodies of peers that fit as well and did not come. */ missing: number,
/** What was tried, in order. */ steps: Array<RecallStep>, };

/** A page of what this human consented to, newest first. */
export type ReceiptsPage = {
/** All that match. */ total: number,
/** This page. */ rows: Array<SharedRow>,
/** Revocations that wait for the next time the key is unlocked. */ unsigned: number, };

/** Who may have, or has, a crystal of mine. */
export type Receiver = {
/** The name, or `anyone`. */ name: string,
/** The receipt's id. */ receipt: string,
/** `share-private` or `share-public`. */ act: string,
/** When it was consented to. */ at: number,
/** Whether this peer was told its head. */ told: boolean,
/** Whether it was delivered whole. */ delivered: boolean, };

/** A secret in a log. */
export type RecordedRow = {
/** The scanner's rule. */ rule: string,
/** What it is, for people. */ label: string,
/** The value, masked. */ masked: string,
/** The same for the same secret, until the node stops. It tells nothing of it. */ same: string,
/** Line of the log. */ line: number,
/** The log, by its trace. */ trace: string,
/** Where it was read. */ place: string,
/** The agent that wrote it. */ agent: string,
/** The end of the run. */ at: number, };

/** An error that came again. */
export type RecurringRow = {
/** The error, without what varies between runs. */ error: string,
/** The runs that met it, newest first. */ runs: Array<MetRow>, };

/** Errors that more than one run met. */
export type RecurringView = {
/** All of them. */ total: number,
/** Those of most runs. */ rows: Array<RecurringRow>, };

/** What two crystals have to do with one another. */
export type RelatedEdge = {
/** Id of the one that supersedes or uses the other; of the rest, the one reached first. */ from: string,
/** Id of the other. */ to: string,
/** `supersedes`, `uses`, `same-error`, `same-files` or `from-peer`. */ relation: string,
/** How many errors or files they share; 1 otherwise. */ shared: number, };

/** One crystal of a walk. */
export type RelatedRow = {
/** The crystal. */ crystal: CrystalRow,
/** How many steps it is away; 0 is the one that was asked for. */ steps: number, };

/** Crystals that have to do with one, walked step by step. */
export type RelatedView = {
/** What the one that was asked for is about, `kind:term` of the public vocabulary. */ family: Array<string>,
/** The one that was asked for, then the others, nearest first. */ rows: Array<RelatedRow>,
/** What they have to do with one another, as far as was walked. */ edges: Array<RelatedEdge>,
/** Whether there are more than were given. */ more: boolean, };

/** What the relay is doing. */
export type RelayWord = "off" | "searching" | "connected" | "failed";

/** What is to be ended. Copies that were received cannot be recalled. */
export type Revoke = { "of": "one",
/** Its id, or the start of it. */ id: string, } | { "of": "peer",
/** Their name, key words or key. */ name: string, } | { "of": "agent",
/** The name. */ name: string, } | { "of": "all", };

/** A rule: what one agent may share for a while without the human being asked. */
export type RuleView = {
/** The id of its grant. */ id: string,
/** The agent it was made for. */ agent: string,
/** `session`, `lock` or `day`. */ term: Term,
/** Title of what was shown when it was made. */ what: string,
/** The artifact that was shown. */ artifact: string,
/** Whom it names, as this human calls them. */ to: Array<string>,
/** Until when it holds at most. */ until: number,
/** How often something was allowed by it. */ uses: number,
/** When that was last; 0 before the first time. */ used: number, };

/** A crystal that helped. */
export type SavedRow = {
/** The crystal. */ crystal: CrystalRow,
/** The agents that said so. */ agents: Array<string>,
/** When one last did. */ at: number,
/** What its run had taken; absent where its log is not here. */ cost: CostView | null, };

/** What recall saved. */
export type SavedView = {
/** How often an agent said that what it recalled had helped. */ recalls: number,
/** How often that it was wrong. */ wrong: number,
/** How often that it was stale. */ stale: number,
/** What the runs behind those that helped had taken, each run once: the sum of the rows. */ total: CostView,
/** Runs whose logs are not here, or have no times or tokens: they are in no sum. */ without: number,
/** Crystals that helped, the last one first. */ rows: Array<SavedRow>, };

/** Agents, keys, storage. */
export type SettingsView = {
/** Paired agents. */ agents: Array<AgentRow>,
/** Rules that hold, by agent. */ rules: Array<RuleView>,
/** Rules that were not what was signed for and ended, since the human saw it last. */ altered: number,
/** Agents that may not ask to be let in. */ blockedAgents: Array<BlockedAgent>,
/** How the keychain stands. */ keychain: Keychain,
/** What to do about it. */ keychainHint: string,
/** A command that does it where there is no desktop; empty where none does. */ keychainCommand: string,
/** `pin`, `keychain` or `file`. */ protection: string,
/** For how long a right PIN holds. */ unlock: UnlockView,
/** The public keys. */ keys: KeyView | null,
/** The data folder. */ home: string,
/** Bytes of compressed traces. */ traceBytes: number,
/** Bytes of the logs they were made from. */ logBytes: number,
/** Bytes of the store's file. */ storeBytes: number,
/** Bytes of the search index. */ indexBytes: number,
/** How an agent's configuration starts the shim. */ mcpCommand: string, };

/** One receipt, and who holds what of it. */
export type SharedRow = {
/** The receipt's id. */ receipt: string,
/** The artifact's id. */ artifact: string,
/** Its title. */ title: string,
/** `share-private` or `share-public`. */ act: string,
/** When it was signed. */ at: number,
/** Not served after this; 0 for no end. */ until: number,
/** The agent that asked; empty for this human. */ agent: string,
/** `served`, `expired` or `stopped`. */ state: string,
/** Everybody it names; of a public one, everybody who was told. */ holders: Array<HolderRow>, };

/** What the node is doing. */
export type StatusView = {
/** Where it stands in its life. */ phase: Phase,
/** The program's version. */ version: string,
/** The data folder. */ home: string,
/** The keys; absent before first start. */ keys: KeyView | null,
/** How the keychain stands. */ keychain: Keychain,
/** What to do about the keychain; empty when ready. */ keychainHint: string,
/** A command that does it where there is no desktop; empty where none does. */ keychainCommand: string,
/** How the store stands to what was signed for. */ anchor: AnchorView,
/** `pin`, `keychain` or `file`; empty before first start. */ protection: string,
/** For how long a right PIN holds. */ unlock: UnlockView,
/** Whether the running node has a window. */ window: boolean,
/** Crystals made here. */ crystals: number,
/** Crystals from peers. */ fromPeers: number,
/** Heads of peers whose bodies are not here yet. */ heads: number,
/** Traces kept. */ traces: number,
/** People pinned. */ peers: number,
/** People connected now. */ connected: number,
/** Asks that wait. */ pending: number,
/** Revocations that wait for the next time the key is unlocked. */ unsigned: number,
/** Rules that were not what was signed for and ended, since the human saw it last. */ altered: number,
/** Agents paired. */ agents: number,
/** The UDP port. */ port: number,
/** How far this node reaches, in a few words. */ reach: string,
/** The process id of the node. */ pid: number, };

/** One step. */
export type StepRow = {
/** Its number, from 0. */ n: number,
/** Line of the log, from 1. */ line: number,
/** `ask`, `say`, `think`, `call`, `result` or `note`. */ kind: string,
/** The tool's name, or the record's type. */ name: string,
/** Whether it says that it failed. */ failed: boolean,
/** The text. */ text: string,
/** Bytes of the whole text. */ bytes: number, };

/** A part of the data folder. */
export type StoragePart = {
/** `store`, `traces`, `index`, `outbox`, `keys` or `other`. */ name: string,
/** Bytes on the disk. */ bytes: number, };

/** What everything takes on the disk, as `du` counts it. */
export type StorageView = {
/** The data folder. */ home: string,
/** Its parts. */ parts: Array<StoragePart>,
/** All of it. */ total: number,
/** Traces that are here. */ traces: number,
/** Bytes of the logs they were made from, before compression. */ logBytes: number,
/** Traces that were purged. */ purged: number,
/** Traces older than so many days are purged; 0 for no such limit. */ keepDays: number,
/** Only the newest traces up to so many bytes are kept; 0 for no such limit. */ keepBytes: number,
/** Traces that these limits let go of at the next tick. */ due: number,
/** How the store stands to what was signed for. */ anchor: AnchorView, };

/** For how long a yes holds. */
export type Term = "once" | "session" | "lock" | "day";

/** Steps of a trace. */
export type TracePage = {
/** All steps. */ total: number,
/** This page. */ steps: Array<StepRow>, };

/** What undoing did to one file. */
export type UndoneFile = {
/** The settings. */ file: string,
/** Whether they are byte for byte what they were. */ exact: boolean,
/** A copy of what was there before this; empty when they are. */ backup: string, };

/** What undoing did. */
export type UndoneView = {
/** The settings that were changed. */ files: Array<UndoneFile>, };

/** For how long a right PIN holds. */
export type UnlockView = {
/** When the key is locked again unless it is used; 0 while it is locked. */ until: number,
/** Whether the PIN is asked for at every grant. */ pinAlways: boolean,
/** Whether the screen's lock and the machine's sleep are seen, and lock the key. */ watched: boolean,
/** Whether the recovery phrase was written down and verified. */ phraseVerified: boolean, };

/** The human's decision. */
export type Verdict = "allow" | "deny" | "redact";

/** What a [`crate::Query`] is answered with. */
export type View = { "view": "status" } & StatusView | { "view": "unlock" } & UnlockView | { "view": "asks" } & AsksView | { "view": "ask" } & AskView | { "view": "prompt" } & PromptView | { "view": "mark" } & MarkView | { "view": "memory" } & MemoryPage | { "view": "recall" } & RecallView | { "view": "why" } & WhyView | { "view": "saved" } & SavedView | { "view": "recurring" } & RecurringView | { "view": "autopsy" } & AutopsyView | { "view": "related" } & RelatedView | { "view": "crystal" } & CrystalView | { "view": "trace" } & TracePage | { "view": "peers" } & PeersView | { "view": "network" } & NetworkView | { "view": "balances" } & BalancesView | { "view": "deliveries" } & DeliveriesPage | { "view": "proofs" } & ProofsPage | { "view": "inbox" } & InboxView | { "view": "blocked" } & BlockedView | { "view": "receipts" } & ReceiptsPage | { "view": "would-revoke" } & WouldRevokeView | { "view": "ahead" } & AheadView | { "view": "offered" } & OfferedPage | { "view": "journal" } & JournalPage | { "view": "worth" } & WorthView | { "view": "left" } & LeftPage | { "view": "entries" } & EntriesView | { "view": "verify" } & JournalVerdict | { "view": "settings" } & SettingsView | { "view": "policies" } & PoliciesView | { "view": "would-accept" } & WouldAcceptView | { "view": "doctor" } & DoctorView | { "view": "found" } & FoundView | { "view": "clients" } & ClientsView | { "view": "storage" } & StorageView | { "view": "purge" } & PurgeView | { "view": "evidence" } & EvidenceView | { "view": "export" } & ExportView;

/** Which run wrote a line of a file. */
export type WhyView = {
/** The run; absent where no run that is kept here wrote the line. */ written: WrittenView | null,
/** Runs that touched the file and were looked into, newest first. */ looked: number,
/** Runs that touched it and were not looked into, because there are too many. */ left: number, };

/** Somebody to share with. */
export type WorthPerson = {
/** The name this human gave. */ name: string,
/** human_key, in hex. */ human: string, };

/** One of them. */
export type WorthRow = {
/** It. */ crystal: CrystalRow,
/** Why, in short sentences. */ why: Array<string>,
/** What the scanner found in it. */ findings: Array<FindingRow>,
/** Whether it may be answered together with others: nothing stands against it. */ ready: boolean,
/** Who was not given it yet. */ people: Array<WorthPerson>, };

/** Own crystals that helped, with the people who were not given them. */
export type WorthView = {
/** All there are. */ total: number,
/** The newest first, at most a hundred. */ rows: Array<WorthRow>,
/** How many people there are to share with. */ peers: number, };

/** What accepting a policy would come to. */
export type WouldAcceptView = {
/** The policy. */ policy: PolicyView,
/** Why it cannot be accepted; empty where it can. */ refused: string,
/** The version it takes the place of; 0 for none. */ replaces: number,
/** What that one forbids and this one does not, in words. */ eased: Array<string>,
/** Shares that run and that it would have forbidden. They go on. */ shares: number,
/** Rules that it ends. */ rules: number,
/** Asks that wait and could not be allowed any more. */ asks: number,
/** Words in it that this node's scanner does not know. */ unknown: Array<string>, };

/** What an ending would come to. */
export type WouldRevokeView = {
/** Receipts under which less would be served. */ receipts: number,
/** People who would be served no more under one of them. */ people: number,
/** Asks that wait and would be withdrawn. */ asks: number, };

/** The edit that wrote a line, and its run. */
export type WrittenView = {
/** The run's crystal. */ crystal: CrystalRow,
/** The agent. */ agent: string,
/** The log's format and where it was read. */ source: string,
/** The file, as the run's crystal names it. */ file: string,
/** Line of the log on which the edit begins; 0 where the log was purged. */ from: number,
/** Its last line. */ to: number,
/** What the edit wrote. */ text: string,
/** Whether the log was still here to be read: else only the crystal tells. */ fromLog: boolean,
/** What had failed before it in that run, in order. */ failed: Array<FailedRow>, };
