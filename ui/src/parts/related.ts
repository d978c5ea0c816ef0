// Crystals that have to do with one: sorted into kinds, and put on rings around it.
import type { CrystalRow, ViewOf, Query } from '../host';

type Related = ViewOf<Extract<Query, { view: 'related' }>>;

/** What a neighbour has to do with the crystal, the closest first. */
export const KINDS = ['supersedes', 'superseded-by', 'uses', 'used-by', 'same-error', 'same-files', 'from-peer'] as const;
export type Kind = (typeof KINDS)[number];

/** A crystal one step away. */
export interface Neighbour {
  /** Its place in the list, from 1, which is its name in the picture. */
  n: number;
  crystal: CrystalRow;
  kind: Kind;
  /** How much they share of that. */
  shared: number;
}

/** The neighbours by the closest that each has to do with the crystal, numbered as they are read. */
export function neighbours(view: Related): Neighbour[] {
  const centre = view.rows[0]?.crystal.id;
  const found = view.rows.slice(1).flatMap(({ crystal }) => {
    const edges = view.edges.flatMap((edge) => {
      const forth = edge.from === centre && edge.to === crystal.id;
      const back = edge.to === centre && edge.from === crystal.id;
      if (!forth && !back) return [];
      const turned = { supersedes: 'superseded-by', uses: 'used-by' }[edge.relation];
      const kind = KINDS.indexOf(((back && turned) || edge.relation) as Kind);
      return kind < 0 ? [] : [{ kind, shared: edge.shared }];
    });
    edges.sort((a, b) => a.kind - b.kind);
    const closest = edges[0];
    return closest ? [{ crystal, ...closest }] : [];
  });
  // Within a kind the order of the node holds: sorting keeps it.
  found.sort((a, b) => a.kind - b.kind);
  return found.map((one, n) => ({ ...one, n: n + 1, kind: KINDS[one.kind] ?? 'from-peer' }));
}

/** How many places each ring has, from the inside, and how far out it is. */
const RINGS = [
  { places: 12, radius: 22 },
  { places: 20, radius: 33 },
  { places: 28, radius: 44 },
] as const;

/** The most neighbours that a picture has room for. */
export const DRAWN = RINGS.reduce((sum, ring) => sum + ring.places, 0);

/** Where each of so many neighbours stands around (0, 0), on rings that are filled from the inside. */
export function places(count: number): { x: number; y: number }[] {
  const found: { x: number; y: number }[] = [];
  for (const [n, { places: most, radius }] of RINGS.entries()) {
    const here = Math.min(most, count - found.length);
    for (let at = 0; at < here; at++) {
      // Every other ring begins half a place on, so that no line runs through a number.
      const turn = (at + (n % 2) / 2) / here - 0.25;
      found.push({ x: radius * Math.cos(turn * 2 * Math.PI), y: radius * Math.sin(turn * 2 * Math.PI) });
    }
  }
  return found;
}
