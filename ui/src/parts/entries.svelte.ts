// The journal from its newest entry back, as far as one has scrolled.
import { untrack } from 'svelte';
import { asFault, host, type Fault, type JournalRow } from '../host';

/** The words of the events, in the order of the filter. */
export const EVENTS = [
  'opened', 'asked', 'shown', 'allowed', 'allowed-by-rule', 'denied', 'expired', 'withdrawn', 'cancelled', 'grant-failed',
  'exported', 'told', 'serving', 'served', 'received', 'refused', 'peer-pinned', 'knocked',
  'peer-blocked', 'peer-unblocked', 'peer-let', 'peer-unlet', 'stopped', 'revoked', 'revoked-by-peer',
  'diverged', 'reach-changed', 'upgraded', 'restored', 'agent-paired', 'agent-unpaired',
  'rule-made', 'rule-narrowed', 'rule-ended', 'policy-accepted', 'policy-dropped', 'agent-muted', 'agent-unmuted', 'agent-blocked', 'agent-unblocked',
  'key-unlocked', 'key-locked', 'pin-changed', 'phrase-shown', 'phrase-verified',
  'key-rotated', 'journal-handed-over', 'peer-moved',
] as const;

/** Rows of one page. */
export const ENTRIES = 200;

const SETTLE = 150;

/** The entries seen so far. */
export class Entries {
  /** Only this event; empty for all. */
  event = $state('');
  rows = $state.raw<readonly JournalRow[]>([]);
  /** Entries in all; -1 before the first answer. */
  total = $state(-1);
  fault = $state.raw<Fault>();
  #ended = false;
  #busy = false;
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts over with `event` alone. */
  show(event: string): void {
    untrack(() => {
      this.event = event;
      this.rows = [];
      this.total = -1;
      void this.again();
    });
  }

  /** Looks again when a burst of notices is over. */
  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.again(), SETTLE);
  }

  /** Looks at the newest again; older ones seen before stay. */
  async again(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const page = await host.view({ view: 'journal', before: 0, limit: ENTRIES, event: this.event });
      if (turn !== this.#turn) return;
      const oldest = page.rows.at(-1)?.seq ?? 0;
      const older = this.rows.filter((row) => row.seq < oldest);
      // a gap between old and new rows would look like lost entries
      const joins = this.rows[0] !== undefined && this.rows[0].seq >= oldest;
      this.rows = joins ? [...page.rows, ...older] : page.rows;
      if (!joins) this.#ended = page.rows.length < ENTRIES;
      this.total = page.total;
      this.fault = undefined;
      this.#busy = false;
    } catch (thrown) {
      if (turn === this.#turn) this.fault = asFault(thrown);
    }
  }

  /** Fetches the page before the oldest row. */
  async more(): Promise<void> {
    const before = this.rows.at(-1)?.seq;
    if (this.#busy || this.#ended || before === undefined) return;
    this.#busy = true;
    const turn = this.#turn;
    try {
      const page = await host.view({ view: 'journal', before, limit: ENTRIES, event: this.event });
      if (turn !== this.#turn) return;
      this.#ended = page.rows.length < ENTRIES;
      this.rows = [...this.rows, ...page.rows];
    } catch (thrown) {
      if (turn === this.#turn) this.fault = asFault(thrown);
    }
    this.#busy = false;
  }
}
