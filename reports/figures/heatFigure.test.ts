import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type HeatOptions, heatFigure } from './heatFigure.ts';
import { draw, drawnOf, marks } from './testDraw.ts';

const one = (value: number) => ({ value, interval: null, n: 1 });
const OPTIONS: HeatOptions = {
  id: 'starved',
  title: 'Who starves',
  alt: 'The share by refusal and number of frameworks.',
  x: { title: 'idle frameworks' },
  y: { title: 'refused for (s)' },
  value: { title: 'share (%)', domain: [0, 100] },
  cells: [
    { x: '2', y: '1', ours: one(33.333) },
    { x: '4', y: '1', ours: one(3), word: 'starved' },
    { x: '2', y: '5', ours: one(82) },
    { x: '4', y: '5', ours: null },
  ],
};

test('each value is a cell with its number, and its word if it has one', async () => {
  const [picture = ''] = await draw(drawnOf(heatFigure(OPTIONS)));
  assert.is(marks(picture, 'rect'), 3);
  assert.is(marks(picture, 'text'), 4);
  for (const text of ['33.3', '3', '82', 'starved']) assert.match(picture, `>${text}<`);
});

test('a word that is wider than its field is left to the table', async () => {
  const shown = async (word: string) => {
    const cells = Array.from({ length: 16 }, (_, x) => ({ x: String(x), y: '1', ours: one(1), word }));
    const [picture = ''] = await draw(drawnOf(heatFigure({ ...OPTIONS, cells })));
    return !new RegExp(`<text [^>]*opacity="0"[^>]*>${word}<`).test(picture);
  };
  assert.ok(await shown('dead'));
  assert.not(await shown('deadlock'));
});

test('the more, the fuller the colour', async () => {
  const [picture = ''] = await draw(drawnOf(heatFigure(OPTIONS)));
  const opacities = [...picture.matchAll(/fill-opacity="([\d.]+)"/g)].map(([, opacity]) => Number(opacity));
  assert.equal(
    opacities.map((opacity) => opacities.toSorted((a, b) => a - b).indexOf(opacity)),
    [1, 0, 2],
  );
});

test('what is missing is named, and the number of seeds', () => {
  assert.equal(drawnOf(heatFigure(OPTIONS)).notes, ['One seed.', 'No value of ours: 4 and 5.']);
  const all = OPTIONS.cells.map((cell) => ({ ...cell, ours: { ...one(1), n: 3 } }));
  assert.equal(drawnOf(heatFigure({ ...OPTIONS, cells: all })).notes, ['Medians over 3\u00a0seeds.']);
});

test('without values there is nothing to draw', () => {
  const none = OPTIONS.cells.map((cell) => ({ ...cell, ours: null }));
  assert.is(heatFigure({ ...OPTIONS, cells: none }).state, 'empty');
});

test.run();
