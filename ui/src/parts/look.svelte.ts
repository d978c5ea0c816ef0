// A look at the node that is repeated when the node says that something changed. Keeps what was
// seen while it looks again, and drops answers that came too late.
import { untrack } from 'svelte';
import { asFault, host, type Fault, type Notice, type Query, type ViewOf } from '../host';

/** The word of a notice. */
export type Wake = Notice['notice'];

/** Notices in one burst make one look. */
const SETTLE = 120;

/** One query and its latest answer. Made while a component is set up. */
export class Look<Q extends Query> {
  /** The latest answer; absent before the first. */
  view = $state.raw<ViewOf<Q>>();
  /** Why the latest look failed; absent when it did not. */
  fault = $state.raw<Fault>();
  readonly #query: () => Q | undefined;
  #asked = '';
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Looks at `query()` now, whenever it changes, and after each notice named in `wakes`, or when
   * notices were missed. */
  constructor(query: () => Q | undefined, wakes: readonly Wake[] = []) {
    this.#query = query;
    $effect(() => {
      const asked = JSON.stringify(query() ?? null);
      untrack(() => {
        if (asked === this.#asked) return;
        this.#asked = asked;
        this.view = undefined;
        void this.again();
      });
    });
    $effect(() => {
      const stop = host.onNotice((notice) => {
        if (notice.notice === 'missed' || wakes.includes(notice.notice)) this.soon();
      });
      return () => {
        stop();
        clearTimeout(this.#timer);
        this.#turn += 1;
      };
    });
  }

  /** Looks again when the burst of notices is over. */
  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.again(), SETTLE);
  }

  /** Looks again now. */
  async again(): Promise<void> {
    const query = this.#query();
    if (!query) return;
    const turn = ++this.#turn;
    try {
      const view = await host.view(query);
      if (turn !== this.#turn) return;
      this.view = view;
      this.fault = undefined;
    } catch (thrown) {
      if (turn === this.#turn) this.fault = asFault(thrown);
    }
  }
}
