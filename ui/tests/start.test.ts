// The first start in its four steps, and connecting a program there and in Settings.
import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import App from '../src/app/App.svelte';
import type { Act } from '../src/host';
import type { FakeHost, Options } from '../src/host/fake';
import { accessible, button, node, seen, show } from './world';

const TITLES = ['What is here already', 'Your key', 'Connect your agents', 'Invite someone, or not yet'];
const heading = (name: string) => screen.getByRole('heading', { level: 1, name });
const type = (label: string, value: string) => fireEvent.input(screen.getByLabelText(label), { target: { value } });
const made = () => button('Make my keys') as HTMLButtonElement;
const kinds = (host: FakeHost) => host.acts.map((act: Act) => act.act);

async function first(options: Partial<Options> = {}) {
  const host = node({ world: 'empty', phase: 'new', ...options });
  await show(App, {}, TITLES[0] ?? '');
  await seen(/212 logs/);
  return host;
}

/** To the key, without an import. */
async function key(options: Partial<Options> = {}) {
  const host = await first(options);
  await fireEvent.click(button('Not now'));
  await seen('How shall the key be kept?');
  return host;
}

async function pin() {
  await type('New PIN', 'orbit maple tin');
  await type('Once more', 'orbit maple tin');
  await fireEvent.click(made());
}

/** Past the recovery phrase, which is put off. */
async function onward() {
  await seen('Your recovery phrase is not written down yet.');
  expect(heading(TITLES[1] ?? '')).toBeTruthy();
  await fireEvent.click(button('Later'));
  await seen('Connect your agents');
}

/** Writes the recovery phrase down and types it from the paper. */
async function phrase(host: FakeHost) {
  await fireEvent.click(button('Write down the recovery phrase …'));
  await screen.findByRole('dialog');
  await type('PIN', host.world.options.pin);
  await fireEvent.click(button('Show the recovery phrase'));
  await fireEvent.click(await screen.findByRole('button', { name: 'I have written them down' }));
  await type('The 24 words, as you wrote them', `${'abandon '.repeat(23)}art`);
  await fireEvent.click(button('Verify'));
}

describe('the recovery phrase', () => {
  test('is verified in the step of the key, which it ends', async () => {
    const host = await key();
    await pin();
    await seen('Your recovery phrase is not written down yet.');
    await waitFor(() => expect(document.activeElement).toBe(heading(TITLES[1] ?? '')));
    expect(screen.queryByRole('button', { name: 'Next' })).toBeNull();
    await accessible();
    await phrase(host);
    await seen('Written down and verified.');
    expect(screen.queryByRole('button', { name: 'Later' })).toBeNull();
    await fireEvent.click(button('Next'));
    await seen('Connect your agents');
    await fireEvent.click(button('Next'));
    await fireEvent.click(await screen.findByRole('button', { name: 'Done' }));
    await screen.findByRole('navigation', { name: 'Places' });
    expect(screen.queryByText('Your recovery phrase is not written down yet.')).toBeNull();
  });

  test('that was put off is asked for in every place of the window until it is verified', async () => {
    const host = node({ world: 'few' });
    location.hash = '#/asks';
    await show(App, {}, 'Your recovery phrase is not written down yet.');
    await accessible();
    for (const place of ['peers', 'balances', 'journal', 'memory', 'settings']) {
      location.hash = `#/${place}`;
      await waitFor(() => expect(screen.getAllByText('Your recovery phrase is not written down yet.').length).toBe(1));
    }
    location.hash = '#/asks';
    await waitFor(() => expect(screen.queryByText('Key and keychain')).toBeNull());
    await phrase(host);
    await waitFor(() => expect(screen.queryByText('Your recovery phrase is not written down yet.')).toBeNull());
    expect(host.world.phraseVerified).toBe(true);
  });
});

