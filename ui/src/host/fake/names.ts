// Keys, ids and words that look like real ones. Nothing here is secret, or random.

const WORDS = (
  'maple orbit tin seven dune ink pear harbor lamp cedar fox quiet river stone amber glow crisp ' +
  'field paper north candle spoon ladder velvet mango tide brick acorn bridge coral drift ember ' +
  'fabric garden hollow island jungle kettle lemon meadow nutmeg ocean pepper quartz ribbon saddle ' +
  'timber umbrella valley walnut yellow zebra anchor basket canyon'
).split(' ');

/** A number from a text, the same each time. */
export function hashOf(text: string): number {
  let hash = 2_166_136_261;
  for (const c of text) hash = Math.imul(hash ^ (c.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return hash;
}

/** Sixty-four digits that look like a key. */
export function hexOf(text: string): string {
  let hex = '';
  for (let n = 0; hex.length < 64; n += 1) hex += hashOf(`${text}/${n}`).toString(16).padStart(8, '0');
  return hex;
}

/** Words of a key or a code. */
export function keyWords(text: string, count: number): string {
  return Array.from({ length: count }, (_, n) => pick(WORDS, hashOf(`${n} ${text}`))).join('-');
}

/** The `n`th of a list that begins again at its end. */
export function pick<T>(list: readonly T[], n: number): T {
  const at = list[n % list.length];
  if (at === undefined) throw new Error('an empty list has nothing to pick');
  return at;
}
