// What jsdom lacks, and a clean page for every test.
import { afterEach } from 'vitest';
import { toasts } from '../src/kit/toast.svelte';

// jsdom has no layout: scrolling is accepted and does nothing
Element.prototype.scrollTo ??= () => {};
Element.prototype.scrollIntoView ??= () => {};
// axe asks for a canvas to tell ligatures from letters; without one it takes them for letters
HTMLCanvasElement.prototype.getContext = () => null;

afterEach(() => {
  toasts.list = [];
  location.hash = '';
});
