import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { draw, drawnOf, marks } from './testDraw.ts';
import { type ValueRow, type ValuesOptions, valuesFigure } from './valuesFigure.ts';

const median = (value: number) => ({ value, interval: [value * 0.9, value * 1.1] as const, n: 5 });

const ROWS: readonly ValueRow[] = [
  { group: 'with rescinding', x: 'fast', ours: median(10), paper: 12 },
  { group: 'without', x: 'fast', ours: median(20) },
  { group: 'with rescinding', x: 'slow', ours: { value: 5, interval: null, n: 2 }, paper: null },
  { group: 'without', x: 'slow', ours: null },
];

function figureOf(parts: Partial<ValuesOptions> = {}) {
  return valuesFigure({
    id: 'busy',
    title: 'Busy time',
    alt: 'Busy time by kind of scheduler.',
    x: { title: 'scheduler', scale: 'names' },
    y: { title: 'busy (%)' },
    rows: ROWS,
    ...parts,
  });
}

/** The same along numbers. */
const ALONG: Partial<ValuesOptions> = {
  x: { title: 'slaves', scale: 'log' },
  rows: [
    { group: 'ours', x: 100, ours: median(1), paper: 1.5 },
    { group: 'ours', x: 1000, ours: median(2) },
    { group: 'ours', x: 10_000, ours: median(4), paper: 4.5 },
  ],
};

test('named values are bars with an interval and a label each, the paper’s hollow', async () => {
  const [picture = ''] = await draw(drawnOf(figureOf()));
  assert.is(marks(picture, 'rect'), 3);
  assert.is(marks(picture, 'text'), 3);
  assert.is(marks(picture, 'symbol'), 1);
  assert.match(picture, /fill="var\(--panel\)"[^>]*stroke="var\(--paper-mark\)"/);
});

