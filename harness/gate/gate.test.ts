import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { comparisonOf, exactFigure, timedFigure } from '../../reports/results/testComparison.ts';
import { BENCHMARKS } from '../bench/catalogue.ts';
import { comparisonText } from '../compare/words.ts';
import type { ClaimComparison, FailedComparison, UnmatchedComparison } from '../comparison.ts';
import { EXPERIMENTS } from '../experiments/catalogue.ts';
import { gateAnnotations } from './annotations.ts';
import { gated, thresholdOf } from './gated.ts';
import { gateText } from './gateText.ts';
import { gateJunit } from './junit.ts';
import { gateMarkdown } from './markdown.ts';
import { RELEASE_SET } from './releaseSet.ts';

const CLAIM: ClaimComparison = {
  experiment: 'locality',
  id: 'local-maps',
  claim: 'With a wait most maps are local.',
  base: 'reproduced',
  head: 'reproduced',
};
const FAILED: FailedComparison = {
  kind: 'failed',
  id: 'macro',
  side: 'head',
  verdict: 'failed',
  why: 'it ended',
};
const outcome = (parts: Parameters<typeof comparisonOf>[0]) =>
  gated(comparisonOf(parts), RELEASE_SET).outcome;

test('what the release set names exists', () => {
  for (const { id } of RELEASE_SET.benchmarks) assert.ok(BENCHMARKS[id.split('/')[0] ?? ''], id);
  for (const { experiments, only = [] } of RELEASE_SET.runs)
    for (const id of experiments) {
      const found = EXPERIMENTS.find((one) => one.id === id);
      assert.ok(found, id);
      for (const scenario of only)
        assert.ok(
          found?.scenarios.some((one) => one.id === scenario),
          scenario,
        );
    }
});

test('nothing worse passes, and one figure that is worse does not', () => {
  const still = [timedFigure('launch/cpu', 1), exactFigure('macro/mesos/offers sent', 5, 5)];
  assert.is(outcome({ figures: still, claims: [CLAIM] }), 'passed');
  assert.is(outcome({ figures: [...still, timedFigure('launch/other', 1.1)] }), 'regressed');
});

test('a claim that was reproduced and is not any more stops the release', () => {
  const still = [timedFigure('launch/cpu', 1)];
  assert.is(outcome({ figures: still, claims: [{ ...CLAIM, head: 'inconclusive' }] }), 'regressed');
  assert.is(outcome({ figures: still, claims: [{ ...CLAIM, base: 'deviates', head: 'not run' }] }), 'passed');
});

test('an error is told as such, also where something else is worse', () => {
  assert.is(outcome({ figures: [FAILED, timedFigure('launch/cpu', 1.1)] }), 'failed');
  assert.is(outcome({ figures: [{ ...FAILED, verdict: 'infrastructure' }] }), 'infrastructure');
});

test('what could not be judged is inconclusive, with the reason', () => {
  const data = comparisonOf({ figures: [timedFigure('launch/cpu', 1)], left: ['allocation'] });
  const result = gated(data, RELEASE_SET);
  assert.is(result.outcome, 'inconclusive');
  assert.equal(result.unjudged, [
    { id: 'allocation', why: 'There was no time for allocation: give a larger --budget.' },
  ]);
});

const UNMATCHED: UnmatchedComparison = {
  kind: 'unmatched',
  id: 'pass',
  verdict: 'not judged',
  why: 'the base has no such benchmark',
};

test('what more time would decide is said first, with the budget, and a single block has no interval', () => {
  const needed = { blocks: 34, budgetSeconds: 900 };
  const blocks = [{ seed: 1, base: [100], head: [101], control: [100] }];
  const short = timedFigure('launch/cpu', 1.01, { verdict: 'inconclusive', needed, blocks });
  const data = comparisonOf({ figures: [short], left: ['pass'] });
  const text = gateMarkdown(data, gated(data, RELEASE_SET));
  assert.match(text, 'There was too little time to decide all: give `--budget 15m`.');
  assert.match(text, 'There was no time for pass: give --budget 15m.');
  assert.match(text, '| +1.0% | ');
  assert.match(comparisonText(data), 'There was too little time to decide all: give --budget 15m.');
});

test('what the baseline does not have stops nothing, and is said; what the head has lost stops the release', () => {
  const still = [timedFigure('launch/cpu', 1), UNMATCHED];
  const data = comparisonOf({ figures: still });
  const result = gated(data, RELEASE_SET);
  assert.is(result.outcome, 'passed');
  const text = gateMarkdown(data, result);
  assert.match(text, '1 of 1 checks passed, 1 not judged.');
  assert.match(text, '- `pass`: the base has no such benchmark');
  assert.match(gateJunit(data, result), 'tests="2" failures="0" errors="0" skipped="1"');
  assert.equal(gateAnnotations(result), []);
  assert.is(
    outcome({ figures: [timedFigure('launch/cpu', 1), { ...UNMATCHED, verdict: 'worse' }] }),
    'regressed',
  );
});

test('a gate in which nothing could be judged is inconclusive', () => {
  assert.is(outcome({ figures: [UNMATCHED] }), 'inconclusive');
});

