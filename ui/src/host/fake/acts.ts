// What the fake node does.
import type { Act, Done, JobState, Notice, PromptView } from '../types';
import { decide } from './agents';
import { connectClient, undoClient } from './clients';
import { crystalAt } from './crystals';
import { care, PHRASE } from './key';
import { hexOf } from './names';
import { promptAt } from './prompts';
import { fetchOne, revoke, unsigned } from './shared';
import { purge, retain } from './storage';
import { judged } from './judge';
import { clearInbox, part } from './strangers';
import { fault, rowOf, type World } from './world';

type Tell = (notice: Notice) => void;
const NOTHING: Done = { done: 'nothing' };

/** Does an act. */
export function acted(world: World, act: Act, tell: Tell): Done {
  switch (act.act) {
    case 'init':
    case 'restore': return init(world, act, tell);
    case 'set-mark': {
      world.mark = { phrase: act.phrase, colour: act.colour };
      return NOTHING;
    }
    case 'import':
    case 'watch':
    case 'pick-import': {
      if (world.options.phase === 'new') throw fault('not-initialised', 'this node has no keys yet', 'open the app and choose a PIN, or run `tracenet init`');
      return importing(world, tell);
    }
    case 'follow': {
      world.followed = act.on;
      tell({ notice: 'settings' });
      return NOTHING;
    }
    case 'cancel-import': {
      clearInterval(world.jobs.get(act.job));
      tell({ notice: 'job', state: { ...job(act.job), state: 'cancelled' } });
      return NOTHING;
    }
    case 'share': return made(world, tell, act.public ? 1 : 0, { says: act.reason, who: ['You, from this app'] });
    case 'withhold': {
      world.withheld.push(...act.from.map((human) => `${act.id} ${human}`));
      tell({ notice: 'memory' });
      return NOTHING;
    }
    case 'export-journal': return { done: 'exported', file: '/home/ada/tracenet-journal.jsonl', entries: world.journal.length };
    case 'ticket':
    case 'hidden-ticket': return made(world, tell, 3, {});
    case 'anywhere':
    case 'nearby': {
      if (act.on) return made(world, tell, 3, { wish: 'reach', heading: 'Be reached from further away' });
      world.reach[act.act] = false;
      return NOTHING;
    }
    case 'hide-peer': {
      const peer = world.peers.find((one) => one.human === act.peer || one.name === act.peer);
      if (!peer) throw fault('invalid', 'there is no such peer');
      if (!act.on) return made(world, tell, 3, { wish: 'unhide', heading: 'Show a peer where this machine is' });
      peer.hidden = true;
      tell({ notice: 'peers' });
      return NOTHING;
    }
    case 'connect': {
      if (!act.ticket.startsWith('tracenet')) {
        throw fault('invalid', 'this is not a ticket, or a letter of it is wrong', 'Copy it again, whole.');
      }
      return made(world, tell, 4, act.name ? { what: act.name } : {});
    }
    case 'accept': return made(world, tell, 7, { what: act.name || act.who.slice(0, 8) });
    case 'unblock': return made(world, tell, 8, {});
    case 'let': return made(world, tell, 9, { what: world.peers.find((one) => one.human === act.who)?.name ?? act.who });
    case 'dismiss-all': return clearInbox(world, tell);
    case 'dismiss':
    case 'block':
    case 'unlet': return part(world, act, tell);
    case 'pair': return made(world, tell, 2, { what: act.name });
    case 'unpair': {
      world.agents = world.agents.filter((agent) => agent.name !== act.name);
      tell({ notice: 'settings' });
      return NOTHING;
    }
    case 'deny': {
      settle(world, act.ask, 'denied', tell);
      return NOTHING;
    }
    case 'deny-all':
    case 'end-rule':
    case 'narrow-rule':
    case 'altered-seen':
    case 'unmute':
    case 'block-agent':
    case 'unblock-agent': return decide(world, act, tell);
    case 'lock':
    case 'change-pin':
    case 'pin-always':
    case 'show-phrase':
    case 'verify-phrase': return care(world, act, tell);
    case 'rotate': return made(world, tell, 3, { wish: 'rotate', heading: 'Replace a key of this node', what: `A new ${act.key}_key` });
    case 'review': {
      tell({ notice: 'review', ask: act.ask });
      return NOTHING;
    }
    case 'rename': {
      const peer = world.peers.find((one) => one.human === act.peer || one.name === act.peer);
      if (!peer) throw fault('invalid', 'there is no such peer');
      peer.name = act.name;
      tell({ notice: 'peers' });
      return NOTHING;
    }
    case 'connect-client': return connectClient(world, act, tell);
    case 'undo-client': return undoClient(world, act, tell);
    case 'judge':
    case 'forget': return judged(world, act, tell);
    case 'purge': return purge(world, act.ids, tell);
    case 'retain': return retain(world, act, tell);
    case 'revoke': return revoke(world, act, tell);
    case 'fetch': return fetchOne(world, act.id, tell);
    case 'sign-revocations': throw fault('refused', 'the key is unlocked in the consent window or a terminal only');
    case 'ask-signature': return signing(world, tell);
    case 'accept-policy': {
      if (act.policy.length < 4) throw fault('invalid', 'this is no policy, or it was changed since it was signed', 'let the organisation give you the file again');
      return made(world, tell, 6, { wish: 'accept-policy', heading: 'Accept what an organisation forbids' });
    }
    case 'drop-policy': return made(world, tell, 6, { wish: 'drop-policy', heading: 'Drop a policy' });
    case 'resume': return made(world, tell, 6, {});
    case 'fetch-ahead': {
      world.ahead = { perPeer: act.perPeer, total: act.total };
      tell({ notice: 'settings' });
      return NOTHING;
    }
    case 'raise': return NOTHING;
  }
}

