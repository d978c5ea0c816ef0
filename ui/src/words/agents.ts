// What is said of rules, and of agents that are muted or blocked.
import { count } from '../kit/format';
import { many } from './count';

export const agents = {
  /** The choice in the consent window. */
  terms: 'For how long',
  term: { once: 'Once', session: 'This session', lock: 'Until lock', day: '24 hours' } as Record<string, string>,
  termNote: (term: string) =>
    term === 'once'
      ? 'This once. The agent asks again the next time.'
      : `The agent may then share this crystal and later versions of it with the same people, ${
          ({ session: 'until its session ends', lock: 'until the key is locked, 12 hours at most' })[term] ?? 'for 24 hours'
        }. It asks again when anything is found in them.`,
  mute: 'Deny and mute 1 h',
  block: 'Deny and block',

  rules: 'Allowed for longer than once',
  rulesText: 'An agent is not asked about while a rule of yours covers what it wants. Rules end with the node.',
  noRules: 'Nothing is. You choose it in the consent window, when you allow something.',
  covers: (agent: string, people: string) => `${agent} may share with ${people}`,
  versions: 'and later versions of it',
  until: { session: 'until its session ends, at most until', lock: 'until the key is locked, at most until' } as Record<string, string>,
  untilThen: 'until',
  used: (n: number) => (n === 0 ? 'not used yet' : `used ${many(n, 'time', 'times')}, last`),
  without: (name: string) => `Without ${name}`,
  narrowed: 'They are not in the rule any more.',
  end: 'End rule',
  ended: 'Ended. The agent is asked about again; what was shared stays shared.',

  altered: (n: number) =>
    n === 1 ? 'A rule was not what you signed for. It was ignored, and is ended.' : `${count(n)} rules were not what you signed for. They were ignored, and are ended.`,
  alteredText: 'Another program wrote into the store of this node. Nothing left by it. The journal says which rules they were; look which program may write there.',
  alteredSeen: 'I have seen this',
  alteredNoted: 'Noted. The journal keeps it.',

  mutedUntil: 'muted until',
  unmute: 'Hear again',
  heard: 'What it asks comes up by itself again.',
  blockAgent: 'Block',
  blockTitle: (name: string) => `Block “${name}”?`,
  blockText: 'It is shown out, its waiting asks are withdrawn, its rules end, and it may not ask to be let in again. What was shared stays shared.',
  blocked: 'Blocked agents',
  blockedSince: 'blocked',
  blockedDone: 'Blocked.',
  unblock: 'Lift block',
  unblocked: 'It may ask to be let in again.',
  quiet: 'muted',
  denyAll: 'Deny all',
  denyAllTitle: (n: number) => `Deny ${n === 1 ? 'the one ask' : `all ${count(n)} asks`} that ${n === 1 ? 'waits' : 'wait'}?`,
  denyAllText: 'Nothing leaves, and each agent is told that you denied.',
  deniedAll: 'Denied. Nothing left.',
};
