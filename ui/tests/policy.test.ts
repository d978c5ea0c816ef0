// What organisations forbid: the rows of a prompt that a policy touches, and the policies in
// Settings.
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FakeHost } from '../src/host/fake';
import Policies from '../src/parts/Policies.svelte';
import Consent from '../src/views/Consent.svelte';
import { accessible, button, node, seen, show } from './world';

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const LINE = 'Policy of Quay & Sons: no e-mail addresses';
const FORBIDDEN = 'Forbidden by the policy of Quay & Sons: no e-mail addresses.';

async function consent(change: (host: FakeHost) => void): Promise<FakeHost> {
  vi.useFakeTimers({ now: new Date('2026-11-20T12:00:00Z') });
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
  const host = node({ protection: 'keychain' });
  change(host);
  render(Consent, { props: { ask: host.world.asks[0]?.id ?? '' } });
  await vi.advanceTimersByTimeAsync(1_100);
  return host;
}

async function press(id: string) {
  const element = document.getElementById(id) as HTMLButtonElement;
  await fireEvent.pointerDown(element);
  await fireEvent.pointerUp(element);
  await fireEvent.click(element);
  await vi.advanceTimersByTimeAsync(1_100);
}

const forbid = (policies: string[], forbidden: string[]) => ({ world }: FakeHost) => {
  const prompt = world.prompts[0];
  if (prompt) Object.assign(prompt, { policies, forbidden, terms: [] });
};

describe('a prompt', () => {
  test('that a policy touches says so, and can be allowed', async () => {
    const host = await consent(forbid([LINE], []));
    const names = [...document.querySelectorAll('dt')].map((dt) => dt.textContent);
    expect(names).toEqual(['What', 'Found', 'To', 'Who', 'Says', 'Code', 'Policy', 'Note']);
    expect(screen.getByText(LINE)).toBeTruthy();
    await press('allow');
    expect(host.answers.map(({ verdict }) => verdict)).toEqual(['allow']);
  });

  test('that a policy forbids cannot be allowed, and can be redacted and denied', async () => {
    const host = await consent(forbid([LINE], [FORBIDDEN]));
    expect(screen.getByText(FORBIDDEN)).toBeTruthy();
    expect(screen.getByText('This cannot be allowed')).toBeTruthy();
    await press('allow');
    expect(host.answers).toEqual([]);
    expect(document.getElementById('choose-findings')).toBeTruthy();
    vi.useRealTimers();
    await accessible();
    vi.useFakeTimers({ now: new Date('2026-11-20T12:01:00Z') });
    await press('deny');
    await press('deny');
    expect(host.answers.map(({ verdict }) => verdict)).toEqual(['deny']);
  });

  test('whose bytes are gone cannot be allowed, and can be denied', async () => {
    const why = 'What would leave is gone from this machine: deny it.';
    const host = await consent((host) => {
      forbid([], [why])(host);
      Object.assign(host.world.prompts[0] ?? {}, { artifact: '', text: '', found: [] });
    });
    expect(screen.getByText(why)).toBeTruthy();
    expect(screen.getByText(/gone from this machine: it can be denied/)).toBeTruthy();
    await press('allow');
    expect(host.answers).toEqual([]);
    await press('deny');
    expect(host.answers.map(({ verdict }) => verdict)).toEqual(['deny']);
  });
});

describe('the policies', () => {
  async function settings(change: (host: FakeHost) => void = () => {}): Promise<FakeHost> {
    const host = node();
    change(host);
    await show(Policies, {}, 'What organisations forbid');
    return host;
  }

  const one = ({ world }: FakeHost) => {
    world.policies.push({
      org: 'Quay & Sons', key: 'ab'.repeat(32), words: 'maple-orbit-tin-dune-ink-pear', seq: 3, short: 'no public sharing',
      text: 'Nothing may be shared publicly.\nIt forbids until you drop it.', accepted: world.options.now, until: 0, over: false,
    });
  };

  test('are none at first', async () => {
    await settings();
    await seen('Nothing. What is shared is up to you alone.');
  });

  test('say what each forbids, and dropping one is asked', async () => {
    const host = await settings(one);
    await seen(/Nothing may be shared publicly/);
    await seen('maple-orbit-tin-dune-ink-pear');
    await accessible();
    await fireEvent.click(button('Drop the policy of Quay & Sons'));
    await waitFor(() => expect(host.acts).toContainEqual({ act: 'drop-policy', who: 'ab'.repeat(32) }));
    expect(host.world.policies.length).toBe(1);
  });

  test('that nobody can tell are said loudly, with the way out', async () => {
    const host = await settings(({ world }) => (world.policyTrouble = 'The journal was changed.'));
    await seen('The journal was changed.');
    await fireEvent.click(button('Drop every policy'));
    await waitFor(() => expect(host.acts).toContainEqual({ act: 'drop-policy', who: '' }));
  });

  test('a file is handed on as it is, and what the node says of it is shown', async () => {
    const host = await settings();
    const input = document.querySelector<HTMLInputElement>('[type=file]');
    if (!input) throw new Error('no field for a file');
    const choose = (bytes: number[]) => {
      const read = new Uint8Array(bytes);
      // jsdom's files cannot be read so
      const file = Object.assign(new File([read], 'acme.policy'), { arrayBuffer: async () => read.buffer });
      return fireEvent.change(input, { target: { files: [file] } });
    };
    await choose([0xa3, 0x01, 0xff]);
    await waitFor(() => expect(host.acts).toContainEqual({ act: 'accept-policy', policy: 'a301ff' }));
    await choose([0x00]);
    await seen(/^This is no policy/);
  });
});
