// The steps of one trace, fetched page by page as they are scrolled to or pointed at.
import { asFault, host, type Fault, type StepRow } from '../host';

/** Steps of one page: the most the node gives. */
export const STEPS = 500;

/** A trace as far as it was fetched. */
export class Trace {
  steps = $state.raw<readonly StepRow[]>([]);
  /** All steps; -1 before the first answer. */
  total = $state(-1);
  fault = $state.raw<Fault>();
  readonly #id: string;
  #busy: Promise<void> | undefined;

  /** The trace of the crystal `id`. Nothing is fetched yet. */
  constructor(id: string) {
    this.#id = id;
  }

  /** Whether everything is here. */
  get whole(): boolean {
    return this.total >= 0 && this.steps.length >= this.total;
  }

  /** Fetches the next page; calls while one is under way join it. */
  more(): Promise<void> {
    if (this.whole) return Promise.resolve();
    this.#busy ??= this.#fetch().finally(() => (this.#busy = undefined));
    return this.#busy;
  }

  /** Fetches until `line` is here, or the end, or a failure. */
  async until(line: number): Promise<void> {
    while (!this.whole && (this.steps.at(-1)?.line ?? -1) < line) {
      await this.more();
      if (this.fault) return;
    }
  }

  async #fetch(): Promise<void> {
    try {
      const offset = this.steps.length;
      const page = await host.view({ view: 'trace', id: this.#id, offset, limit: STEPS });
      this.steps = [...this.steps, ...page.steps];
      // a page without steps ends it, whatever the total says
      this.total = page.steps.length === 0 ? this.steps.length : page.total;
      this.fault = undefined;
    } catch (thrown) {
      this.fault = asFault(thrown);
    }
  }
}
