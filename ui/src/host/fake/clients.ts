// What the fake node finds on its machine: logs, and a Claude Code that can be connected.
import type { Act, ClientView, Done, LogsRow, Notice } from '../types';
import { hexOf } from './names';
import { fault, type World } from './world';

const FILE = '/home/ada/.claude.json';
const COPY = '/home/ada/.claude.json.before-tracenet-20251121-114800';
const HOOKS = '/home/ada/.claude/settings.json';
const hookDiff = (mark: string) =>
  `--- ${HOOKS}\n+++ ${HOOKS}\n@@ -1,3 +1,3 @@\n {\n${['  "hooks": {', '    "SessionStart": [', '      …', '    ]', '  }'].map((line) => `${mark}${line}\n`).join('')} }\n`;
const DAY = 86_400_000;
const ENTRY = ['    "tracenet": {', '      "type": "stdio",', '      "command": "/usr/bin/tracenet",', '      "args": [', '        "mcp",', '        "--as",', '        "claude-code"', '      ],', '      "env": {}', '    }'];
const TOOLS = ['recall', 'open', 'remember', 'outcome', 'request_share', 'share_status', 'withdraw', 'peers'];

/** The logs that are found: none in an empty world that has its keys. */
export function foundIn({ options }: World): LogsRow[] {
  if (options.world === 'empty' && options.phase === 'ready') return [];
  const files = options.world === 'many' ? 12_480 : 212;
  return [{
    name: 'claude-code', title: 'Claude Code', folder: '/home/ada/.claude/projects', files, bytes: files * 361_000,
    oldest: options.now - 29 * DAY, newest: options.now - 9 * 60_000, keepsDays: 30, soon: 41,
  }];
}

/** Claude Code as it stands. */
export function claudeIn({ options, agents }: World): ClientView {
  const { claude } = options;
  const blocked = claude === 'blocked';
  const head = `--- ${FILE}\n+++ ${FILE}\n`;
  const connect = `${head}@@ -41,6 +41,16 @@\n   "mcpServers": {\n     "github": {\n       "command": "npx"\n-    }\n+    },\n${ENTRY.map((line) => `+${line}\n`).join('')}   },\n   "theme": "dark"\n`;
  const undo = `${head}@@ -41,16 +41,6 @@\n     "github": {\n       "command": "npx"\n-    },\n+    }\n${ENTRY.map((line) => `-${line}\n`).join('')}   },\n   "theme": "dark"\n`;
  return {
    name: 'claude-code', title: 'Claude Code', state: claude, file: FILE, program: claude === 'not-found' ? '' : '/home/ada/.local/bin/claude',
    paired: agents.some((agent) => agent.name === 'claude-code'),
    why: blocked ? `${FILE} is not JSON (line 3, column 5)` : '',
    hint: blocked ? 'nothing was changed: mend it in an editor, or let the program write it anew' : '',
    connect: claude === 'not-connected' || claude === 'changed' ? { diff: connect, seen: hexOf(`connect ${claude}`) } : null,
    undo: claude === 'connected' || claude === 'changed' ? { diff: undo, seen: hexOf(`undo ${claude}`) } : null,
    hooks: {
      state: claude === 'not-found' ? claude : options.hooked ? 'connected' : 'not-connected', file: HOOKS, why: '', hint: '',
      connect: claude === 'not-found' || options.hooked ? null : { diff: hookDiff('+'), seen: hexOf('hooks connect') },
      undo: options.hooked ? { diff: hookDiff('-'), seen: hexOf('hooks undo') } : null,
    },
  };
}

/** Every program: the others stand still. */
export function clientsIn(world: World): ClientView[] {
  const none = { program: '', paired: false, why: '', hint: '', connect: null, undo: null, hooks: null };
  const codex = '/home/ada/.codex/config.toml';
  const diff = `--- ${codex}\n+++ ${codex}\n@@ -1,1 +1,4 @@\n model = "o"\n+\n+[mcp_servers.tracenet]\n+command = "/usr/bin/tracenet"\n+args = ["mcp", "--as", "codex"]\n`;
  return [
    claudeIn(world),
    { ...none, name: 'codex', title: 'Codex CLI', state: 'not-connected', file: codex, connect: { diff, seen: hexOf('connect codex') } },
    { ...none, name: 'cursor', title: 'Cursor', state: 'not-found', file: '/home/ada/.cursor/mcp.json' },
    { ...none, name: 'vscode', title: 'VS Code', state: 'connected', file: '/home/ada/.config/Code/User/mcp.json', undo: { diff, seen: hexOf('undo vscode') } },
  ];
}

function check(world: World, seen: string, shown: string | undefined): void {
  if (world.options.fail.includes('connect-client') || seen !== shown) {
    throw fault('not-now', `${FILE} changed since its change was shown`, 'nothing was changed: look at the new change and decide again');
  }
}

/** Connects it. */
export function connectClient(world: World, act: Extract<Act, { act: 'connect-client' }>, tell: (notice: Notice) => void): Done {
  const { connect, paired, hooks } = claudeIn(world);
  if (act.seen || !act.hooks) check(world, act.seen, connect?.seen);
  if (act.hooks) check(world, act.hooks, hooks?.connect?.seen);
  world.options.claude = 'connected';
  world.options.hooked ||= act.hooks !== '';
  tell({ notice: 'settings' });
  const ready = paired && world.options.phase === 'ready';
  return {
    done: 'connected', file: FILE, backup: act.seen ? COPY : '', stands: true, why: '',
    hooksFile: act.hooks ? HOOKS : '', hooksBackup: '',
    handshake: {
      server: 'tracenet 0.1.0', protocol: '2025-06-18', tools: TOOLS, ready, ask: '',
      said: ready ? '' : 'this node has no keys yet: open the app and choose a PIN, or run `tracenet init`',
    },
  };
}

/** Takes it out again. */
export function undoClient(world: World, act: Extract<Act, { act: 'undo-client' }>, tell: (notice: Notice) => void): Done {
  const { undo, hooks } = claudeIn(world);
  const files = [];
  if (act.seen || !act.hooks) {
    check(world, act.seen, undo?.seen);
    files.push({ file: FILE, exact: true, backup: '' });
  }
  if (act.hooks) {
    check(world, act.hooks, hooks?.undo?.seen);
    files.push({ file: HOOKS, exact: true, backup: '' });
  }
  if (act.seen) world.options.claude = 'not-connected';
  if (act.hooks) world.options.hooked = false;
  tell({ notice: 'settings' });
  return { done: 'undone', files };
}
