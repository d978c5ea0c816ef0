// What was given and ended, and what is offered and fetched, over the fake node.
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import App from '../src/app/App.svelte';
import { accessible, button, node, seen, show } from './world';

async function at(place: string, ready: string | RegExp, options: Parameters<typeof node>[0] = {}) {
  const host = node(options);
  location.hash = `#/${place}`.replace('FIRST', host.world.crystals[0]?.id ?? '').replace('SECOND', host.world.crystals[1]?.id ?? '');
  await show(App, {}, ready);
  return host;
}

test('who holds what of a crystal is told receipt by receipt', async () => {
  await at('memory/FIRST', 'Who holds it');
  await seen('has it and signed for it');
  const lines = within(screen.getByRole('list', { name: 'Who holds it' })).getAllByRole('listitem').map((line) => line.textContent);
  expect(lines.length).toBe(5);
  expect(lines[0]).toContain('Shared privately');
  expect(lines[1]).toMatch(/north.*has it and signed for it/);
  expect(lines[2]).toMatch(/harbour.*told of it/);
  expect(lines[3]).toContain('Shared privately');
  await accessible(document.querySelector('article') ?? document.body);
});

test('what never left says so, and offers no end', async () => {
  await at('memory/SECOND', 'Nobody. It has never left this machine.');
  expect(screen.queryByRole('button', { name: /Revoke/ })).toBeNull();
});

test('one receipt is revoked after the honest sentence, with a reason, and without an ask', async () => {
  const host = await at('memory/FIRST', 'Who holds it');
  await fireEvent.click((await screen.findAllByRole('button', { name: /^Revoke: Shared privately, north, harbour/ }))[0] as Element);
  await seen('Revoke this receipt?');
  await seen('1 receipt to 2 people ends.');
  expect(screen.getByText(/^Copies already received cannot be recalled, by anyone\. This cannot be undone/)).toBeTruthy();
  expect(host.acts).toEqual([]);
  await accessible();
  await fireEvent.input(screen.getByLabelText(/^Why/), { target: { value: 'a token is in it' } });
  await fireEvent.click(button('Revoke'));
  await seen('a token is in it');
  const { receipt } = host.world.receipts[0] ?? {};
  expect(host.acts).toEqual([{ act: 'revoke', what: { of: 'one', id: receipt }, reason: 'a token is in it' }]);
  await seen('2 endings wait for your signature');
  expect(host.answers).toEqual([]);
});

test('all of an artifact, and all to one peer, end in one act', async () => {
  const host = await at('memory/FIRST', 'Who holds it');
  await fireEvent.click(await screen.findByRole('button', { name: 'Revoke all of it …' }));
  await fireEvent.click(await screen.findByRole('button', { name: 'Revoke' }));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Revoke all of it …' })).toBeNull());
  expect(host.acts).toEqual([{ act: 'revoke', what: { of: 'one', id: host.world.crystals[0]?.id }, reason: '' }]);
});

test('all to one peer ends after a second question', async () => {
  const host = await at('peers', 'north');
  await fireEvent.click(screen.getByRole('option', { name: /north/ }));
  await fireEvent.click(await screen.findByRole('button', { name: 'Revoke all to this peer …' }));
  await seen('Revoke all that was given to north?');
  await seen(/^\d+ receipts? to 1 person ends?\.$/);
  expect(screen.getByText(/^Copies already received cannot be recalled, by anyone\./)).toBeTruthy();
  expect(host.acts).toEqual([]);
  await fireEvent.click(button('Revoke'));
  await seen(/^Ended: nothing of it is served/);
  expect(host.acts).toEqual([{ act: 'revoke', what: { of: 'peer', name: host.world.peers[0]?.human }, reason: '' }]);
});

test('receipts that cannot be read say so', async () => {
  await at('memory/FIRST', /the store cannot be read \(receipts\)/, { fail: ['receipts'] });
});

test('what is offered is fetched from who is here, and says who is away', async () => {
  const host = await at('peers', 'north');
  await fireEvent.click(await screen.findByLabelText('Shared with me (5)'));
  const list = await screen.findByRole('list', { name: 'Shared with you and not fetched' });
  expect(within(list).getAllByText('harbour is away').length).toBe(2);
  expect(within(list).getByText('What they said of a crystal is not what the crystal says.')).toBeTruthy();
  const offers = within(list).getAllByRole('button', { name: /^Fetch/ });
  expect(offers.length).toBe(2);
  await accessible();
  await fireEvent.click(offers[0] as Element);
  await seen('Fetched and verified.');
  await waitFor(() => expect(within(list).getAllByRole('button', { name: /^Fetch/ }).length).toBe(1));
  expect(host.acts.map((act) => act.act)).toEqual(['fetch']);
  await fireEvent.change(screen.getByLabelText('Whose'), { target: { value: host.world.peers[1]?.human } });
  await waitFor(() => expect(screen.queryByRole('button', { name: /^Fetch/ })).toBeNull());
});

test('nothing offered says what would stand here', async () => {
  await at('peers', 'No peers yet', { world: 'empty' });
  await fireEvent.click(screen.getByLabelText('Shared with me'));
  await seen('Nothing waits to be fetched');
  await accessible();
});
