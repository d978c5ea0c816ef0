// How a thing that left is called.
import type { LeftRow } from '../host';
import { words } from '../words';

/** Its title, or what it is. */
export function named(row: LeftRow): string {
  const w = words.left;
  if (row.what === 'card') return words.sentence(w.what['card'] ?? '');
  if (row.what === 'ticket') return w.ticket;
  if (row.what === 'ending') return w.ending;
  return row.title || w.forgotten;
}
