// What the fake node knows of earlier runs.
import type { CostView, Query, RecordedRow, View } from '../types';
import { hexOf } from './names';
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

/** Keys in kept logs, in two goes: one key stands in two files. */
export function autopsy(world: World, after: string): View {
  const [first, last] = world.crystals.filter((row) => row.origin === 'mine');
  const row = (at: number, file: string, line: number, same: string): RecordedRow => ({
    rule: 'npm-token', label: 'npm token', masked: `npm_…${same}`, same, line,
    trace: hexOf(`trace ${at}`), place: `/home/ann/.claude/projects/quay/${file}.jsonl`, agent: 'Claude Code', at,
  });
  if (!first || !last) return { view: 'autopsy', found: [], untold: 0, looked: 0, bytes: 0, total: 0, next: '' };
  const found = after === '' ? [row(first.at, 'run', 14, 'a4Q')] : [row(last.at, 'earlier', 3, 'a4Q'), row(last.at, 'earlier', 90, 'Zb1')];
  return { view: 'autopsy', found, untold: 0, looked: 1, bytes: 1_200_000, total: 2, next: after === '' ? hexOf('trace 1') : '' };
}
