// The consent window: what is shown, what may be pressed when, and what an answer carries.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FakeHost, Options } from '../src/host/fake';
import Consent from '../src/views/Consent.svelte';
import { accessible, node } from './world';

const PIN = 'orbit maple tin';
const REST = 1_100;
let focused = true;
let host: FakeHost;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T12:00:00Z') });
  focused = true;
  vi.spyOn(document, 'hasFocus').mockImplementation(() => focused);
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const rest = (ms = REST) => vi.advanceTimersByTimeAsync(ms);
const the = (id: string) => document.getElementById(id) as HTMLButtonElement;

async function open(options: Partial<Options> = {}, prepare: (host: FakeHost) => void = () => {}) {
  host = node(options);
  prepare(host);
  const ask = host.world.asks[0]?.id ?? '';
  render(Consent, { props: { ask } });
  await rest(0);
  return ask;
}

/** What a mouse does. */
async function click(element: Element, held = 0) {
  await fireEvent.pointerDown(element);
  await rest(held);
  await fireEvent.pointerUp(element);
  await fireEvent.click(element);
  await rest(10);
}

/** What a key does to the button it is pressed on, as browsers do it. */
async function key(element: Element, name: string) {
  const down = new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true });
  element.dispatchEvent(down);
  if (name === 'Enter' && !down.defaultPrevented && element instanceof HTMLButtonElement) await fireEvent.click(element);
  element.dispatchEvent(new KeyboardEvent('keyup', { key: name, bubbles: true }));
  if (name === ' ' && !down.defaultPrevented && element instanceof HTMLButtonElement) await fireEvent.click(element);
  await rest(10);
}

async function enterPin(pin: string) {
  await rest();
  await click(the('allow'));
  await fireEvent.input(the('pin'), { target: { value: pin } });
  await rest();
}

describe('the prompt', () => {
  test('shows every fact in its order, and is accessible', async () => {
    await open();
    const names = [...document.querySelectorAll('dt')].map((dt) => dt.textContent);
    expect(names).toEqual(['What', 'Found', 'To', 'Who', 'Says', 'Code', 'Note']);
    expect(screen.getByText('request 1 of 3')).toBeTruthy();
    expect(screen.getByText('claimed by the requester')).toBeTruthy();
    vi.useRealTimers();
    await accessible();
  });

  test('has the focus on Deny', async () => {
    await open();
    expect(document.activeElement).toBe(the('deny'));
  });

  test('shows the whole text and the line of a finding', async () => {
    await open();
    await click(screen.getByRole('button', { name: /GitHub token: show line/ }));
    const text = host.world.prompts[0]?.text.split('\n') ?? [];
    const shown = [...document.querySelectorAll('.said')].map((line) => line.textContent);
    expect(shown.slice(-text.length)).toEqual(text);
    expect(document.querySelector('.target .said')?.textContent).toContain('CI_TOKEN');
  });

  test('marks an unknown requester', async () => {
    await open({}, ({ world }) => (world.asks = world.asks.slice(2)));
    expect(screen.getByText('Unknown requester')).toBeTruthy();
  });

  test.each([
    '<img src=x onerror=alert(1)>', '<script>alert(1)</script>', '</dd><button id="allow">x</button>', '{@html 1}', '&lt;b&gt;', '“”"\'`${1}',
  ])('shows %j as text and nothing else', async (hostile) => {
    await open({}, ({ world }) => {
      const prompt = world.prompts[0];
      if (!prompt) return;
      Object.assign(prompt, { what: hostile, says: hostile, heading: hostile, text: hostile, to: [hostile], who: [hostile], warnings: [hostile] });
      prompt.head = { title: hostile, problem: hostile, family: [hostile] };
    });
    await click(screen.getByRole('button', { name: 'Whole text' }));
    expect(document.querySelectorAll('img, script, b').length).toBe(0);
    expect(document.querySelectorAll('#allow').length).toBe(1);
    expect(screen.getAllByText(hostile).length).toBeGreaterThanOrEqual(7);
  });
});

