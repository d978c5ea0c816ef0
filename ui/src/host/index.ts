// Which host this page talks to. Set once before anything is shown; tests set their own.
import type { Host } from './host';

export { asFault, type Host, type ViewOf } from './host';
export type * from './types';

/** The host. A live binding: read it when you need it, keep no copy. */
export let host: Host;

/** Sets the host. */
export function useHost(chosen: Host): void {
  host = chosen;
}

/** Finds the host: the app's, or the fake one where the page was built for a plain browser. */
export async function connectHost(): Promise<void> {
  const plainBrowser = !('__TAURI_INTERNALS__' in window);
  if ((import.meta.env.DEV || import.meta.env.MODE === 'fake') && plainBrowser) {
    const { fakeFromAddress } = await import('./fake');
    useHost(fakeFromAddress(location.search));
    return;
  }
  useHost((await import('./tauri')).tauriHost);
}
