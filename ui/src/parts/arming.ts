// When the buttons of the consent window may act. Both of them: a stray key must neither grant
// nor deny. Pure: it is told the time, what was pressed and whether a person can be looking.
//
// Promises: nothing is armed before the window has been visible and focused, with an unchanged
// prompt, nothing held down and no press of key or pointer, for a whole second. A press acts only
// on the button it began on, only when that button was armed at the moment of the press, and only
// once. Every press and every release start the second again, those of the act itself as well. A
// clock that jumps back starts it again too. It knows neither the page nor the prompt.

/** How long everything must rest, in milliseconds. */
export const REST = 1_000;

/** A click follows the release that makes it at once; what comes later is another thing. */
export const CLICK = 100;

/** The rest before the buttons act. */
export class Arming {
  readonly #now: () => number;
  #present = false;
  /** When the rest began. */
  #since: number;
  /** The latest time seen, to notice a clock that went back. */
  #latest: number;
  /** Whether a key or pointer is down. */
  #down = false;
  /** The button on which an armed press began and has not yet been spent. */
  #held: string | undefined;
  /** When that press was released; absent while it is down. */
  #released: number | undefined;

  /** `now` gives milliseconds that do not go back, such as `performance.now()`. */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = this.#latest = now();
  }

  /** Whether the window is visible and focused now. A change either way starts the rest anew. */
  attend(present: boolean): void {
    if (present === this.#present) return;
    this.#present = present;
    this.#down = false; // a release in another window is not heard here
    this.#drop();
  }

  /** What is asked, or how it is shown, changed. */
  changed(): void {
    this.#drop();
  }

  /**
   * A key or pointer went down, on `button` or elsewhere. Gives whether that button was armed:
   * then one {@link take} of it will be accepted. `repeat` is a key that stays down. `happened` is
   * when it went down, where that is known: a page that was held up hears of it later, and what
   * was not armed then is not armed by the delay.
   */
  press(button?: string, repeat = false, happened = Infinity): boolean {
    if (repeat && this.#down) return false;
    const armed = this.armed() && Math.min(happened, this.#latest) - this.#since >= REST;
    this.#drop();
    this.#down = true;
    if (armed) this.#held = button;
    return armed && button !== undefined;
  }

  /** A key or pointer went up. */
  release(): void {
    this.#rest();
    this.#down = false;
    this.#released = this.#latest;
  }

  /**
   * `button` was clicked. Whether it may act: an armed press of it came to its end just now, or
   * nothing was pressed at all (a screen reader clicks so) and it is armed.
   */
  take(button: string): boolean {
    const now = this.#tick();
    const fresh = this.#released === undefined || now - this.#released <= CLICK;
    const held = this.#held === button && fresh;
    const acts = this.#present && (held || this.armed());
    this.#drop();
    return acts;
  }

  /** Whether a press would act now. */
  armed(): boolean {
    return this.progress() >= 1;
  }

  /** How much of the rest is over, from 0 to 1. */
  progress(): number {
    const now = this.#tick();
    if (!this.#present || this.#down) return 0;
    return Math.min(1, (now - this.#since) / REST);
  }

  #tick(): number {
    const now = this.#now();
    if (!(now >= this.#latest)) {
      this.#since = now;
      this.#held = undefined;
    }
    this.#latest = now;
    return now;
  }

  #rest(): void {
    this.#since = this.#tick();
  }

  #drop(): void {
    this.#rest();
    this.#held = undefined;
    this.#released = undefined;
  }
}
