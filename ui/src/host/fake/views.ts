// What the fake node shows.
import type { CrystalRow, CrystalView, Query, View } from '../types';
import { balances, deliveries, proofs } from './books';
import { clientsIn, foundIn } from './clients';
import { crystalOf, stepsOf } from './crystals';
import { unlock, unlockOf } from './key';
import { hexOf, keyWords } from './names';
import { left } from './left';
import { autopsy, past } from './past';
import { standing } from './prompts';
import { recall } from './recall';
import { related } from './related';
import { ahead, offered, receipts, wouldRevoke } from './shared';
import { anchor, purgeOf, retainOf, storage } from './storage';
import { isFull } from './strangers';
import { worth } from './worth';
import { fault, type World } from './world';

const ROLES = ['human', 'author', 'transport', 'solana', 'journal'] as const;

/** The view of a query. */
export function viewed(world: World, query: Query): View {
  switch (query.view) {
    case 'status': return status(world);
    case 'unlock': return unlock(world);
    case 'asks': return {
      view: 'asks',
      pending: world.asks.filter((ask) => ask.state === 'pending'),
      decided: world.asks.filter((ask) => ask.state !== 'pending').sort((a, b) => b.ended - a.ended).slice(0, 50),
    };
    case 'ask': return ask(world, query.ask);
    case 'prompt': return prompt(world, query.ask);
    case 'mark': return { view: 'mark', chosen: world.mark !== undefined, phrase: world.mark?.phrase ?? '', colour: world.mark?.colour ?? '' };
    case 'memory': return memory(world, query);
    case 'recall': return recall(world, query);
    case 'why': case 'saved': case 'recurring': return past(world, query);
    case 'autopsy': return autopsy(world, query.after);
    case 'related': return related(world, query);
    case 'crystal': return { view: 'crystal', ...whole(world, crystal(world, query.id)) };
    case 'trace': {
      const steps = stepsOf(crystal(world, query.id));
      return { view: 'trace', total: steps.length, steps: steps.slice(query.offset, query.offset + query.limit) };
    }
    case 'peers': return { view: 'peers', peers: [...world.peers] };
    case 'network': return network(world);
    case 'balances': return balances(world);
    case 'deliveries': return deliveries(world, query);
    case 'proofs': return proofs(world, query.peer);
    case 'receipts': return receipts(world, query);
    case 'would-revoke': return wouldRevoke(world, query.what);
    case 'ahead': return ahead(world);
    case 'offered': return offered(world, query);
    case 'inbox': return { view: 'inbox', rows: [...world.inbox], full: isFull(world) };
    case 'blocked': return { view: 'blocked', rows: [...world.blocked] };
    case 'journal': {
      const rows = world.journal
        .filter((row) => (query.before === 0 || row.seq < query.before) && (query.event === '' || row.event === query.event))
        .slice(0, query.limit);
      return { view: 'journal', total: world.journal.length, rows };
    }
    case 'left': return left(world, query);
    case 'entries': return { view: 'entries', rows: [], head: hexOf('head') };
    case 'worth': return worth(world);
    case 'verify': return {
      view: 'verify', whole: !world.options.tampered, entries: world.journal.length,
      problem: world.options.tampered ? 'entry 31 does not follow from entry 30' : '',
      hint: world.options.tampered ? 'Somebody changed the journal, or a backup was restored. Keep a copy of the data folder before anything else.' : '',
      head: hexOf('head'), anchor: anchor(world),
    };
    case 'settings': return settings(world);
    case 'policies': return { view: 'policies', policies: [...world.policies], trouble: world.policyTrouble };
    case 'would-accept': throw fault('invalid', 'this is no policy, or it was changed since it was signed');
    case 'doctor': return { view: 'doctor', checks: [] };
    case 'found': return { view: 'found', logs: foundIn(world), followed: world.followed, failures: [] };
    case 'evidence': return { view: 'evidence', crystal: query.id, trace: query.id, format: 'claude-code', place: '', lines: 0, odd: 0, fields: [] };
    case 'export': return { view: 'export', form: query.form, text: '' };
    case 'clients': return { view: 'clients', clients: clientsIn(world) };
    case 'storage': return storage(world);
    case 'purge': return purgeOf(world, query.ids);
    case 'retain': return retainOf(world, query);
  }
}

function keys(world: World) {
  if (world.options.phase === 'new') return null;
  const [human, author, transport, solana, journal] = ROLES.map((role) => hexOf(role)) as [string, string, string, string, string];
  return { human, author, transport, solana, journal, words: keyWords('human', 6) };
}

