// The parts that think: PINs, anchors, pages, traces, jobs, entries, and how numbers read.
import { describe, expect, test } from 'vitest';
import { ago, bytes, milliseconds } from '../src/kit/format';
import { fieldName, litSteps, spansOf } from '../src/parts/anchors';
import { Entries, ENTRIES } from '../src/parts/entries.svelte';
import { Jobs } from '../src/parts/jobs.svelte';
import { PAGE, Pages } from '../src/parts/pages.svelte';
import { judge, strong } from '../src/parts/pin';
import { STEPS, Trace } from '../src/parts/trace.svelte';
import { asFault, host, type JobState, type StepRow } from '../src/host';
import { node } from './world';

const settled = () => new Promise((done) => setTimeout(done, 20));

test.each([
  ['', false], ['short1', false], ['1234567890', false], ['12-34-56-78-90', false], ['abcdefghi', false],
  [' ten letters', false], ['ten letters', true], ['orbit maple tin', true], ['four two six nine ten', true],
  ['пароль из букв', true], ['🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊', true],
])('the PIN %j is strong: %s', (pin, good) => {
  expect(strong(pin)).toBe(good);
  expect(judge(pin).map((rule) => rule.rule)).toEqual(['length', 'mixed', 'ends']);
});

describe('anchors', () => {
  const anchors = [
    { field: 'problem', from: 3, to: 3 }, { field: 'problem', from: 12, to: 13 },
    { field: 'dead_ends.0', from: 20, to: 23 }, { field: 'fix.1', from: 5, to: 5 }, { field: 'fix.10', from: 6, to: 6 },
    { field: 'fix.1.text', from: 7, to: 7 },
  ];
  const step = (n: number, line: number) => ({ n, line }) as StepRow;

  test.each([['dead_ends.0', 'deadends.0'], ['deadEnds[0]', 'deadends.0'], ['dead-ends.0', 'deadends.0'], ['title', 'title']])(
    '%s is called %s', (field, name) => expect(fieldName(field)).toBe(name),
  );
  test('a field has all its spans and those of its parts, and no other’s', () => {
    expect(spansOf(anchors, 'problem').length).toBe(2);
    expect(spansOf(anchors, 'fix.1').map((span) => span.from)).toEqual([5, 7]);
    expect(spansOf(anchors, 'deadends.0')).toEqual([{ from: 20, to: 23 }]);
    expect(spansOf(anchors, 'lesson.0')).toEqual([]);
  });
  test('the steps whose line lies within are lit, ends included', () => {
    const steps = [step(0, 19), step(1, 20), step(2, 20), step(3, 23), step(4, 24)];
    expect([...litSteps(steps, [{ from: 20, to: 23 }])]).toEqual([1, 2, 3]);
    expect(litSteps(steps, []).size).toBe(0);
  });
});

describe('memory by pages', () => {
  test('fetches only what is in sight', async () => {
    node({ world: 'many' });
    const pages = new Pages();
    pages.search();
    await settled();
    expect(pages.total).toBe(10_000);
    expect(pages.at(0)?.title).toBeTruthy();
    expect(pages.at(5_000)).toBeUndefined();
    pages.need(4_995, 5_105);
    await settled();
    expect(pages.at(4_999)).toBeTruthy();
    expect(pages.at(5_100)).toBeTruthy();
    expect(pages.at(PAGE * 2)).toBeUndefined();
  });
  test('drops answers to an older search', async () => {
    node({ world: 'many', delay: 5 });
    const pages = new Pages();
    pages.search();
    pages.text = 'docker';
    pages.search();
    await new Promise((done) => setTimeout(done, 40));
    expect(pages.total).toBe(834);
  });
  test('says when it failed, and tries again', async () => {
    const fake = node({ fail: ['memory'] });
    const pages = new Pages();
    pages.search();
    await settled();
    expect(pages.fault?.hint).toBeTruthy();
    fake.world.options.fail = [];
    pages.again();
    await settled();
    expect(pages.fault).toBeUndefined();
    expect(pages.total).toBe(3);
  });
});

test('a trace is fetched as far as it is needed', async () => {
  const fake = node();
  const id = fake.world.crystals[0]?.id ?? '';
  const trace = new Trace(id);
  await trace.more();
  expect(trace.steps.length).toBe(STEPS);
  expect(trace.whole).toBe(false);
  await trace.until(1_500);
  expect(trace.steps.length).toBe(2 * STEPS);
  await trace.until(Infinity);
  expect(trace.whole).toBe(true);
  expect(trace.steps.length).toBe(trace.total);
});

test('the journal is fetched backwards, without a gap, by event or all', async () => {
  node({ world: 'many' });
  const entries = new Entries();
  entries.show('');
  await settled();
  await entries.more();
  await entries.again();
  expect(entries.rows.length).toBe(2 * ENTRIES);
  expect(entries.rows.map((row) => row.seq)).toEqual(Array.from({ length: 2 * ENTRIES }, (_, n) => 10_000 - n));
  entries.show('denied');
  await settled();
  expect(new Set(entries.rows.map((row) => row.event))).toEqual(new Set(['denied']));
});

test('the rate of an import is measured from notice to notice', () => {
  let now = 0;
  const jobs = new Jobs(() => now);
  const state = (bytesRead: number) => ({ job: 1, bytes: bytesRead, state: 'running' }) as JobState;
  jobs.hear({ notice: 'job', state: state(0) });
  expect(jobs.list[0]?.rate).toBe(0);
  now = 500;
  jobs.hear({ notice: 'job', state: state(1_000_000) });
  expect(jobs.list[0]?.rate).toBe(2_000_000);
  jobs.hear({ notice: 'memory' });
  jobs.drop(1);
  expect(jobs.list).toEqual([]);
});

test.each([[0, '0 B'], [999, '999 B'], [1_000, '1.0 KB'], [12_412, '12.4 KB'], [99_949, '99.9 KB'], [999_960, '1.0 MB'], [402_000, '402 KB'], [3e15, '3000 TB']])(
  '%d bytes read %s', (n, text) => expect(bytes(n)).toBe(text),
);
test.each([[0.42, '0.4 ms'], [38.4, '38 ms']])('%d ms read %s', (n, text) => expect(milliseconds(n)).toBe(text));

test.each([[-10_000, 'just now'], [-180_000, '3 min ago'], [-7_200_000, '2 hr ago'], [3_600_000 * 23, 'in 23 hr'], [-86_400_000 * 2, '2 days ago'], [20_000, 'in a moment']])(
  '%d ms away reads %s', (gap, text) => expect(ago(1_763_640_000_000 + gap, 1_763_640_000_000)).toBe(text),
);

test('the fake node faults as the real one does', async () => {
  node();
  await expect(host.view({ view: 'crystal', id: 'nothing' })).rejects.toMatchObject({ code: 'invalid' });
  expect(asFault(new Error('x'))).toEqual({ code: 'broken', what: 'x', hint: '' });
  expect(asFault({ code: 'refused', what: 'no' })).toEqual({ code: 'refused', what: 'no', hint: '' });
});
