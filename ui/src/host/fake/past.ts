// What the fake node knows of earlier runs.
import type { CostView, Query, View } from '../types';
import type { World } from './world';

const TOOK: CostView = { steps: 42, timed: true, millis: 26 * 60_000, counted: true, read: 812_000, written: 9_400 };
const BARE: CostView = { steps: 18, timed: true, millis: 40_000, counted: false, read: 0, written: 0 };

/** What recall saved, errors that came again, and who wrote a line. */
export function past(world: World, query: Extract<Query, { view: 'saved' | 'recurring' | 'why' }>): View {
  const own = world.crystals.filter((row) => row.origin === 'mine').slice(0, 2);
  if (query.view === 'why') return { view: 'why', written: null, looked: 0, left: 0 };
  if (query.view === 'saved') {
    const rows = own.map((crystal, n) => ({
      crystal, agents: n === 0 ? ['claude-code', 'codex'] : ['codex'], at: crystal.at, cost: n === 0 ? TOOK : BARE,
    }));
    const total = rows.length > 1 ? { ...TOOK, steps: TOOK.steps + BARE.steps, millis: TOOK.millis + BARE.millis } : TOOK;
    return { view: 'saved', recalls: rows.length > 0 ? 3 : 0, wrong: rows.length > 0 ? 1 : 0, stale: 0, total, without: rows.length > 1 ? 1 : 0, rows };
  }
  const runs = own.map((crystal, n) => ({
    crystal, times: n + 1, cost: n === 0 ? TOOK : BARE, ended: n === 0, passed: n === 0 ? 'cargo test -p quay' : '', edited: n === 0 ? ['src/quay.rs'] : [],
  }));
  const rows = runs.length > 1 ? [{ error: 'error: address already in use', runs }] : [];
  return { view: 'recurring', total: rows.length, rows };
}
