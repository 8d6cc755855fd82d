import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TopLevelSpec } from 'vega-lite';
import type { DrawnFigure } from '../figures/figure.ts';
import { figureView, type Pictures } from './figureView.ts';
import { pageOf } from './frame.ts';
import { html } from './html.ts';

/** A figure of one dot. */
function figureWith(mark: string): DrawnFigure {
  const spec = {
    data: { name: 'dots' },
    mark,
    encoding: { x: { field: 'at', type: 'quantitative' } },
  } as TopLevelSpec;
  return {
    state: 'drawn',
    id: 'dots',
    title: 'Dots',
    layout: 'rows',
    panels: [{ title: '', alt: 'A dot.', spec }],
    key: [],
    datasets: [{ name: 'dots', title: 'dots', columns: [{ field: 'at', title: 'at' }], rows: [[1]] }],
    notes: [],
  };
}

/** The place of the chart on a page with this figure alone. */
async function placeOf(figure: DrawnFigure, warn?: (sentence: string) => void): Promise<string> {
  const placed = [{ experiment: 'mix', figure }];
  const main = (pictures: Pictures) => figureView('mix', figure, pictures);
  const page = await pageOf(
    { title: 'Mix', what: 'report', contents: html``, main, placed, data: '{}' },
    warn === undefined ? {} : { warn },
  );
  const [, inside] = page.match(/data-chart="mix-dots 0"[^>]*>(.*?)<\/div>/s) ?? [];
  if (inside === undefined) throw new Error('there is no place for the chart');
  return inside;
}

test('the first chart is on the page as a picture', async () => {
  assert.match(await placeOf(figureWith('point')), /^<svg /);
});

test('a first chart that cannot be drawn is left to the script, and who has the page written is told which and why', async () => {
  const told: string[] = [];
  assert.is(await placeOf(figureWith('no such mark'), (sentence) => told.push(sentence)), '');
  assert.is(told.length, 1);
  assert.match(
    told[0] ?? '',
    /^the chart “Dots” of mix is not in the page as a picture, and is left to the page’s script: \S/,
  );
});

test.run();