/** Settles a waiting ask. */
export function settle(world: World, id: string, state: string, tell: Tell): void {
  const row = world.asks.find((ask) => ask.id === id && ask.state === 'pending');
  if (!row) throw fault('refused', 'this ask was answered already');
  row.state = state;
  row.ended = world.options.now;
  tell({ notice: 'settled', ask: id, state });
}

function init(world: World, act: Extract<Act, { act: 'init' | 'restore' }>, tell: Tell): Done {
  const secret = act.keep.keep === 'pin' ? act.keep.pin : act.keep.keep === 'file' ? act.keep.passphrase : '';
  if (/password|qwerty/i.test(secret)) {
    throw fault('invalid', 'the PIN is among the first that anybody tries: take five words that have nothing to do with each other');
  }
  if (act.act === 'restore') {
    if (act.phrase.trim().split(/\s+/).join(' ') !== PHRASE) throw fault('invalid', 'the words do not fit together: one is another than you wrote down, or their order is');
    world.phraseVerified = true;
  }
  world.options.phase = 'ready';
  world.options.protection = act.keep.keep;
  tell({ notice: 'settings' });
  return NOTHING;
}

function made(world: World, tell: Tell, kind: number, change: Partial<PromptView>): Done {
  const ask = hexOf(`made ${world.next++}`);
  const prompt = { ...promptAt(kind, world.peers, world.options), ...change, ask };
  world.prompts.push(prompt);
  world.asks.push(rowOf(prompt, world.options.now));
  tell({ notice: 'asked', ask, quiet: false });
  return { done: 'asked', ask, code: prompt.code };
}

function signing(world: World, tell: Tell): Done {
  const lines = unsigned(world);
  if (lines.length === 0) throw fault('not-now', 'nothing waits for a signature');
  const peers = world.peers.filter((peer) => lines.some((line) => line.startsWith(`${peer.name} `)));
  return made(world, tell, 6, {
    wish: 'sign-revocations', heading: 'Sign what you ended', what: 'The endings that wait for your signature', text: lines.join('\n'),
    to: peers.map((peer) => `${peer.name} · key ${peer.words}`),
    warnings: ['Copies already received cannot be recalled.', 'Once signed this cannot be taken back. You can share the same artifact anew.'],
  });
}

function job(id: number): JobState {
  return {
    job: id, file: '~/.claude/projects/harbour-api/0e1c-session.jsonl', done: 0, files: 48, bytes: 0, total: 73_400_000,
    traces: 0, crystals: 0, known: 0, skipped: 0, empty: 0, links: 0, malformed: 0, unknown: 0,
    oversized: 0, failed: 0, failures: [], skips: [], state: 'running',
  };
}

function importing(world: World, tell: Tell): Done {
  const id = world.next++;
  let state = job(id);
  tell({ notice: 'job', state });
  const timer = setInterval(() => {
    const done = Math.min(48, state.done + 3);
    state = { ...state, done, bytes: (state.total * done) / 48, crystals: Math.floor(done / 2), traces: done, known: 2, empty: 1, unknown: 14 };
    if (done === 48) {
      clearInterval(timer);
      state = { ...state, state: 'finished', failed: 1, failures: ['~/.claude/projects/harbour-api/broken.jsonl ends in the middle of a line; what came before was kept'] };
      for (let n = 0; n < state.crystals; n += 1) world.crystals.push(crystalAt(world.crystals.length, world.options.now));
      tell({ notice: 'memory' });
    }
    tell({ notice: 'job', state });
  }, 250);
  world.jobs.set(id, timer);
  return { done: 'started', job: id };
}