describe('the four steps', () => {
  test('each has a face, can be read by everyone, and moves the focus to its title', async () => {
    const host = await first();
    for (const [n, title] of TITLES.entries()) {
      await waitFor(() => expect(heading(title)).toBeTruthy());
      expect(screen.getByText(['Found here', 'Your key', 'Your agents', 'Invite'][n] ?? '', { selector: '[aria-current=step]' })).toBeTruthy();
      if (n > 0) expect(document.activeElement).toBe(heading(title));
      if (n === 2) await seen('Claude Code');
      await accessible();
      const name = ['Not now', 'Later', 'Next', 'Done'][n] ?? '';
      await fireEvent.click(button(name));
    }
    // everything was skipped: the window says what is missing, and leads back to it
    await seen('There is no key yet.');
    expect(host.acts).toEqual([]);
    await fireEvent.click(button('Make my key'));
    await seen('How shall the key be kept?');
    await fireEvent.click(button('Back'));
    await waitFor(() => expect(heading(TITLES[0] ?? '')).toBeTruthy());
  });

  test('what is here is imported with one click, once there is a key to keep it by', async () => {
    const host = await first();
    expect(screen.getByText(/They are read once your key is made/)).toBeTruthy();
    expect(screen.getByText(/Claude Code deletes logs after 30 days: 41 of these go within a week/)).toBeTruthy();
    await fireEvent.click(button('Import them'));
    await seen('How shall the key be kept?');
    expect(host.acts).toEqual([]);
    await pin();
    await onward();
    expect(kinds(host)).toEqual(['init', 'import', 'follow']);
    expect(host.world.followed).toBe(true);
    expect(host.acts[1]).toEqual({ act: 'import', path: '/home/ada/.claude/projects' });
    await seen('Importing');
    await fireEvent.click(button('Stop'));
    await seen('Import stopped');
    expect(kinds(host)).toEqual(['init', 'import', 'follow', 'cancel-import']);
  });

  test('a choice that was taken back imports nothing', async () => {
    const host = await first();
    await fireEvent.click(button('Import them'));
    await seen('How shall the key be kept?');
    await fireEvent.click(button('Back'));
    await waitFor(() => expect(heading(TITLES[0] ?? '')).toBeTruthy());
    await fireEvent.click(button('Not now'));
    await seen('How shall the key be kept?');
    await pin();
    await onward();
    expect(kinds(host)).toEqual(['init']);
  });

  test('an invitation needs the key, and is made like any other ticket', async () => {
    const host = await key();
    await pin();
    await onward();
    await fireEvent.click(button('Next'));
    await seen(TITLES[3] ?? '');
    expect((button('Give a ticket') as HTMLButtonElement).disabled).toBe(false);
    await fireEvent.click(button('Give a ticket'));
    await fireEvent.click(await screen.findByRole('button', { name: 'Ask and review' }));
    await waitFor(() => expect(kinds(host)).toEqual(['init', 'ticket', 'review']));
  });

  test('the steps are found again in Settings', async () => {
    node({ world: 'few' });
    location.hash = '#/settings';
    await show(App, {}, 'Go through the first steps again');
    await fireEvent.click(button('Go through the first steps again'));
    await waitFor(() => expect(heading(TITLES[0] ?? '')).toBeTruthy());
    await seen(/212 logs/);
    await fireEvent.click(button('Not now'));
    await seen('In the keychain, wrapped by a PIN');
    expect(screen.queryByText('How shall the key be kept?')).toBeNull();
  });
});

describe('the key', () => {
  test('is made behind a strong PIN, typed twice', async () => {
    const host = await key();
    await accessible();
    await type('New PIN', '1234567890');
    await type('Once more', '1234567890');
    expect(made().disabled).toBe(true);
    await type('New PIN', 'orbit maple tin');
    expect(screen.getByText('The two are not the same.')).toBeTruthy();
    await type('Once more', 'orbit maple tin');
    await type('Your name, as suggested to peers', ' ada ');
    await fireEvent.click(made());
    await onward();
    expect(host.acts).toEqual([{ act: 'init', keep: { keep: 'pin', pin: 'orbit maple tin' }, name: 'ada' }]);
  });

  test('the phrase of the consent window is chosen with it, or left out', async () => {
    const host = await key();
    await type('New PIN', 'orbit maple tin');
    await type('Once more', 'orbit maple tin');
    await type('Phrase', 'abc');
    expect(screen.getByText('It has 4 to 60 characters.')).toBeTruthy();
    expect(made().disabled).toBe(true);
    await type('Phrase', ' seven grey herons ');
    await fireEvent.click(screen.getByLabelText('Plum'));
    await accessible();
    await fireEvent.click(made());
    await onward();
    expect(host.acts[1]).toEqual({ act: 'set-mark', phrase: 'seven grey herons', colour: 'plum' });
    // and not asked for again
    await fireEvent.click(button('Back'));
    await seen('In the keychain, wrapped by a PIN');
    expect(screen.queryByLabelText('Phrase')).toBeNull();
  });

  test('refusing a PIN is told what it means, and must be meant', async () => {
    const host = await key();
    await fireEvent.click(screen.getByLabelText(/without a PIN/));
    expect(screen.getByText(/any program that runs as you can read this key/)).toBeTruthy();
    expect(made().disabled).toBe(true);
    await fireEvent.click(screen.getByLabelText(/I understand/));
    await fireEvent.click(made());
    await onward();
    expect(host.acts[0]).toEqual({ act: 'init', keep: { keep: 'keychain' }, name: '' });
  });

  test.each([['ready', false], ['locked', false], ['tampered', false], ['missing', true], ['unsupported', true]] as const)(
    'with a keychain that is %s a file is offered: %s', async (keychain, offered) => {
      await key({ keychain });
      expect(screen.queryByLabelText(/In a file/) !== null).toBe(offered);
      expect((screen.getByLabelText(/wrapped by a PIN/) as HTMLInputElement).disabled).toBe(keychain !== 'ready');
      expect(made().disabled).toBe(true);
    },
  );

  test('a keychain can be looked at again', async () => {
    const host = await key({ keychain: 'locked' });
    host.world.options.keychain = 'ready';
    await fireEvent.click(button('Check again'));
    await waitFor(() => expect(screen.queryByText(/the keychain is locked/)).toBeNull());
  });

  test('what the node refuses is said, and nothing is lost', async () => {
    await key();
    await type('New PIN', 'my password is long');
    await type('Once more', 'my password is long');
    await fireEvent.click(made());
    await seen(/among the first that anybody tries/);
    expect(made().disabled).toBe(false);
  });
});

