/** The programs by their description in a job. */
import type { Program } from '../job.ts';
import type { ProgramCode } from './mapReduce.ts';
import { textSearch } from './textSearch.ts';
import { WORDCOUNT } from './wordcount.ts';

/** The code of a program. Throws a TypeError for a model, which has none. */
export function programOf(program: Program): ProgramCode {
  switch (program.type) {
    case 'wordcount':
      return WORDCOUNT;
    case 'textsearch':
      return textSearch(program.pattern);
    case 'model':
      throw new TypeError('A modelled program runs in a modelled TaskTracker only: it has no code.');
    default:
      return program satisfies never;
  }
}
