/** Ticks of a logarithmic axis of ratios around 1. */
const WIDE = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
const NARROW = [0.5, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 2.5, 3, 4, 5];

/** Ticks between two positive numbers that read well. */
export function ratioTicks([low, high]: readonly [number, number]): number[] {
  return (high / low < 8 ? NARROW : WIDE).filter((tick) => tick >= low && tick <= high);
}