describe('arming', () => {
  test.each(['deny', 'allow'])('%s does nothing before a second of rest', async (name) => {
    await open({ protection: 'keychain' });
    expect(the(name).getAttribute('aria-disabled')).toBe('true');
    await rest(900);
    await click(the(name));
    expect(host.answers).toEqual([]);
    await rest();
    expect(the(name).getAttribute('aria-disabled')).toBe('false');
    await click(the(name));
    expect(host.answers.map((answer) => answer.verdict)).toEqual([name]);
  });

  test('nothing arms without the focus', async () => {
    focused = false;
    await open({ protection: 'keychain' });
    await rest(10_000);
    await click(the('allow'));
    await click(the('deny'));
    expect(host.answers).toEqual([]);
    expect(screen.getByText('Click this window to answer.')).toBeTruthy();
  });

  test('a changed prompt starts the rest again', async () => {
    await open({ protection: 'keychain' });
    await rest(950);
    const prompt = host.world.prompts[0];
    if (prompt) prompt.warnings = ['Something else.'];
    host.notice({ notice: 'settings' });
    await rest(50);
    await click(the('allow'));
    expect(host.answers).toEqual([]);
  });

  test('Enter never allows, at any time', async () => {
    await open({ protection: 'keychain' });
    for (let n = 0; n < 5; n += 1) {
      await rest();
      await key(the('allow'), 'Enter');
    }
    expect(host.answers).toEqual([]);
  });

  test('Space allows once it is armed, and not before', async () => {
    await open({ protection: 'keychain' });
    await key(the('allow'), ' ');
    expect(host.answers).toEqual([]);
    await rest();
    await key(the('allow'), ' ');
    expect(host.answers.map((answer) => answer.verdict)).toEqual(['allow']);
  });

  test('a robot that types and clicks never answers', async () => {
    await open({ protection: 'keychain' });
    for (let n = 0; n < 200; n += 1) {
      const target = the(n % 2 ? 'allow' : 'deny');
      if (n % 3 === 0) await click(target);
      else await key(target, n % 3 === 1 ? ' ' : 'Enter');
      await rest(40);
    }
    expect(host.answers).toEqual([]);
  });

  test('a press carried over to the next prompt does nothing', async () => {
    await open({ protection: 'keychain' });
    await rest();
    await click(the('allow'));
    await click(the('allow'));
    expect(host.answers.length).toBe(1);
  });
});

describe('answers', () => {
  test('carry the ask and the code that was shown', async () => {
    const ask = await open({ protection: 'keychain' });
    await rest();
    await click(the('allow'));
    expect(host.answers).toEqual([{ ask, verdict: 'allow', code: host.world.prompts[0]?.code, pin: '' }]);
  });

  test('the next ask comes, and after the last the window goes', async () => {
    await open({ protection: 'keychain' }, ({ world }) => (world.asks = world.asks.slice(0, 2)));
    await rest();
    await click(the('deny'));
    expect(screen.getByText('Share publicly, with anyone')).toBeTruthy();
    expect(document.activeElement).toBe(the('deny'));
    await rest();
    await click(the('deny'));
    expect(host.closed).toBe(0);
    await rest();
    expect(host.closed).toBe(1);
  });

  test('nothing waits: the window goes by itself', async () => {
    await open({ world: 'empty' });
    expect(host.closed).toBe(1);
  });

  test('Escape decides later', async () => {
    await open();
    await rest();
    await key(the('deny'), 'Escape');
    expect(host.answers).toEqual([]);
    expect(host.closed).toBe(1);
    expect(host.world.asks.filter((ask) => ask.state === 'pending').length).toBe(3);
  });

  test('an ask that was settled elsewhere says so and moves on', async () => {
    const ask = await open();
    await host.act({ act: 'deny', ask });
    await rest(10);
    expect(screen.getByText('Already answered: denied.')).toBeTruthy();
    expect(the('allow')).toBeNull();
    await rest(3_000);
    expect(screen.getByText('Share publicly, with anyone')).toBeTruthy();
  });

  test('a review brings that very prompt', async () => {
    await open();
    host.notice({ notice: 'review', ask: host.world.asks[2]?.id ?? '' });
    await rest(10);
    expect(screen.getByText('Let a local agent in')).toBeTruthy();
  });

  test('an answer to a prompt that has changed is refused and the new one shown', async () => {
    await open({ protection: 'keychain' });
    await rest();
    const prompt = host.world.prompts[0];
    if (prompt) Object.assign(prompt, { code: 'other-words-come-here' });
    await click(the('allow'));
    expect(screen.getByText('the prompt has changed since it was shown')).toBeTruthy();
    expect(screen.getByText('other-words-come-here')).toBeTruthy();
    expect(the('allow').getAttribute('aria-disabled')).toBe('true');
  });

  test('an allowed ticket stays until it was copied', async () => {
    await open({ protection: 'keychain', world: 'many' }, ({ world }) => (world.asks = world.asks.slice(3, 4)));
    await rest();
    await click(the('allow'));
    await rest(5_000);
    expect(screen.getByText(/^tracenet1/)).toBeTruthy();
    expect(host.closed).toBe(0);
    await click(screen.getByRole('button', { name: 'Close' }));
    expect(host.closed).toBe(1);
  });

  test.each([
    ['locked', 'the keychain is locked: unlock it', true],
    ['missing', 'no keychain was found: install one', true],
    ['unsupported', 'there is no session bus', false],
    ['lost', 'the secret of human_key is gone', false],
    ['tampered', 'human_key in the keychain was changed', false],
  ] as const)('a keychain that is %s: it is said once what to do, Allow is shut, Deny works, the ask waits', async (keychain, said, command) => {
    const ask = await open({ keychain, protection: 'keychain' });
    await rest();
    const telling = [...document.querySelectorAll('footer p')].filter((line) => line.textContent.includes('keychain') && line.textContent.includes(said));
    expect(telling.length).toBe(1);
    expect(document.body.textContent.match(/keychain is locked/gi)?.length ?? 0).toBe(keychain === 'locked' ? 1 : 0);
    expect(screen.queryByText('gnome-keyring-daemon --replace --unlock') !== null).toBe(command);
    expect(the('allow').getAttribute('aria-disabled')).toBe('true');
    await click(the('allow'));
    expect(host.answers).toEqual([]);
    await click(screen.getByRole('button', { name: 'Check again' }));
    await rest();
    await click(the('allow'));
    expect(host.answers).toEqual([]);
    expect(host.world.asks.find((one) => one.id === ask)?.state).toBe('pending');
    await rest();
    await click(the('deny'));
    expect(host.answers.map((answer) => answer.verdict)).toEqual(['deny']);
    host.world.options.keychain = 'ready';
    await click(screen.getByRole('button', { name: 'Check again' }));
    await rest();
    await click(the('allow'), 1_100);
    expect(host.answers.map((answer) => answer.verdict)).toEqual(['deny', 'allow']);
    expect(screen.queryByRole('button', { name: 'Check again' })).toBeNull();
  });

  test('a keychain that is ready is not spoken of, and Allow acts', async () => {
    await open({ protection: 'keychain' });
    await rest();
    expect(screen.queryByRole('button', { name: 'Check again' })).toBeNull();
    await click(the('allow'));
    expect(host.answers.map((answer) => answer.verdict)).toEqual(['allow']);
  });
});

