// Crystals and traces of the fake world: believable ones, as many as are wanted.
import type { Anchor, CrystalRow, CrystalView, PeerRow, StepRow } from '../types';
import { hashOf, hexOf, keyWords, pick } from './names';

const TASKS = [
  ['Fix for flaky port binding in CI', 'Tests that bind port 8080 fail at random when two jobs share a runner: “Address already in use (os error 98)”.'],
  ['Stop the migration from locking the orders table', 'Adding an index on orders blocks writes for four minutes; the deploy times out.'],
  ['Make the Docker build use its cache again', 'Every commit rebuilds all dependencies because the lock file is copied after the sources.'],
  ['Parse ISO dates with an offset in the importer', 'Rows with “+05:30” are dropped in silence; the importer only knows Z.'],
  ['Keep focus inside the dialog in Safari', 'Tab leaves the dialog when its last element is a select.'],
  ['Undo the N+1 queries on the invoice page', 'The page runs 1,204 queries for 300 invoices and takes nine seconds.'],
  ['Retry uploads without sending the file twice', 'A retried multipart upload doubles the stored object.'],
  ['Pin the linker so that the Alpine image links', 'ld: unrecognised option “--no-allow-shlib-undefined” on musl.'],
  ['Close the pool when a worker is told to stop', 'Workers hang for thirty seconds at shutdown because the pool keeps a connection.'],
  ['Round money once, at the end', 'Totals differ by a cent between the cart and the invoice.'],
  ['Read the config from XDG folders first', 'On shared machines the tool overwrites another user’s settings.'],
  ['Let the parser recover after a bad line', 'One malformed line ends the import of a 2 GB log.'],
] as const;
const REPOS = ['harbour/api', 'north/web', 'lab/importer', 'tools/ci', 'shop/checkout', 'infra/images', 'docs'];
const PEERS = ['north', 'harbour', 'ines'];

/** The row of crystal `n`, newest first. */
export function crystalAt(n: number, now: number): CrystalRow {
  const [title, problem] = pick(TASKS, n);
  const again = Math.floor(n / TASKS.length);
  const ofPeer = n % 5 === 2;
  return {
    id: hexOf(`crystal ${n}`),
    words: keyWords(`crystal ${n}`, 3),
    title: again === 0 ? title : `${title} (${pick(REPOS, again)} #${again + 100})`,
    problem,
    outcome: pick(['passed', 'accepted', 'passed', 'failed', 'passed', 'unknown'], n),
    repo: pick(REPOS, n),
    origin: ofPeer ? 'peer' : 'mine',
    peer: ofPeer ? pick(PEERS, n) : '',
    at: now - n * n * 40 - n * 1_900_000 - 200_000,
    size: 2_300 + (hashOf(`size ${n}`) % 14_000),
    shared: ofPeer ? 0 : n % 7 === 0 ? 2 : 0,
    withdrawn: n % 15 === 7 ? now - 3_600_000 : 0,
  };
}

/** All of a crystal. */
export function crystalOf(row: CrystalRow, peers: readonly PeerRow[]): CrystalView {
  const mine = row.origin === 'mine';
  return {
    row,
    problem: `${row.problem}\n\nIt happens about one time in six, only when the suite runs in parallel, and never on a developer’s machine.`,
    fix: [
      { kind: 'edit', file: 'tests/server.rs', text: '-    let listener = TcpListener::bind("127.0.0.1:8080")?;\n+    let listener = TcpListener::bind("127.0.0.1:0")?;\n+    let port = listener.local_addr()?.port();' },
      { kind: 'edit', file: 'tests/common/client.rs', text: '+pub fn connect(port: u16) -> Client {\n+    Client::new(format!("http://127.0.0.1:{port}"))\n+}' },
      { kind: 'command', file: '', text: 'cargo test --test server -- --test-threads 8' },
    ],
    checks: ['cargo test --test server → 0', 'for i in $(seq 50); do cargo test --test server || break; done → 0'],
    deadEnds: [
      { kind: 'command', file: '', text: 'sleep 2 before bind\nerror: still “Address already in use” in 3 of 20 runs' },
    ],
    lesson: ['Bind port 0 and ask for the port; never guess a free one.', 'SO_REUSEADDR hides the clash and lets two tests talk to one server.'],
    os: 'linux',
    tools: ['cargo 1.95', 'bash'],
    files: ['tests/server.rs', 'tests/common/client.rs'],
    author: hexOf(mine ? 'author' : row.peer),
    hasTrace: mine,
    tracePurged: 0,
    distilled: row.outcome,
    judged: 0,
    source: mine ? `claude-code · ~/.claude/projects/${row.repo.replace('/', '-')}/${row.id.slice(0, 8)}.jsonl` : '',
    anchors: mine ? ANCHORS : [],
    receivers: row.shared > 0
      ? peers.slice(0, row.shared).map((peer, n) => ({
          name: peer.name, receipt: hexOf(`receipt ${n}`), act: 'share-private', at: row.at + 3_600_000, told: true, delivered: n === 0,
        }))
      : [],
    receipt: mine ? '' : hexOf('receipt of a peer'),
    evidence: mine ? ANCHORS.length : 6,
  };
}

