// Ending what was given and having it signed, and what is fetched ahead, over the fake node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import App from '../src/app/App.svelte';
import { EVENTS } from '../src/parts/entries.svelte';
import Consent from '../src/views/Consent.svelte';
import { words } from '../src/words';
import { accessible, button, node, seen, show } from './world';

async function settings(options: Parameters<typeof node>[0] = {}) {
  const host = node(options);
  location.hash = '#/settings';
  await show(App, {}, 'Stop sharing altogether');
  return host;
}

test('all that an agent asked for ends after a question that counts it', async () => {
  const host = await settings();
  await fireEvent.click(button('Revoke what it asked: claude-code'));
  await seen('Revoke all that “claude-code” asked for?');
  await seen('1 receipt to 2 people ends.');
  expect(screen.getByText(/This cannot be undone/)).toBeTruthy();
  expect(host.acts).toEqual([]);
  await accessible();
  await fireEvent.click(button('Revoke'));
  await waitFor(() => expect(host.acts).toEqual([{ act: 'revoke', what: { of: 'agent', name: 'claude-code' }, reason: '' }]));
});

test('what nothing is served of cannot be ended, and says so', async () => {
  const host = await settings();
  await fireEvent.click(button('Revoke what it asked: codex'));
  await seen('Nothing of this is served any more: there is nothing to end.');
  expect((button('Revoke') as HTMLButtonElement).disabled).toBe(true);
  expect(screen.queryByLabelText(/^Why/)).toBeNull();
  expect(host.acts).toEqual([]);
});

test('everything ends at once, and its word waits for the consent window', async () => {
  const host = await settings();
  await fireEvent.click(button('Revoke everything …'));
  await seen('2 receipts to 2 people end.');
  await accessible();
  await fireEvent.click(button('Revoke'));
  await seen(/^Ended: nothing of it is served/);
  expect(host.acts).toEqual([{ act: 'revoke', what: { of: 'all' }, reason: '' }]);
  expect(host.answers).toEqual([]);
});

test('a question that cannot be counted says why and does nothing', async () => {
  const host = await settings({ fail: ['would-revoke'] });
  await fireEvent.click(button('Revoke everything …'));
  await seen('The store cannot be read (would-revoke)');
  expect((button('Revoke') as HTMLButtonElement).disabled).toBe(true);
  expect(host.acts).toEqual([]);
});

describe('signing endings', () => {
  test('is asked for in the main window, which signs nothing itself', async () => {
    const host = node();
    await host.act({ act: 'revoke', what: { of: 'all' }, reason: 'a token is in it' });
    host.acts.length = 0;
    location.hash = '#/asks';
    await show(App, {}, '3 endings wait for your signature');
    await accessible();
    await fireEvent.click(button('Review and sign …'));
    await waitFor(() => expect(host.acts.map((act) => act.act)).toEqual(['ask-signature', 'review']));
    expect(host.answers).toEqual([]);
    await seen('Sign what you ended');
    expect(screen.getByText('3 endings wait for your signature')).toBeTruthy();
  });

  test('shows every ending in words before anything can be pressed', async () => {
    const host = node();
    await host.act({ act: 'revoke', what: { of: 'all' }, reason: 'a token is in it' });
    const asked = await host.act({ act: 'ask-signature' });
    const ask = asked.done === 'asked' ? asked.ask : '';
    await show(Consent, { ask }, 'Sign what you ended');
    const list = screen.getByRole('region', { name: 'What you sign: each of them is told this' });
    expect(within(list).getAllByText(/is told that this ended: “Fix for flaky port binding in CI”.*a token is in it$/).length).toBe(3);
    expect(screen.queryByRole('button', { name: /Whole text|Details/ })).toBeNull();
    await accessible();
  });
});

describe('what is fetched ahead', () => {
  test('is switched off and on, and its limits are changed', async () => {
    const host = await settings();
    await seen('Fetched ahead');
    await seen('109 KB of 2.1 GB');
    const change = button('Change the limits') as HTMLButtonElement;
    expect(change.disabled).toBe(true);
    await fireEvent.input(screen.getByLabelText('Megabytes from one peer'), { target: { value: 'ten' } });
    expect(screen.getByText('A whole number, 0 or more.')).toBeTruthy();
    expect(change.disabled).toBe(true);
    await fireEvent.input(screen.getByLabelText('Megabytes from one peer'), { target: { value: '10' } });
    await fireEvent.click(change);
    await waitFor(() => expect(host.acts).toEqual([{ act: 'fetch-ahead', perPeer: 10_000_000, total: 2_147_000_000 }]));
    await fireEvent.click(button('Turn off'));
    await seen('off: a text comes only when it is asked for');
    expect(host.world.ahead).toEqual({ perPeer: 10_000_000, total: 0 });
    await fireEvent.click(button('Turn on'));
    await waitFor(() => expect(host.world.ahead).toEqual({ perPeer: 10_000_000, total: 2 ** 31 }));
  });

  test('that fails to load says so and is asked for again', async () => {
    const host = await settings({ fail: ['ahead'] });
    await seen(/the store cannot be read \(ahead\)/);
    host.world.options.fail = [];
    await fireEvent.click(button('Try again'));
    await seen('109 KB of 2.1 GB');
  });
});

test('every event of the journal has words', () => {
  const rust = readFileSync(join(import.meta.dirname, '../../crates/consent/src/journal/event.rs'), 'utf8');
  const word = /pub const fn word\(&self\)[^}]*match self \{([\s\S]*?)\n {8}\}/.exec(rust)?.[1] ?? '';
  const events = [...word.matchAll(/=> "([^"]+)"/g)].map((found) => found[1]);
  expect(events.length).toBeGreaterThan(20);
  expect(Object.keys(words.journal.events).sort()).toEqual([...events].sort());
  expect([...EVENTS].sort()).toEqual([...events].sort());
});
