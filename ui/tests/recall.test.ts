// Recall in Memory: words at once and meanings when they come, and every step with its reason.
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import App from '../src/app/App.svelte';
import type { FakeHost } from '../src/host/fake';
import { accessible, button, node, seen, show } from './world';

async function memory(): Promise<void> {
  location.hash = '#/memory';
  await show(App, {}, 'TraceNet');
}

async function search(text: string): Promise<void> {
  await fireEvent.input(screen.getByRole('searchbox', { name: 'Search memory' }), { target: { value: text } });
}

const rows = () => within(screen.getByRole('listbox', { name: 'Crystals' })).getAllByRole('option');

/** Holds back whole answers until the returned function is called; words alone find the last row. */
function heldBack(host: FakeHost): () => void {
  const view = host.view.bind(host);
  let go: () => void = () => undefined;
  const held = new Promise<void>((done) => { go = done; });
  vi.spyOn(host, 'view').mockImplementation(async (query) => {
    const answer = await view(query);
    if (query.view !== 'memory' || query.text === '' || answer.view !== 'memory') return answer;
    if (!query.atOnce) await held;
    else Object.assign(answer, { rows: answer.rows.slice(-1) });
    return answer;
  });
  return go;
}

test('what words find is shown at once, and what meanings add replaces it', async () => {
  const host = node({ world: 'many' });
  const go = heldBack(host);
  await memory();
  await seen('10,000 crystals');
  await search('docker');
  await seen('Found by words; meanings are still looked at.');
  expect(rows()).toHaveLength(1);
  go();
  await seen('834 crystals');
  expect(screen.queryByText(/meanings are still looked at/)).toBeNull();
  expect(rows().length).toBeGreaterThan(1);
});

test('an answer by words that comes late replaces nothing', async () => {
  const host = node({ world: 'many' });
  const view = host.view.bind(host);
  let late: () => void = () => undefined;
  const held = new Promise<void>((done) => { late = done; });
  vi.spyOn(host, 'view').mockImplementation(async (query) => {
    const answer = await view(query);
    if (query.view === 'memory' && query.atOnce && answer.view === 'memory') {
      await held;
      Object.assign(answer, { rows: [] });
    }
    return answer;
  });
  await memory();
  await search('docker');
  await seen('834 crystals');
  late();
  await held;
  expect(screen.queryByText(/meanings are still looked at/)).toBeNull();
  await seen('834 crystals');
});

test('without a model it says that words alone were looked for', async () => {
  node({ model: 'missing' });
  await memory();
  await search('docker');
  await seen('Found by words alone: there is no model here.');
});

test('a recall tells each step, and why a peer was asked or was not', async () => {
  node({ world: 'many' });
  await memory();
  await search('docker');
  await fireEvent.click(await screen.findByRole('button', { name: 'How an agent’s recall goes' }));
  await seen(/from 0.57 on that is good enough/);
  const steps = screen.getByRole('list', { name: 'Steps' }).querySelectorAll('.name');
  expect([...steps].map((step) => step.textContent)).toEqual([
    'Fingerprint', 'Own memory', 'Heads of peers', 'Fetch and verify', 'Context',
  ]);
  expect(screen.getAllByText('not taken')).toHaveLength(2);
  await accessible();
  await fireEvent.click(screen.getAllByRole('button', { name: 'Close' })[0]!);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(button('How an agent’s recall goes')).toBeTruthy();
});
