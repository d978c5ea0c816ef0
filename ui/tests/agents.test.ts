// What is decided about agents: for how long something is allowed, who is muted or blocked.
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { Jobs } from '../src/parts/jobs.svelte';
import Asks from '../src/views/Asks.svelte';
import Consent from '../src/views/Consent.svelte';
import Settings from '../src/views/Settings.svelte';
import { accessible, node } from './world';

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const seen = (text: string | RegExp) => screen.findByText(text);

async function consent() {
  vi.useFakeTimers({ now: new Date('2026-11-20T12:00:00Z') });
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
  const host = node({ protection: 'keychain' });
  render(Consent, { props: { ask: host.world.asks[0]?.id ?? '' } });
  await vi.advanceTimersByTimeAsync(0);
  return host;
}

async function press(id: string) {
  await vi.advanceTimersByTimeAsync(1_100);
  const element = document.getElementById(id) as HTMLButtonElement;
  await fireEvent.pointerDown(element);
  await fireEvent.pointerUp(element);
  await fireEvent.click(element);
  await vi.advanceTimersByTimeAsync(10);
}

async function settings() {
  const host = node();
  host.world.rules.push({
    id: 'ab'.repeat(32), agent: 'claude-code', term: 'day', what: 'Bind to port 0', artifact: 'cd'.repeat(32),
    to: ['north', 'harbour'], until: host.world.options.now + 9e6, uses: 2, used: host.world.options.now,
  });
  render(Settings, { props: { version: '0.1.0', jobs: new Jobs(), steps: () => {} } });
  await seen('Allowed for longer than once');
  return host;
}

test('a yes is once unless another time is chosen, and every choice arms anew', async () => {
  const host = await consent();
  const day = screen.getByLabelText<HTMLInputElement>('24 hours');
  expect(screen.getByLabelText<HTMLInputElement>('Once').checked).toBe(true);
  await vi.advanceTimersByTimeAsync(1_100);
  await fireEvent.click(day);
  expect(document.getElementById('allow')?.getAttribute('aria-disabled')).toBe('true');
  expect(screen.getByText(/for 24 hours/)).toBeTruthy();
  await press('allow');
  expect(host.answers.map(({ verdict, term }) => [verdict, term])).toEqual([['allow', 'day']]);
  expect(host.world.rules.map((rule) => rule.term)).toEqual(['day']);
});

test('what asks for no choice offers none', async () => {
  const host = node();
  vi.useFakeTimers({ now: new Date('2026-11-20T12:00:00Z') });
  render(Consent, { props: { ask: host.world.asks[1]?.id ?? '' } });
  await vi.advanceTimersByTimeAsync(0);
  expect(screen.queryByLabelText('24 hours')).toBeNull();
});

test.each([['deny-mute', 'mute'], ['deny-block', 'block']] as const)('%s says what is done about the agent', async (id, rebuke) => {
  const host = await consent();
  await press(id);
  expect(host.answers.map((answer) => [answer.verdict, answer.rebuke])).toEqual([['deny', rebuke]]);
});

test('a rule tells its people, its time and its use, and is narrowed or ended', async () => {
  const host = await settings();
  await seen('claude-code may share with north, harbour');
  await seen(/used 2 times, last/);
  await accessible();
  await fireEvent.click(screen.getByRole('button', { name: 'Without north: Bind to port 0' }));
  await seen('claude-code may share with harbour');
  expect(screen.queryByRole('button', { name: /^Without/ })).toBeNull();
  await fireEvent.click(screen.getByRole('button', { name: 'End rule: Bind to port 0' }));
  await seen('Nothing is. You choose it in the consent window, when you allow something.');
  expect(host.acts.map((act) => act.act)).toEqual(['narrow-rule', 'end-rule']);
});

test('a muted agent is heard again, a blocked one may ask again', async () => {
  const host = node();
  const agent = host.world.agents[0];
  if (!agent) throw new Error('there is an agent');
  agent.mutedUntil = host.world.options.now + 3e6;
  render(Settings, { props: { version: '0.1.0', jobs: new Jobs(), steps: () => {} } });
  await seen(/muted until/);
  await fireEvent.click(screen.getByRole('button', { name: `Hear again: ${agent.name}` }));
  await waitFor(() => expect(screen.queryByText(/muted until/)).toBeNull());
  await fireEvent.click(screen.getByRole('button', { name: `Block: ${agent.name}` }));
  const sure = await screen.findByRole('dialog', { name: `Block “${agent.name}”?` });
  await fireEvent.click(within(sure).getByRole('button', { name: 'Block' }));
  await fireEvent.click(await screen.findByRole('button', { name: `Lift block: ${agent.name}` }));
  await waitFor(() => expect(screen.queryByText('Blocked agents')).toBeNull());
  expect(host.acts.map((act) => act.act)).toEqual(['unmute', 'block-agent', 'unblock-agent']);
});

test('all that waits is denied after a second question', async () => {
  const host = node();
  const waiting = host.world.asks.filter((ask) => ask.state === 'pending').length;
  render(Asks, { props: { unsigned: 0 } });
  await fireEvent.click(await screen.findByRole('button', { name: 'Deny all …' }));
  const sure = await screen.findByRole('dialog', { name: `Deny all ${waiting} asks that wait?` });
  await fireEvent.click(within(sure).getByRole('button', { name: 'Deny all' }));
  await waitFor(() => expect(host.world.asks.every((ask) => ask.state !== 'pending')).toBe(true));
  expect(host.acts).toEqual([{ act: 'deny-all' }]);
});
