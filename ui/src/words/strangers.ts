// Words of people who are not friends yet, or not any more.
import { count } from '../kit/format';
import { many } from './count';

export const strangers = {
  parts: 'What to look at',
  people: (n: number) => (n > 0 ? `People (${count(n)})` : 'People'), inbox: (n: number) => (n > 0 ? `Inbox (${count(n)})` : 'Inbox'),
  blocked: (n: number) => (n > 0 ? `Blocked (${count(n)})` : 'Blocked'),

  inboxList: 'Who knocked',
  inboxEmpty: 'Nobody waits at the door',
  inboxEmptyText: 'Whoever comes without a ticket of yours waits here. They learn nothing, and nothing of theirs is kept but these lines.',
  full: 'The inbox is full',
  fullHint: 'Whoever else knocks is refused until you answer these.',
  suggests: 'suggests', unnamed: 'gives no name',
  known: (name: string) => `known as ${name}, from another machine`,
  knownText: 'The same key, at another endpoint. Ask them over another way whether it is theirs.',
  knocked: (n: number) => (n === 1 ? 'knocked once' : `knocked ${many(n, 'time', 'times')}`),
  first: 'first', last: 'last',
  accept: 'Accept', dismiss: 'Dismiss', block: 'Block',
  dismissed: 'Taken out. They may knock again.',
  acceptTitle: 'Let them in?',
  acceptLead: 'You will be asked in the consent window. Nothing is shared by letting someone in.',

  blockTitle: (name: string) => `Block ${name}?`,
  blockText: 'The connection ends, nothing more is served to them or taken from them, and they are not told why. What they have stays theirs. Only you can lift it.',
  blockWhy: 'Why, for your own memory (may stay empty)',
  blockGo: 'Block',
  blockDone: 'Blocked.',
  blockedList: 'Who is shut out',
  blockedEmpty: 'Nobody is blocked',
  blockedEmptyText: 'Who breaks the rules of consent, or sends what is malformed, is shut out by itself and stands here with the reason.',
  somebody: 'Somebody not known',
  noKey: 'no key proven',
  endpoint: 'endpoint',
  unblock: 'Unblock',
  isBlocked: 'Blocked',

  trust: 'Trust',
  let: 'let', notLet: 'not let',
  letText: 'Your agents are given this peer’s crystals with other answers, marked as theirs, and bodies are fetched ahead.',
  notLetText: 'Your agents find this peer’s crystals only when they search memory. Nothing of theirs is fetched ahead or given unasked.',
  letGo: 'Let this peer',
  unlet: 'No longer let',
  unlettled: 'No longer let. Nothing of theirs is given to your agents unasked.',
};
