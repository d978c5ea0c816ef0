// What is worth sharing at the fake node.
import type { View, WorthRow } from '../types';
import type { World } from './world';

const WHY = [['helped claude-code'], ['you marked it passed'], ['ended an error that 3 runs met']];

/** The first own crystals that nobody was given; something is found in the last. */
export function worth(world: World): View {
  const own = world.crystals.filter((row) => row.origin === 'mine').slice(0, 6);
  const rows = own.map((crystal, n): WorthRow => {
    const findings = n === 1 ? [{ rule: 'email', label: 'e-mail address', line: 3, masked: 'a…@q…' }] : [];
    const people = world.peers.slice(0, n === 0 ? 3 : 2)
      .filter((peer) => !world.withheld.includes(`${crystal.id} ${peer.human}`))
      .map(({ name, human }) => ({ name, human }));
    return { crystal, why: WHY[n % WHY.length] ?? [], findings, ready: findings.length === 0, people };
  }).filter((row) => row.people.length > 0);
  return { view: 'worth', total: rows.length, rows, peers: world.peers.length };
}
