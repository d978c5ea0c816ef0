// What the fake node gave, ended and is offered.
import type { Act, CrystalRow, Done, HolderRow, Notice, OfferedRow, PeerRow, Revoke, SharedRow, View } from '../types';
import { crystalAt } from './crystals';
import { hexOf } from './names';
import { fault, type World } from './world';

type Tell = (notice: Notice) => void;

function receipt(world: World, row: CrystalRow, n: number, people: readonly PeerRow[]): SharedRow {
  const states = ['acknowledged', 'told', 'may-have', 'sent'];
  const holders = people.map((peer, at): HolderRow => ({
    name: peer.name, human: peer.human, state: states[(n + at) % states.length] ?? 'told', bytes: (n + at) % 4 === 0 ? row.size : 0,
    ended: 0, reason: '', unsigned: false,
  }));
  return {
    receipt: hexOf(`receipt ${n} of ${row.id}`), artifact: row.id, title: row.title, act: 'share-private', at: row.at + (n + 1) * 60_000, until: 0,
    agent: n % 2 === 0 ? 'claude-code' : '', state: 'served', holders: world.peers.length > 0 ? holders : [],
  };
}

/** What was consented to: one receipt for each share of each crystal. */
export function receiptsOf(world: World): SharedRow[] {
  return world.crystals
    .filter((row) => row.shared > 0)
    .flatMap((row) => Array.from({ length: row.shared }, (_, n) => receipt(world, row, n, world.peers.slice(n, n + 2))));
}

/** What peers share and is not here. */
export function offersOf(world: World, count: number): OfferedRow[] {
  const { peers } = world;
  return Array.from({ length: peers.length > 0 ? count : 0 }, (_, n) => {
    const row = crystalAt(n + 6, world.options.now);
    const peer = peers[n % peers.length] as PeerRow;
    const state = n === 4 ? 'refused' : peer.connected ? 'open' : 'away';
    return {
      id: hexOf(`offer ${n}`), words: row.words, title: row.title, problem: row.problem, outcome: row.outcome, size: row.size, at: row.at,
      peer: peer.name, human: peer.human, state, why: n === 4 ? 'wrong-head' : '',
      reason: n === 4 ? 'What they said of a crystal is not what the crystal says.' : '', seen: peer.seen,
    };
  });
}

/** A page of what was given. */
export function receipts(world: World, query: { artifact: string; peer: string; offset: number; limit: number }): View {
  const rows = world.receipts
    .filter((row) => (!query.artifact || row.artifact.startsWith(query.artifact)) && (!query.peer || row.holders.some((one) => one.human === query.peer)));
  const unsigned = world.receipts.flatMap((row) => row.holders).filter((one) => one.unsigned).length;
  return { view: 'receipts', total: rows.length, rows: rows.slice(query.offset, query.offset + query.limit), unsigned };
}

/** A page of what is offered. */
export function offered(world: World, query: { peer: string; offset: number; limit: number }): View {
  const rows = world.offers.filter((row) => !query.peer || row.human === query.peer);
  return { view: 'offered', total: rows.length, rows: rows.slice(query.offset, query.offset + query.limit) };
}

/** The receipts that an ending is about. */
function meant(world: World, what: Revoke): SharedRow[] {
  return world.receipts.filter((row) =>
    row.state === 'served' && (what.of === 'all' || (what.of === 'one' && (row.receipt.startsWith(what.id) || row.artifact.startsWith(what.id)))
    || (what.of === 'agent' && row.agent === what.name) || (what.of === 'peer' && row.holders.some((one) => one.human === what.name))));
}

/** What an ending would come to. */
export function wouldRevoke(world: World, what: Revoke): View {
  const rows = meant(world, what);
  const people = new Set(rows.flatMap((row) => row.holders).filter((one) => one.ended === 0).map((one) => one.human));
  return { view: 'would-revoke', receipts: rows.length, people: what.of === 'peer' ? Math.min(1, people.size) : people.size, asks: 0 };
}

/** What is fetched ahead. */
export function ahead(world: World): View {
  const taken = world.peers.reduce((sum, peer) => sum + peer.bytesTaken, 0);
  const peers = world.peers.filter((peer) => peer.letIn).map((peer) => ({ name: peer.name, human: peer.human, taken: peer.bytesTaken }));
  return { view: 'ahead', ...world.ahead, taken, peers: peers.sort((a, b) => b.taken - a.taken) };
}

/** The endings that wait for a signature, one line each. */
export function unsigned(world: World): string[] {
  return world.receipts.flatMap((row) => row.holders.filter((one) => one.unsigned)
    .map((one) => `${one.name} is told that this ended: “${row.title}” (receipt ${row.receipt.slice(0, 8)})${one.reason ? `, because: ${one.reason}` : ''}`));
}

/** Ends what was given. */
export function revoke(world: World, act: Extract<Act, { act: 'revoke' }>, tell: Tell): Done {
  const { what } = act;
  const of = what.of;
  const rows = meant(world, what);
  if (rows.length === 0) throw fault('invalid', 'there is no receipt like this', 'Copy its id again.');
  let people = 0;
  for (const row of rows) {
    for (const holder of row.holders.filter((one) => one.ended === 0 && (of !== 'peer' || one.human === what.name))) {
      const told = holder.state !== 'may-have';
      Object.assign(holder, { ended: world.options.now, reason: act.reason, unsigned: told });
      if (told) people += 1;
    }
    if (row.holders.every((one) => one.ended > 0)) row.state = 'stopped';
  }
  tell({ notice: 'peers' });
  return { done: 'revoked', receipts: rows.length, asks: 0, people, unsigned: people, what: 'Ended: nothing of it is served from now on. Copies they have cannot be recalled.' };
}

/** Fetches one thing that is offered. */
export function fetchOne(world: World, id: string, tell: Tell): Done {
  const row = world.offers.find((one) => one.id.startsWith(id));
  if (!row) throw fault('invalid', 'nobody offers this');
  if (row.state === 'away') throw fault('not-now', `${row.peer} is away`, 'It is fetched when they are back.');
  world.offers = world.offers.filter((one) => one !== row);
  tell({ notice: 'memory' });
  return { done: 'nothing' };
}
