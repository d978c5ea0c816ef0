// Balances, storage and a store of another day, over the fake node.
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import App from '../src/app/App.svelte';
import { accessible, button, node, seen, show } from './world';

beforeEach(() => {
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: vi.fn().mockResolvedValue(undefined) }, configurable: true });
});

async function at(place: string, ready: string | RegExp) {
  location.hash = `#/${place}`;
  return show(App, {}, ready);
}

test('a figure opens the receipts that it is the sum of, and a receipt its details', async () => {
  node();
  await at('balances', 'harbour');
  expect(screen.getByRole('group', { name: 'With all peers' }).textContent).toContain('86.8 KB · 7 artifacts');
  await fireEvent.click(button('harbour'));
  expect(screen.getByText('2 receipts with harbour differ')).toBeTruthy();
  await accessible();
  await fireEvent.click(button('harbour, Given, diverged: 12.4 KB · 1 artifact. Show its receipts'));
  await seen('Given to harbour');
  await seen('Fix number 3');
  const lines = () => within(screen.getByRole('listbox', { name: 'Delivery receipts' })).getAllByRole('option');
  expect(lines().length).toBe(1);
  await fireEvent.click(lines()[0] as Element);
  const details = screen.getByRole('complementary', { name: 'Fix number 3' });
  expect(within(details).getByText('number 3 · 37.2 KB · 3 artifacts')).toBeTruthy();
  expect(within(details).getByText('24.8 KB · 2 artifacts')).toBeTruthy();
  expect(within(details).getByText('not countersigned by the giver')).toBeTruthy();
  await accessible();
  await fireEvent.change(screen.getByLabelText('Signatures'), { target: { value: '' } });
  await waitFor(() => expect(lines().length).toBe(7));
  await fireEvent.click(screen.getAllByRole('button', { name: 'Balances' })[1] as Element);
  expect(screen.getByRole('list', { name: 'Balances, peer by peer' })).toBeTruthy();
});

test('every figure above nothing is a way to its receipts, the totals to everybody’s', async () => {
  node();
  await at('balances', 'harbour');
  const figures = () => [...document.querySelectorAll('main p, main li')].filter((line) => /[1-9][\d,]* artifacts?$/.test(line.textContent.trim()));
  await fireEvent.click(button('harbour'));
  // two totals, what the rows say of each way that something went, and four of harbour's details
  expect(figures().length).toBeGreaterThan(6);
  for (const line of figures()) expect(line.querySelector('button')?.getAttribute('aria-label'), line.textContent).toMatch(/Show its receipts$/);
  await fireEvent.click(button('all peers, Given, in all: 86.8 KB · 7 artifacts. Show its receipts'));
  await seen('Given to all peers');
  await seen('Fix number 7');
  const lines = () => within(screen.getByRole('listbox', { name: 'Delivery receipts' })).getAllByRole('option');
  expect(lines().length).toBe(7);
  expect(lines()[6]?.textContent).toContain('harbour');
  await accessible();
  await fireEvent.click(lines()[6] as Element);
  expect(within(screen.getByRole('complementary', { name: 'Fix number 7' })).getByText('harbour')).toBeTruthy();
});

test('receipts behind a figure that fail to load say so and are asked for again', async () => {
  const host = node({ fail: ['deliveries'] });
  await at('balances', 'harbour');
  await fireEvent.click(button(/^harbour, Taken, in all/));
  await seen(/the store cannot be read \(deliveries\)/);
  host.world.options.fail = [];
  await fireEvent.click(button('Try again'));
  await seen('Fix number 1');
});

test('nothing given and nothing taken says what will stand here', async () => {
  node({ world: 'empty' });
  await at('balances', 'Nothing was given or taken yet');
  await accessible();
});

test('a limit shows what would go before anything goes', async () => {
  const host = node({ world: 'many' });
  await at('settings', 'How long traces are kept');
  const look = button('Show what would go') as HTMLButtonElement;
  expect(look.disabled).toBe(true);
  await fireEvent.input(screen.getByLabelText('Days'), { target: { value: 'ten' } });
  expect(screen.getByText('A whole number, 0 or more.')).toBeTruthy();
  await fireEvent.input(screen.getByLabelText('Days'), { target: { value: '30' } });
  await fireEvent.click(look);
  await seen('What would go');
  expect(screen.getByText(/This cannot be undone/)).toBeTruthy();
  expect(screen.getByText(/The oldest 500 of/)).toBeTruthy();
  expect(host.acts).toEqual([]);
  await accessible();
  await fireEvent.click(button('Keep to this limit from now on'));
  await seen(/^for 30 days/);
  expect(host.acts).toEqual([{ act: 'retain', days: 30, bytes: 0 }]);
  await fireEvent.click(button('Keep all for good'));
  await seen('for good');
});

test('the trace of one crystal goes after what depends on it was shown', async () => {
  const host = node();
  const id = host.world.crystals[0]?.id ?? '';
  await at(`memory/${id}`, '1,420 steps');
  await fireEvent.click(button('Let the trace go …'));
  await seen(/1 trace goes, .* come free/);
  expect(screen.getByText(/shared under 2 receipts: who has it keeps it/)).toBeTruthy();
  expect(host.acts).toEqual([]);
  await fireEvent.click(button('Let the trace go'));
  await seen(/The trace of this crystal was let go/);
  expect(host.acts.map((act) => act.act)).toEqual(['purge']);
  expect(button('Ask to share')).toBeTruthy();
});

test.each(['behind', 'elsewhere', 'forged'])('a store that is %s is said loudly everywhere, with the way on', async (anchor) => {
  const host = node({ anchor });
  host.world.phraseVerified = true;
  await at('asks', 'Waits for you');
  const notice = screen.getByRole('alert');
  expect(notice.textContent).toMatch(/THIS STORE|THE ANCHOR/);
  await accessible();
  await fireEvent.click(button('Go on with this store'));
  await waitFor(() => expect(host.acts.map((act) => act.act)).toEqual(['resume', 'review']));
  expect(host.answers).toEqual([]);
});

test.each([['holds', false], ['not-yet', false], ['lost', true], ['unread', true]])(
  'an anchor that is %s needs no decision (said: %s)', async (anchor, said) => {
    node({ anchor }).world.phraseVerified = true;
    await at('asks', 'Waits for you');
    expect(screen.queryByRole('alert') !== null).toBe(said);
    expect(screen.queryByRole('button', { name: 'Go on with this store' })).toBeNull();
  },
);

test('rules that another program changed are said everywhere, until the human saw it', async () => {
  const host = node();
  host.world.altered = 2;
  host.world.phraseVerified = true;
  await at('asks', 'Waits for you');
  expect(screen.getByRole('alert').textContent).toContain('2 rules were not what you signed for.');
  await accessible();
  await fireEvent.click(button('I have seen this'));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  expect(host.acts.map((act) => act.act)).toEqual(['altered-seen']);
});
