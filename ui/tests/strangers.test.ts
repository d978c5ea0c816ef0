// Who knocks, who is shut out, and how far a peer is trusted, over the fake node.
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import App from '../src/app/App.svelte';
import { accessible, button, node, seen, show } from './world';

async function peers(part: string | RegExp, options: Parameters<typeof node>[0] = {}) {
  const host = node(options);
  location.hash = '#/peers';
  await show(App, {}, 'Give a ticket');
  await waitFor(() => screen.getByLabelText(part));
  await fireEvent.click(screen.getByLabelText(part));
  return host;
}

describe.each([['Inbox', 'inbox', 'Nobody waits at the door'], ['Blocked', 'blocked', 'Nobody is blocked']])('%s', (name, view, empty) => {
  test.each(['few', 'many'] as const)('with %s is accessible', async (world) => {
    await peers(new RegExp(`^${name} \\(`), { world });
    await waitFor(() => expect(screen.getByRole('list', { name: /Who/ })).toBeTruthy());
    await accessible();
  });
  test('without anybody says so', async () => {
    await peers(name, { world: 'empty' });
    await seen(empty);
    await accessible();
  });
  test('that fails says what, and tries again', async () => {
    const host = await peers(name, { fail: [view] });
    await seen(new RegExp(`the store cannot be read \\(${view}\\)`));
    host.world.options.fail = [];
    await fireEvent.click(button('Try again'));
    await waitFor(() => expect(screen.queryByText(/the store cannot be read/)).toBeNull());
  });
});

test('a full inbox says that others are refused', async () => {
  await peers('Inbox (64)', { world: 'many' });
  await seen('The inbox is full');
});

test('letting somebody in is an ask, with a name of one’s own', async () => {
  const host = await peers('Inbox (2)');
  const endpoint = host.world.inbox[0]?.endpoint;
  await fireEvent.click(await screen.findByRole('button', { name: 'Accept: mara' }));
  await seen('Let them in?');
  await accessible();
  await fireEvent.input(screen.getByLabelText(/What to call them/), { target: { value: 'mara from the lab' } });
  await fireEvent.click(button('Ask and review'));
  await waitFor(() => expect(host.acts.map((act) => act.act)).toEqual(['accept', 'review']));
  expect(host.acts[0]).toEqual({ act: 'accept', who: endpoint, name: 'mara from the lab' });
  expect(host.answers).toEqual([]);
});

test('a knock is dismissed at once, and blocked after a second question', async () => {
  const host = await peers('Inbox (2)');
  const [first, second] = host.world.inbox;
  await fireEvent.click(await screen.findByRole('button', { name: 'Dismiss: mara' }));
  await waitFor(() => expect(screen.queryByText('“mara”')).toBeNull());
  await fireEvent.click(button(/^Block: /));
  await seen(/^Block .*\?$/);
  expect(host.acts.length).toBe(1);
  await fireEvent.input(screen.getByLabelText(/Why, for your own memory/), { target: { value: 'asks for money' } });
  await fireEvent.click(button('Block'));
  await seen('Nobody waits at the door');
  expect(host.acts).toEqual([
    { act: 'dismiss', who: first?.endpoint }, { act: 'block', who: second?.endpoint, endpoint: true, reason: 'asks for money' },
  ]);
  await fireEvent.click(await screen.findByLabelText('Blocked (3)'));
  await seen('You blocked them: asks for money');
});

test('a full inbox is emptied after a second question', async () => {
  const host = await peers('Inbox (64)', { world: 'many' });
  await fireEvent.click(await screen.findByRole('button', { name: 'Dismiss all …' }));
  await seen('Take all 64 who knocked out of the inbox?');
  await accessible();
  expect(host.acts).toEqual([]);
  await fireEvent.click(button('Dismiss all'));
  await seen('Nobody waits at the door');
  expect(host.acts).toEqual([{ act: 'dismiss-all' }]);
});

test('a block is lifted by an ask alone', async () => {
  const host = await peers('Blocked (2)');
  await seen('They sent something that is no validly signed crystal.');
  await fireEvent.click(button('Unblock: tern'));
  await waitFor(() => expect(host.acts.map((act) => act.act)).toEqual(['unblock', 'review']));
  expect(screen.getByText('They sent something that is no validly signed crystal.')).toBeTruthy();
});

test('letting asks, no longer letting does not, and both say what they mean', async () => {
  const host = await peers(/^People/);
  await fireEvent.click(await screen.findByRole('option', { name: /harbour/ }));
  const details = screen.getByRole('complementary', { name: 'harbour' });
  expect(within(details).getByText(/only when they search memory/)).toBeTruthy();
  await fireEvent.click(within(details).getByRole('button', { name: 'Let this peer …' }));
  await waitFor(() => expect(host.acts.map((act) => act.act)).toEqual(['let', 'review']));
  await fireEvent.click(screen.getByRole('option', { name: /north/ }));
  await fireEvent.click(button('No longer let'));
  await seen(/Nothing of theirs is fetched ahead or given unasked/);
  expect(host.acts.at(-1)).toEqual({ act: 'unlet', who: host.world.peers[0]?.human });
});

test('a blocked peer says why and offers nothing but the way back', async () => {
  const host = await peers(/^People/);
  await fireEvent.click(await screen.findByRole('option', { name: /north/ }));
  await fireEvent.click(button('Block …'));
  await seen('Block north?');
  await fireEvent.click(button('Block'));
  await seen('You blocked them.');
  expect(screen.getByRole('option', { name: /north/ }).textContent).toContain('Blocked');
  expect(screen.queryByRole('button', { name: 'Let this peer …' })).toBeNull();
  await accessible();
  await fireEvent.click(button('Unblock …'));
  await waitFor(() => expect(host.acts.map((act) => act.act)).toEqual(['block', 'unblock', 'review']));
});
