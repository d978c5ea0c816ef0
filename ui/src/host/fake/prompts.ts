// Prompts that wait in the fake world: one of each wish, then more of the first.
import type { HeadView, Keychain, PeerRow, PromptView } from '../types';
import { crystalAt, crystalOf } from './crystals';
import { hexOf, keyWords, pick } from './names';
import type { Options } from './world';

const DAY = 86_400_000;
const BARE = {
  size: 0, artifact: '', artifactWords: '', head: null, text: '', found: [], changes: null, scanSpent: false, batch: [],
  byAgent: false, terms: [], unknown: false, says: '', irrevocable: false, chooseReach: false, policies: [], forbidden: [],
};

/** The first `count` prompts. */
export function promptsFor(count: number, peers: readonly PeerRow[], options: Options): PromptView[] {
  return Array.from({ length: count }, (_, n) => promptAt(n, peers, options));
}

/** A prompt. */
export function promptAt(n: number, peers: readonly PeerRow[], options: Options): PromptView {
  const all = {
    ask: hexOf(`ask ${n}`), state: 'pending', position: n + 1, waiting: n + 1,
    code: keyWords(`code ${n}`, 4), pin: options.protection !== 'keychain', ...standing(options.keychain), expires: options.now + DAY - n * 900_000,
  };
  const makers = [sharePrivate, sharePublic, pair, ticket, connect, sharePrivate, resume, accept, unblock, letPeer];
  return { ...all, ...pick(makers, n)(n, peers, options) };
}

const HINTS: Partial<Record<Keychain, string>> = {
  locked: 'the keychain is locked: unlock it in Passwords and Keys and try again',
  missing: 'no keychain was found: install one (`sudo apt install gnome-keyring`) and try again',
  unsupported: 'there is no session bus, so no keychain can answer: start from a desktop session',
  lost: 'the secret of human_key is gone from the keychain: restore it from a backup',
  tampered: 'human_key in the keychain was changed: restore it from a backup, and find out who did',
};

/** How the keychain stands, and what to do about it, as the node says it. */
export function standing(keychain: Keychain): { keychain: Keychain; keychainHint: string; keychainCommand: string } {
  const command = keychain === 'locked' || keychain === 'missing';
  return { keychain, keychainHint: HINTS[keychain] ?? '', keychainCommand: command ? 'gnome-keyring-daemon --replace --unlock' : '' };
}

type Part = Omit<PromptView, 'ask' | 'state' | 'position' | 'waiting' | 'code' | 'pin' | 'keychain' | 'keychainHint' | 'keychainCommand' | 'expires'>;

const AGENT = ['claude-code, paired 12 Nov 2026, session e0a1 · verified by its key', 'node ← zsh ← gnome-terminal · unverified'];

// As the node writes it: the day in UTC.
function person(peer: PeerRow): string {
  const day = new Date(peer.since).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  return `${peer.name} · paired ${day} · key ${peer.words}`;
}

function share(n: number, options: Options): { text: string; head: HeadView; size: number; artifact: string; artifactWords: string; what: string } {
  const row = crystalAt(n, options.now);
  const crystal = crystalOf(row, []);
  const text = [
    `title: ${row.title}`, `outcome: ${row.outcome}`, '', 'problem:', ...crystal.problem.split('\n').map((line) => `  ${line}`), '', 'fix:',
    ...crystal.fix.flatMap((step) => [`  ${step.kind} ${step.file}`, ...step.text.split('\n').map((line) => `    ${line}`)]),
    '', 'checks:', ...crystal.checks.map((check) => `  ${check}`), '',
    'environment:', '  CI_TOKEN=ghp_16C7e42F292c6912E7710c838347Ae178B4a', '  contact: ci-admin@harbour.example, ines@north.example',
    '', 'lesson:', ...crystal.lesson.map((lesson) => `  ${lesson}`),
  ].join('\n');
  return {
    text, size: 12_412, artifact: row.id, artifactWords: row.words, what: row.title,
    head: { title: row.title, problem: row.problem, family: ['lang:rust', 'tool:cargo', 'error:AddrInUse'] },
  };
}

