import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CurvesOptions, curvesFigure } from './curvesFigure.ts';
import { draw, drawnOf, marks } from './testDraw.ts';
import { thinned } from './thinned.ts';

const rising = (n: number) => {
  const x = Array.from({ length: n }, (_, index) => index);
  return { x, y: x.map((at) => at / 2) };
};

function figureOf(parts: Partial<CurvesOptions> = {}) {
  return curvesFigure({
    id: 'back',
    title: 'Slaves that are back',
    alt: 'Slaves that are back over time.',
    x: { title: 'time since the failure (s)' },
    y: { title: 'slaves' },
    lines: [
      { label: '4,000 slaves', curve: rising(50), look: 'ours', step: true },
      { label: 'formula', curve: rising(10), look: 'model' },
      { label: 'paper', curve: rising(4), look: 'paper' },
    ],
    ...parts,
  });
}

test('each curve is a line; short ones have a mark at each point, the paper’s hollow', async () => {
  const [picture = ''] = await draw(drawnOf(figureOf()));
  assert.is(marks(picture, 'line'), 3);
  assert.match(picture, 'stroke="var(--paper-mark)"');
  assert.equal(
    drawnOf(figureOf()).key.map(({ mark }) => mark),
    ['line', 'dashes', 'hollow'],
  );
});

test('lines of one look are told apart by their dashes, which the key shows', async () => {
  const lines = ['constant', 'exponential'].map(
    (label) => ({ label, curve: rising(4), look: 'model' }) as const,
  );
  const papers = ['here', 'there'].map((label) => ({ label, curve: rising(4), look: 'paper' }) as const);
  const figure = drawnOf(figureOf({ lines: [...lines, ...papers] }));
  const dashes = figure.key.map(({ mark, dash }) => (mark === 'dashes' ? `${dash}` : mark));
  assert.equal(dashes, ['2,2', '8,3', '4,3', '8,3']);
  const [picture = ''] = await draw(figure);
  for (const dash of dashes) assert.match(picture, `stroke-dasharray="${dash}"`);
});

test('a span in which something was wrong is shaded and named', async () => {
  const figure = drawnOf(figureOf({ bands: [{ fromX: 2, toX: 6, label: 'no master' }] }));
  const [picture = ''] = await draw(figure);
  assert.is(marks(picture, 'rect'), 1);
  assert.match(picture, 'no master');
  assert.is(figure.key.at(-1)?.label, 'no master');
});

test('a logarithmic axis leaves out what it cannot show', async () => {
  const figure = drawnOf(
    figureOf({
      x: { title: 't (s)', scale: 'log' },
      lines: [{ label: 'a', curve: rising(5), look: 'ours' }],
    }),
  );
  assert.equal(
    figure.datasets[0]?.rows.map(([, x]) => x),
    [1, 2, 3, 4],
  );
  await draw(figure);
});

test('a curve that no run gave is named, and without any the figure says so', () => {
  const none = { label: 'b', curve: null, look: 'ours' } as const;
  assert.is(figureOf({ lines: [none] }).state, 'empty');
  const some = figureOf({ lines: [none, { label: 'a', curve: rising(5), look: 'ours' }] });
  assert.equal(drawnOf(some).notes, ['No curve: b.']);
});

test('a long curve is drawn with the extremes of each stretch, and the figure says so', () => {
  const figure = drawnOf(figureOf({ lines: [{ label: 'a', curve: rising(5000), look: 'ours' }] }));
  assert.ok((figure.datasets[0]?.rows.length ?? 0) <= 1000);
  assert.match(figure.notes.join(' ').replaceAll('\u00a0', ' '), /a: \d+ of 5,000 points are drawn/);
});

test('whatever the curve: thinning keeps its ends, its order and its extremes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 300 }), (y) => {
      const short = thinned({ x: y.map((_, index) => index), y }, 40);
      assert.ok(short.x.length <= Math.max(40, 1));
      assert.is(short.x[0], 0);
      assert.is(short.x.at(-1), y.length - 1);
      assert.is(Math.max(...short.y), Math.max(...y));
      assert.is(Math.min(...short.y), Math.min(...y));
      assert.ok(short.x.every((at, index) => index === 0 || at > (short.x[index - 1] ?? 0)));
    }),
  );
});

test.run();