describe('connecting a program', () => {
  async function settings(options: Partial<Options> = {}) {
    const host = node({ world: 'few', ...options });
    location.hash = '#/settings';
    await show(App, {}, 'Claude Code');
    return host;
  }

  test('shows the change before it is made, what the handshake saw, and undoes it', async () => {
    const host = await settings();
    await fireEvent.click(button('Connect: Claude Code'));
    await seen('Connect Claude Code?');
    expect(screen.getByRole('group', { name: 'What changes in the file' }).textContent).toContain('+    "tracenet": {');
    await accessible();
    expect(host.acts).toEqual([]);
    await fireEvent.click(button('Connect'));
    await seen('it works');
    expect(screen.getByText(/tracenet 0.1.0 speaks MCP 2025-06-18 and offers 8 tools/)).toBeTruthy();
    expect(screen.getByText(/It is let in already/)).toBeTruthy();
    expect(screen.getByText(/before-tracenet-20251121-114800/)).toBeTruthy();
    await accessible();
    await fireEvent.click(screen.getAllByRole('button', { name: 'Close' }).at(-1) as HTMLElement);
    await fireEvent.click(await screen.findByRole('button', { name: 'Undo: Claude Code' }));
    await seen('Disconnect Claude Code?');
    await fireEvent.click(button('Undo'));
    await seen('The file is what it was before, byte for byte.');
    expect(kinds(host)).toEqual(['connect-client', 'undo-client']);
  });

  test('hooks are a choice of their own, shown before they are written, and go with it', async () => {
    const host = await settings();
    await fireEvent.click(button('Connect: Claude Code'));
    await seen('Connect Claude Code?');
    const hooks = () => screen.queryByRole('group', { name: 'What changes in the file of its hooks' });
    expect(hooks()).toBeNull();
    await fireEvent.click(screen.getByRole('checkbox', { name: 'Also recall by itself' }));
    await waitFor(() => expect(hooks()?.textContent).toContain('+    "SessionStart": ['));
    await accessible();
    await fireEvent.click(button('Connect'));
    await seen('it works');
    expect(screen.getByText('/home/ada/.claude/settings.json')).toBeTruthy();
    await fireEvent.click(screen.getAllByRole('button', { name: 'Close' }).at(-1) as HTMLElement);
    await seen('recalls by itself');
    await fireEvent.click(await screen.findByRole('button', { name: 'Undo: Claude Code' }));
    await seen('Disconnect Claude Code?');
    expect(hooks()?.textContent).toContain('-    "SessionStart": [');
    await fireEvent.click(button('Undo'));
    await waitFor(() => expect(screen.getAllByText('The file is what it was before, byte for byte.')).toHaveLength(2));
    expect(host.acts.map((act) => 'hooks' in act && act.hooks !== '')).toEqual([true, true]);
  });

  test('what is connected can be given its hooks later', async () => {
    const host = await settings({ claude: 'connected' });
    await fireEvent.click(button('Recall by itself: Claude Code'));
    await seen('Connect Claude Code?');
    expect(screen.queryByRole('checkbox', { name: 'Also recall by itself' })).toBeNull();
    await fireEvent.click(button('Connect'));
    await seen('it works');
    expect(host.acts).toEqual([{ act: 'connect-client', client: 'claude-code', seen: '', hooks: expect.stringMatching(/^[0-9a-f]+$/) }]);
  });

  test('a file that changed meanwhile is not written, and the change is shown anew', async () => {
    const host = await settings({ claude: 'changed' });
    await fireEvent.click(button('Connect: Claude Code'));
    await seen('Connect Claude Code?');
    host.world.options.claude = 'not-connected';
    await fireEvent.click(button('Connect'));
    await seen(/changed since its change was shown/);
    await fireEvent.click(await screen.findByRole('button', { name: 'Connect' }));
    await seen('it works');
    const seenBy = host.acts.map((act) => ('seen' in act ? act.seen : ''));
    expect(new Set(seenBy).size).toBe(2);
  });

  test('every other program is listed as it stands', async () => {
    await settings({ claude: 'not-found' });
    await seen('Not found on this machine: Claude Code, Cursor.');
    expect([...document.querySelectorAll('[data-client]')].map((row) => row.getAttribute('data-client'))).toEqual(['codex', 'vscode']);
    expect(screen.getByRole('button', { name: 'Connect: Codex CLI' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Connect: VS Code' })).toBeNull();
  });

  test.each([['not-found', /^Not found on this machine: Claude Code/], ['blocked', 'cannot be connected']] as const)('one that is %s offers nothing to press', async (claude, word) => {
    await settings({ claude });
    await seen(word);
    expect(screen.queryByRole('button', { name: 'Connect: Claude Code' })).toBeNull();
    if (claude === 'blocked') expect(screen.getByText(/is not JSON \(line 3, column 5\)/)).toBeTruthy();
    await accessible();
  });
});
