import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ComparisonVerdict, FigureComparison } from '../comparison.ts';
import { commitVerdictOf, whyNoSearch } from './commitVerdict.ts';

const SEARCH = { metric: 'launch/x', good: 'v1', bad: 'v2' };

const exact = (verdict: ComparisonVerdict): FigureComparison => ({
  ...{ kind: 'exact', id: 'launch/x', unit: '', better: 'lower', base: 1, head: 2 },
  ...{ firstDifference: null, threshold: 0.005, verdict, why: 'something' },
});

const said = (figure: FigureComparison | undefined, ...incomparable: readonly string[]) => {
  const { message, exitCode } = whyNoSearch(SEARCH, figure, incomparable) ?? {};
  return [message, exitCode];
};

test('where the bad commit is worse there is something to search', () => {
  assert.is(whyNoSearch(SEARCH, exact('differs'), []), undefined);
  assert.is(
    whyNoSearch(SEARCH, { kind: 'unmatched', id: 'launch/x', verdict: 'worse', why: 'gone' }, []),
    undefined,
  );
});

test('a figure that nobody has is not called good', () => {
  const none: FigureComparison = {
    kind: 'unmatched',
    id: 'launch/x',
    verdict: 'not judged',
    why: 'neither side has such a figure',
  };
  assert.is(commitVerdictOf(none), 'skip');
  assert.equal(said(none), [
    "launch/x cannot be judged between v1 and v2 (neither side has such a figure): 'lab compare' shows what can",
    1,
  ]);
  assert.equal(said(undefined), [
    "v1 and v2 have no figure launch/x: 'lab compare' shows which they have",
    1,
  ]);
});

test('what may not be compared says why, and that it is inconclusive', () => {
  assert.equal(said(undefined, 'the base ran on Node v22, the head on v24'), [
    'v1 and v2 cannot be compared: the base ran on Node v22, the head on v24',
    4,
  ]);
});

test('the machine’s fault is told as such, and no budget is asked for', () => {
  const killed: FigureComparison = {
    ...{
      kind: 'failed',
      id: 'launch/x',
      side: 'head',
      verdict: 'infrastructure',
      why: 'SIGKILL: it said nothing',
    },
  };
  assert.is(commitVerdictOf(killed), 'unclear');
  assert.equal(said(killed), [
    'it cannot be said whether v2 is worse than v1 in launch/x: SIGKILL: it said nothing; mend that, and say it again',
    5,
  ]);
});

test('what cannot be said has its reason beside it', () => {
  assert.equal(said(exact('inconclusive')), [
    'it cannot be said whether v2 is worse than v1 in launch/x: something; a larger --budget or a quieter machine may help',
    4,
  ]);
});

test('what is the same or better leaves nothing to search', () => {
  assert.equal(said(exact('same')), ['v2 is not worse than v1 in launch/x (same): name other commits', 1]);
});

test.run();
