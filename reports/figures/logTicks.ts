/** Ticks of a logarithmic axis. */

/** Round values between two positive numbers, far enough apart to label on a logarithmic axis. */
export function logTicks(low: number, high: number): number[] {
  const steps = high / low > 12 ? [1, 3] : [1, 1.5, 2, 3, 4, 6];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const step of steps) ticks.push(Number((step * 10 ** power).toPrecision(2)));
  }
  return ticks.filter((tick) => tick >= low / 1.15 && tick <= high * 1.15);
}
