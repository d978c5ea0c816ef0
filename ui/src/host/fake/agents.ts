// What the fake node decides about agents.
import type { Act, Done, Notice, PromptView, Rebuke, Term } from '../types';
import { settle } from './acts';
import { hexOf } from './names';
import { fault, type World } from './world';

type Tell = (notice: Notice) => void;
const HOUR = 3_600_000;

/** Does what the human decides. */
export function decide(world: World, act: Act, tell: Tell): Done {
  switch (act.act) {
    case 'deny-all':
      for (const ask of world.asks.filter((one) => one.state === 'pending')) settle(world, ask.id, 'denied', tell);
      break;
    case 'end-rule':
      world.rules = world.rules.filter((rule) => !rule.id.startsWith(act.rule));
      break;
    case 'narrow-rule':
      for (const rule of world.rules.filter((one) => one.id.startsWith(act.rule))) rule.to = rule.to.filter((name) => name !== act.without);
      break;
    case 'altered-seen':
      world.altered = 0;
      break;
    case 'unmute':
      for (const agent of world.agents.filter((one) => one.name === act.name)) agent.mutedUntil = 0;
      break;
    case 'block-agent':
      block(world, act.name);
      break;
    case 'unblock-agent':
      world.blockedAgents = world.blockedAgents.filter((one) => one.name !== act.name);
      break;
    default:
      throw fault('broken', 'this act is not about agents');
  }
  tell({ notice: 'settings' });
  return { done: 'nothing' };
}

/** What follows for the agent from a no. */
export function rebuke(world: World, name: string, how: Rebuke | undefined, tell: Tell): void {
  if (how === 'block') block(world, name);
  if (how === 'mute') for (const agent of world.agents.filter((one) => one.name === name)) agent.mutedUntil = world.options.now + HOUR;
  if (how) tell({ notice: 'settings' });
}

/** Makes the rule of a yes that holds for a while. */
export function makeRule(world: World, prompt: PromptView, agent: string, term: Term, tell: Tell): void {
  world.rules.push({
    id: hexOf(`rule ${world.next++}`), agent, term, what: prompt.what, artifact: prompt.artifact,
    to: prompt.to.map((line) => line.split(' · ')[0] ?? line), until: world.options.now + (term === 'day' ? 24 : 12) * HOUR, uses: 0, used: 0,
  });
  tell({ notice: 'settings' });
}

function block(world: World, name: string): void {
  const agent = world.agents.find((one) => one.name === name);
  if (!agent) throw fault('invalid', `no agent called ${name} is paired`);
  world.agents = world.agents.filter((one) => one !== agent);
  world.blockedAgents.push({ name, key: agent.key, at: world.options.now });
}
