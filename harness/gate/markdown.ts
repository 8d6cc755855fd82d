/** What the gate says, as Markdown for a pull request. */

import { percent } from '../compare/judge.ts';
import type { Outcome } from '../compare/outcome.ts';
import type { ComparisonData, ExactComparison, TimedComparison } from '../comparison.ts';
import type { GatedItem, GateResult } from './gated.ts';

/** Rows of a table, at most. */
const ROWS_MAX = 50;

/** In a word each. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  passed: '✅ passed',
  regressed: '❌ regressed',
  inconclusive: '❓ inconclusive',
  failed: '💥 failed',
  infrastructure: '🔧 infrastructure',
  'harness-limited': '◐ harness-limited',
};

/** The summary. Ends with a line break. */
export function gateMarkdown(data: ComparisonData, { outcome, items, unjudged }: GateResult): string {
  const { base, head, noise } = data;
  const stopped = items.filter((item) => item.outcome !== 'passed');
  const passed = items.length - stopped.length;
  const timed = data.figures.filter((figure) => figure.kind === 'timed');
  const different = data.figures.filter(isDifferent);
  const lines = [
    `## Gate: ${OUTCOME_WORDS[outcome]}`,
    '',
    `${code(head.name)} (${code(head.commit.slice(0, 10))}) against ${code(base.name)} (${code(base.commit.slice(0, 10))}): ` +
      `${passed} of ${items.length} checks passed.`,
    ...section('What did not pass', stopped.map(stoppedRow), ['check', 'outcome', 'what', 'owner']),
    ...section('Timed figures', timed.map(timedRow), [
      'figure',
      'base',
      'head',
      'change',
      'could have seen',
      'verdict',
    ]),
    ...section('Deterministic figures that differ', different.map(exactRow), [
      'figure',
      'base',
      'head',
      'verdict',
    ]),
    ...(unjudged.length === 0 ? [] : ['', '### Not judged', '', ...unjudged.map((why) => `- ${text(why)}`)]),
    '',
    `Noise of the machine: ${noise.score} of 100. Again: ${code(data.command)}`,
  ];
  return `${lines.join('\n')}\n`;
}

const isDifferent = (figure: ComparisonData['figures'][number]): figure is ExactComparison =>
  figure.kind === 'exact' && figure.verdict !== 'same';

function section(
  title: string,
  rows: readonly (readonly string[])[],
  headings: readonly string[],
): readonly string[] {
  if (rows.length === 0) return [];
  return [
    '',
    `### ${title}`,
    '',
    `| ${headings.join(' | ')} |`,
    `|${' --- |'.repeat(headings.length)}`,
    ...rows.slice(0, ROWS_MAX).map((row) => `| ${row.join(' | ')} |`),
    ...(rows.length > ROWS_MAX ? ['', `And ${rows.length - ROWS_MAX} more.`] : []),
  ];
}

function stoppedRow({ id, outcome, what, gate }: GatedItem): readonly string[] {
  return [
    code(id),
    OUTCOME_WORDS[outcome],
    text(what),
    gate === null ? '' : `${gate.owner}: ${text(gate.reason)}`,
  ];
}

function timedRow({ id, unit, base, head, ratio, detectable, verdict }: TimedComparison): readonly string[] {
  const [low, high] = ratio.interval;
  return [
    code(id),
    `${figures(base.median)} ${text(unit)}`,
    `${figures(head.median)} ${text(unit)}`,
    `${percent(ratio.value)} [${percent(low)}, ${percent(high)}]`,
    Number.isFinite(detectable) ? percent(1 + detectable) : 'nothing',
    verdict,
  ];
}

function exactRow({ id, base, head, verdict, why }: ExactComparison): readonly string[] {
  return [code(id), figures(base), figures(head), text(why === '' ? verdict : `${verdict}: ${why}`)];
}

const figures = (value: number | null): string =>
  value === null ? '–' : String(Number(value.toPrecision(4)));

/** Text that a table can hold, and that nobody can make more of. */
function text(value: string): string {
  return value.replace(/[\\`*_[\]<>|]/g, '\\$&').replace(/\s+/g, ' ');
}

/** Text as code: a backtick would end it. */
const code = (value: string): string => `\`${value.replace(/[`|\s]+/g, ' ')}\``;
