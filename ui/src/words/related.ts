// Words of crystals that have to do with one another.
import { many } from './count';

export const related = {
  button: 'Related', title: 'Related crystals',
  family: 'What it is about',
  noFamily: 'None of the vocabulary’s words stands in it.',
  none: 'Nothing else here has to do with it.',
  lead: (n: number) => `${many(n, 'crystal has', 'crystals have')} to do with it.`,
  more: 'There are more than these: walk on from one of them.',
  drawn: (drawn: number, all: number) => `The first ${drawn} of ${all} are drawn.`,
  back: 'Back to',
  open: 'Open:',
  picture: 'Its neighbours, numbered as in the list. Arrow keys move, Enter walks on.',
  node: (n: number, title: string, kind: string) => `${n}: ${title}, ${kind}`,
  kinds: {
    supersedes: 'Earlier versions', 'superseded-by': 'Later versions',
    uses: 'Used by its run', 'used-by': 'Runs that used it',
    'same-error': 'Met the same error', 'same-files': 'Touched the same files', 'from-peer': 'From the same peer',
  } as Record<string, string>,
  shared: (kind: string, n: number) =>
    kind === 'same-error' ? many(n, 'error', 'errors') : kind === 'same-files' ? many(n, 'file', 'files') : '',
};
