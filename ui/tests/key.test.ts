// The key: a right PIN that holds, the ways to lock it, and another PIN.
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import App from '../src/app/App.svelte';
import { Jobs } from '../src/parts/jobs.svelte';
import Consent from '../src/views/Consent.svelte';
import Settings from '../src/views/Settings.svelte';
import { words } from '../src/words';
import { accessible, button, node, seen, show } from './world';

afterEach(cleanup);

async function settings(options: Parameters<typeof node>[0] = {}) {
  const host = node(options);
  render(Settings, { props: { version: '0.1.0', jobs: new Jobs(), steps: () => {} } });
  await seen('Key and keychain');
  return host;
}

async function type(label: string | RegExp, text: string) {
  await fireEvent.input(screen.getByLabelText(label), { target: { value: text } });
}

test('an unlocked key is said in the line below and locked by a click', async () => {
  const host = node();
  host.world.unlocked = host.world.options.now + 600_000;
  location.hash = '#/asks';
  await show(App, {}, 'key unlocked');
  await fireEvent.click(button(/^key unlocked/));
  await waitFor(() => expect(screen.queryByText('key unlocked')).toBeNull());
  expect(host.acts).toEqual([{ act: 'lock' }]);
});

test('while the key is unlocked the consent window says so and asks for no PIN, but for what is public', async () => {
  const host = node();
  host.world.unlocked = host.world.options.now + 600_000;
  const [first, second] = host.world.asks;
  render(Consent, { props: { ask: first?.id ?? '' } });
  await seen('The key is unlocked: no PIN is asked for this once.');
  cleanup();
  render(Consent, { props: { ask: second?.id ?? '' } });
  await screen.findByRole('heading', { name: /publicly/i });
  expect(screen.queryByText('The key is unlocked: no PIN is asked for this once.')).toBeNull();
});

test.each(['locked', 'missing', 'unsupported', 'lost', 'tampered'] as const)('the settings say that the keychain is %s, and look again', async (keychain) => {
  const host = await settings({ keychain });
  const what = words.sentence(words.keychain[keychain]);
  expect(screen.getByText(what)).toBeTruthy();
  expect(screen.getByText(host.world.prompts[0]?.keychainHint ?? '')).toBeTruthy();
  host.world.options.keychain = 'ready';
  await fireEvent.click(button(words.keychain.again));
  await waitFor(() => expect(screen.queryByText(what)).toBeNull());
});

test('a key of the node is replaced by an ask, and human_key never', async () => {
  const host = await settings();
  for (const key of ['author', 'transport', 'journal'] as const) {
    await fireEvent.click(button(`Replace ${key}_key …`));
    await waitFor(() => expect(host.acts).toContainEqual({ act: 'rotate', key }));
    await waitFor(() => expect(host.world.asks.some((ask) => ask.wish === 'rotate')).toBe(true));
  }
  expect(screen.queryByText(/Replace human_key/)).toBeNull();
  expect(screen.getByText(/human_key cannot be replaced/)).toBeTruthy();
});

test('the settings lock the key and ask for the PIN every time', async () => {
  const host = await settings();
  expect(screen.getByText(/the next answer takes the PIN/)).toBeTruthy();
  host.world.unlocked = host.world.options.now + 600_000;
  host.notice({ notice: 'settings' });
  await waitFor(() => expect(button('Lock the key')).toBeTruthy());
  await fireEvent.click(button('Lock the key'));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Lock the key' })).toBeNull());
  await fireEvent.click(screen.getByLabelText('Ask for the PIN at every grant'));
  await waitFor(() => expect(host.world.pinAlways).toBe(true));
  await fireEvent.click(screen.getByLabelText('Ask for the PIN at every grant'));
  await screen.findByRole('dialog');
  await type('PIN until now', 'not it at all');
  await fireEvent.click(button('Ask for the PIN less often'));
  await seen(/the PIN is wrong/i);
  expect(host.world.pinAlways).toBe(true);
  await type('PIN until now', 'orbit maple tin');
  await fireEvent.click(button('Ask for the PIN less often'));
  await waitFor(() => expect(host.world.pinAlways).toBe(false));
});

test('a PIN is changed, taken away with a warning, and set', async () => {
  const host = await settings();
  await fireEvent.click(button('Change the PIN …'));
  await screen.findByRole('dialog');
  await accessible();
  const change = button('Change the PIN') as HTMLButtonElement;
  expect(change.disabled).toBe(true);
  await type('PIN until now', 'orbit maple tin');
  await type('New PIN', 'quay lantern rope');
  await type('Once more', 'quay lantern rope');
  await fireEvent.click(change);
  await waitFor(() => expect(host.world.options.pin).toBe('quay lantern rope'));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await fireEvent.click(button('Take the PIN away …'));
  await screen.findByText(/any program of yours can read the key/);
  await type('PIN until now', 'quay lantern rope');
  await fireEvent.click(button('Take the PIN away'));
  await waitFor(() => expect(host.world.options.protection).toBe('keychain'));
  await waitFor(() => expect(button('Set a PIN …')).toBeTruthy());
});

test('the recovery phrase is shown after the PIN, hidden, typed from the paper and verified', async () => {
  const host = await settings();
  await seen('Your recovery phrase is not written down yet.');
  await fireEvent.click(button('Write down the recovery phrase …'));
  await screen.findByRole('dialog');
  await accessible();
  await type('PIN', 'not it at all');
  await fireEvent.click(button('Show the recovery phrase'));
  await seen(/the PIN is wrong/i);
  expect(screen.queryByText('art')).toBeNull();
  await type('PIN', 'orbit maple tin');
  await fireEvent.click(button('Show the recovery phrase'));
  await seen('art');
  expect(screen.getAllByRole('listitem').filter((item) => item.textContent === 'abandon')).toHaveLength(23);
  await fireEvent.click(button('I have written them down'));
  expect(screen.queryByText('art')).toBeNull();
  await type('The 24 words, as you wrote them', 'abandon art');
  await fireEvent.click(button('Verify'));
  await seen(/phrase of another key/i);
  await type('The 24 words, as you wrote them', `${'abandon '.repeat(23)}art`);
  await fireEvent.click(button('Verify'));
  await seen('Written down and verified.');
  expect(host.world.phraseVerified).toBe(true);
});
