// Words of what is known of earlier runs: what recall saved, and errors that came again.
import { count } from '../kit/format';
import { many } from './count';

const minutes = (millis: number) =>
  millis < 60_000 ? `${count(Math.floor(millis / 1_000))} s` : `${count(Math.floor(millis / 60_000))} min`;

interface Cost {
  steps: number; timed: boolean; millis: number; counted: boolean; read: number; written: number;
}

export const past = {
  saved: 'What recall saved', savedButton: 'Saved',
  savedNone: 'No agent has said yet that something it recalled had helped.',
  savedLead: (n: number) => `Agents said ${many(n, 'time', 'times')} that what they recalled had helped.`,
  savedTotal: (cost: string) => `The runs it came from had taken ${cost}.`,
  otherwise: (wrong: number, stale: number) => `${many(wrong, 'time', 'times')} it was wrong, ${many(stale, 'time', 'times')} stale.`,
  without: (n: number) => `Of ${many(n, 'run', 'runs')} something is not known, and is in no sum.`,
  helped: (agents: string) => `helped ${agents}`,
  took: (cost: string) => `Its run took ${cost}`,
  noLog: 'Its log is not here',
  sources: 'Steps are what the agent said, thought and called. Times are between entries of its log, pauses over ten minutes left out. Tokens are as the log counts them; where it counts none, none are told.',
  solved: 'You solved this before', solvedButton: 'Solved before',
  solvedNone: 'No error was met in more than one run.',
  solvedLead: (n: number) => `${many(n, 'error was', 'errors were')} met in more than one run.`,
  solvedShow: 'Show what ended them',
  inRuns: (n: number) => `in ${many(n, 'run', 'runs')}`,
  times: (n: number) => many(n, 'time', 'times'),
  stood: (cost: string) => `Took ${cost} until this passed:`,
  open: (cost: string) => `Took ${cost}, and was not ended in that run.`,
  edited: (files: string) => `Edited before: ${files}`,
  unread: 'Its log was not read again',
  cost: ({ steps, timed, millis, counted, read, written }: Cost) =>
    [
      many(steps, 'step', 'steps'),
      timed ? minutes(millis) : 'no times',
      counted ? `${count(read)} tokens read, ${count(written)} written` : 'no tokens counted',
    ].join(', '),
};
