/** What a check found. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { grouped } from '../../reports/words.ts';
import type { Check } from '../result.ts';
import type { Fold } from './fold.ts';

/** A fold that ends in a check. */
export type Invariant = Fold<Check>;

/** Longest piece of a history line that a check shows. */
const LINE_SHOWN_MAX = 400;

/** Counts violations and keeps the first. */
export class Findings {
  readonly #id: string;
  readonly #claim: string;
  #violations = 0;
  #first = '';

  /** `claim` is a sentence that is true if nothing is reported. */
  constructor(id: string, claim: string) {
    this.#id = id;
    this.#claim = claim;
  }

  /** The line breaks the claim, and why. */
  report(line: HistoryLine, why: string): void {
    if (this.#violations++ === 0) this.#first = `${why}: ${shown(line)}`;
  }

  /**
   * The check, with how many of what it has seen, and more violations that only the end of the history shows.
   */
  check(count: number, noun: string, open: Iterable<HistoryLine> = [], whyOpen = ''): Check {
    const seen = counted(count, noun);
    let violations = this.#violations;
    let first = this.#first;
    for (const line of open) if (violations++ === 0) first = `${whyOpen}: ${shown(line)}`;
    const [id, claim] = [this.#id, this.#claim];
    if (violations === 0) return { id, claim, verdict: 'passed', detail: seen };
    const detail = `${counted(violations, 'violation')} in ${seen}, the first: ${first}`;
    return { id, claim, verdict: 'failed', detail };
  }
}

const counted = (n: number, noun: string): string => `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;

function shown(line: HistoryLine): string {
  const text = JSON.stringify(line);
  return text.length <= LINE_SHOWN_MAX ? text : `${text.slice(0, LINE_SHOWN_MAX)} ...`;
}