test('what fails on the base alone is no fault of the head, but nothing is known of it', () => {
  const data = comparisonOf({ figures: [{ ...FAILED, side: 'base', verdict: 'inconclusive' }] });
  const result = gated(data, RELEASE_SET);
  assert.is(result.outcome, 'inconclusive');
  assert.match(gateMarkdown(data, result), 'failed on the base, not on the head: it ended');
});

test('cases of the JUnit that could not be judged have names of their own', () => {
  const incomparable = ['macro/mesos: slaves is 1', 'macro/mesos: the seeds differ', 'the Node differs'];
  const xml = gateJunit(worse, gated({ ...worse, incomparable, left: ['pass'] }, RELEASE_SET));
  const names = [...xml.matchAll(/name="([^"]*)" classname="gate\.unjudged"/g)].map(([, name]) => name);
  assert.equal(names, ['macro/mesos', 'macro/mesos (2)', 'both sides', 'pass']);
});

test('every check carries the owner’s reason', () => {
  const { items } = gated(
    comparisonOf({ figures: [timedFigure('launch/cpu', 1.1)], claims: [CLAIM] }),
    RELEASE_SET,
  );
  assert.equal(
    items.map(({ id, gate }) => [id, gate?.owner]),
    [
      ['launch/cpu', 'mesos'],
      ['locality/local-maps', 'frameworks'],
    ],
  );
});

test('a threshold is that of the benchmark which a figure is of', () => {
  assert.is(thresholdOf('launch/us-per-launch', RELEASE_SET), 0.03);
  assert.throws(() => thresholdOf('sort', RELEASE_SET), /no benchmark of the release set/);
});

const worse = comparisonOf({
  figures: [timedFigure('launch/cpu', 1.1), exactFigure('macro/offers', 5, 6), FAILED],
  claims: [{ ...CLAIM, head: 'deviates' }],
  head: { ...comparisonOf().head, name: 'a|b`<img>' },
});
const result = gated(worse, RELEASE_SET);

test('the Markdown says what did not pass, whose it is, and what differs', () => {
  const text = gateMarkdown(worse, result);
  assert.match(text, '## Gate: 💥 failed');
  assert.match(
    text,
    '| `launch/cpu` | ❌ regressed | worse: Chance alone gives as much in 1 of 100 cases. | mesos |',
  );
  assert.match(
    text,
    '| `locality/local-maps` | ❌ regressed | With a wait most maps are local. reproduced before, deviates now |',
  );
  assert.match(text, '- `launch`: What a task costs its master');
  assert.match(text, '### Deterministic figures that differ');
  // Within one pair of backticks it is text.
  assert.match(text, '`a b <img>`');
});

test('figures that differ are shown with all their digits', () => {
  const data = comparisonOf({ figures: [exactFigure('macro/offers', 12_341, 12_342.00025)] });
  const markdown = gateMarkdown(data, gated(data, RELEASE_SET));
  assert.match(markdown, '| `macro/offers` | 12,341 | 12,342.00025 |');
  const worse = { ...exactFigure('macro/offers', 12_341, 12_342.00025), verdict: 'worse' } as const;
  assert.match(comparisonText(comparisonOf({ figures: [worse] })), / 12,341 +12,342\.00025 /);
});

test('what is lost, and what could not be judged, is told once', () => {
  const left = { ...worse, left: ['pass'], incomparable: ['the Node differs'] };
  const told = gateText(left, gated(left, RELEASE_SET));
  const times = (what: RegExp): number => told.match(what)?.length ?? 0;
  assert.is(times(/deviates/g), 1);
  assert.match(
    told,
    /^No longer reproduced: With a wait most maps are local\. reproduced before, deviates now$/m,
  );
  assert.is(times(/pass/g), 1);
  assert.is(times(/the Node differs/g), 1);
  assert.match(told, /\nGate: failed\.\n$/);
});

test('the JUnit counts regressions as failures and errors as errors, and is XML whatever is in it', () => {
  const xml = gateJunit(worse, result);
  assert.match(xml, 'tests="4" failures="2" errors="1" skipped="0"');
  assert.match(xml, '<testcase name="launch/cpu" classname="gate.figure"><failure message="worse: ');
  const evil = gated(comparisonOf({ figures: [{ ...FAILED, why: 'a<b>"&\u0000\u001b[31m' }] }), RELEASE_SET);
  assert.match(gateJunit(worse, evil), 'failed on the head, not on the base: a&lt;b&gt;&quot;&amp;  [31m');
});

test('annotations are errors for what is worse, warnings for what is not known, and one line each', () => {
  const left = gated({ ...worse, left: ['wire'] }, RELEASE_SET);
  const lines = gateAnnotations(left);
  assert.equal(
    lines.map((line) => line.slice(2, line.indexOf(' '))),
    ['error', 'error', 'error', 'warning'],
  );
  const multi = gated(comparisonOf({ figures: [{ ...FAILED, why: 'one\ntwo: 100%' }] }), RELEASE_SET);
  assert.equal(gateAnnotations(multi), [
    '::error title=Gate%3A failed%3A macro::failed on the head, not on the base: one%0Atwo: 100%25',
  ]);
});

test.run();
