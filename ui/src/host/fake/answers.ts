// How the fake node takes an answer: as strictly as the real one.
import type { Answer, Answered, Notice, PromptView } from '../types';
import { settle } from './acts';
import { makeRule, rebuke } from './agents';
import { unlocks } from './key';
import { hexOf } from './names';
import { fault, type World } from './world';

/** Takes an answer, or says why not. */
export function answered(world: World, answer: Answer, tell: (notice: Notice) => void): Answered {
  const prompt = world.prompts.find((one) => one.ask === answer.ask);
  const row = world.asks.find((one) => one.id === answer.ask);
  if (!prompt || !row) throw fault('invalid', 'there is no such ask');
  if (row.state !== 'pending') throw fault('refused', `this ask is ${row.state} already`);
  if (answer.code !== prompt.code) throw fault('refused', 'the prompt has changed since it was shown', 'Read it again.');
  if (answer.verdict === 'redact') return redacted(world, prompt, answer.findings, tell);
  for (const beside of answer.with ?? []) {
    if (!prompt.batch.includes(beside.ask)) throw fault('refused', 'these are not answered in one go', 'Answer each by itself.');
  }
  if (answer.verdict === 'deny') {
    for (const beside of answer.with ?? []) settle(world, beside.ask, 'denied', tell);
    settle(world, answer.ask, 'denied', tell);
    rebuke(world, row.who, answer.rebuke, tell);
    return { ask: answer.ask, state: 'denied', what: 'Denied. Nothing left this machine.', ticket: '', instead: '' };
  }
  if (prompt.forbidden.length > 0) throw fault('refused', prompt.forbidden.join(' '));
  if (world.options.keychain !== 'ready') throw fault('keychain-locked', 'the keychain is not ready', 'The ask keeps waiting.');
  const asks = prompt.pin && (prompt.irrevocable || world.unlocked === 0);
  if (asks && answer.pin === '') throw fault('pin-needed', 'the PIN is needed');
  if (asks && answer.pin !== world.options.pin) throw fault('pin-wrong', 'the PIN is wrong', 'Nothing was signed. Try again.');
  if (prompt.wish === 'sign-revocations') for (const holder of world.receipts.flatMap((one) => one.holders)) holder.unsigned = false;
  const ticket = prompt.wish === 'ticket' ? `tracenet1${hexOf('ticket').repeat(3)}` : '';
  if (ticket) world.tickets.set(answer.ask, ticket);
  for (const beside of answer.with ?? []) settle(world, beside.ask, 'allowed', tell);
  settle(world, answer.ask, 'allowed', tell);
  if (asks) unlocks(world, tell);
  if (answer.term && answer.term !== 'once') makeRule(world, prompt, row.who, answer.term, tell);
  return { ask: answer.ask, state: 'allowed', what: 'Allowed, signed and written down.', ticket, instead: '' };
}

/** Ends an ask and makes the one about what is left, as the node does: without these findings. */
function redacted(world: World, prompt: PromptView, findings: readonly number[] | undefined, tell: (notice: Notice) => void): Answered {
  const row = world.asks.find((one) => one.id === prompt.ask);
  if (!row) throw fault('invalid', 'there is no such ask');
  const left = findings ? prompt.found.filter((_, n) => !findings.includes(n + 1)) : [];
  const instead = hexOf(`instead of ${prompt.ask}`);
  const artifact = hexOf(`redacted ${prompt.artifact}`);
  const warnings = [`You took ${prompt.found.length - left.length} findings out of what was asked for.`, ...prompt.warnings];
  world.prompts.push({ ...prompt, ask: instead, artifact, found: left, terms: [], code: `${prompt.code}-redacted`, warnings });
  world.asks.push({ ...row, id: instead, findings: left.length });
  settle(world, prompt.ask, 'denied', tell);
  tell({ notice: 'asked', ask: instead, quiet: true });
  return { ask: prompt.ask, state: 'denied', what: 'Taken out, and nothing left.', ticket: '', instead };
}