describe('the PIN', () => {
  test('is asked for only after Allow, and goes out with the answer', async () => {
    await open();
    expect(the('pin')).toBeNull();
    await enterPin(PIN);
    expect(host.answers).toEqual([]);
    await click(the('allow-pin'));
    expect(host.answers.map((answer) => answer.pin)).toEqual([PIN]);
    expect(host.world.asks.filter((ask) => ask.state === 'pending').length).toBe(2);
    expect(the('pin')).toBeNull();
  });

  test('that is wrong is said, cleared, and can be tried again', async () => {
    await open();
    await enterPin('wrong one');
    await click(the('allow-pin'));
    expect(screen.getByText('the PIN is wrong')).toBeTruthy();
    expect((the('pin') as unknown as HTMLInputElement).value).toBe('');
    await rest();
    await click(the('allow-pin'));
    expect(host.answers.length).toBe(1);
  });

  test('Enter in its field does nothing', async () => {
    await open();
    await enterPin(PIN);
    await key(the('pin'), 'Enter');
    await rest();
    await key(the('allow-pin'), 'Enter');
    expect(host.answers).toEqual([]);
  });

  test('typing it starts the rest again', async () => {
    await open();
    await enterPin(PIN);
    await key(the('pin'), 'x');
    await click(the('allow-pin'));
    expect(host.answers).toEqual([]);
  });

  test('is forgotten when the window is hidden', async () => {
    await open();
    await enterPin(PIN);
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    await rest(10);
    expect(the('pin')).toBeNull();
  });
});

describe('sharing publicly', () => {
  const onlyPublic = ({ world }: FakeHost) => void (world.asks = world.asks.slice(1, 2));

  test('without a PIN wants a hold of one second', async () => {
    await open({ protection: 'keychain' }, onlyPublic);
    await rest();
    await click(the('allow'), 900);
    expect(host.answers).toEqual([]);
    await rest();
    await click(the('allow'), 1_100);
    expect(host.answers.map((answer) => answer.verdict)).toEqual(['allow']);
  });

  test('Space held for a second does it, Enter never', async () => {
    await open({ protection: 'keychain' }, onlyPublic);
    await rest();
    const hold = async (name: string) => {
      for (let n = 0; n < 40; n += 1) {
        the('allow')?.dispatchEvent(new KeyboardEvent('keydown', { key: name, repeat: n > 0, bubbles: true, cancelable: true }));
        await rest(33);
      }
      window.dispatchEvent(new KeyboardEvent('keyup', { key: name }));
    };
    await hold('Enter');
    expect(host.answers).toEqual([]);
    await rest();
    await hold(' ');
    expect(host.answers.length).toBe(1);
  });

  test.each([
    ['the pointer leaves', () => fireEvent.pointerLeave(the('allow'))],
    ['a key is pressed', () => fireEvent.keyDown(document.body, { key: 'a' })],
    ['the focus goes', () => { focused = false; }],
  ])('a hold ends when %s', async (_, disturb) => {
    await open({ protection: 'keychain' }, onlyPublic);
    await rest();
    await fireEvent.pointerDown(the('allow'));
    await rest(500);
    await disturb();
    await rest(5_000);
    expect(host.answers).toEqual([]);
  });

  test('with a PIN asks for it instead', async () => {
    await open({}, onlyPublic);
    await enterPin(PIN);
    await click(the('allow-pin'));
    expect(host.answers.length).toBe(1);
  });
});

