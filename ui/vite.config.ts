// How the face is built: two pages, no inline scripts or styles, nothing fetched from outside.
// `--mode fake` builds it upon the fake host, to look at the real bundle in a plain browser.
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The development server injects styles and a socket, which the consent page's policy forbids. */
const looserInDevelopment: Plugin = {
  name: 'looser-in-development',
  apply: 'serve',
  transformIndexHtml: (html, context) =>
    context.server ? html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '') : html,
};

export default defineConfig({
  plugins: [svelte({ configFile: false }), looserInDevelopment, ...(process.env.VITEST ? [svelteTesting()] : [])],
  clearScreen: false,
  build: {
    target: 'safari16',
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: { main: page('index.html'), consent: page('consent.html') },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts', 'src/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    restoreMocks: true,
    testTimeout: 30_000, // axe and roles are slow in jsdom on a busy machine
  },
});
