// What lies on the desk of the consent window: one ask at a time, from the first that waits to
// the last. It knows what was shown and what was answered; when a button may act is not its
// business, and it keeps no PIN.
import { asFault, host, type Answered, type Fault, type Notice, type PromptView, type Rebuke, type Term, type Verdict } from '../host';

/** How long "already answered" stays before the next ask takes its place, in milliseconds. */
export const READ = 2_500;
/** How long the outcome of the last answer stays before the window goes. */
export const LINGER = 900;

/** The one desk of the window. */
export class Desk {
  /** What is shown; absent when nothing waits. */
  prompt = $state.raw<PromptView>();
  /** Those that are reviewed and answered together, the shown one first; empty for one alone. */
  together = $state.raw<readonly PromptView[]>([]);
  /** `facts`; `pin` once Allow was pressed and a PIN is needed; `redact` to choose what goes. */
  stage = $state<'facts' | 'pin' | 'redact'>('facts');
  /** What is to be taken out: findings by their place in the prompt, counted from 1. */
  takeOut = $state.raw<readonly number[]>([]);
  /** Why nothing could be shown. */
  fault = $state.raw<Fault>();
  /** Why the last answer was not taken. */
  refusal = $state.raw<Fault>();
  /** The state in which the shown ask was settled elsewhere; empty while it waits. */
  settled = $state('');
  /** What came of an allowed ticket: it stays until it was copied. */
  given = $state.raw<Answered>();
  /** One sentence on the last answer. */
  said = $state('');
  /** Where the prompt lets choose: whether to be reached from anywhere. */
  anywhere = $state(false);
  /** Where the prompt lets choose: for how long a yes holds. */
  term = $state<Term>('once');
  busy = $state(false);
  /** Whether the first look is over. */
  looked = $state(false);
  /** `file` when a passphrase is asked for rather than a PIN. */
  protection = $state('');
  /** Whether the PIN is asked for at every grant. */
  pinAlways = $state(false);
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Everything the human sees; another value means that the rest starts again. */
  get face(): string {
    // How many others wait is not part of it: an agent that asks and withdraws in turn must not
    // keep the buttons from ever arming.
    const facts = this.prompt && { ...this.prompt, position: 0, waiting: 0, batch: [], keychainHint: '', keychainCommand: '' };
    const beside = this.together.map((prompt) => prompt.ask);
    return JSON.stringify([facts, beside, this.takeOut, this.stage, this.anywhere, this.term, this.settled, this.refusal?.what, this.given?.ask]);
  }

  /** Whether the shown ask can still be answered here. */
  get open(): boolean {
    return this.prompt !== undefined && this.settled === '' && !this.given && !this.busy;
  }

