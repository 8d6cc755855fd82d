/** A quantity that changes in steps over time, kept exactly; means are taken afterwards. */

/** A span of time on the clock of the history, in milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A quantity over time: 0 at first, constant between changes. */
export class StepFunction {
  readonly #times: number[] = [];
  readonly #values: number[] = [];

  /** The value now, after all changes. */
  get value(): number {
    return this.#values.at(-1) ?? 0;
  }

  /** The largest value at any time. */
  get largest(): number {
    return this.#values.reduce((largest, value) => Math.max(largest, value), 0);
  }

  /**
   * Changes the value by `delta` from `atMs` on. Times must not decrease; a clock that was set back counts as
   * standing still. Values are rounded to thousandths, as resources are.
   */
  change(atMs: number, delta: number): void {
    const last = this.#times.length - 1;
    const value = Math.round((this.value + delta) * 1000) / 1000;
    if (last >= 0 && atMs <= (this.#times[last] as number)) {
      this.#values[last] = value;
      return;
    }
    this.#times.push(atMs);
    this.#values.push(value);
  }

  /** The time-weighted mean over a span; 0 over an empty one. */
  mean(span: Span): number {
    const lengthMs = span.toMs - span.fromMs;
    return lengthMs > 0 ? (this.means(span, lengthMs)[0] ?? 0) : 0;
  }

  /**
   * Time-weighted means over equal steps from the start of the span; the last step may reach beyond its end.
   */
  means({ fromMs, toMs }: Span, stepMs: number): number[] {
    const means: number[] = [];
    let next = this.#after(fromMs);
    let value = this.#values[next - 1] ?? 0;
    for (let start = fromMs; start < toMs; start = fromMs + means.length * stepMs) {
      const end = fromMs + (means.length + 1) * stepMs;
      let area = 0;
      let atMs = start;
      for (; next < this.#times.length && (this.#times[next] as number) < end; next++) {
        const changeMs = this.#times[next] as number;
        area += value * (changeMs - atMs);
        atMs = changeMs;
        value = this.#values[next] as number;
      }
      means.push((area + value * (end - atMs)) / stepMs);
    }
    return means;
  }

  /** Index of the first change after a time. */
  #after(atMs: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] as number) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The union of spans, as spans in order that do not touch. */
export function unite(spans: readonly Span[]): Span[] {
  const united: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = united.at(-1);
    if (last !== undefined && span.fromMs <= last.toMs)
      united[united.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
    else if (span.toMs > span.fromMs) united.push(span);
  }
  return united;
}
