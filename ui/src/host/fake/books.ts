// What the fake node shows of balances.
import type { BalanceSide, DeliveryLine, Figure, PeerRow, View } from '../types';
import { hexOf } from './names';
import { fault, type World } from './world';

const SIZE = 12_400;
const none: Figure = { count: 0, bytes: 0 };

/** The deliveries one way between this human and a peer: all signed but the last. */
function lines(peer: PeerRow, direction: 'given' | 'taken'): DeliveryLine[] {
  const total = direction === 'given' ? peer.given : peer.taken;
  return Array.from({ length: total }, (_, n) => {
    const last = n === total - 1;
    const differs = n === 2;
    const id = `${peer.human}-${direction}-${n}`;
    return {
      peer: peer.name, direction, artifact: hexOf(id), title: `Fix number ${n + 1}`, size: SIZE,
      signed: last ? 'unacknowledged' : differs ? 'diverged' : 'countersigned',
      delivery: last && direction === 'given' ? '' : hexOf(`${id}-delivery`),
      countersign: last || differs ? '' : hexOf(`${id}-countersign`),
      count: last && direction === 'given' ? 0 : n + 1,
      bytesTotal: last && direction === 'given' ? 0 : (n + 1) * SIZE,
      book: differs ? { count: n, bytes: n * SIZE } : null, at: last && direction === 'given' ? 0 : peer.since + n, receipts: direction === 'given' ? [hexOf(`${id}-receipt`)] : [],
    };
  });
}

function figure(rows: DeliveryLine[]): Figure {
  return { count: rows.length, bytes: rows.reduce((sum, row) => sum + row.size, 0) };
}

function side(rows: DeliveryLine[]): BalanceSide {
  const of = (signed: string) => figure(rows.filter((row) => row.signed === signed));
  return { all: figure(rows), countersigned: of('countersigned'), unacknowledged: of('unacknowledged'), diverged: of('diverged') };
}

function join(sides: BalanceSide[]): BalanceSide {
  const add = (a: Figure, b: Figure): Figure => ({ count: a.count + b.count, bytes: a.bytes + b.bytes });
  const sum = (pick: (one: BalanceSide) => Figure) => sides.map(pick).reduce(add, none);
  return { all: sum((s) => s.all), countersigned: sum((s) => s.countersigned), unacknowledged: sum((s) => s.unacknowledged), diverged: sum((s) => s.diverged) };
}

/** The figures of every peer. */
export function balances(world: World): View {
  const peers = world.peers.map((peer) => ({
    name: peer.name, human: peer.human, words: peer.words,
    given: side(lines(peer, 'given')), taken: side(lines(peer, 'taken')),
    differing: [...lines(peer, 'given'), ...lines(peer, 'taken')].filter((line) => line.signed === 'diverged'),
  }));
  return { view: 'balances', peers, given: join(peers.map((p) => p.given)), taken: join(peers.map((p) => p.taken)) };
}

function named(world: World, name: string): PeerRow {
  const peer = world.peers.find((one) => [one.name, one.human, one.words].includes(name));
  if (!peer) throw fault('invalid', `nobody here is called ${name}`);
  return peer;
}

/** The receipts behind a figure. */
export function deliveries(world: World, query: { peer: string; direction: string; signed: string; offset: number; limit: number }): View {
  const peers = query.peer === '' ? world.peers : [named(world, query.peer)];
  const direction = query.direction === 'given' ? 'given' : 'taken';
  const rows = peers.flatMap((peer) => lines(peer, direction))
    .filter((row) => query.signed === '' || row.signed === query.signed);
  return {
    view: 'deliveries', name: query.peer === '' ? '' : peers[0]?.name ?? '', direction: query.direction, total: rows.length,
    rows: rows.slice(query.offset, query.offset + query.limit),
  };
}

/** The envelopes; the fake signs nothing. */
export function proofs(world: World, name: string): View {
  return { view: 'proofs', name: named(world, name).name, cards: [], total: 0, rows: [] };
}
