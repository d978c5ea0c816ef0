// What is said of the key: for how long a right PIN holds, and of another PIN.
export const key = {
  unlocked: 'key unlocked',
  lock: 'Lock',
  lockKey: 'Lock the key',
  locked: 'The key is locked. The next answer takes the PIN.',
  openNote: 'The key is unlocked: no PIN is asked for this once.',

  state: 'Unlocked',
  until: 'until',
  notUnlocked: 'no: the next answer takes the PIN',
  ends: 'It ends after ten minutes without an answer and twelve hours at most, when the screen is locked or the machine sleeps, and when you lock it.',
  endsUnseen: 'It ends after ten minutes without an answer and twelve hours at most, and when you lock it. Locking the screen and sleep cannot be seen here.',
  always: 'Ask for the PIN at every grant',
  alwaysNote: 'Public shares and terminals always ask for it.',
  seldom: 'Ask for the PIN less often',
  seldomText: 'After a right PIN this window asks for none until the key is locked again.',
  nowAlways: 'The PIN is asked for at every grant.',
  nowSeldom: 'The PIN is asked for once, until the key is locked.',

  phrase: 'Recovery phrase',
  phraseShow: 'Show the recovery phrase', phraseWrite: 'Write down the recovery phrase',
  phraseMissing: 'Your recovery phrase is not written down yet.',
  phraseMissingText: 'It is the only way to your key when this machine is lost. Without it you would begin as somebody new, and everybody would have to let you in again.',
  phraseKnown: 'Written down and verified.',
  phraseText: 'These 24 words are your key. Whoever has them needs no PIN. Write them on paper, in this order.',
  phraseDone: 'I have written them down', phraseTyped: 'The 24 words, as you wrote them',
  phraseVerify: 'Verify', phraseVerified: 'Verified. Keep the paper where only you find it.',
  restore: 'I have a recovery phrase', restoreText: 'It brings your key back. This machine’s other keys are new: people who know you have to let it in.',

  replace: (role: string) => `Replace ${role}_key`,
  replaceHuman: 'human_key cannot be replaced: it is who you are. Another one is another human, whom nobody knows and who cannot revoke what you gave. If somebody else may have it, revoke what you shared, begin anew in another folder, and tell those who know you another way.',

  change: 'Change the PIN', changePassphrase: 'Change the passphrase', set: 'Set a PIN', remove: 'Take the PIN away',
  old: 'PIN until now', oldPassphrase: 'Passphrase until now',
  changeText: 'The key is the same, and so is everything that was signed. It is locked by this.',
  removeWarning: 'Without a PIN any program of yours can read the key while the keychain is unlocked, and a terminal cannot answer any more.',
  changed: 'Changed. The key is locked.', removed: 'The key has no PIN any more.',
};
