/** The programs by their description in a job. */
import { aggregation } from './aggregation.ts';
import { gradientStep } from './gradientStep.ts';
import { join } from './join.ts';
import type { ProgramCode } from './mapReduce.ts';
import type { Program } from './program.ts';
import { REVENUE_PER_SOURCE, topRevenue } from './revenue.ts';
import { selection } from './selection.ts';
import { sort } from './sort.ts';
import { textSearch } from './textSearch.ts';
import { WORDCOUNT } from './wordcount.ts';

/** The code of a program. Throws a TypeError for a model, which has none. */
export function programOf(program: Program): ProgramCode {
  switch (program.type) {
    case 'wordcount':
      return WORDCOUNT;
    case 'textsearch':
      return textSearch(program.pattern, program.within);
    case 'selection':
      return selection(program.pageRankAbove);
    case 'aggregation':
      return aggregation(program.prefixBytes);
    case 'join':
      return join(program);
    case 'revenuePerSource':
      return REVENUE_PER_SOURCE;
    case 'topRevenue':
      return topRevenue(program.limit);
    case 'sort':
      return sort(program.bounds);
    case 'gradientStep':
      return gradientStep(program.dimensions, program);
    case 'model':
      throw new TypeError('A modelled program runs in a modelled TaskTracker only: it has no code.');
    default:
      return program satisfies never;
  }
}
