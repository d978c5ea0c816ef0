// What is worth sharing: people and finds are chosen, each becomes an ask, and a no is a no.
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import App from '../src/app/App.svelte';
import type { Options } from '../src/host/fake';
import { accessible, node, seen, show } from './world';

async function worth(options: Partial<Options> = {}) {
  const host = node({ world: 'many', ...options });
  location.hash = '#/memory';
  await show(App, {}, 'TraceNet');
  await fireEvent.click(await screen.findByRole('button', { name: 'Worth sharing' }));
  return host;
}

const dialog = () => within(screen.getByRole('dialog'));
const box = (name: string | RegExp) => dialog().getByRole('checkbox', { name }) as HTMLInputElement;

test('the memory says with whom there is something to share', async () => {
  node({ world: 'many' });
  location.hash = '#/memory';
  await show(App, {}, /5 finds worth sharing with (north|harbour)/);
  await fireEvent.click(screen.getByRole('button', { name: 'Look at them' }));
  await seen('Ready: nothing was found in them');
});

test('clean finds are asked for one by one and reviewed at once', async () => {
  const host = await worth();
  await seen('Ready: nothing was found in them');
  await accessible();
  const takes = dialog().getAllByRole('checkbox', { name: /^Share “/ });
  expect(takes.length).toBe(5);
  await fireEvent.click(takes[0]!);
  await fireEvent.click(dialog().getByRole('button', { name: 'Review 4 finds …' }));
  await waitFor(() => expect(host.acts.at(-1)?.act).toBe('review'));
  const shares = host.acts.filter((act) => act.act === 'share');
  expect(shares.length).toBe(4);
  const person = host.world.peers.find((peer) => peer.human === shares[0]!.to[0])!;
  expect(shares.every((act) => act.act === 'share' && !act.public && act.to.length === 1 && act.to[0] === person.human)).toBe(true);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('for more people only what all of them lack is proposed', async () => {
  const host = await worth();
  await seen('Ready: nothing was found in them');
  const third = host.world.peers[2]!.name;
  for (const name of ['north', 'harbour']) if (!box(name).checked) await fireEvent.click(box(name));
  await fireEvent.click(box(third));
  await waitFor(() => expect(dialog().getAllByRole('checkbox', { name: /^Share “/ }).length).toBe(1));
  for (const name of ['north', 'harbour', third]) await fireEvent.click(box(name));
  await seen('Choose somebody to share with.');
});

test('what has findings stands apart and is looked at alone', async () => {
  const host = await worth();
  await seen('Something was found in these: look at each, and take it out');
  await seen('e-mail address: a…@q…');
  await fireEvent.click(dialog().getByRole('button', { name: 'Look, and redact …' }));
  await waitFor(() => expect(host.acts.map((act) => act.act)).toEqual(['share', 'review']));
});

test('what is not to be shared is not proposed again', async () => {
  const host = await worth();
  await seen('Ready: nothing was found in them');
  const first = host.world.crystals.find((row) => row.origin === 'mine')!;
  await fireEvent.click(dialog().getAllByRole('button', { name: /Do not propose/ })[0]!);
  await waitFor(() => expect(dialog().queryAllByRole('checkbox', { name: /^Share “/ }).length).toBe(4));
  expect(host.acts.at(-1)).toMatchObject({ act: 'withhold', id: first.id });
});

test('it says what will stand here, and that somebody is needed', async () => {
  await worth({ world: 'empty' });
  await seen('There is nobody to share with yet');
  await accessible();
});
