// Words of the balances: what went over, and who signed for it.
import { bytes, count } from '../kit/format';
import { many } from './count';

const figure = (n: number, size: number) => `${bytes(size)} · ${many(n, 'artifact', 'artifacts')}`;

export const balances = {
  list: 'Balances, peer by peer',
  people: 'Peers',
  given: 'Given', taken: 'Taken',
  all: 'In all',
  totals: 'With all peers', everybody: 'all peers',
  someDiffer: 'some differ', someMissing: 'some unacknowledged',
  figure,
  /** What a button says to those who do not see the table around it. */
  open: (name: string, direction: string, signed: string, n: number, size: number) =>
    `${name}, ${direction}, ${signed}: ${figure(n, size)}. Show its receipts`,
  signed: {
    '': 'in all', countersigned: 'acknowledged', unacknowledged: 'unacknowledged', diverged: 'diverged',
  } as Record<string, string>,
  means: {
    countersigned: 'The taker signed for it and the giver countersigned: both hold the same proof.',
    unacknowledged: 'It went over whole, and one of the two signatures is not here. It may still come when you are both connected.',
    diverged: 'It was signed for, and the taker’s totals are not the giver’s. One of the two books is of another day, or wrong.',
  } as Record<string, string>,
  empty: 'Nothing was given or taken yet',
  emptyText: 'When a peer receives a crystal, it signs for the bytes and your node countersigns. The sums stand here.',
  diverged: (n: number, name: string) => `${many(n, 'receipt', 'receipts')} with ${name} ${n === 1 ? 'differs' : 'differ'}`,
  divergedHint: 'Compare the numbers below with theirs over another way. Both receipts are kept.',
  theirs: 'The taker counts', ours: 'The giver counts',
  noBook: 'nothing: the giver holds no such delivery',
  back: 'Balances',
  receipts: (name: string, direction: string) => (direction === 'given' ? `Given to ${name}` : `Taken from ${name}`),
  listReceipts: 'Delivery receipts', with: (name: string) => `· ${name}`,
  filter: 'Signatures',
  none: 'No delivery of this kind',
  noneText: 'Choose another kind to see more.',
  untitled: 'A crystal that is no longer here',
  receipt: 'Delivery receipt', countersign: 'Countersignature', consent: 'Allowed by',
  noReceipt: 'not signed by the taker', noCountersign: 'not countersigned by the giver',
  peer: 'Peer', artifact: 'Artifact', size: 'Size', at: 'Signed', total: 'Running total',
  number: (n: number) => `number ${count(n)}`,
  openArtifact: 'Open the crystal',
  copyReceipt: 'Copy id of the receipt',
  export: 'A proof for others, to be checked without this program:',
  exportCommand: (name: string) => `tracenet balances ${/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`} --export proof.jsonl`,
};
