// Secrets in kept logs, found a few logs at a time: by kind, and below each its files.
import type { AutopsyView, RecordedRow } from '../host';

/** When the first and the last run ended in which it was written down. */
interface Age {
  first: number; last: number;
}

/** Where one secret stands in a file. */
export interface Stands {
  id: string; masked: string; lines: number[];
}

/** A file in which secrets of a kind stand. */
export interface LogFile extends Age {
  place: string; agent: string;
  keys: Stands[];
}

/** Secrets of one kind. */
export interface Kind extends Age {
  rule: string; label: string;
  /** How many there are, each counted once. */
  keys: number;
  files: LogFile[];
}

/** Different secrets among these. */
export const keysIn = (rows: readonly RecordedRow[]): number => new Set(rows.map((row) => `${row.rule} ${row.same}`)).size;

/** What was found by kind and file: what was used last comes first, it most likely still works. */
export function kindsOf(rows: readonly RecordedRow[]): Kind[] {
  const kinds = grouped(rows, (row) => row.rule).map(([first, all]) => {
    const files = grouped(all, (row) => row.place).map(([one, stands]) => fileOf(one, stands));
    return { rule: first.rule, label: first.label, keys: keysIn(all), ...age(all), files: files.sort(byAge) };
  });
  return kinds.sort(byAge);
}

function fileOf({ place, agent }: RecordedRow, rows: readonly RecordedRow[]): LogFile {
  const keys = grouped(rows, (row) => row.same).map(([one, all]) => ({ id: one.same, masked: one.masked, lines: all.map((row) => row.line) }));
  return { place, agent, ...age(rows), keys };
}

/** Rows that are called the same, with the first of them. */
function grouped(rows: readonly RecordedRow[], called: (row: RecordedRow) => string): [RecordedRow, RecordedRow[]][] {
  const groups = new Map<string, [RecordedRow, RecordedRow[]]>();
  for (const row of rows) {
    const group = groups.get(called(row));
    if (group) group[1].push(row);
    else groups.set(called(row), [row, [row]]);
  }
  return [...groups.values()];
}

function age(rows: readonly RecordedRow[]): Age {
  const one: Age = { first: Infinity, last: 0 };
  for (const { at } of rows) {
    one.first = Math.min(one.first, at);
    one.last = Math.max(one.last, at);
  }
  return one;
}

const byAge = (a: Age, b: Age): number => b.last - a.last;

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
