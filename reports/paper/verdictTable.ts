/** The verdicts on the paper's claims for a terminal, and as data for programs. */
import type { ClaimResult, ExperimentResult, ReportData, Verdict } from '../../harness/result.ts';
import { GLYPHS } from '../page/blocks.ts';
import { tallyOf, verdictSentence } from '../page/tally.ts';
import { interval, quantity, surenessOf } from '../words.ts';
import { sizeSentence } from './size.ts';

/** Narrower terminals get lines of this many characters all the same. */
const WIDTH_MIN = 80;

/** No line is longer than this, however wide the terminal: it would be hard to read. */
const WIDTH_MAX = 160;

/** The most room for a claim's label. */
const LABEL_MAX = 40;

/** With less room than this beside the numbers, the reason goes below them. */
const REASON_MIN = 32;

/** Between two columns. */
const GAP = '  ';

/** One claim as a program reads it. */
export interface ClaimLine {
  readonly experiment: string;
  /** Unique in the experiment. */
  readonly id: string;
  readonly paper: number;
  /** Null if no run gave a number. */
  readonly ours: number | null;
  readonly interval: readonly [number, number] | null;
  /** How often such an interval holds the true value: 0.95, or less of few seeds; null without one, and where all seeds gave the same. */
  readonly confidence: number | null;
  /** Number of seeds behind `ours`. */
  readonly n: number;
  readonly unit: string;
  readonly where: string;
  readonly clock: string;
  readonly verdict: Verdict;
  readonly why: string;
}

/** All claims of a report with their verdicts, in the order of the report. */
export function claimLines({ experiments }: ReportData): readonly ClaimLine[] {
  return experiments.flatMap(({ experiment, claims }) =>
    claims.map(({ id, paper, ours, unit, where, clock, verdict, why }) => ({
      experiment: experiment.id,
      id,
      paper,
      ours: ours?.value ?? null,
      interval: ours?.interval ?? null,
      confidence: ours && surenessOf(ours),
      n: ours?.n ?? 0,
      unit,
      where,
      clock,
      verdict,
      why,
    })),
  );
}

/**
 * The verdict table as plain text of at most `width` characters a line (at least 80): a line per claim with the verdict, the
 * paper's number, ours with its interval, and why; experiment by experiment; at the end how many claims got which verdict.
 * Ends with a line break.
 */
export function verdictTable(data: ReportData, width: number): string {
  const compared = data.experiments.filter(({ claims }) => claims.length > 0);
  const room = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width));
  const claims = compared.flatMap((result) => result.claims);
  const columns = columnsOf(claims, room);
  const groups = compared.flatMap((result) => [...groupLines(result, columns), '']);
  return `${[...groups, ...wrapped(plain(verdictSentence(tallyOf(claims))), room)].join('\n')}\n`;
}

/** Widths of the columns, in characters. */
interface Columns {
  readonly verdict: number;
  readonly label: number;
  readonly paper: number;
  readonly ours: number;
  readonly reason: number;
  /** The reason stands beside the numbers, not below them. */
  readonly isBeside: boolean;
  readonly room: number;
}

function columnsOf(claims: readonly ClaimResult[], room: number): Columns {
  const widest = (text: (claim: ClaimResult) => string) =>
    claims.reduce((most, claim) => Math.max(most, text(claim).length), 0);
  const verdict = widest((claim) => verdictText(claim));
  const paper = widest(paperText);
  const ours = widest(oursText);
  const numbers = verdict + paper + ours + 3 * GAP.length;
  const label = Math.max(
    12,
    Math.min(
      widest((claim) => claim.label),
      LABEL_MAX,
      room - numbers,
    ),
  );
  const beside = room - numbers - label - GAP.length;
  const isBeside = beside >= REASON_MIN;
  return { verdict, label, paper, ours, reason: isBeside ? beside : room - 4, isBeside, room };
}

function groupLines(result: ExperimentResult, columns: Columns): readonly string[] {
  const { experiment, claims } = result;
  const title = wrapped(`${experiment.id}: ${experiment.title}`, columns.room);
  const size = sizeSentence(result);
  const warning = size === null ? [] : wrapped(plain(size), columns.room);
  return [...title, ...warning, ...claims.flatMap((claim) => claimText(claim, columns))];
}

function claimText(claim: ClaimResult, columns: Columns): readonly string[] {
  const { verdict, label, paper, ours, reason, isBeside } = columns;
  const labels = wrapped(plain(claim.label), label);
  const reasons = wrapped(plain(claim.why), reason);
  const beside = isBeside ? reasons : [];
  const height = Math.max(labels.length, beside.length);
  const lines = Array.from({ length: height }, (_, row) => {
    const cells = [
      (row === 0 ? verdictText(claim) : '').padEnd(verdict),
      (labels[row] ?? '').padEnd(label),
      (row === 0 ? paperText(claim) : '').padStart(paper),
      (row === 0 ? oursText(claim) : '').padEnd(ours),
      beside[row] ?? '',
    ];
    return cells.join(GAP).trimEnd();
  });
  return isBeside ? lines : [...lines, ...reasons.map((line) => `    ${line}`)];
}

function verdictText({ verdict }: ClaimResult): string {
  return `${GLYPHS[verdict]} ${verdict}`;
}

function paperText({ paper, unit, bound }: ClaimResult): string {
  const sign = bound === null ? '' : bound === 'at-most' ? '≤ ' : '≥ ';
  return `${sign}${plain(quantity(paper, unit))}`;
}

function oursText({ ours, unit }: ClaimResult): string {
  if (ours === null) return 'none';
  const show = (value: number) => quantity(value, unit);
  return plain(`${`${show(ours.value)} ${interval(ours, show)}`.trimEnd()} n=${ours.n}`);
}

/** Without the blanks that browsers need. */
function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}

/** Breaks a text at blanks into lines of at most `width` characters; a longer word is cut. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, width))) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function pieces(word: string, width: number): readonly string[] {
  if (word.length <= width) return [word];
  return [word.slice(0, width), ...pieces(word.slice(width), width)];
}
