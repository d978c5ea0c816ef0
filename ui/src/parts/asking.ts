// From an act that becomes an ask to the prompt: tells the code words, opens the consent window.
import { asFault, host, type Act, type Fault } from '../host';
import { toasts } from '../kit/toast.svelte';
import { words } from '../words';

/** What came of it: the ask's id, or why there is none. */
export type Asked = { ask: string; fault?: undefined } | { ask?: undefined; fault: Fault };

/** Does `act`, which makes an ask, and brings its prompt up. */
export async function askAndReview(act: Act): Promise<Asked> {
  try {
    const done = await host.act(act);
    if (done.done !== 'asked') return { ask: '' };
    const { text, detail } = words.asked(done.code);
    toasts.say(text, 'plain', detail, 15_000);
    await review(done.ask);
    return { ask: done.ask };
  } catch (thrown) {
    return { fault: asFault(thrown) };
  }
}

/** Opens the consent window on `ask`; says so when that fails. */
export async function review(ask: string): Promise<void> {
  await tell({ act: 'review', ask });
}

/** Does `act` and says what it says when it fails. Whether it was done. */
export async function tell(act: Act, done = ''): Promise<boolean> {
  try {
    await host.act(act);
    if (done) toasts.say(done, 'good');
    return true;
  } catch (thrown) {
    const fault = asFault(thrown);
    toasts.say(words.sentence(fault.what), 'bad', '', 12_000);
    if (fault.hint) toasts.say(fault.hint, 'plain', '', 12_000);
    return false;
  }
}
