// The phrase and colour by which the consent window is known.
export const mark = {
  title: 'Your phrase',
  start: 'A phrase for the consent window (may be left out; Settings takes it later)',
  label: 'Your phrase',
  text: 'The consent window shows a phrase and a colour of your own, and no other window does. A window that asks for your PIN without them is not ours.',
  phrase: 'Phrase', colour: 'Colour',
  hint: 'A few words that nobody would guess. It lies in your keychain; programs of yours that read the keychain itself can learn it.',
  length: 'It has 4 to 60 characters.',
  keep: 'Keep it', kept: 'Kept. The next prompt shows it.',
  unread: 'Your phrase cannot be read now.',
  none: 'You have chosen no phrase yet by which to know this window: Settings, “Your phrase”.',
  colours: { amber: 'Amber', teal: 'Teal', plum: 'Plum', rust: 'Rust', sky: 'Sky', moss: 'Moss' } as Record<string, string>,
};
