// The one place where component tests touch the face: a fake node, a mounted page, and the few
// gestures that a person makes.
import { render, screen, waitFor } from '@testing-library/svelte';
import axe from 'axe-core';
import type { Component } from 'svelte';
import { expect } from 'vitest';
import { useHost } from '../src/host';
import { FakeHost, type Options } from '../src/host/fake';

/** Long enough for a busy machine; whatever comes sooner ends the wait. */
const PATIENCE = { timeout: 10_000 };

/** A fake node that every gate of the page talks to. */
export function node(options: Partial<Options> = {}): FakeHost {
  const host = new FakeHost(options);
  useHost(host);
  return host;
}

/** Mounts a component and waits until `ready` is seen. */
export async function show<P extends Record<string, unknown>>(
  component: Component<P>, props: P, ready: string | RegExp,
): Promise<HTMLElement> {
  const { container } = render(component as Component, { props });
  await waitFor(() => expect(screen.queryAllByText(ready).length).toBeGreaterThan(0), PATIENCE);
  return container;
}

/** The button with this name. */
export const button = (name: string | RegExp) => screen.getByRole('button', { name });

/** Waits until `text` is seen. */
export const seen = (text: string | RegExp) =>
  waitFor(() => expect(screen.queryAllByText(text).length, String(text)).toBeGreaterThan(0), PATIENCE);

/** Holds the page to the rules of axe. Contrast needs layout: tests/look.test.ts holds it. */
export async function accessible(root: Element = document.body): Promise<void> {
  const { violations } = await axe.run(root, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' | ')}`)).toEqual([]);
}
