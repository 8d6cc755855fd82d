/** A comparison for a terminal. */
import { exact } from '../../reports/words.ts';
import type { ComparisonData, FailedComparison, FigureComparison, TimedComparison } from '../comparison.ts';
import { ALL_THAT_HAPPENED } from './cells.ts';
import { eventPair } from './eventPair.ts';
import { percent } from './judge.ts';
import { budgetNeeded } from './needed.ts';

/** The table of figures, what was left out and why, and a sentence about the whole. Ends with a line break. */
export function comparisonText(data: ComparisonData): string {
  const { base, head, figures, incomparable, left, claims, noise } = data;
  // What is the same needs no line of its own, and of what merely differs one line for each scenario will do.
  const told = figures.filter(
    ({ verdict, id }) => verdict !== 'same' && (verdict !== 'differs' || isWhole(id)),
  );
  const same = figures.filter(({ verdict }) => verdict === 'same').length;
  const differing = figures.filter(({ verdict, id }) => verdict === 'differs' && !isWhole(id)).length;
  const differences = told.flatMap(differenceLines);
  const changed = claims.filter((one) => one.base !== one.head);
  const budget = budgetNeeded(data);
  const lines = [
    `base ${named(base)}, head ${named(head)}`,
    ...(told.length > 0 ? ['', ...table(told)] : []),
    ...differences.slice(0, DIFFERENCES_MAX).flat(),
    ...(differences.length > DIFFERENCES_MAX
      ? [`and so in ${differences.length - DIFFERENCES_MAX} more`]
      : []),
    '',
    ...(differing > 0
      ? [`${differing} more deterministic figures differ, which is neither good nor bad.`]
      : []),
    ...(same > 0 ? [`${same} deterministic figures are the same to the bit.`] : []),
    ...unknown(figures),
    ...changed.map((one) => `${one.experiment}, ${one.id}: ${one.base} before, ${one.head} now`),
    ...incomparable.map((why) => `Not compared: ${why}`),
    ...(left.length > 0 ? [`No time was left for ${left.join(', ')}.`] : []),
    ...(budget === null ? [] : [`There was too little time to decide all: give ${budget}.`]),
    noiseInWords(noise),
  ];
  return `${lines.join('\n')}\n`;
}

/** The score with what it means, as a sentence. */
export function noiseInWords(noise: ComparisonData['noise']): string {
  if (noise === null) return 'Noise of the machine: not known, since too little was timed side by side.';
  const { score, spread, taken } = noise;
  const others = taken === null ? '' : `, and others took ${share(taken)} of the processors' time`;
  return `Noise of the machine: ${score} of 100. From block to block the base differed from itself by ${share(spread)}${others}.`;
}

const share = (part: number): string => `${(100 * part).toFixed(1)}%`;

function named({ name, commit, dirty }: ComparisonData['base']): string {
  return `${name} (${commit.slice(0, 10)}${dirty ? ' and changes' : ''})`;
}

/** Where something failed, in words. */
export const ON_SIDE: Readonly<Record<FailedComparison['side'], string>> = {
  base: 'on the base, not on the head',
  head: 'on the head, not on the base',
  both: 'on both sides',
  neither: 'once, and on neither side when it ran alone',
};

const HEADINGS = ['figure', 'verdict', 'base', 'head', 'change', 'detectable', 'n', 'why'];

function table(figures: readonly FigureComparison[]): readonly string[] {
  const rows = [HEADINGS, ...figures.map(row)];
  const widths = HEADINGS.map((_, n) => Math.max(...rows.map((cells) => (cells[n] ?? '').length)));
  return rows.map((cells) =>
    cells
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function row(figure: FigureComparison): readonly string[] {
  const { id, verdict, why } = figure;
  switch (figure.kind) {
    case 'timed': {
      const { base, head, detectable, blocks } = figure;
      return [
        id,
        verdict,
        short(base.median),
        short(head.median),
        changeOf(figure),
        could(detectable),
        String(blocks.length),
        why,
      ];
    }
    case 'exact':
      return [id, verdict, whole(figure.base), whole(figure.head), '', '', '', why];
    case 'failed':
      return [id, verdict, '', '', '', '', '', `${ON_SIDE[figure.side]}: ${why}`];
    case 'unmatched':
      return [id, verdict, '', '', '', '', '', why];
    default:
      return figure satisfies never;
  }
}

/** The head against the base, with the interval over blocks. One block has none. */
export function changeOf({ ratio, blocks }: Pick<TimedComparison, 'ratio' | 'blocks'>): string {
  const bounds = blocks.length > 1 ? ` [${ratio.interval.map(percent).join(', ')}]` : '';
  return `${percent(ratio.value)}${bounds}`;
}

const could = (detectable: number): string =>
  Number.isFinite(detectable) ? percent(1 + detectable) : 'nothing';

/** All digits: of what is the same for the same code, each counts. */
const whole = (value: number | null): string => (value === null ? 'none' : exact(value));

/** Three digits that count. */
function short(value: number): string {
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en')
    : Number(value.toPrecision(3)).toString();
}

/** Differences that are shown. */
const DIFFERENCES_MAX = 3;

/** The figure that stands for its whole scenario. */
const isWhole = (id: string): boolean => id.endsWith(`/${ALL_THAT_HAPPENED}`);

/** That the same numbers need not have come of the same events. */
function unknown(figures: readonly FigureComparison[]): readonly string[] {
  const all = figures.filter(({ verdict, id, why }) => verdict === 'same' && isWhole(id) && why !== '');
  if (all.length === 0) return [];
  return [`Of ${all.length} scenarios it is the same ${all[0]?.why}.`];
}

/** Where the histories of a scenario part; none if the figure does not stand for one. */
function differenceLines(figure: FigureComparison): readonly (readonly string[])[] {
  if (figure.kind !== 'exact' || !isWhole(figure.id) || figure.firstDifference === null) return [];
  const { seed, line } = figure.firstDifference;
  const [base, head] = eventPair(figure.firstDifference.base, figure.firstDifference.head);
  return [
    [
      '',
      `${figure.id}: the first event that differs, with seed ${seed}, is number ${line}:`,
      `  base: ${base}`,
      `  head: ${head}`,
    ],
  ];
}
