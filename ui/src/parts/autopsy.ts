// Secrets in kept logs, found a few logs at a time: each secret once, with where it stands.
import type { AutopsyView, RecordedRow } from '../host';

/** One secret. */
export interface Key {
  id: string; label: string; masked: string;
  /** Where it stands, the last run first. */
  places: RecordedRow[];
}

/** What was found, the secret of the last run first: it most likely still works. */
export function keysOf(rows: readonly RecordedRow[]): Key[] {
  const keys = new Map<string, Key>();
  for (const row of rows) {
    const id = `${row.rule} ${row.same}`;
    const key = keys.get(id) ?? { id, label: row.label, masked: row.masked, places: [] };
    key.places.push(row);
    keys.set(id, key);
  }
  const all = [...keys.values()];
  for (const key of all) key.places.sort((a, b) => b.at - a.at);
  return all.sort((a, b) => (b.places[0]?.at ?? 0) - (a.places[0]?.at ?? 0));
}

/** What several answers come to. */
export function added(before: AutopsyView | undefined, next: AutopsyView): AutopsyView {
  if (!before) return next;
  return {
    ...next,
    found: [...before.found, ...next.found],
    untold: before.untold + next.untold,
    looked: before.looked + next.looked,
    bytes: before.bytes + next.bytes,
  };
}
