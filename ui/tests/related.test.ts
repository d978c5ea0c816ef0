// What has to do with a crystal: the list, the picture of it, and the way from one to the next.
import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import App from '../src/app/App.svelte';
import type { Options } from '../src/host/fake';
import { DRAWN, places } from '../src/parts/related';
import { accessible, node, seen, show } from './world';

async function opened(options: Partial<Options>, n: number) {
  const host = node(options);
  const crystal = host.world.crystals[n]!;
  location.hash = `#/memory/${crystal.id}`;
  await show(App, {}, 'TraceNet');
  await fireEvent.click(await screen.findByRole('button', { name: 'Related' }));
  await seen('What it is about:');
  return { host, crystal, dialog: screen.getByRole('dialog') };
}

test('of one neighbour its kind is told, and it is walked to and back', async () => {
  const { host, dialog } = await opened({ world: 'few' }, 2);
  const near = host.world.crystals[1]!;
  await seen('1 crystal has to do with it.');
  await seen('Runs that used it');
  await seen('error:EADDRINUSE');
  expect(within(dialog).getAllByRole('button', { name: `1: ${near.title}, Runs that used it` }).length).toBe(1);
  await accessible();
  await fireEvent.click(within(dialog).getByRole('button', { name: near.title }));
  await seen('Open:');
  await seen('Earlier versions');
  await fireEvent.click(within(dialog).getByRole('button', { name: /^Back to/ }));
  await seen('1 crystal has to do with it.');
  await fireEvent.click(within(dialog).getByRole('button', { name: near.title }));
  await seen('Open:');
  await fireEvent.click(within(dialog).getByRole('button', { name: near.title }));
  expect(location.hash).toBe(`#/memory/${near.id}`);
});

test('with two hundred neighbours the list has them all and the picture those it has room for', async () => {
  const { dialog } = await opened({ world: 'many' }, 0);
  await seen('200 crystals have to do with it.');
  await seen(`The first ${DRAWN} of 200 are drawn.`);
  await seen('There are more than these: walk on from one of them.');
  expect(within(dialog).getAllByRole('listitem').length).toBe(200);
  expect(within(dialog).getByRole('group').querySelectorAll('g[role="button"]').length).toBe(DRAWN);
});

test('arrow keys move from number to number, and Enter walks on', async () => {
  const { dialog } = await opened({ world: 'many' }, 0);
  const nodes = [...within(dialog).getByRole('group').querySelectorAll<SVGGElement>('g[role="button"]')];
  const stops = () => nodes.filter((one) => one.getAttribute('tabindex') === '0');
  expect(stops()).toEqual([nodes[0]]);
  nodes[0]!.focus();
  await fireEvent.keyDown(nodes[0]!, { key: 'ArrowLeft' });
  expect([document.activeElement, ...stops()]).toEqual([nodes.at(-1), nodes.at(-1)]);
  await fireEvent.keyDown(nodes.at(-1)!, { key: 'Home' });
  await fireEvent.keyDown(nodes[0]!, { key: 'ArrowRight' });
  expect(document.activeElement).toBe(nodes[1]);
  await fireEvent.keyDown(nodes[1]!, { key: 'Enter' });
  await seen('Open:');
});

describe.each([1, 2, 12, 13, 40, DRAWN])('%i numbers', (count) => {
  test('stand apart from one another and inside of the picture', () => {
    const at = places(count);
    expect(at.length).toBe(count);
    for (const [n, a] of at.entries()) {
      expect(Math.hypot(a.x, a.y)).toBeLessThan(46);
      for (const b of at.slice(n + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(7);
    }
  });
});

test('with none it says so', async () => {
  const host = node({ world: 'few' });
  host.world.crystals.splice(1);
  location.hash = `#/memory/${host.world.crystals[0]!.id}`;
  await show(App, {}, 'TraceNet');
  await fireEvent.click(await screen.findByRole('button', { name: 'Related' }));
  await seen('Nothing else here has to do with it.');
});