  /** Shows `wanted` when it waits, else the first that does. Gives whether anything waits. */
  async show(wanted = ''): Promise<boolean> {
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    try {
      const [{ pending }, status] = await Promise.all([
        host.view({ view: 'asks' }),
        host.view({ view: 'status' }),
      ]);
      const row = pending.find((ask) => ask.id === wanted) ?? pending[0];
      const prompt = row && (await host.view({ view: 'prompt', ask: row.id }));
      if (turn !== this.#turn) return true;
      this.protection = status.protection;
      this.pinAlways = status.unlock.pinAlways;
      this.#put(prompt);
      this.fault = undefined;
      return prompt !== undefined;
    } catch (thrown) {
      if (turn === this.#turn) this.fault = asFault(thrown);
      return true;
    } finally {
      this.looked = true;
    }
  }

  /** Hears that something changed. */
  hear(notice: Notice): void {
    const shown = this.prompt?.ask;
    if (notice.notice === 'review') {
      if (notice.ask !== shown || !this.open) this.#leave(notice.ask);
    } else if (notice.notice === 'asked') {
      if (shown === undefined && !notice.quiet) void this.show(notice.ask);
      else if (!this.busy) void this.refresh();
    } else if (notice.notice === 'settled') {
      if (!this.busy && this.together.some((prompt) => prompt.ask === notice.ask)) this.alone();
      if (notice.ask === shown && !this.busy && !this.given) this.#already(notice.state);
      else if (this.open) void this.refresh();
    } else if (notice.notice === 'peers' && this.prompt?.wish === 'sign-revocations' && this.open) {
      void this.refresh(); // more was ended: what would be signed is another
    } else if ((notice.notice === 'settings' || notice.notice === 'missed') && this.open) {
      void this.refresh();
    }
  }

  /** Looks at the shown ask again: its place, the keychain, its state. */
  async refresh(): Promise<void> {
    const ask = this.prompt?.ask;
    if (ask === undefined) return;
    const turn = ++this.#turn;
    try {
      const prompt = await host.view({ view: 'prompt', ask });
      if (turn !== this.#turn) return;
      if (prompt.state !== 'pending') this.#already(prompt.state);
      else if (JSON.stringify(prompt) !== JSON.stringify(this.prompt)) this.prompt = prompt;
    } catch (thrown) {
      if (turn === this.#turn) this.fault = asFault(thrown);
    }
  }

  /** Answers the shown ask as it is shown. `pin` is passed on and forgotten. */
  async answer(verdict: Verdict, pin = '', rebuke?: Rebuke): Promise<void> {
    const prompt = this.prompt;
    if (!prompt || !this.open) return;
    this.busy = true;
    this.refusal = undefined;
    try {
      const answered = await host.answer({
        ask: prompt.ask, verdict, code: prompt.code, pin,
        ...(prompt.chooseReach && verdict === 'allow' ? { anywhere: this.anywhere } : {}),
        ...(this.term !== 'once' && verdict === 'allow' ? { term: this.term } : {}),
        ...(rebuke ? { rebuke } : {}),
        ...(verdict === 'redact' ? { findings: [...this.takeOut] } : {}),
        ...(this.together.length > 1 ? { with: this.together.slice(1).map(({ ask, code }) => ({ ask, code })) } : {}),
      });
      this.said = answered.what;
      // busy until it is here: nothing else may be shown in between
      if (answered.instead) await this.show(answered.instead);
      this.busy = false;
      if (answered.instead) return;
      if (answered.ticket) {
        this.given = answered;
        this.stage = 'facts';
      } else {
        await this.#next();
      }
    } catch (thrown) {
      this.busy = false;
      this.refusal = asFault(thrown);
      if (this.refusal.code === 'pin-needed') this.stage = 'pin';
      else if (this.refusal.code !== 'pin-wrong') {
        if (this.together.length > 0) this.alone();
        await this.refresh();
      }
    }
  }

  /** Chooses what is to be taken out: at first, all that was found. */
  chooseFindings(): void {
    this.takeOut = this.prompt?.found.map((_, n) => n + 1) ?? [];
    this.stage = 'redact';
  }

  /** Takes a finding of the prompt out, or leaves it in. */
  toggle(finding: number): void {
    const without = this.takeOut.filter((n) => n !== finding);
    this.takeOut = without.length < this.takeOut.length ? without : [...this.takeOut, finding].sort((a, b) => a - b);
  }

  /** Shows all that may be answered together with the shown one, each whole. */
  async reviewTogether(): Promise<void> {
    const first = this.prompt;
    if (!first) return;
    const turn = ++this.#turn;
    try {
      const others = first.batch.filter((ask) => ask !== first.ask);
      const prompts = await Promise.all(others.map((ask) => host.view({ view: 'prompt', ask })));
      if (turn !== this.#turn) return;
      this.together = [first, ...prompts.filter((prompt) => prompt.state === 'pending')];
      this.term = 'once';
      this.stage = 'facts';
    } catch (thrown) {
      if (turn === this.#turn) this.fault = asFault(thrown);
    }
  }

  /** Back to one at a time. */
  alone(): void {
    this.together = [];
    this.stage = 'facts';
  }

  /** Decides later: the window goes, every ask keeps waiting. */
  later(): void {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.said = '';
    this.#put(undefined);
    void host.closeConsent();
  }

  /** Away from a ticket or from an ask that was settled elsewhere. */
  next(): void {
    this.#leave('');
  }

  /** Forgets a PIN that was begun: the window is no longer looked at. */
  rest(): void {
    this.stage = 'facts';
  }

  #put(prompt: PromptView | undefined): void {
    this.prompt = prompt;
    this.together = [];
    this.takeOut = [];
    this.stage = 'facts';
    this.anywhere = false;
    this.term = 'once';
    this.refusal = undefined;
    this.settled = '';
    this.given = undefined;
  }

  #already(state: string): void {
    this.settled = state;
    this.stage = 'facts';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#leave(''), READ);
  }

  #leave(ask: string): void {
    void this.show(ask).then((any) => {
      if (!any) this.later();
    });
  }

  async #next(): Promise<void> {
    if (await this.show()) return;
    this.#timer = setTimeout(() => this.later(), LINGER);
  }
}
