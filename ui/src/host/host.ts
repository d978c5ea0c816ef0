// The three gates and the notices, as the face knows them. It says nothing of how they are
// carried: `tauri.ts` carries them to the node, `fake.ts` plays the node for tests and design.
import type { Act, Answer, Answered, Done, Fault, Notice, Query, View } from './types';

/** The view that answers a query: the one with the same tag. */
export type ViewOf<Q extends Query> = Extract<View, { view: Q['view'] }>;

/** Every promise below is rejected with a {@link Fault}. */
export interface Host {
  /** Looks at something. Changes nothing. */
  view<Q extends Query>(query: Q): Promise<ViewOf<Q>>;
  /** Does something that grants nothing. */
  act(act: Act): Promise<Done>;
  /** Decides an ask. Refused everywhere but in the consent window. */
  answer(answer: Answer): Promise<Answered>;
  /** Hears what changes, until the returned function is called. */
  onNotice(hear: (notice: Notice) => void): () => void;
  /** Puts the consent window away without deciding anything. */
  closeConsent(): Promise<void>;
}

/** Whatever was thrown, as a fault: the face shows faults and nothing else. */
export function asFault(thrown: unknown): Fault {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'what' in thrown) {
    const fault = thrown as Fault;
    return { code: fault.code, what: String(fault.what), hint: String(fault.hint ?? '') };
  }
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'broken', what, hint: '' };
}
