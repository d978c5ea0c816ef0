// The fake world: what there is, made anew for every host, the same each time.
import type {
  AgentRow, AskRow, BlockedAgent, BlockRow, ClientState, Code, CrystalRow, Fault, JournalRow, Keychain, KnockRow, OfferedRow, PeerRow, Phase, PolicyView, PromptView, RuleView,
  SharedRow,
} from '../types';
import { crystalAt } from './crystals';
import { hexOf, keyWords, pick } from './names';
import { promptsFor } from './prompts';
import { offersOf, receiptsOf } from './shared';
import { blocks, knocks } from './strangers';

/** How the world is. */
export interface Options {
  world: 'empty' | 'few' | 'many';
  phase: Phase;
  keychain: Keychain;
  /** `pin`, `keychain` or `file`. */
  protection: string;
  /** Milliseconds before every answer. */
  delay: number;
  /** Queries that fail. */
  fail: string[];
  /** Whether the journal was tampered with. */
  tampered: boolean;
  /** The present, in unix milliseconds. */
  now: number;
  /** How Claude Code stands. */
  claude: ClientState;
  /** Whether its hooks are ours. */
  hooked: boolean;
  /** Whether the human has said how far to be reached. */
  reached: boolean;
  /** How the store stands to what was signed for. */
  anchor: string;
  /** The PIN that is right. */
  pin: string;
  /** `missing` where everything is found by words alone. */
  model: 'there' | 'missing';
}

