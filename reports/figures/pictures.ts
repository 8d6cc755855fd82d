/** Figures drawn without a browser. */
import type { LoggerInterface } from 'vega';
import type { TopLevelSpec } from 'vega-lite';
import { type DrawnFigure, records } from './figure.ts';
import { CONFIG } from './theme.ts';

/** Vega is loaded only when it is wanted, since that takes half a second. Rejects with an Error if it is not installed. */
export const loadVega = () => Promise.all([import('vega'), import('vega-lite')]);

/**
 * Draws every panel of a figure as SVG text, so wide in pixels. Colours stay CSS variables.
 * Rejects with an Error if Vega is not installed or cannot draw a panel.
 */
export async function pictures(
  { datasets, panels }: DrawnFigure,
  widthPx: number,
  logger?: LoggerInterface,
): Promise<readonly string[]> {
  const [{ parse, View }, { compile }] = await loadVega();
  const data = Object.fromEntries(datasets.map((dataset) => [dataset.name, records(dataset)]));
  const drawn: string[] = [];
  for (const { spec } of panels) {
    const whole = { ...spec, width: widthPx, datasets: data, config: CONFIG } as TopLevelSpec;
    const options = logger === undefined ? {} : { logger };
    const view = new View(parse(compile(whole, options).spec), { renderer: 'none', ...options });
    try {
      drawn.push(await view.toSVG());
    } finally {
      view.finalize();
    }
  }
  return drawn;
}