function status(world: World): View {
  const { options, crystals, peers } = world;
  const fromPeers = crystals.filter((row) => row.origin === 'peer').length;
  return {
    view: 'status', phase: options.phase, version: '0.1.0', home: '/home/ada/.local/share/tracenet', keys: keys(world),
    ...standing(options.keychain), anchor: anchor(world), protection: options.phase === 'new' ? '' : options.protection,
    unlock: unlockOf(world), window: true, crystals: crystals.length - fromPeers, fromPeers, heads: 0, traces: crystals.length - fromPeers, peers: peers.length,
    connected: peers.filter((peer) => peer.connected).length, pending: world.asks.filter((row) => row.state === 'pending').length,
    unsigned: world.receipts.flatMap((row) => row.holders).filter((one) => one.unsigned).length,
    altered: world.altered, agents: world.agents.length, port: 41_641, reach: reachOf(world), pid: 4_242,
  };
}

function reachOf(world: World): string {
  return world.reach.anywhere ? 'anywhere, by public relays' : 'this network only';
}

function network(world: World): View {
  return {
    view: 'network', decided: world.options.reached, ...world.reach, reach: reachOf(world),
    relayState: world.reach.anywhere ? 'connected' : 'off', relayInUse: world.reach.anywhere ? world.reach.relay || 'https://relay.example/' : '', relayWhy: '', port: 41_641, addresses: ['192.168.1.7:41641'],
    hiddenFrom: world.peers.filter((peer) => peer.hidden).map((peer) => peer.name),
  };
}

function whole(world: World, row: CrystalRow): CrystalView {
  const purged = world.purged.get(row.id) ?? 0;
  const said = world.judged.get(row.id);
  const seen = { ...crystalOf(row, world.peers), judged: said?.at ?? 0, distilled: said?.distilled ?? row.outcome };
  return purged > 0 ? { ...seen, hasTrace: false, tracePurged: purged } : seen;
}

function ask(world: World, id: string): View {
  const row = world.asks.find((one) => one.id === id);
  if (!row) throw fault('invalid', 'there is no such ask');
  const outcome = row.state === 'pending' ? '' : row.state === 'allowed' ? 'You allowed it.' : 'Nothing left this machine.';
  return { view: 'ask', row, outcome, ticket: world.tickets.get(id) ?? '' };
}

function prompt(world: World, id: string): View {
  const found = world.prompts.find((one) => one.ask === id);
  if (!found) throw fault('invalid', 'there is no such ask');
  const waiting = world.asks.filter((one) => one.state === 'pending');
  return {
    ...found, view: 'prompt', pin: found.pin && (found.irrevocable || world.unlocked === 0), position: Math.max(1, waiting.findIndex((one) => one.id === id) + 1), waiting: waiting.length,
    state: world.asks.find((one) => one.id === id)?.state ?? 'cancelled',
    ...standing(world.options.keychain),
  };
}

function memory(world: World, query: Extract<Query, { view: 'memory' }>): View {
  const terms = query.text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = world.crystals.filter((row) => {
    const text = `${row.title} ${row.problem} ${row.repo}`.toLowerCase();
    return (!query.origin || row.origin === query.origin) && (!query.outcome || row.outcome === query.outcome)
      && terms.every((term) => text.includes(term));
  });
  const heads = terms.length > 0 && world.peers.length > 0 && rows.length > 0 ? 2 : 0;
  return { view: 'memory', total: rows.length, rows: rows.slice(query.offset, query.offset + Math.min(200, query.limit)), heads, byWords: world.options.model === 'missing' };
}

function crystal(world: World, id: string) {
  const row = world.crystals.find((one) => one.id.startsWith(id));
  if (!row) throw fault('invalid', 'there is no crystal with this id', 'Copy the id again, or search for its title.');
  return row;
}

function settings(world: World): View {
  const traces = world.crystals.length;
  return {
    view: 'settings', agents: [...world.agents], rules: [...world.rules], altered: world.altered, blockedAgents: [...world.blockedAgents], ...standing(world.options.keychain),
    protection: world.options.protection, unlock: unlockOf(world), keys: keys(world), home: '/home/ada/.local/share/tracenet',
    traceBytes: traces * 41_200, logBytes: traces * 402_000, storeBytes: 1_572_864 + traces * 52_000, indexBytes: 204_800 + traces * 3_100,
    mcpCommand: '/home/ada/.local/bin/tracenet mcp --as NAME',
  };
}
