// Carries the gates to the node. With its neighbour index.ts the only code that knows Tauri.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWindow } from '@tauri-apps/api/window';
import type { Host } from './host';
import type { Notice } from './types';

/** The host inside the app. */
export const tauriHost: Host = {
  view: (query) => invoke('view', { query }),
  act: (act) => invoke('act', { act }),
  answer: (answer) => invoke('answer', { answer }),
  onNotice(hear) {
    const listening = listen<Notice>('notice', (event) => hear(event.payload));
    return () => void listening.then((stop) => stop());
  },
  closeConsent: () => getCurrentWindow().hide(),
};