test('bar, whisker and label are at the same height, and a label is clear of the whiskers below and above it', async () => {
  const rows = ['first', 'second'].flatMap((x) => [
    { group: 'a', x, ours: { value: 18, interval: [17, 19], n: 5 } as const },
    { group: 'b', x, ours: { value: 49, interval: [20, 90], n: 5 } as const },
  ]);
  const [picture = ''] = await draw(drawnOf(figureOf({ rows })));
  const heights = (kind: string, mark: RegExp): readonly number[] => {
    const [, inside = ''] =
      new RegExp(`<g class="mark-${kind} role-mark[^>]*>(.*?)</g>`, 's').exec(picture) ?? [];
    return [...inside.matchAll(mark)].map(([, y, height = '0']) => Number(y) + Number(height) / 2);
  };
  const bars = heights('rect', /d="M[\d.]+,([\d.]+)h[\d.]+v([\d.]+)/g);
  const whiskers = heights('rule', /translate\([\d.]+,([\d.]+)\)/g);
  // Vega writes a label's base line, 3 pixels below its middle.
  const labels = heights('text', /translate\([\d.]+,([\d.]+)\)/g).map((base) => base - 3);
  assert.is(bars.length, 4);
  assert.equal(bars, whiskers);
  for (const [index, label] of labels.entries()) {
    const away = whiskers.map((whisker) => Math.abs(whisker - label));
    assert.ok((away[index] ?? 9) <= 1.5, 'its own');
    assert.ok(Math.min(...away.toSpliced(index, 1)) >= 14, 'the others');
  }
});

test('on a logarithmic axis the largest value has its tick labelled, however near the next', async () => {
  const rows = [1000, 20_000, 30_000, 40_000, 47_000, 50_000].map((x) => ({
    group: 'ours',
    x,
    ours: median(1),
  }));
  const [picture = ''] = await draw(drawnOf(figureOf({ ...ALONG, rows })));
  const shown = (label: string) =>
    new RegExp(`<text (?![^>]*opacity="0")[^>]*>${label}</text>`).test(picture);
  assert.ok(shown('1,000') && shown('50,000'));
  assert.not(shown('47,000'));
});

test('the label of a bar stands beyond the paper’s mark where that is in the way', async () => {
  const placesWith = async (paper: number): Promise<readonly number[]> => {
    const rows = [{ group: 'ours', x: 'fast', ours: { value: 10, interval: null, n: 1 }, paper }];
    const [picture = ''] = await draw(drawnOf(figureOf({ rows })));
    return ['symbol', 'text'].map((kind) => {
      const mark = picture.match(new RegExp(`mark-${kind} role-mark[^>]*><[^>]*translate\\(([0-9.]+)`));
      return Number(mark?.[1]);
    });
  };
  const [near = 0, besides = 0] = await placesWith(10.3);
  assert.ok(besides > near + 8, `${besides}, the mark at ${near}`);
  const [below = 0, beyond = 0] = await placesWith(11.06);
  assert.ok(beyond > below + 8, `${beyond}, the mark at ${below}`);
  const [far = 0, before = 0] = await placesWith(20);
  assert.ok(before < far - 50, `${before}, the mark at ${far}`);
});

test('what formulas say is drawn as lines along numbers, in a table and a key of its own', async () => {
  const models = [
    { label: 'ln k', look: 'paper', curve: { x: [100, 1000, 10_000], y: [1, 2, 3] } },
    { label: 'exact', look: 'model', curve: { x: [100, 1000], y: [1.2, 20] } },
    { label: 'missing', look: 'model', curve: null },
  ] as const;
  const figure = drawnOf(figureOf({ ...ALONG, models }));
  const [picture = ''] = await draw(figure);
  assert.is(marks(picture, 'line'), 3);
  assert.equal(figure.datasets[1]?.rows, [
    [100, 1, 1.2],
    [1000, 2, 20],
    [10_000, 3, null],
  ]);
  const dashes = figure.key.filter(({ mark }) => mark === 'dashes').map(({ label }) => label);
  assert.equal(dashes, ['ln k', 'exact']);
});

test('an interval that begins at 0 is cut off at the end of a logarithmic axis', async () => {
  const rows = [
    { group: 'ours', x: 1, ours: { value: 2, interval: [0, 4], n: 5 } },
    { group: 'ours', x: 10, ours: { value: 20, interval: [10, 40], n: 5 } },
  ] as const;
  const figure = figureOf({ ...ALONG, rows, y: { title: 'busy (%)', scale: 'log' } });
  const [picture = ''] = await draw(drawnOf(figure));
  const [, rule = ''] = /<g class="mark-rule role-mark[^>]*>(<line [^>]*>)/.exec(picture) ?? [];
  const [, from = Number.NaN] = /translate\([\d.]+,([\d.]+)\)/.exec(rule) ?? [];
  assert.is(Number(from), 220, rule);
});

test('named values may be points', async () => {
  const [picture = ''] = await draw(drawnOf(figureOf({ mark: 'points' })));
  assert.is(marks(picture, 'rect'), 0);
  assert.is(marks(picture, 'symbol'), 4);
});

test('along numbers there is a line through the medians, with a dot at each', async () => {
  for (const scale of ['log', 'linear'] as const) {
    const [picture = ''] = await draw(drawnOf(figureOf({ ...ALONG, x: { title: 'slaves', scale } })));
    assert.is(marks(picture, 'line'), 1, scale);
    assert.is(marks(picture, 'symbol'), 5, scale);
    assert.is(marks(picture, 'rule'), 3, scale);
  }
  const [points = ''] = await draw(drawnOf(figureOf({ ...ALONG, mark: 'points' })));
  assert.is(marks(points, 'line'), 0);
  const [bars = ''] = await draw(
    drawnOf(figureOf({ ...ALONG, mark: 'bars', x: { title: 'slaves', scale: 'linear' } })),
  );
  assert.is(marks(bars, 'rect'), 3);
});

test('a reference is a line across, named in the key', async () => {
  for (const parts of [{}, ALONG]) {
    const figure = drawnOf(figureOf({ ...parts, reference: { value: 4, label: 'the limit of 4%' } }));
    const [picture = ''] = await draw(figure);
    assert.match(picture, 'stroke-dasharray="4,3"');
    assert.ok(figure.key.some(({ label }) => label === 'the limit of 4%'));
  }
});

test('what has no value is named, and an empty figure says why', () => {
  assert.is(drawnOf(figureOf()).notes.at(-1), 'No value of ours: without at slow.');
  assert.is(figureOf({ rows: [{ group: 'a', x: 'b', ours: null }] }).state, 'empty');
  const paperOnly = figureOf({ rows: [{ group: 'a', x: 'a', ours: null, paper: 3 }] });
  assert.equal(drawnOf(paperOnly).notes, ['No value of ours.']);
});

test('where only the paper has values, only these are drawn, and stand in the key', async () => {
  const rows = [100, 1000, 10_000].map((x) => ({ group: 'ours', x, ours: null, paper: x / 100 }));
  for (const mark of ['lines', 'bars', 'points'] as const) {
    for (const x of [
      { title: 'slaves', scale: 'log' },
      { title: 'slaves', scale: 'names' },
    ] as const) {
      const figure = drawnOf(figureOf({ x, mark, rows }));
      const [picture = ''] = await draw(figure);
      assert.is(marks(picture, 'symbol'), 3);
      assert.equal(
        figure.key.map(({ label }) => label),
        ['paper'],
      );
    }
  }
});

test('the figure says over how many seeds its medians are', () => {
  assert.is(drawnOf(figureOf()).notes[0]?.replace('\u00a0', ' '), 'Medians over 2 to 5 seeds.');
  const one = { group: 'a', x: 'a', ours: { value: 1, interval: null, n: 1 } };
  assert.equal(drawnOf(figureOf({ rows: [one] })).notes, ['One seed.']);
});

test('axes begin at 0, end behind the last label, and keep to a domain that is given', () => {
  const domainOf = (parts: Partial<ValuesOptions>) =>
    JSON.stringify(drawnOf(figureOf(parts)).panels[0]?.spec).match(/"domain":\[(-?[\d.]+),([\d.]+)\]/);
  assert.equal(domainOf({})?.slice(1).map(Number), [0, 22 * 1.12]);
  assert.equal(
    domainOf({ y: { title: 'busy (%)', domain: [0, 100] } })
      ?.slice(1)
      .map(Number),
    [0, 100],
  );
  const log =
    domainOf({ ...ALONG, y: { title: 'time (s)', scale: 'log' } })
      ?.slice(1)
      .map(Number) ?? [];
  assert.ok((log[0] ?? 0) > 0.7 && (log[1] ?? 0) < 5.5);
});

test('the table behind holds every number', () => {
  const [dataset] = drawnOf(figureOf()).datasets;
  assert.equal(dataset?.rows[0], ['fast', 'with rescinding', 10, 9, 11, 5, 12]);
  assert.is(dataset?.rows.length, 3);
});

test('groups have colours of their own; a framework keeps its colour', () => {
  const colours = (figure: ReturnType<typeof figureOf>) =>
    drawnOf(figure)
      .key.slice(0, 2)
      .map(({ colour }) => colour);
  assert.equal(colours(figureOf()), ['var(--mesos)', 'var(--framework-2)']);
  assert.equal(colours(figureOf({ looks: { without: 'static' } })), ['var(--mesos)', 'var(--static)']);
  assert.equal(colours(figureOf({ looks: { without: { framework: 'Torque' } } })), [
    'var(--mesos)',
    'var(--of-torque)',
  ]);
});

test.run();
