/** What the gate says, as JUnit's XML: each check is a test case, so that CI servers list them. */
import type { ComparisonData } from '../comparison.ts';
import type { GatedItem, GateResult, Unjudged } from './gated.ts';

/** The document. Ends with a line break. */
export function gateJunit(
  { wallSeconds, startedAt }: Pick<ComparisonData, 'wallSeconds' | 'startedAt'>,
  { items, unjudged }: GateResult,
): string {
  const of = (kind: GatedItem['kind']): readonly GatedItem[] => items.filter((item) => item.kind === kind);
  const suites = [
    suite('figures', of('figure').map(caseOf)),
    suite('claims of the paper', of('claim').map(caseOf)),
    suite('could not be judged', unjudged.map(unjudgedCase)),
  ];
  const time = wallSeconds.toFixed(3);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="gate" timestamp="${escaped(startedAt)}" time="${time}" ${countsOf([...items.map(kindOf), ...unjudged.map(() => 'skipped' as const)])}>`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

type Kind = 'passed' | 'failures' | 'errors' | 'skipped';

/** Regressions are failures; what kept the gate from judging is an error or was skipped. */
function kindOf({ outcome }: GatedItem): Kind {
  switch (outcome) {
    case 'passed':
      return 'passed';
    case 'regressed':
      return 'failures';
    case 'failed':
    case 'infrastructure':
      return 'errors';
    case 'inconclusive':
    case 'harness-limited':
    case 'not judged':
      return 'skipped';
    default:
      return outcome satisfies never;
  }
}

function caseOf(item: GatedItem): Case {
  const kind = kindOf(item);
  const said = item.gate === null ? item.what : `${item.what} (${item.gate.owner}: ${item.gate.reason})`;
  const inside: Readonly<Record<Kind, string>> = {
    passed: '',
    failures: element('failure', said),
    errors: element('error', said),
    skipped: element('skipped', said),
  };
  return testCase(item.id, item.kind, inside[kind], kind);
}

/** Servers take cases of one name for one: the second of a name gets a number. */
function unjudgedCase({ id, why }: Unjudged, n: number, all: readonly Unjudged[]): Case {
  const nth = all.slice(0, n).filter((one) => one.id === id).length + 1;
  return testCase(nth === 1 ? id : `${id} (${nth})`, 'unjudged', element('skipped', why));
}

interface Case {
  readonly kind: Kind;
  readonly xml: string;
}

function testCase(name: string, group: string, inside: string, kind: Kind = 'skipped'): Case {
  const head = `    <testcase name="${escaped(name)}" classname="gate.${escaped(group)}"`;
  return { kind, xml: inside === '' ? `${head}/>` : `${head}>${inside}</testcase>` };
}

function suite(name: string, cases: readonly Case[]): string {
  const counts = countsOf(cases.map(({ kind }) => kind));
  return [`  <testsuite name="${name}" ${counts}>`, ...cases.map(({ xml }) => xml), '  </testsuite>'].join(
    '\n',
  );
}

function countsOf(kinds: readonly Kind[]): string {
  const of = (wanted: Kind): number => kinds.filter((kind) => kind === wanted).length;
  return `tests="${kinds.length}" failures="${of('failures')}" errors="${of('errors')}" skipped="${of('skipped')}"`;
}

const element = (name: string, message: string): string => `<${name} message="${escaped(message)}"/>`;

/** Also without what XML cannot hold at all. */
function escaped(text: string): string {
  return text
    .replace(/[^\u0020-\ud7ff\ue000-\ufffd]/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
