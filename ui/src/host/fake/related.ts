// What crystals of the fake world have to do with one another.
import type { CrystalRow, Query, RelatedEdge, View } from '../types';
import { fault, type World } from './world';

/** The crystals with the same title met the same error, those of one repository touched the same
 * files; the one after it used it, and the one before it is an earlier version. */
export function related(world: World, query: Extract<Query, { view: 'related' }>): View {
  const at = world.crystals.findIndex((row) => row.id.startsWith(query.id));
  const centre = world.crystals[at];
  if (!centre) throw fault('invalid', 'there is no crystal with this id', 'Copy the id again, or search for its title.');
  const title = (row: CrystalRow) => row.title.split(' (')[0];
  const edges: RelatedEdge[] = [];
  const join = (from: CrystalRow | undefined, to: CrystalRow | undefined, relation: string, shared = 1) => {
    if (from && to) edges.push({ from: from.id, to: to.id, relation, shared });
  };
  join(centre, world.crystals[at + 1], 'supersedes');
  join(world.crystals[at - 1], centre, 'uses');
  for (const [n, row] of world.crystals.entries()) {
    if (n === at) continue;
    if (title(row) === title(centre)) join(centre, row, 'same-error');
    if (row.repo === centre.repo) join(centre, row, 'same-files', 1 + (n % 4));
    if (row.peer !== '' && row.peer === centre.peer) join(centre, row, 'from-peer');
  }
  const ids = new Set(edges.flatMap(({ from, to }) => [from, to]).filter((id) => id !== centre.id));
  const all = world.crystals.filter((row) => ids.has(row.id));
  const near = all.slice(0, query.limit);
  const given = new Set([centre, ...near].map((row) => row.id));
  return {
    view: 'related', family: ['action:fix', 'domain:rust', 'error:EADDRINUSE', 'tool:cargo'],
    rows: [{ crystal: centre, steps: 0 }, ...near.map((crystal) => ({ crystal, steps: 1 }))],
    edges: edges.filter(({ from, to }) => given.has(from) && given.has(to)), more: all.length > near.length,
  };
}