/** Everything there is. */
export interface World {
  options: Options;
  crystals: CrystalRow[];
  peers: PeerRow[];
  agents: AgentRow[];
  /** Rules that hold. */
  rules: RuleView[];
  /** Rules that were not what was signed for, until the human saw it. */
  altered: number;
  blockedAgents: BlockedAgent[];
  /** What organisations forbid. */
  policies: PolicyView[];
  /** Why nobody can tell which policies hold. */
  policyTrouble: string;
  /** Until when the key stays unlocked; 0 while it is locked. */
  unlocked: number;
  pinAlways: boolean;
  phraseVerified: boolean;
  prompts: PromptView[];
  asks: AskRow[];
  tickets: Map<string, string>;
  receipts: SharedRow[];
  /** What is not to be proposed: a crystal's id and a key. */
  withheld: string[];
  offers: OfferedRow[];
  reach: { anywhere: boolean; relay: string; nearby: boolean };
  inbox: KnockRow[];
  blocked: BlockRow[];
  /** Crystals whose outcome the human corrected: when, and what the rule had found. */
  judged: Map<string, { at: number; distilled: string }>;
  /** Whether agents' logs are followed. */
  followed: boolean;
  /** Crystals whose trace was let go, and when. */
  purged: Map<string, number>;
  /** The limits of retention. */
  keep: { days: number; bytes: number };
  /** The limits of what is fetched ahead. */
  ahead: { perPeer: number; total: number };
  /** The phrase and colour of the consent window; absent while none was chosen. */
  mark: { phrase: string; colour: string } | undefined;
  journal: JournalRow[];
  jobs: Map<number, ReturnType<typeof setInterval>>;
  next: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const COUNTS = {
  empty: { crystals: 0, peers: 0, asks: 0, decided: 0, journal: 0, agents: 0, knocks: 0, blocked: 0, offers: 0 },
  few: { crystals: 3, peers: 2, asks: 3, decided: 4, journal: 40, agents: 2, knocks: 2, blocked: 2, offers: 5 },
  many: { crystals: 10_000, peers: 120, asks: 12, decided: 50, journal: 10_000, agents: 9, knocks: 64, blocked: 40, offers: 2_000 },
} as const;

/** A fault, to be thrown. */
export function fault(code: Code, what: string, hint = ''): Fault {
  return { code, what, hint };
}

/** Makes a world. */
export function makeWorld(given: Partial<Options>): World {
  const options: Options = {
    world: 'few', phase: 'ready', keychain: 'ready', protection: 'pin', delay: 0, fail: [],
    tampered: false, now: Date.now(), claude: 'not-connected', hooked: false, anchor: 'holds', reached: true, pin: 'orbit maple tin', model: 'there', ...given,
  };
  const counts = COUNTS[options.world];
  const peers = list(counts.peers, (n) => peerAt(n, options.now));
  const prompts = promptsFor(counts.asks, peers, options);
  const world: World = {
    options,
    peers,
    prompts,
    receipts: [],
    withheld: [],
    offers: [],
    reach: { anywhere: false, relay: '', nearby: false },
    crystals: list(counts.crystals, (n) => crystalAt(n, options.now)),
    agents: list(counts.agents, (n) => agentAt(n, options.now)),
    rules: [],
    altered: 0,
    blockedAgents: [],
    policies: [],
    policyTrouble: '',
    unlocked: 0,
    pinAlways: false,
    phraseVerified: false,
    asks: [
      ...prompts.map((prompt, n) => rowOf(prompt, options.now - (n + 1) * 7 * 60_000)),
      ...list(counts.decided, (n) => decidedAt(n, options.now)),
    ],
    tickets: new Map(),
    inbox: knocks(counts.knocks, options.now),
    blocked: blocks(counts.blocked, options.now),
    judged: new Map(),
    followed: false,
    purged: new Map(),
    keep: { days: 0, bytes: 0 },
    ahead: { perPeer: 2 ** 28, total: 2 ** 31 },
    journal: list(counts.journal, (n) => entryAt(counts.journal - n, options.now - n * 17 * 60_000)),
    mark: { phrase: 'seven grey herons', colour: 'teal' }, jobs: new Map(),
    next: 1,
  };
  world.receipts = receiptsOf(world);
  world.offers = offersOf(world, counts.offers);
  return world;
}

function list<T>(length: number, make: (n: number) => T): T[] {
  return Array.from({ length }, (_, n) => make(n));
}

const PEOPLE = ['north', 'harbour', 'ines', 'workshop', 'tomasz', 'lab-3', 'quay', 'ada', 'build-host', 'mirela'];

function peerAt(n: number, now: number): PeerRow {
  const connected = n % 3 !== 1;
  return {
    name: pick(PEOPLE, n) + (n < PEOPLE.length ? '' : `-${n}`),
    human: hexOf(`human ${n}`),
    words: keyWords(`human ${n}`, 6),
    transport: hexOf(`transport ${n}`),
    since: now - (n + 3) * 5 * DAY,
    connected,
    path: connected ? (n % 4 === 2 ? 'relayed' : 'direct') : '',
    rtt: connected ? 0.4 + ((n * 37) % 90) : 0,
    connectedSince: connected ? now - (n + 1) * HOUR : 0,
    hidden: false,
    seen: connected ? now - 4_000 : now - (n + 1) * 5 * HOUR,
    given: (n * 7) % 40,
    taken: (n * 11) % 60,
    bytesGiven: ((n * 7) % 40) * 12_400,
    bytesTaken: ((n * 11) % 60) * 9_870,
    letIn: n % 4 === 0,
    blocked: '',
  };
}

const AGENTS = ['claude-code', 'codex', 'aider', 'review-bot', 'nightly', 'zed', 'docs-agent', 'triage', 'bench'];

function agentAt(n: number, now: number): AgentRow {
  return {
    name: pick(AGENTS, n), key: hexOf(`agent ${n}`), since: now - (n + 1) * 9 * DAY,
    connected: n % 2 === 0, asks: 3 + n * 4, recalls: 212 + n * 119, mutedUntil: 0,
  };
}

/** The row of a prompt that waits. */
export function rowOf(prompt: PromptView, at: number): AskRow {
  return {
    id: prompt.ask, wish: prompt.wish, heading: prompt.heading, what: prompt.what,
    who: (prompt.who[0]?.split(/,| ·/)[0] ?? '').replace(/^You$/, 'you'), to: prompt.to.map((line) => line.split(/ · |\. /)[0]?.replace(/^Anyone$/, 'anyone')).join(', '),
    at, expires: prompt.expires, state: 'pending', ended: 0, byAgent: prompt.byAgent, findings: prompt.found.length, quiet: false,
  };
}

function decidedAt(n: number, now: number): AskRow {
  const state = pick(['allowed', 'denied', 'allowed', 'expired', 'withdrawn'], n);
  const ended = now - n * 5 * HOUR - 20 * 60_000;
  const row = crystalAt(n + 4, now);
  return {
    id: hexOf(`decided ${n}`), wish: 'share-private', heading: 'Share privately with 1 person',
    what: row.title, who: pick(AGENTS, n), to: pick(PEOPLE, n), at: ended - HOUR, expires: ended + DAY,
    state, ended, byAgent: true, quiet: false, findings: n % 4 === 3 ? 1 : 0,
  };
}

/** An entry of the journal. */
export function entryAt(seq: number, at: number): JournalRow {
  const event = pick(['served', 'serving', 'told', 'exported', 'allowed', 'shown', 'asked', 'denied', 'received', 'refused'], seq * 7);
  const who = pick(PEOPLE, seq);
  const said: Record<string, string> = {
    served: `${who} has all 12.4 KB of maple-orbit-tin`, serving: `sending maple-orbit-tin to ${who}`,
    told: `${who} was told the head of maple-orbit-tin`, exported: 'maple-orbit-tin was put into the outbox',
    allowed: `you allowed sharing maple-orbit-tin with ${who}`, shown: 'the prompt was shown in the window',
    asked: `claude-code asks to share maple-orbit-tin with ${who}`, denied: 'you denied it in the window',
    received: `dune-ink-pear came from ${who} and was verified`, refused: `a request of ${who} was refused`,
  };
  return {
    seq, at, event, what: said[event] ?? event, about: hexOf(`about ${seq}`), who: 'claude-code', thing: 'maple-orbit-tin', whom: who,
    why: event === 'asked' ? 'they met the same error' : '', hash: hexOf(`entry ${seq}`),
  };
}
