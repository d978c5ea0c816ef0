// The present for everything that shows a relative time: one timer for the whole page.

class Clock {
  /** Unix milliseconds, moved on twice a minute. */
  now = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | undefined;
  #readers = 0;

  /** Keeps the clock going until the returned function is called. */
  run(): () => void {
    this.#readers += 1;
    this.now = Date.now();
    this.#timer ??= setInterval(() => (this.now = Date.now()), 30_000);
    return () => {
      this.#readers -= 1;
      if (this.#readers > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}

/** The page's clock. */
export const clock = new Clock();
