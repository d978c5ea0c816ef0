// Words of what is worth sharing.
import { many } from './count';

export const worth = {
  title: 'Worth sharing', button: 'Worth sharing',
  found: (n: number, name: string) => `${many(n, 'find', 'finds')} worth sharing with ${name}`,
  look: 'Look at them',
  lead: 'Crystals of yours that helped, looked through for secrets, and not shared with these people yet. Nothing leaves before you have read and allowed it.',
  who: 'Share with',
  ready: 'Ready: nothing was found in them',
  held: 'Something was found in these: look at each, and take it out',
  noneReady: 'Nothing that is clean is left to share with all of these people.',
  take: (title: string) => `Share “${title}”`,
  review: (n: number) => `Review ${many(n, 'find', 'finds')} …`,
  most: 'At most 20 asks of yours wait at once.',
  redact: 'Look, and redact …',
  not: 'Not this one',
  notLabel: (title: string) => `Do not propose “${title}” again`,
  withheld: 'It is not proposed for them again.',
  findings: (n: number) => many(n, 'finding', 'findings'),
  hidden: 'it hides a character, or was not looked through to its end',
  chooseSomebody: 'Choose somebody to share with.',
  empty: 'Nothing is worth sharing yet',
  emptyText: 'What an agent says helped, what you mark as passed or accepted, and what ended an error that came again will stand here, scanned and ready to review.',
  nobody: 'There is nobody to share with yet',
  nobodyText: 'Once you are connected to somebody, your finds that helped stand here, scanned and ready to review.',
  more: (n: number) => `and ${many(n, 'more', 'more')}`,
};
