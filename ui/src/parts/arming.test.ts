// Nothing acts by accident: every way a key, a pointer, the focus or the prompt can come between.
import { describe, expect, test } from 'vitest';
import { Arming, CLICK, REST } from './arming';

/** Arming with a clock that is moved by hand. */
function begin(present = true) {
  let now = 5_000;
  const arming = new Arming(() => now);
  arming.attend(present);
  return { arming, pass: (ms: number) => (now += ms), set: (ms: number) => (now = ms) };
}

/** A whole press and release, and then the click that follows: whether it acted. */
function click(arming: Arming, name: string): boolean {
  arming.press(name);
  arming.release();
  return arming.take(name);
}

describe('the rest', () => {
  test('arms after a whole second, not a millisecond before', () => {
    const { arming, pass } = begin();
    pass(REST - 1);
    expect(arming.armed()).toBe(false);
    expect(arming.progress()).toBeCloseTo(0.999);
    pass(1);
    expect(arming.armed()).toBe(true);
    expect(arming.progress()).toBe(1);
  });

  test('never arms while nobody can be looking', () => {
    const { arming, pass } = begin(false);
    pass(60_000);
    expect(arming.armed()).toBe(false);
    expect(arming.progress()).toBe(0);
    expect(click(arming, 'allow')).toBe(false);
  });

  test('starts again when the window gets the focus back', () => {
    const { arming, pass } = begin();
    pass(5_000);
    arming.attend(false);
    pass(5_000);
    arming.attend(true);
    expect(arming.armed()).toBe(false);
    pass(REST);
    expect(arming.armed()).toBe(true);
  });

  test('is not started again by hearing the same twice', () => {
    const { arming, pass } = begin();
    pass(600);
    arming.attend(true);
    pass(400);
    expect(arming.armed()).toBe(true);
  });

  test.each([
    ['a press elsewhere', (a: Arming) => a.press()],
    ['a press on a button', (a: Arming) => a.press('deny')],
    ['a release', (a: Arming) => a.release()],
    ['a changed prompt', (a: Arming) => a.changed()],
    ['a blur', (a: Arming) => a.attend(false)],
  ])('starts again at %s', (_, disturb) => {
    const { arming, pass } = begin();
    pass(999);
    disturb(arming);
    arming.attend(true);
    arming.release();
    pass(999);
    expect(arming.armed()).toBe(false);
    pass(1);
    expect(arming.armed()).toBe(true);
  });

  test('is judged by when the press happened, not by when it is heard of', () => {
    for (const [late, acts] of [[0, true], [1, false]] as const) {
      const { arming, pass } = begin();
      pass(REST + 700); // in which the page heard of nothing
      expect(arming.press('allow', false, 5_000 + REST - late)).toBe(acts);
      arming.release();
      expect(arming.take('allow')).toBe(acts);
    }
  });

  test('does not begin while something is held down', () => {
    const { arming, pass } = begin();
    arming.press();
    pass(10_000);
    expect(arming.armed()).toBe(false);
    expect(arming.progress()).toBe(0);
    arming.release();
    pass(REST);
    expect(arming.armed()).toBe(true);
  });

  test('forgets what was held down when the window was left', () => {
    const { arming, pass } = begin();
    arming.press();
    arming.attend(false);
    arming.attend(true);
    pass(REST);
    expect(arming.armed()).toBe(true);
  });

  test('starts again when the clock goes back, and survives one that is no number', () => {
    const { arming, pass, set } = begin();
    pass(REST);
    expect(arming.armed()).toBe(true);
    set(100);
    expect(arming.armed()).toBe(false);
    set(100 + REST);
    expect(arming.armed()).toBe(true);
    set(Number.NaN);
    expect(arming.armed()).toBe(false);
    set(1e9);
    expect(arming.armed()).toBe(false);
  });
});

describe('a press', () => {
  test('acts once on an armed button', () => {
    const { arming, pass } = begin();
    pass(REST);
    expect(click(arming, 'allow')).toBe(true);
    expect(arming.take('allow')).toBe(false);
    expect(click(arming, 'allow')).toBe(false);
  });

  test('does nothing on an unarmed one, however late the release', () => {
    const { arming, pass } = begin();
    pass(REST - 1);
    arming.press('allow');
    pass(20 * REST);
    arming.release();
    expect(arming.take('allow')).toBe(false);
  });

  test('acts only on the button it began on', () => {
    const { arming, pass } = begin();
    pass(REST);
    arming.press('deny');
    arming.release();
    expect(arming.take('allow')).toBe(false);
    expect(arming.take('deny')).toBe(false);
  });

  test('that began elsewhere never acts', () => {
    const { arming, pass } = begin();
    pass(REST);
    expect(arming.press()).toBe(false);
    arming.release();
    expect(arming.take('allow')).toBe(false);
  });

  test.each([
    ['the prompt changes', (a: Arming) => a.changed()],
    ['the focus goes', (a: Arming) => a.attend(false)],
    ['the focus goes and comes', (a: Arming) => { a.attend(false); a.attend(true); }],
    ['another key is pressed', (a: Arming) => a.press()],
    ['the same button is pressed again', (a: Arming) => a.press('allow')],
  ])('is void when %s before it ends', (_, disturb) => {
    const { arming, pass } = begin();
    pass(REST);
    arming.press('allow');
    disturb(arming);
    arming.release();
    expect(arming.take('allow')).toBe(false);
  });

  test('is void when its click comes late', () => {
    const { arming, pass } = begin();
    pass(REST);
    arming.press('allow');
    arming.release();
    pass(CLICK + 1);
    expect(arming.take('allow')).toBe(false);
  });

  test('can be held for as long as wanted', () => {
    const { arming, pass } = begin();
    pass(REST);
    expect(arming.press('allow')).toBe(true);
    pass(REST);
    expect(arming.take('allow')).toBe(true);
  });

  test('repeats of a key that stays down leave a hold alone', () => {
    const { arming, pass } = begin();
    pass(REST);
    arming.press('allow');
    for (let n = 0; n < 30; n += 1) {
      pass(33);
      expect(arming.press('allow', true)).toBe(false);
    }
    expect(arming.take('allow')).toBe(true);
  });

  test('a key held since before the window came never arms', () => {
    const { arming, pass } = begin();
    for (let n = 0; n < 200; n += 1) {
      pass(33);
      arming.press('allow', true);
      expect(arming.armed()).toBe(false);
    }
    arming.release();
    expect(arming.take('allow')).toBe(false);
  });

  test('a click without any press, as a screen reader makes it, acts when armed', () => {
    const { arming, pass } = begin();
    expect(arming.take('allow')).toBe(false);
    pass(REST);
    expect(arming.take('allow')).toBe(true);
    expect(arming.take('allow')).toBe(false);
  });
});

test('a robot that types and clicks twenty times a second never acts, in 1,000 runs', () => {
  let seed = 42;
  const random = () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const targets = ['allow', 'deny', 'allow-pin', undefined];
  let acted = 0;
  for (let run = 0; run < 1_000; run += 1) {
    const { arming, pass } = begin(random() < 0.5);
    for (let n = 0; n < 100; n += 1) {
      pass(25 + random() * 50);
      if (random() < 0.05) arming.attend(random() < 0.7);
      if (random() < 0.02) arming.changed();
      const target = targets[Math.floor(random() * targets.length)];
      if (arming.press(target, random() < 0.2)) acted += 1;
      pass(random() * 20);
      if (random() < 0.9) arming.release();
      if (target && arming.take(target)) acted += 1;
    }
  }
  expect(acted).toBe(0);
});