function sharePrivate(n: number, peers: readonly PeerRow[], options: Options): Part {
  const shared = share(n, options);
  const lines = shared.text.split('\n');
  const line = lines.findIndex((text) => text.includes('CI_TOKEN')) + 1;
  const audience = peers.slice(0, 2);
  return {
    ...BARE, ...shared, wish: 'share-private', heading: `Share privately with ${audience.length} people`,
    found: [
      { rule: 'github-token', label: 'GitHub token', line, masked: 'ghp_…8B4a' },
      { rule: 'email', label: 'E-mail address', line: line + 1, masked: 'ci…@harbour.example' },
      { rule: 'email', label: 'E-mail address', line: line + 1, masked: 'in…@north.example' },
    ],
    to: audience.map(person), who: AGENT, byAgent: true, terms: ['once', 'session', 'lock', 'day'], says: 'user asked me to publish this',
    warnings: ['The people in this audience see each other’s keys.', 'Copies already received cannot be recalled.', '1 possible secret was found in what would leave.'],
  };
}

function sharePublic(n: number, _: readonly PeerRow[], options: Options): Part {
  return {
    ...BARE, ...share(n + 1, options), wish: 'share-public', heading: 'Share publicly, with anyone',
    to: ['Anyone. Copies cannot be recalled.'], who: AGENT, byAgent: true, says: '', irrevocable: true,
    warnings: ['Public copies cannot be recalled, by anyone, ever.'],
  };
}

function pair(): Part {
  return {
    ...BARE, wish: 'pair', heading: 'Let a local agent in', what: 'codex', to: [], byAgent: true, unknown: true,
    who: ['codex, not paired yet · the name is its own choice', 'codex ← bash ← tmux · unverified'], says: 'I would like to recall what worked before',
    warnings: ['Another key has used this name before.'],
  };
}

function ticket(_: number, _peers: readonly PeerRow[], options: Options): Part {
  return {
    ...BARE, wish: 'ticket', heading: 'Give out a ticket', what: 'One use, valid for 24 hours', chooseReach: !options.reached,
    to: ['Whoever holds the ticket, once'], who: ['You, from this app'], warnings: ['A ticket holds this machine’s network addresses.'],
  };
}

function accept(_: number, peers: readonly PeerRow[]): Part {
  return {
    ...BARE, wish: 'accept', heading: 'Let someone in', what: 'mara', to: [`mara · key ${keyWords('knocker 0', 6)}`], who: ['You, from this app'],
    warnings: [`They will be one of ${peers.length + 1} people you can share with. Nothing is shared by this.`],
  };
}

function unblock(): Part {
  return {
    ...BARE, wish: 'unblock', heading: 'Lift a block', what: keyWords('blocked human 0', 6), to: [`tern · key ${keyWords('blocked human 0', 6)}`],
    who: ['You, from this app'], warnings: ['They sent something that is no validly signed crystal.'],
  };
}

function letPeer(_: number, peers: readonly PeerRow[]): Part {
  return {
    ...BARE, wish: 'let', heading: 'Let a peer', what: peers[0]?.name ?? 'north', to: peers.slice(0, 1).map(person),
    who: ['You, from this app'], warnings: ['Your agents will be given their crystals without asking for them.'],
  };
}

function resume(): Part {
  return {
    ...BARE, wish: 'resume', heading: 'Go on with a store of another day', what: 'Entry 31 of the journal; you had signed for entry 40', to: [],
    who: ['You, from this app'], warnings: ['What was signed after this copy was made is not known here any more.'],
  };
}

function connect(): Part {
  return {
    ...BARE, wish: 'connect', heading: 'Connect to a peer', what: 'The giver of this ticket', to: [], who: ['You, from this app'],
    warnings: ['The other node will see this machine’s network addresses.'],
  };
}
