// Imports as they run: the latest word on each, and how fast they go. The rate is measured here,
// from one notice to the next.
import type { JobState, Notice } from '../host';

/** An import as shown. */
export interface Job extends JobState {
  /** Bytes a second; 0 until two notices came. */
  rate: number;
  /** When the last notice came, in milliseconds. */
  heard: number;
}

/** How much the newest measure weighs. */
const FRESH = 0.3;

/** The imports of this page's life. */
export class Jobs {
  list = $state.raw<readonly Job[]>([]);
  readonly #now: () => number;

  /** `now` gives milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Hears a notice; others than those of jobs are none of its business. */
  hear(notice: Notice): void {
    if (notice.notice !== 'job') return;
    const heard = this.#now();
    const before = this.list.find((job) => job.job === notice.state.job);
    const seconds = before ? (heard - before.heard) / 1_000 : 0;
    let rate = before?.rate ?? 0;
    if (before && seconds > 0) {
      const measured = Math.max(0, notice.state.bytes - before.bytes) / seconds;
      rate = rate === 0 ? measured : rate * (1 - FRESH) + measured * FRESH;
    }
    const job: Job = { ...notice.state, rate, heard };
    this.list = before
      ? this.list.map((old) => (old.job === job.job ? job : old))
      : [...this.list, job];
  }

  /** Takes an ended import out of sight. */
  drop(job: number): void {
    this.list = this.list.filter((old) => old.job !== job);
  }
}
