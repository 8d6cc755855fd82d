/** What the gate says, as Markdown for a pull request. */

import { exact } from '../../reports/words.ts';
import { percent } from '../compare/judge.ts';
import { budgetNeeded } from '../compare/needed.ts';
import { changeOf, noiseInWords } from '../compare/words.ts';
import type { ComparisonData, ExactComparison, TimedComparison } from '../comparison.ts';
import type { GatedItem, GateResult } from './gated.ts';

/** Rows of a table, at most. */
const ROWS_MAX = 50;

/** In a word each. */
const OUTCOME_WORDS: Readonly<Record<GatedItem['outcome'], string>> = {
  passed: '✅ passed',
  regressed: '❌ regressed',
  inconclusive: '❓ inconclusive',
  failed: '💥 failed',
  infrastructure: '🔧 infrastructure',
  'harness-limited': '◐ harness-limited',
  'not judged': '⚪ not judged',
};

/** The summary. Ends with a line break. */
export function gateMarkdown(data: ComparisonData, { outcome, items, unjudged }: GateResult): string {
  const { base, head, noise } = data;
  const unmatched = items.filter((item) => item.outcome === 'not judged');
  const judged = items.filter((item) => item.outcome !== 'not judged');
  const stopped = judged.filter((item) => item.outcome !== 'passed');
  const passed = judged.length - stopped.length;
  const timed = data.figures.filter((figure) => figure.kind === 'timed');
  const different = data.figures.filter(isDifferent);
  const budget = budgetNeeded(data);
  const lines = [
    `## Gate: ${OUTCOME_WORDS[outcome]}`,
    '',
    `${code(head.name)} (${code(head.commit.slice(0, 10))}) against ${code(base.name)} (${code(base.commit.slice(0, 10))}): ` +
      `${passed} of ${judged.length} checks passed${unmatched.length === 0 ? '' : `, ${unmatched.length} not judged`}.`,
    ...(budget === null ? [] : ['', `There was too little time to decide all: give ${code(budget)}.`]),
    ...section('What did not pass', stopped.map(stoppedRow), ['check', 'outcome', 'what', 'owner']),
    ...list('Why these are gated', [...new Set(stopped.map(reasonOf))]),
    ...section('Timed figures', timed.map(timedRow), [
      'figure',
      'base',
      'head',
      'change',
      'detectable',
      'verdict',
    ]),
    ...section('Deterministic figures that differ', different.map(exactRow), [
      'figure',
      'base',
      'head',
      'verdict',
    ]),
    ...list(
      'Could not be judged',
      unjudged.map(({ why }) => text(why)),
    ),
    ...list(
      'Not judged, which stops nothing',
      unmatched.map(({ id, what }) => `${code(id)}: ${text(what)}`),
    ),
    '',
    `${text(noiseInWords(noise))} Again: ${code(data.command)}`,
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

const list = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `### ${title}`, '', ...lines.map((line) => `- ${line}`)];

function stoppedRow({ id, outcome, what, gate }: GatedItem): readonly string[] {
  return [code(id), OUTCOME_WORDS[outcome], text(what), gate === null ? '' : gate.owner];
}

const reasonOf = ({ id, gate }: GatedItem): string =>
  `${code(id.split('/')[0] ?? '')}: ${gate === null ? 'the release set does not know it' : text(gate.reason)}`;

function timedRow(figure: TimedComparison): readonly string[] {
  const { id, unit, base, head, detectable, verdict } = figure;
  return [
    code(id),
    `${figures(base.median)} ${text(unit)}`,
    `${figures(head.median)} ${text(unit)}`,
    changeOf(figure),
    Number.isFinite(detectable) ? percent(1 + detectable) : 'nothing',
    verdict,
  ];
}

function exactRow({ id, base, head, verdict, why }: ExactComparison): readonly string[] {
  return [code(id), whole(base), whole(head), text(why === '' ? verdict : `${verdict}: ${why}`)];
}

/** All digits: of what is the same for the same code, each counts. */
const whole = (value: number | null): string => (value === null ? '–' : exact(value));

const figures = (value: number): string => String(Number(value.toPrecision(4)));

/** Text that a table can hold, and that nobody can make more of. */
function text(value: string): string {
  return value.replace(/[\\`*_[\]<>|]/g, '\\$&').replace(/\s+/g, ' ');
}

/** Text as code: a backtick would end it. */
const code = (value: string): string => `\`${value.replace(/[`|\s]+/g, ' ')}\``;
