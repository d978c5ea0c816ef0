// Words of keys that stand in kept logs.
import { bytes, count } from '../kit/format';
import { many } from './count';

export const autopsy = {
  title: 'Keys in your agents\' logs', button: 'Look for keys in the logs…',
  looking: (looked: number, total?: number) =>
    total === undefined ? 'Looking through the kept logs…' : `Looked through ${count(looked)} of ${many(total, 'log', 'logs')}…`,
  lead: (keys: number, logs: number, size: number) => {
    const where = `${many(logs, 'log', 'logs')} (${bytes(size)})`;
    if (keys === 0) return `No key was found in ${where}.`;
    return `Your agents recorded ${many(keys, 'key that looks', 'keys that look')} live, in ${where}. Rotate ${keys === 1 ? 'it' : 'them'} where ${keys === 1 ? 'it is' : 'they are'} used.`;
  },
  kind: (label: string, keys: number, files: number) => `${label}: ${count(keys)} in ${many(files, 'file', 'files')}`,
  first: 'first used', last: 'last', used: 'used',
  lines: (shown: readonly number[], all: number) =>
    `${all === 1 ? 'line' : 'lines'} ${shown.map(count).join(', ')}${all > shown.length ? ` and ${count(all - shown.length)} more` : ''}`,
  more: (n: number) => `and ${many(n, 'more key', 'more keys')}`,
  others: (n: number) => `and ${many(n, 'more file', 'more files')}: tracenet autopsy prints all.`,
  untold: (n: number) => `${many(n, 'more stands', 'more stand')} in logs that hold too many to tell.`,
  stays: 'Nothing of this leaves, and nothing of it is kept.',
  stop: 'Stop',
};
