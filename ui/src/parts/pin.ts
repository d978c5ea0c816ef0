// What a new PIN must be, said while it is typed. The node judges again and knows more (rows of
// keys, words that everybody tries); what passes here may still be refused there.

/** Fewest characters. */
export const MIN_CHARS = 10;
/** Words that may stand for letters and digits. */
export const WORDS = 5;

/** One rule, and whether it holds. */
export interface Rule {
  rule: 'length' | 'mixed' | 'ends';
  holds: boolean;
}

/** The rules for `pin`, in the order in which they are shown. */
export function judge(pin: string): Rule[] {
  const characters = [...pin];
  const words = pin.split(/[\s-]+/).filter((word) => /\p{L}{3,}/u.test(word)).length;
  const onlyDigits = characters.every((c) => /[\p{N}\s\-./:,_]/u.test(c));
  return [
    { rule: 'length', holds: characters.length >= MIN_CHARS || words >= WORDS },
    { rule: 'mixed', holds: characters.length > 0 && !onlyDigits },
    { rule: 'ends', holds: characters.length > 0 && pin.trim() === pin },
  ];
}

/** Whether every rule holds. */
export function strong(pin: string): boolean {
  return judge(pin).every((rule) => rule.holds);
}
