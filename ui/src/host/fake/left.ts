// What ever left the fake node.
import type { LeftRow, Query, View } from '../types';
import { hexOf } from './names';
import type { World } from './world';

const NONE = { title: '', here: false, receipt: '', act: '', name: '', human: '', state: '', signed: '', bytes: 0, ask: '', agent: '', reason: '', allowed: '', ended: 0, unsigned: false };

function all(world: World): LeftRow[] {
  const shared = world.receipts.flatMap((row, n) => row.holders.filter((one) => one.state !== 'may-have').map((one, at): LeftRow => ({
    ...NONE, seq: 9_000 - n * 10 - at, what: one.bytes > 0 ? 'crystal' : 'head', id: row.artifact, title: n === 1 ? '' : row.title, here: n !== 1,
    receipt: row.receipt, act: row.act, name: one.name, human: one.human, state: one.state, bytes: one.bytes, first: row.at, last: row.at + 60_000,
    signed: one.state === 'acknowledged' ? 'countersigned' : one.state === 'sent' ? 'unacknowledged' : '',
    ask: hexOf(`ask ${n}`), agent: row.agent, reason: row.agent ? 'they met the same error' : '', allowed: 'the consent window',
    ended: one.ended, unsigned: one.unsigned,
  })));
  const cards = world.peers.map((peer, n): LeftRow => ({
    ...NONE, seq: 900 - n, what: 'card', id: '', name: peer.name, human: peer.human, first: peer.since, last: peer.since,
  }));
  const at = world.options.now - 86_400_000;
  const ticket: LeftRow = { ...NONE, seq: 1, what: 'ticket', id: hexOf('ticket'), ask: hexOf('ticket'), allowed: 'the consent window', first: at, last: at };
  return world.peers.length > 0 ? [...shared, ...cards, ticket] : [];
}

/** A page of it. */
export function left(world: World, query: Extract<Query, { view: 'left' }>): View {
  const text = query.text.toLowerCase();
  const rows = all(world).filter((row) => text === '' || [row.name, row.title, row.id, row.human, row.receipt].some((one) => one.toLowerCase().includes(text)));
  return { view: 'left', total: rows.length, rows: rows.slice(query.offset, query.offset + query.limit), unreadable: 0 };
}
