/** What a figure, held against the good commit, says of another commit to a bisection. */
import { CommandError, EXIT, usageError } from '../command/exit.ts';
import type { FigureComparison } from '../comparison.ts';
import type { CommitVerdict } from './bisect.ts';

/** Of exact figures any difference is one; of those that are timed only a change for the worse. */
export function commitVerdictOf(figure: FigureComparison | undefined): CommitVerdict {
  if (figure === undefined) return 'skip';
  switch (figure.verdict) {
    case 'worse':
      return 'bad';
    case 'differs':
      return 'bad';
    case 'better':
      return figure.kind === 'exact' ? 'bad' : 'good';
    case 'same':
    case 'no evidence':
      return 'good';
    case 'failed':
    case 'not judged':
      return 'skip';
    case 'inconclusive':
    case 'harness-limited':
    case 'infrastructure':
      return 'unclear';
    default:
      return figure satisfies never;
  }
}

/** Of which it cannot be said: why, and what to do about it, and the exit code that says the same. */
export function unclear(figure: FigureComparison): { readonly why: string; readonly exitCode: number } {
  switch (figure.verdict) {
    case 'infrastructure':
      return { why: `${figure.why}; mend that, and say it again`, exitCode: EXIT.infrastructure };
    case 'harness-limited':
      return { why: `${figure.why}; use another machine`, exitCode: EXIT.harnessLimited };
    default: {
      const isSaid = figure.kind === 'timed' && figure.needed !== null;
      const advice = isSaid ? '' : '; a larger --budget or a quieter machine may help';
      return { why: `${figure.why}${advice}`, exitCode: EXIT.inconclusive };
    }
  }
}

/** What is to be searched. */
export interface Search {
  readonly metric: string;
  readonly good: string;
  readonly bad: string;
}

/** Why there is nothing to search between two commits, from what the bad one came to; undefined if there is. */
export function whyNoSearch(
  { metric, good, bad }: Search,
  figure: FigureComparison | undefined,
  incomparable: readonly string[],
): CommandError | undefined {
  if (figure === undefined)
    return incomparable[0] === undefined
      ? usageError(`${good} and ${bad} have no figure ${metric}: 'lab compare' shows which they have`)
      : new CommandError(`${good} and ${bad} cannot be compared: ${incomparable[0]}`, EXIT.inconclusive);
  const verdict = commitVerdictOf(figure);
  switch (verdict) {
    case 'bad':
      return undefined;
    case 'good':
      return usageError(
        `${bad} is not worse than ${good} in ${metric} (${figure.verdict}): name other commits`,
      );
    case 'skip':
      return figure.kind === 'failed'
        ? usageError(`${bad} cannot be run (${figure.why}): name another commit at which it is worse`)
        : usageError(
            `${metric} cannot be judged between ${good} and ${bad} (${figure.why}): 'lab compare' shows what can`,
          );
    case 'unclear': {
      const { why, exitCode } = unclear(figure);
      return new CommandError(
        `it cannot be said whether ${bad} is worse than ${good} in ${metric}: ${why}`,
        exitCode,
      );
    }
    default:
      return verdict satisfies never;
  }
}
