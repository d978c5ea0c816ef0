// Numbers, sizes and times as people read them. Pure: the present is passed in.

// British English: day before month, as the rest of the catalogue
const LANGUAGE = 'en-GB';
const numbers = new Intl.NumberFormat(LANGUAGE);
const exactTimes = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'medium' });
const days = new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'short' });
const datedDays = new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'short', year: 'numeric' });
const spans = new Intl.RelativeTimeFormat(LANGUAGE, { style: 'short', numeric: 'always' });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A whole number with separators. */
export function count(n: number): string {
  return numbers.format(n);
}

/** A size with its unit, in steps of a thousand: `12.4 KB`. */
export function bytes(n: number): string {
  if (n < 1_000) return `${n} B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let size = n / 1_000;
  let unit = 0;
  // 999.95 would round up to "1000.0" of this unit
  while (size >= 999.95 && unit < units.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${size < 100 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** A round trip: `0.4 ms`, `38 ms`. */
export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** A moment as seen from `now`, both unix milliseconds: `3 min ago`, `in 23 hr`, `12 Nov`. */
export function ago(at: number, now: number): string {
  const gap = at - now;
  const size = Math.abs(gap);
  if (size < 45 * SECOND) return gap > SECOND ? 'in a moment' : 'just now';
  if (size < HOUR) return spans.format(Math.sign(gap) * Math.max(1, Math.round(size / MINUTE)), 'minute');
  if (size < DAY) return spans.format(Math.sign(gap) * Math.round(size / HOUR), 'hour');
  if (size < 7 * DAY) return spans.format(Math.sign(gap) * Math.round(size / DAY), 'day');
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? days : datedDays).format(at);
}

/** A moment to the second, in this machine's time. */
export function exactly(at: number): string {
  return exactTimes.format(at);
}

/** Whether both moments fall on one day of this machine's calendar. */
export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** The first of a long id. */
export function short(id: string, length = 8): string {
  return id.slice(0, length);
}
