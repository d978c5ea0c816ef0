// Short messages that pass. Nothing that must be answered or kept is said here alone.

/** One message. */
export interface Toast {
  id: number;
  tone: 'plain' | 'good' | 'bad';
  text: string;
  /** A second line, in the typeface for bytes. */
  detail: string;
}

class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  /** Says something for `stay` milliseconds. */
  say(text: string, tone: Toast['tone'] = 'plain', detail = '', stay = 8_000): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-2), { id, tone, text, detail }];
    setTimeout(() => this.drop(id), stay);
  }

  /** Takes a message away. */
  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

/** The page's messages. */
export const toasts = new Toasts();
