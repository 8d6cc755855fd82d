/**
 * The table `rankings`: pages, their ranks, and how long people stay (SIGMOD'09 §4.3).
 *
 * Ranks are Pareto-distributed, so that `pageRank > 10` selects one row in 500, as published (36,000 of 18 million).
 */
import { seededUniform } from '../random.ts';
import { checkRows, DELIMITER, inChunks } from './table.ts';

/** The columns, in order. */
export const RANKINGS = { pageURL: 0, pageRank: 1, avgDuration: 2 } as const;
/** P(pageRank > 10) = P(pageRank ≥ 11) = 11^-exponent = 1 / 500. */
const PARETO_EXPONENT = Math.log(500) / Math.log(11);
const RANK_MAX = 1_000_000;
const DURATION_MAX = 100;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** How to make it. */
export interface RankingsOptions {
  readonly rows: number;
  readonly seed: number;
}

/** The rows, in pieces of whole lines. Row n is the page {@link pageUrl} (n). Some 50 bytes each. */
export function rankingsTable({ rows, seed }: RankingsOptions): Iterable<Buffer> {
  checkRows(rows);
  return inChunks(rankingsLines(rows, seed));
}

function* rankingsLines(rows: number, seed: number): Generator<string, void, void> {
  const uniform = seededUniform(`rankings ${seed}`);
  for (let row = 0; row < rows; row += 1) {
    const rank = Math.min(RANK_MAX, Math.floor((1 - uniform()) ** (-1 / PARETO_EXPONENT)));
    const duration = 1 + Math.floor(uniform() * DURATION_MAX);
    yield `${pageUrl(row)}${DELIMITER}${rank}${DELIMITER}${duration}\n`;
  }
}

/** The URL of page n: no two are the same, and those of neighbours do not look alike. */
export function pageUrl(page: number): string {
  let mixed = Math.imul(page ^ (page >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b) >>> 0;
  let name = '';
  const length = 5 + (mixed % 11);
  for (let n = 0; n < length; n += 1) {
    name += LETTERS[mixed % 26];
    mixed = (Math.imul(mixed, 0x9e3779b1) + n) >>> 0;
  }
  return `http://www.${name}.com/${mixed.toString(36)}/${page}.html`;
}
