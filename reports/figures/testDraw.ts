/** Draws figures without a browser, for tests. */
import * as assert from 'uvu/assert';
import type { LoggerInterface } from 'vega';
import type { DrawnFigure, Figure } from './figure.ts';
import { pictures } from './pictures.ts';

/** Draws every panel as SVG text; fails on any warning. */
export async function draw(figure: DrawnFigure): Promise<readonly string[]> {
  const warnings: string[] = [];
  const note = (...args: readonly unknown[]) => {
    warnings.push(args.join(' '));
    return logger;
  };
  const logger = { warn: note, error: note, info: () => logger, debug: () => logger, level: () => logger };
  const drawn = await pictures(figure, 640, logger as unknown as LoggerInterface);
  assert.equal(warnings, [], figure.id);
  return drawn;
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