describe('taking something out', () => {
  test('is chosen finding by finding, and goes on to what is left', async () => {
    const ask = await open();
    await click(screen.getByRole('button', { name: 'Redact …' }));
    const boxes = screen.getAllByRole('checkbox');
    expect(boxes.map((box) => (box as HTMLInputElement).checked)).toEqual([true, true, true]);
    await fireEvent.click(boxes[1] as HTMLElement);
    await rest();
    await click(the('redact'));
    expect(host.answers).toEqual([
      { ask, verdict: 'redact', code: host.world.prompts[0]?.code, pin: '', findings: [1, 3] },
    ]);
    expect(screen.getByText('You took 2 findings out of what was asked for.')).toBeTruthy();
    expect(host.world.asks.find((one) => one.id === ask)?.state).toBe('denied');
    expect(the('allow').getAttribute('aria-disabled')).toBe('true');
  });

  test('of nothing is shut, and choosing starts the rest again', async () => {
    await open();
    await click(screen.getByRole('button', { name: 'Redact …' }));
    await rest();
    for (const box of screen.getAllByRole('checkbox')) await fireEvent.click(box);
    await click(the('redact'));
    await rest();
    await click(the('redact'));
    expect(host.answers).toEqual([]);
    await click(screen.getByRole('button', { name: 'Back' }));
    expect(the('allow')).toBeTruthy();
  });
});

describe('what changed', () => {
  test('is shown line by line, as text', async () => {
    await open({}, ({ world }) => {
      const prompt = world.prompts[0];
      if (prompt) prompt.changes = { since: 'Since the version that you shared on 12 Nov 2026.', diff: '@@ -1 +1 @@\n-<b>old</b>\n+<b>new</b>\n' };
    });
    expect(screen.getByText('Since the version that you shared on 12 Nov 2026.')).toBeTruthy();
    expect(screen.getByText('+<b>new</b>')).toBeTruthy();
    expect(document.querySelectorAll('b').length).toBe(0);
  });
});

describe('several together', () => {
  /** Two plain ones: the first of the world, without what was found, twice. */
  const two = ({ world }: FakeHost) => {
    const [first, row] = [world.prompts[0], world.asks[0]];
    if (!first || !row) return;
    const batch = [first.ask, 'second'];
    Object.assign(first, { found: [], warnings: [], batch });
    world.prompts.push({ ...first, ask: 'second', what: 'The second one', code: 'other-four-words-here' });
    world.asks = [row, { ...row, id: 'second' }];
  };

  test('are each shown whole, and answered with one PIN', async () => {
    const ask = await open({}, two);
    await click(screen.getByRole('button', { name: 'Review 2 together' }));
    expect(screen.getByText('2 requests to share with the same people')).toBeTruthy();
    expect(screen.getByText('The second one')).toBeTruthy();
    expect(screen.getAllByRole('button', { name: 'Whole text' }).length).toBe(2);
    await enterPin(PIN);
    await click(the('allow-pin'));
    expect(host.answers).toEqual([
      { ask, verdict: 'allow', code: host.world.prompts[0]?.code, pin: PIN, with: [{ ask: 'second', code: 'other-four-words-here' }] },
    ]);
    expect(host.world.asks.map((one) => one.state)).toEqual(['allowed', 'allowed']);
  });

  test('fall apart when one of them is settled elsewhere', async () => {
    await open({}, two);
    await click(screen.getByRole('button', { name: 'Review 2 together' }));
    await host.act({ act: 'deny', ask: 'second' });
    await rest(10);
    expect(screen.queryByText('2 requests to share with the same people')).toBeNull();
    expect(the('allow').textContent).toContain('Allow');
  });
});

describe('the phrase', () => {
  test('stands above every prompt, on its colour', async () => {
    await open();
    const phrase = screen.getByText('seven grey herons');
    expect(phrase.classList.contains('teal')).toBe(true);
    vi.useRealTimers();
    await accessible();
  });

  test('is asked for where none was chosen, and its want is said where it cannot be read', async () => {
    await open({}, ({ world }) => (world.mark = undefined));
    expect(screen.getByText(/You have chosen no phrase yet/)).toBeTruthy();
    cleanup();
    await open({ fail: ['mark'] });
    expect(screen.getByText('Your phrase cannot be read now.')).toBeTruthy();
    expect(the('deny')).toBeTruthy();
  });
});
