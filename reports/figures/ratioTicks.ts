/** Ticks of a logarithmic axis of ratios around 1. */
const WIDE = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
const NARROW = [0.5, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 2.5, 3, 4, 5];
const CLOSE = [0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4];
const CLOSEST = [0.88, 0.9, 0.92, 0.94, 0.96, 0.98, 1, 1.02, 1.04, 1.06, 1.08, 1.1, 1.12];

/** Ticks between two positive numbers that read well. */
export function ratioTicks([low, high]: readonly [number, number]): number[] {
  const span = high / low;
  const ticks = span < 1.2 ? CLOSEST : span < 1.5 ? CLOSE : span < 8 ? NARROW : WIDE;
  return ticks.filter((tick) => tick >= low && tick <= high);
}
