/** The curves of figures 5 and 7 of NSDI'11, read off and thinned: where the paper's are told, times are in seconds and shares from 0 to 1. */
import { readFileSync } from 'node:fs';
import type { Curve, System } from '../../harness/result.ts';

/** Whose share (figure 5), or what of the whole cluster (figure 7). */
export type PaperCurve = 'facebook' | 'large' | 'spark' | 'torque' | 'cpu' | 'mem';

const FILE = new URL('./curves/macro.csv', import.meta.url);

let read: ReadonlyMap<string, Curve> | undefined;

/** The paper's curve. */
export function paperCurve(name: PaperCurve, system: System): Curve {
  read ??= readCurves(readFileSync(FILE, 'utf8'));
  const curve = read.get(`${name} ${system}`);
  if (curve === undefined)
    throw new RangeError(`there is no curve of ${name} on ${system} in ${FILE.pathname}`);
  return curve;
}

/** Lines `figure,system,x,y` after a heading. */
function readCurves(text: string): ReadonlyMap<string, Curve> {
  const curves = new Map<string, { readonly x: number[]; readonly y: number[] }>();
  for (const line of text.trimEnd().split('\n').slice(1)) {
    const [name, system, x, y] = line.split(',');
    const key = `${name} ${system}`;
    const curve = curves.get(key) ?? { x: [], y: [] };
    curve.x.push(Number(x));
    curve.y.push(Number(y));
    curves.set(key, curve);
  }
  return curves;
}
