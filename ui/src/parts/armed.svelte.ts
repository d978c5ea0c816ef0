// Arming, tied to the window it guards: hears keys, pointers and focus, and tells how far the
// rest has come. Buttons name themselves by `data-armed`.
import { Arming, REST } from './arming';

/** How often the rest is looked at, in milliseconds. */
const TICK = 50;

/** The guard of one window. Attach it once. */
export class Armed {
  /** Whether a press would act now. */
  ready = $state(false);
  /** How much of the rest is over, from 0 to 1. */
  progress = $state(0);
  /** Whether the window is visible and focused. */
  present = $state(false);
  /** How much of a hold is over, from 0 to 1; 0 when none is under way. */
  held = $state(0);
  readonly #arming = new Arming(() => performance.now());
  /** What is being held, for how long by now, and when that was looked at last. */
  #hold: { button: string; kept: number; looked: number; act: () => void } | undefined;
  readonly #holds = new Map<string, () => void>();

  /** Guards the window until the returned function is called. */
  attach(): () => void {
    const away = new AbortController();
    const options = { capture: true, signal: away.signal };
    const look = () => this.#look();
    addEventListener('keydown', (event) => this.#key(event), options);
    addEventListener('pointerdown', (event) => this.#press(buttonOf(event), event), options);
    for (const up of ['keyup', 'pointerup', 'pointercancel'] as const) {
      addEventListener(up, () => this.#release(), options);
    }
    for (const moved of ['focus', 'blur'] as const) addEventListener(moved, look, { signal: away.signal });
    document.addEventListener('visibilitychange', look, options);
    const timer = setInterval(look, TICK);
    look();
    return () => {
      away.abort();
      clearInterval(timer);
    };
  }

  /** What is asked, or how it is shown, changed. */
  changed(): void {
    this.#hold = undefined;
    this.#arming.changed();
    this.#look();
  }

  /** `button` was clicked; whether it may act. */
  take(button: string): boolean {
    const acts = this.#arming.take(button);
    this.#look();
    return acts;
  }

  /** `button` acts by being held for as long as the rest; a click of it does nothing. */
  byHold(button: string, act: () => void): () => void {
    this.#holds.set(button, act);
    return () => this.#holds.delete(button);
  }

  /** The pointer left a button that was being held. */
  leave(): void {
    this.#hold = undefined;
    this.#look();
  }

  #key(event: KeyboardEvent): void {
    const button = buttonOf(event);
    // Enter never allows: on such a button it is only a press like any other
    if (event.key === 'Enter' && button !== undefined && button !== 'deny') event.preventDefault();
    const presses = event.key === ' ' || (event.key === 'Enter' && button === 'deny');
    this.#press(presses ? button : undefined, event, event.repeat);
  }

  #press(button: string | undefined, { timeStamp }: Event, repeat = false): void {
    if (repeat && this.#hold) return;
    this.#hold = undefined;
    const armed = this.#arming.press(button, repeat, timeStamp);
    const act = button === undefined ? undefined : this.#holds.get(button);
    if (armed && button !== undefined && act) this.#hold = { button, kept: 0, looked: performance.now(), act };
    this.#look();
  }

  #release(): void {
    this.#hold = undefined;
    this.#arming.release();
    this.#look();
  }

  #look(): void {
    this.present = document.visibilityState === 'visible' && document.hasFocus();
    if (!this.present) this.#hold = undefined;
    this.#arming.attend(this.present);
    this.progress = this.#arming.progress();
    this.ready = this.progress >= 1;
    const hold = this.#hold;
    if (hold) {
      // A page that was held up has not heard yet of a release meanwhile.
      const now = performance.now();
      hold.kept += Math.min(now - hold.looked, 2 * TICK);
      hold.looked = now;
    }
    this.held = hold ? Math.min(1, hold.kept / REST) : 0;
    if (!hold || this.held < 1) return;
    this.#hold = undefined;
    this.held = 0;
    if (this.#arming.take(hold.button)) hold.act();
  }
}

function buttonOf(event: Event): string | undefined {
  const target = event.target;
  if (!(target instanceof Element)) return undefined;
  return target.closest<HTMLElement>('[data-armed]')?.dataset.armed;
}
