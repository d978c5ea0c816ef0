// Who lacks how much of what is worth sharing.
import type { WorthPerson, WorthRow } from '../host';

/** Everybody who lacks something that is ready, who lacks most first. */
export function counted(rows: readonly WorthRow[]): (WorthPerson & { ready: number })[] {
  const people = new Map<string, WorthPerson & { ready: number }>();
  for (const row of rows.filter((one) => one.ready)) {
    for (const person of row.people) {
      const ready = (people.get(person.human)?.ready ?? 0) + 1;
      people.set(person.human, { ...person, ready });
    }
  }
  return [...people.values()].sort((a, b) => b.ready - a.ready || a.name.localeCompare(b.name));
}

/** Everybody who lacks anything of it. */
export function everybody(rows: readonly WorthRow[]): WorthPerson[] {
  const people = new Map(rows.flatMap((row) => row.people.map((person) => [person.human, person])));
  return [...people.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** What may be shared with all of these people. */
export function lackedBy(rows: readonly WorthRow[], humans: readonly string[]): WorthRow[] {
  return rows.filter((row) => humans.every((human) => row.people.some((person) => person.human === human)));
}
