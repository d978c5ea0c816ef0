// The Journal: each entry's who, what, to whom and why; what has ever left; and all of it in a file.
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import App from '../src/app/App.svelte';
import type { Options } from '../src/host/fake';
import { accessible, button, node, seen, show } from './world';

beforeEach(() => {
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: vi.fn().mockResolvedValue(undefined) }, configurable: true });
});

async function journal(options: Partial<Options> = {}) {
  const host = node(options);
  location.hash = '#/journal';
  await show(App, {}, 'Verify the journal');
  return host;
}

async function left(options: Partial<Options> = {}) {
  const host = await journal(options);
  await fireEvent.click(screen.getByLabelText('What has left'));
  return host;
}

const rows = () => within(screen.getByRole('listbox', { name: 'What has ever left this machine' })).getAllByRole('option');

test('an entry opens to who, what, to whom and why', async () => {
  await journal();
  const entries = await screen.findByRole('listbox', { name: 'Journal entries' });
  const asked = within(entries).getAllByRole('option').find((row) => row.textContent?.includes('asks to share'))!;
  await fireEvent.click(asked);
  const details = screen.getByRole('complementary', { name: 'Asked' });
  expect(within(details).getByText('they met the same error')).toBeTruthy();
  expect(within(details).getByText('maple-orbit-tin')).toBeTruthy();
  await accessible();
  await fireEvent.click(within(details).getByRole('button', { name: 'Close' }));
  expect(screen.queryByRole('complementary')).toBeNull();
});

test('what has left is told with to whom, on whose ask, and whether they signed', async () => {
  const host = await left();
  await seen(/things/);
  await accessible();
  const all = rows().length;
  const signed = rows().find((row) => row.textContent?.includes('has it and signed for it'))!;
  await fireEvent.click(signed);
  const details = screen.getByRole('complementary');
  expect(within(details).getByText('They signed for it, and you countersigned.')).toBeTruthy();
  expect(within(details).getByText('claude-code')).toBeTruthy();
  expect(within(details).getByText('the consent window')).toBeTruthy();
  await accessible();
  // from a row to the end of it
  await fireEvent.click(within(details).getByRole('button', { name: 'Revoke …' }));
  await seen('Revoke this receipt?');
  await fireEvent.click(await screen.findByRole('button', { name: 'Revoke' }));
  await waitFor(() => expect(host.acts.at(-1)?.act).toBe('revoke'));
  await waitFor(() => expect(rows().some((row) => row.textContent?.includes('ended'))).toBe(true));
  expect(rows().length).toBe(all);
});

test('a row leads to its crystal', async () => {
  const host = await left();
  await seen(/things/);
  const title = host.world.receipts[0]!.title;
  await fireEvent.click(rows().find((row) => row.textContent?.includes(title))!);
  await fireEvent.click(button('Open it'));
  expect(location.hash).toBe(`#/memory/${host.world.receipts[0]!.artifact}`);
});

test('it is searched by person and by artifact, and says when there is nothing', async () => {
  const host = await left();
  await seen(/things/);
  const search = screen.getByRole('searchbox', { name: 'A person, a title, the start of an id' });
  const person = host.world.peers[1]!.name;
  await fireEvent.input(search, { target: { value: person } });
  await waitFor(() => expect(rows().every((row) => row.textContent?.includes(person))).toBe(true));
  await fireEvent.input(search, { target: { value: 'nobody at all' } });
  await seen('Nothing like this ever left');
});

test('where nothing has left it says what will stand here', async () => {
  await left({ world: 'empty' });
  await seen('Nothing has left this machine');
  await accessible();
});

test('a failure is said and asked for again', async () => {
  const host = await left({ fail: ['left'] });
  await seen(/the store cannot be read \(left\)/);
  host.world.options.fail = [];
  await fireEvent.click(button('Try again'));
  await seen(/things/);
});

test('the journal is written to a file that the human picks', async () => {
  const host = await journal();
  await fireEvent.click(button('Export …'));
  await seen(/Wrote 40 entries and the signed head to \/home\/ada\/tracenet-journal.jsonl/);
  expect(host.acts.at(-1)).toEqual({ act: 'export-journal' });
});
