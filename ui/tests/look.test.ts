// The colours: every text on every ground it stands on, light and dark, by WCAG 2.2 (4.5 for
// text, 3 for signs and edges of fields).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(join(import.meta.dirname, '../src/app/look.css'), 'utf8');

function colours(block: string): Record<string, string> {
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1], m[2]]));
}

const light = colours(css.slice(0, css.indexOf('@media')));
const dark = { ...light, ...colours(css.slice(css.indexOf('@media'), css.indexOf('*,'))) };

/** Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const TEXT: [string, string[]][] = [
  ['text', ['bg', 'surface', 'raised', 'accent-soft', 'good-soft', 'warn-soft', 'bad-soft', 'lit']],
  ['dim', ['bg', 'surface', 'raised', 'accent-soft']],
  ['accent', ['bg', 'surface', 'raised', 'accent-soft']],
  ['on-accent', ['accent']],
  ['good', ['surface', 'good-soft']],
  ['warn', ['bg', 'surface', 'warn-soft']],
  ['bad', ['surface', 'bad-soft']],
];
const SIGNS: [string, string[]][] = [['edge', ['bg', 'surface']], ['accent', ['bg', 'surface']], ['lit-edge', ['lit']]];

describe.each([['light', light], ['dark', dark]] as const)('%s', (_, look) => {
  const pairs = (list: [string, string[]][]) => list.flatMap(([ink, grounds]) => grounds.map((ground) => [ink, ground] as const));
  test.each(pairs(TEXT))('%s on %s can be read', (ink, ground) => {
    expect(contrast(look[ink] ?? '', look[ground] ?? '')).toBeGreaterThanOrEqual(4.5);
  });
  test.each(pairs(SIGNS))('%s on %s can be seen', (ink, ground) => {
    expect(contrast(look[ink] ?? '', look[ground] ?? '')).toBeGreaterThanOrEqual(3);
  });
});
