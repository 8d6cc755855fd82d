/** Fewer points for long curves, with nothing of their extremes lost. */
import type { Curve } from '../../harness/result.ts';

/** Curves up to this many points are drawn whole. */
const POINTS_MAX = 1000;

/** Points kept of each stretch at most: the first, the lowest, the highest and the last. */
const KEPT = 4;

/** The curve itself, or of each of 250 equal stretches its first, lowest, highest and last point. */
export function thinned(curve: Curve, pointsMax: number = POINTS_MAX): Curve {
  const n = curve.x.length;
  if (n <= pointsMax) return curve;
  const stretches = Math.floor(pointsMax / KEPT);
  const kept = Array.from({ length: stretches }, (_, index) =>
    extremes(curve.y, Math.floor((index * n) / stretches), Math.floor(((index + 1) * n) / stretches)),
  ).flat();
  return { x: kept.map((at) => curve.x[at] ?? 0), y: kept.map((at) => curve.y[at] ?? 0) };
}

/** Places of the first, lowest, highest and last value from `from` to before `end`, in order, each once. */
function extremes(values: readonly number[], from: number, end: number): readonly number[] {
  let [lowest, highest] = [from, from];
  for (let at = from; at < end; at += 1) {
    if ((values[at] ?? 0) < (values[lowest] ?? 0)) lowest = at;
    if ((values[at] ?? 0) > (values[highest] ?? 0)) highest = at;
  }
  return [...new Set([from, lowest, highest, end - 1])].sort((a, b) => a - b);
}
