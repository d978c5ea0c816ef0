// The crystals of Memory by pages: only those in sight are fetched, and kept while one looks at
// a crystal and comes back. What the words of a search find is shown at once, and replaced by
// what words and meanings find together when that comes.
import { asFault, host, type CrystalRow, type Fault } from '../host';

/** Rows of one page. */
export const PAGE = 100;

/** Notices in one burst make one look. */
const SETTLE = 120;

/** What is searched, and the pages seen so far. */
export class Pages {
  text = $state('');
  origin = $state('');
  outcome = $state('');
  /** All that match; -1 before the first answer. */
  total = $state(-1);
  /** Heads of peers that match and whose bodies are not here. */
  heads = $state(0);
  /** Whether it was looked for by words alone: there is no model here. */
  byWords = $state(false);
  /** Whether what is shown was found by words, and meanings are still looked at. */
  early = $state(false);
  fault = $state.raw<Fault>();
  /** How far the list is scrolled, in pixels. */
  place = $state(0);
  /** Counts the searches: a new one begins at the top. */
  round = $state(0);
  /** The crystal opened last. */
  opened = $state(-1);
  #pages = $state.raw<ReadonlyMap<number, CrystalRow[]>>(new Map());
  #asked = new Set<number>();
  #turn = 0;
  /** The turn whose first whole answer is there. */
  #whole = -1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sight: [number, number] = [0, PAGE];

  /** The row at `index`, when its page is here. */
  at(index: number): CrystalRow | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Fetches what is missing of the rows in sight. */
  need(first: number, end: number): void {
    this.#sight = [first, end];
    const last = Math.max(first, Math.min(end, this.total) - 1);
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) {
      if (!this.#asked.has(page)) void this.#fetch(page);
    }
  }

  /** Starts over: what is searched changed. */
  search(): void {
    this.#turn += 1;
    this.round += 1;
    this.#asked.clear();
    this.place = 0;
    this.opened = -1;
    if (this.text.trim() !== '') void this.#fetchEarly();
    void this.#fetch(0, true);
  }

  /** Looks again when a burst of notices is over. */
  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.again(), SETTLE);
  }

  /** Looks again at what is in sight: crystals came or changed. */
  again(): void {
    this.#turn += 1;
    this.#asked.clear();
    const [first, end] = this.#sight;
    const page = Math.floor(first / PAGE);
    void this.#fetch(page, true).then(() => this.need(first, end));
  }

  /** The first page by words alone, unless the whole answer is there before it. */
  async #fetchEarly(): Promise<void> {
    const turn = this.#turn;
    const { text, origin, outcome } = this;
    const query = { view: 'memory', text: text.trim(), origin, outcome, offset: 0, limit: PAGE, atOnce: true } as const;
    // What fails here fails in the whole answer too, which says so.
    const seen = await host.view(query).catch(() => undefined);
    if (!seen || turn !== this.#turn || this.#whole === turn) return;
    this.#pages = new Map([[0, seen.rows]]);
    // Other pages are not asked for in this order: it does not last.
    this.total = seen.rows.length;
    this.early = true;
  }

  async #fetch(page: number, alone = false): Promise<void> {
    this.#asked.add(page);
    const turn = this.#turn;
    const { text, origin, outcome } = this;
    try {
      const seen = await host.view({
        view: 'memory', text: text.trim(), origin, outcome, offset: page * PAGE, limit: PAGE, atOnce: false,
      });
      if (turn !== this.#turn) return;
      this.#whole = turn;
      this.early = false;
      const pages = alone ? new Map<number, CrystalRow[]>() : new Map(this.#pages);
      this.#pages = pages.set(page, seen.rows);
      this.total = seen.total;
      this.heads = seen.heads;
      this.byWords = seen.byWords;
      this.fault = undefined;
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.#asked.delete(page);
      this.early = false;
      this.fault = asFault(thrown);
    }
  }
}
