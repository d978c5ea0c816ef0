// What the fake node does with the key: as strictly as the real one.
import type { Act, Done, Notice, UnlockView, View } from '../types';
import { fault, type World } from './world';

/** How long a right PIN holds here, in milliseconds. */
const IDLE = 600_000;

/** The recovery phrase of the fake node. */
export const PHRASE = `${'abandon '.repeat(23)}art`;

/** For how long a right PIN holds. */
export function unlockOf(world: World): UnlockView {
  return { until: world.unlocked, pinAlways: world.pinAlways, watched: true, phraseVerified: world.phraseVerified };
}

/** The view of it. */
export function unlock(world: World): View {
  return { view: 'unlock', ...unlockOf(world) };
}

/** After a right PIN the key stays unlocked. */
export function unlocks(world: World, tell: (notice: Notice) => void): void {
  if (world.options.protection === 'keychain' || world.pinAlways) return;
  world.unlocked = world.options.now + IDLE;
  tell({ notice: 'settings' });
}

/** Does what is done with the key. */
export function care(world: World, act: Extract<Act, { act: 'lock' | 'change-pin' | 'pin-always' | 'show-phrase' | 'verify-phrase' }>, tell: (notice: Notice) => void): Done {
  const right = (pin: string) => {
    if (pin === '') throw fault('pin-needed', 'the PIN is needed');
    if (pin !== world.options.pin) throw fault('pin-wrong', 'the PIN is wrong: try again');
  };
  if (act.act === 'show-phrase') {
    if (world.options.protection !== 'keychain') right(act.pin);
    return { done: 'phrase', phrase: PHRASE };
  }
  if (act.act === 'verify-phrase') {
    if (act.phrase.trim().split(/\s+/).join(' ') !== PHRASE) throw fault('invalid', 'this is the recovery phrase of another key');
    world.phraseVerified = true;
    tell({ notice: 'settings' });
    return { done: 'nothing' };
  }
  if (act.act === 'pin-always') {
    if (!act.on) right(act.pin);
    world.pinAlways = act.on;
  }
  if (act.act === 'change-pin') {
    if (world.options.protection !== 'keychain') right(act.old);
    world.options.protection = act.new === '' ? 'keychain' : world.options.protection === 'file' ? 'file' : 'pin';
    world.options.pin = act.new;
  }
  world.unlocked = 0;
  world.rules = world.rules.filter((rule) => rule.term !== 'lock');
  tell({ notice: 'settings' });
  return { done: 'nothing' };
}
