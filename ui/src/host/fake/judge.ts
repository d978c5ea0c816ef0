// The human's word on the fake node's memory.
import type { Act, Done, Notice } from '../types';
import { fault, type World } from './world';

/** Corrects how a run ended, or forgets it. */
export function judged(world: World, act: Extract<Act, { act: 'judge' | 'forget' }>, tell: (notice: Notice) => void): Done {
  const row = world.crystals.find((one) => one.id === act.id);
  if (!row) throw fault('invalid', 'there is no crystal with this id');
  if (act.act === 'forget') {
    if (row.shared > 0) throw fault('refused', 'this is shared, so it is not forgotten', 'end that first, where you see who has it: `tracenet revoke`');
    world.crystals = world.crystals.filter((one) => one.id !== act.id);
  } else if (act.outcome) {
    if (!world.judged.has(act.id)) world.judged.set(act.id, { at: world.options.now, distilled: row.outcome });
    row.outcome = act.outcome;
  } else {
    row.outcome = world.judged.get(act.id)?.distilled ?? row.outcome;
    world.judged.delete(act.id);
  }
  tell({ notice: 'memory' });
  return act.act === 'forget' ? { done: 'freed', bytes: row.size } : { done: 'nothing' };
}
