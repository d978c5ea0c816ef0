// Earlier runs in Memory: what recall saved, and errors that came again.
import { fireEvent, screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import App from '../src/app/App.svelte';
import type { JobState } from '../src/host';
import type { Options } from '../src/host/fake';
import { accessible, node, seen, show } from './world';

async function memory(options: Partial<Options> = {}) {
  const host = node(options);
  location.hash = '#/memory';
  await show(App, {}, 'TraceNet');
  return host;
}

const click = async (name: string | RegExp) => fireEvent.click(await screen.findByRole('button', { name }));

test('what recall saved is told with the source of every figure', async () => {
  const host = await memory();
  await click('Saved');
  await seen(/Agents said 3 times that what they recalled had helped/);
  await seen(/had taken 60 steps, 26 min, 812,000 tokens read, 9,400 written/);
  await seen(/18 steps, 40 s, no tokens counted/);
  await seen(/1 time it was wrong, 0 times stale/);
  await seen('Of 1 run something is not known, and is in no sum.');
  await accessible();
  const crystal = host.world.crystals.find((row) => row.origin === 'mine')!;
  await fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: crystal.title }));
  expect(location.hash).toBe(`#/memory/${crystal.id}`);
});

test('with no outcome nothing is claimed', async () => {
  await memory({ world: 'empty' });
  await click('Saved');
  await seen('No agent has said yet that something it recalled had helped.');
  expect(screen.queryByText(/tokens/)).toBeNull();
});

test('errors that came again are told with what they cost and what ended them', async () => {
  await memory();
  await click('Solved before');
  await seen('error: address already in use');
  await seen('cargo test -p quay');
  await seen('Edited before: src/quay.rs');
  await seen(/Took 18 steps, 40 s, no tokens counted, and was not ended in that run/);
  await accessible();
});

test('after an import it is shown by itself, and only then', async () => {
  const host = await memory();
  await seen('3 crystals');
  expect(screen.queryByRole('button', { name: 'Show what ended them' })).toBeNull();
  const state: JobState = {
    job: 1, state: 'finished', file: '', files: 1, done: 1, bytes: 9, total: 9, traces: 2, crystals: 2, known: 0,
    empty: 0, skipped: 26, links: 0, malformed: 0, unknown: 0, oversized: 0,
    failed: 23, failures: ['~/logs/opencode.db cannot be read'], skips: ['~/logs/noise.jsonl: not a log'],
  };
  host.notice({ notice: 'job', state });
  await seen('23 failures');
  await seen('and 22 more');
  await seen('26 passed over');
  await click('Show what ended them');
  await seen('error: address already in use');
});

test('how a run ended is corrected, and the rule keeps its word', async () => {
  const host = await memory();
  const row = host.world.crystals.find((one) => one.origin === 'mine' && one.outcome === 'passed')!;
  location.hash = `#/memory/${row.id}`;
  await seen(/Passed by the rule/);
  await fireEvent.change(await screen.findByRole('combobox', { name: 'How it ended' }), { target: { value: 'failed' } });
  await seen(/You said so/);
  await seen(/Passed by the rule/);
  expect(host.acts.at(-1)).toEqual({ act: 'judge', id: row.id, outcome: 'failed' });
  await accessible();
  await click('Let the rule stand');
  expect(host.acts.at(-1)).toEqual({ act: 'judge', id: row.id, outcome: '' });
});

test('a crystal is forgotten after a second question', async () => {
  const host = await memory();
  const row = host.world.crystals.find((one) => one.origin === 'mine' && one.shared === 0)!;
  location.hash = `#/memory/${row.id}`;
  await click('Forget …');
  await seen('This cannot be undone.');
  expect(host.acts).toEqual([]);
  await click('Forget it');
  await seen('Forgotten.');
  expect(host.world.crystals.some((one) => one.id === row.id)).toBe(false);
});

test('keys in kept logs are told by kind and file, with their age, and the last used first', async () => {
  node();
  location.hash = '#/settings';
  await show(App, {}, 'TraceNet');
  await click('Look for keys in the logs…');
  await seen(/Your agents recorded 2 keys that look live, in 2 logs \(2\.4 MB\)\. Rotate them/);
  const dialog = screen.getByRole('dialog');
  expect(within(dialog).getAllByRole('heading', { level: 3 }).map((one) => one.textContent)).toEqual(['npm token: 2 in 2 files']);
  const files = within(dialog).getAllByRole('listitem').map((one) => one.textContent);
  expect(files).toHaveLength(2);
  expect(files[0]).toMatch(/run\.jsonl.*used .*npm_…a4Q line 14/s);
  expect(files[1]).toMatch(/earlier\.jsonl.*used .*npm_…a4Q line 3.*npm_…Zb1 line 90/s);
  expect(dialog.textContent).toMatch(/first used .*, last /s);
  await accessible();
});