const ANCHORS: Anchor[] = [
  { field: 'title', from: 3, to: 3 },
  { field: 'problem', from: 3, to: 3 },
  { field: 'problem', from: 12, to: 13 },
  { field: 'fix.0', from: 31, to: 32 },
  { field: 'fix.1', from: 35, to: 36 },
  { field: 'fix.2', from: 39, to: 40 },
  { field: 'checks.0', from: 39, to: 40 },
  { field: 'checks.1', from: 43, to: 44 },
  { field: 'dead_ends.0', from: 20, to: 23 },
  { field: 'lesson.0', from: 45, to: 46 },
];

const STEPS: readonly (readonly [string, string, boolean, string])[] = [
  ['note', 'summary', false, 'Session begun in the repository'],
  ['ask', '', false, 'The server tests fail in CI about one run in six with “Address already in use”. Please find out why and fix it for good, do not just retry.'],
  ['think', '', false, 'Parallel tests binding a fixed port is the usual reason. Look at the tests first.'],
  ['call', 'Grep', false, 'pattern: 8080\npath: tests/'],
  ['result', 'Grep', false, 'tests/server.rs:14:    let listener = TcpListener::bind("127.0.0.1:8080")?;\ntests/common/client.rs:9:    Client::new("http://127.0.0.1:8080")'],
  ['call', 'Bash', false, 'cargo test --test server -- --test-threads 8'],
  ['result', 'Bash', true, `running 24 tests\n${Array.from({ length: 24 }, (_, n) => `test server::case_${n} ... ${n % 6 === 5 ? 'FAILED' : 'ok'}`).join('\n')}\n\nthread 'server::case_5' panicked: Os { code: 98, kind: AddrInUse, message: "Address already in use" }\n\ntest result: FAILED. 20 passed; 4 failed`],
  ['say', '', false, 'Four tests clash on port 8080 when they run side by side. I will try a short wait first to see whether it is only the closing of the old socket.'],
  ['call', 'Bash', false, 'sleep 2 && cargo test --test server'],
  ['result', 'Bash', true, 'test result: FAILED. 21 passed; 3 failed'],
  ['say', '', false, 'Waiting does not help: the port is really taken. Binding port 0 lets the system choose.'],
  ['call', 'Edit', false, 'tests/server.rs\n-    let listener = TcpListener::bind("127.0.0.1:8080")?;\n+    let listener = TcpListener::bind("127.0.0.1:0")?;\n+    let port = listener.local_addr()?.port();'],
  ['result', 'Edit', false, 'The file tests/server.rs has been updated.'],
  ['call', 'Edit', false, 'tests/common/client.rs\n+pub fn connect(port: u16) -> Client {'],
  ['result', 'Edit', false, 'The file tests/common/client.rs has been updated.'],
  ['call', 'Bash', false, 'cargo test --test server -- --test-threads 8'],
  ['result', 'Bash', false, 'test result: ok. 24 passed; 0 failed'],
  ['call', 'Bash', false, 'for i in $(seq 50); do cargo test --test server || break; done'],
  ['result', 'Bash', false, 'test result: ok. 24 passed; 0 failed (50 times)'],
  ['say', '', false, 'Fixed: the tests bind port 0 and ask for the port. Fifty runs in a row pass with eight threads.'],
];
const LINES = [1, 3, 5, 12, 13, 18, 19, 20, 22, 23, 27, 31, 32, 35, 36, 39, 40, 43, 44, 45];

/** The steps of a crystal's trace. Those of the tenth are long, to try what long ones look like. */
export function stepsOf(row: CrystalRow): StepRow[] {
  const steps = STEPS.map(([kind, name, failed, text], n) => ({
    n, line: pick(LINES, n), kind, name, failed, text, bytes: new TextEncoder().encode(text).length,
  }));
  const more = hashOf(row.id) % 4 === 0 ? 1_400 : 0;
  for (let n = steps.length; n < STEPS.length + more; n += 1) {
    const [kind, name, failed, text] = pick(STEPS, n);
    steps.push({ n, line: 30 + n * 2, kind, name, failed, text, bytes: text.length });
  }
  return steps;
}
