// Who knocks at the fake node's door, and who is shut out of it.
import type { Act, BlockRow, Done, KnockRow, Notice, PeerRow } from '../types';
import { hexOf, keyWords } from './names';
import { fault, type World } from './world';

type Tell = (notice: Notice) => void;
type Parting = Extract<Act, { act: 'dismiss' | 'block' | 'unlet' }>;
const HOUR = 3_600_000;
const NAMES = ['mara', '', 'IT department', 'quill'];
/** Rows the inbox has room for. */
const ROOM = 64;

/** Who knocked. */
export function knocks(count: number, now: number): KnockRow[] {
  return Array.from({ length: count }, (_, n) => ({
    endpoint: hexOf(`knock ${n}`), human: hexOf(`knocker ${n}`), words: keyWords(`knocker ${n}`, 6), name: NAMES[n % NAMES.length] ?? '',
    known: n === 3 ? 'harbour' : '', first: now - (n + 2) * 26 * HOUR, last: now - (n + 1) * 2 * HOUR, times: n === 0 ? 1 : n * 3,
  }));
}

/** Who is shut out. */
export function blocks(count: number, now: number): BlockRow[] {
  const why = [
    ['artifact', 'They sent something that is no validly signed crystal.', 'tern'],
    ['too-large', 'They sent more in one piece than is allowed.', ''],
  ] as const;
  return Array.from({ length: count }, (_, n) => {
    const [code, reason, name] = why[n % why.length] ?? why[0];
    return {
      endpoint: hexOf(`blocked ${n}`), human: name ? hexOf(`blocked human ${n}`) : '', words: name ? keyWords(`blocked human ${n}`, 6) : '',
      name, why: code, reason, at: now - (n + 1) * 31 * HOUR,
    };
  });
}

/** Whether there is no room for more. */
export const isFull = (world: World): boolean => world.inbox.length >= ROOM;

function peerOf(world: World, who: string): PeerRow | undefined {
  return world.peers.find((one) => [one.name, one.human, one.words, one.transport].includes(who));
}

/** Takes everybody out of the inbox. */
export function clearInbox(world: World, tell: Tell): Done {
  world.inbox = [];
  tell({ notice: 'peers' });
  return { done: 'nothing' };
}

/** Ends something with somebody; no key is needed for that. */
export function part(world: World, act: Parting, tell: Tell): Done {
  const peer = peerOf(world, act.who);
  const knock = world.inbox.find((one) => [one.endpoint, one.human, one.words].includes(act.who));
  if (!peer && !knock) throw fault('invalid', 'nobody here is called that');
  if (act.act === 'unlet' && peer) peer.letIn = false;
  if (act.act !== 'unlet') world.inbox = world.inbox.filter((one) => one !== knock);
  if (act.act === 'block') {
    const reason = act.reason ? `You blocked them: ${act.reason}` : 'You blocked them.';
    const who = peer ? { endpoint: peer.transport, human: peer.human, words: peer.words, name: peer.name } : knock;
    if (who) {
      const { endpoint, human, words, name } = who;
      world.blocked.unshift({ endpoint, human, words, name, why: 'by-hand', reason, at: world.options.now });
    }
    if (peer) Object.assign(peer, { blocked: reason, connected: false, path: '', rtt: 0 });
  }
  tell({ notice: 'peers' });
  return { done: 'nothing' };
}
