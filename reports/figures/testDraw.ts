/** Draws figures without a browser, for tests. */
import * as assert from 'uvu/assert';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { type DrawnFigure, type Figure, records } from './figure.ts';
import { CONFIG } from './theme.ts';

/** Draws every panel as SVG text; fails on any warning. */
export async function draw(figure: DrawnFigure): Promise<readonly string[]> {
  const warnings: string[] = [];
  const note = (...args: readonly unknown[]) => {
    warnings.push(args.join(' '));
    return logger;
  };
  const logger = { warn: note, error: note, info: () => logger, debug: () => logger, level: () => logger };
  const datasets = Object.fromEntries(figure.datasets.map((dataset) => [dataset.name, records(dataset)]));
  const pictures: string[] = [];
  for (const { spec } of figure.panels) {
    const whole = { ...spec, width: 640, datasets, config: CONFIG } as TopLevelSpec;
    const view = new vega.View(vega.parse(compile(whole, { logger: logger as never }).spec), {
      renderer: 'none',
      logger: logger as never,
    });
    pictures.push(await view.toSVG());
    view.finalize();
  }
  assert.equal(warnings, [], figure.id);
  return pictures;
}

/** Marks of one kind in a picture. */
export function marks(picture: string, kind: string): number {
  const groups = [
    ...picture.matchAll(new RegExp(`<g class="mark-${kind} role-mark[^"]*"[^>]*>(.*?)</g>`, 'gs')),
  ];
  return groups.reduce(
    (sum, [, inside = '']) => sum + [...inside.matchAll(/<(path|text|line|rect) /g)].length,
    0,
  );
}

/** The figure, which must be drawn. */
export function drawnOf(figure: Figure | undefined): DrawnFigure {
  if (figure?.state !== 'drawn') throw new Error(`the figure is ${figure?.state}`);
  return figure;
}
