// One recall of the fake node: its steps as the real one tells them.
import type { Query, RecallStep, View } from '../types';
import { viewed } from './views';
import type { World } from './world';

/** A recall that is answered at home, or, with `peer` in its text, with what peers share. */
export function recall(world: World, query: Extract<Query, { view: 'recall' }>): View {
  const page = viewed(world, {
    view: 'memory', text: query.text, origin: '', outcome: '', offset: 0, limit: query.limit, atOnce: false,
  });
  const rows = page.view === 'memory' ? page.rows : [];
  const enough = rows.length > 0 && !query.text.includes('peer');
  const passed = (name: string, reason: string, why: string): RecallStep => ({ step: name, taken: false, took: 0, reason, why });
  const took = (name: string, ms: number, reason: string, why: string): RecallStep => ({ step: name, taken: true, took: ms, reason, why });
  const steps = [
    took('fingerprint', 0, 'terms', '4 terms. It stays here'),
    enough
      ? took('memory', 9, 'enough', `${rows.length} crystals fit, the best with 0.71: from 0.57 on that is good enough`)
      : took('memory', 9, 'not-enough', `${rows.length} crystals fit, the best with 0.31: below 0.57 that is not good enough`),
    enough
      ? passed('heads', 'not-needed', 'what is here is good enough, so no peer is asked')
      : took('heads', 1, 'fits', 'peers told of 1 crystal that fit and are not here'),
    enough
      ? passed('fetch', 'not-needed', 'what is here is good enough, so no peer is asked')
      : took('fetch', 212, 'asked', '1 came and were verified. Peers were told ids of their own, never the question'),
    took('context', 0, 'given', `${rows.length} crystals given`),
  ];
  return { view: 'recall', rows, sure: enough, missing: 0, steps };
}
