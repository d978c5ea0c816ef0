// Words of what ever left, and of the journal in a file.
import { bytes, count } from '../kit/format';
import { many } from './count';

export const left = {
  which: 'What to show',
  pages: { entries: 'Every entry', left: 'What has left' } as Record<string, string>,
  list: 'What has ever left this machine',
  search: 'A person, a title, the start of an id',
  rows: (n: number) => many(n, 'thing', 'things'),
  lead: 'Read from the journal, which no forgetting or purge takes anything from. What you copied by hand is not in it.',
  what: { crystal: 'crystal', head: 'its head alone', ticket: 'ticket', card: 'your card', ending: 'word of an ending' } as Record<string, string>,
  card: 'Your keys, and the name your card suggests',
  ticket: 'A ticket',
  ending: 'What you ended, and why',
  forgotten: 'Nothing of it is here any more',
  nobody: 'whoever you gave it to',
  states: {
    told: 'told of it', part: 'has a part', 'may-have': 'may have all of it', sent: 'has all of it', acknowledged: 'has it and signed for it',
  } as Record<string, string>,
  signed: {
    countersigned: 'They signed for it, and you countersigned.', acknowledged: 'They signed for it.',
    diverged: 'They signed for something else than your book says.', unacknowledged: 'They have not signed for it.',
  } as Record<string, string>,
  ended: 'ended',
  facts: {
    thing: 'What', whom: 'To whom', key: 'Key', sent: 'Sent', first: 'First left', last: 'Last', asked: 'Asked by', why: 'Why',
    allowed: 'Allowed in', receipt: 'Receipt', signature: 'Signature', ended: 'Ended', id: 'Id', who: 'Who', entry: 'Entry', hash: 'Hash', when: 'When',
  },
  sent: (n: number) => bytes(n),
  you: 'you',
  open: 'Open it', copyReceipt: 'Copy receipt',
  revoke: 'Revoke', revokeOne: 'Revoke this receipt?',
  shared: (name: string) => `It ends for everybody it names, ${name} among them.`,
  none: 'Nothing has left this machine',
  noneText: 'Whatever leaves will stand here: crystals and their heads, tickets, your card; to whom, when, on whose ask, and whether they signed for it.',
  nothing: 'Nothing like this ever left',
  nothingText: 'Search for another name, title or id.',
  unreadable: (n: number) => `${many(n, 'entry', 'entries')} of the journal cannot be read, so something may be missing here.`,
  unreadableHint: 'Verify the journal: it says what is wrong with it.',
  export: 'Export …',
  exported: (n: number, file: string) => `Wrote ${count(n)} entries and the signed head to ${file}.`,
  exportedHint: 'Another program can check it: tests/verify.py journal FILE.',
};
