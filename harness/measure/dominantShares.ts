/** Dominant shares over time: the largest part that a framework's tasks hold of any one resource (Ghodsi et al., NSDI'11). */
import type { Measure } from '../experiments/experiment.ts';
import type { Curve } from '../result.ts';
import { foldOf } from './fold.ts';
import { type Held, holdings } from './holdings.ts';
import type { Span } from './stepFunction.ts';

/** What to look at. */
export interface DominantShares {
  readonly frameworks: readonly string[];
  readonly cluster: { readonly cpus: number; readonly mem: number };
  /** Curves go so far, in steps of a second. */
  readonly untilMs: number;
  /** Spans over which means are taken, by what they are called. */
  readonly spans: Readonly<Record<string, Span>>;
}

const STEP_MS = 1_000;

/** Curves of each framework's dominant share and of its shares of both resources, and means of the first. */
export function dominantShares({ frameworks, cluster, untilMs, spans }: DominantShares): () => Measure {
  return () => {
    const fold = holdings();
    return foldOf({
      parts: [fold],
      result() {
        const held = fold.result().frameworks;
        const of = (name: string, span: Span, stepMs: number): Shares =>
          sharesOf(held.get(name), cluster, span, stepMs);
        const all = { fromMs: 0, toMs: untilMs };
        const curves = frameworks.flatMap((name) => {
          const { cpus, mem, dominant } = of(name, all, STEP_MS);
          return [
            [`dominant share of ${name} (%)`, curve(dominant)],
            [`CPUs of ${name} (%)`, curve(cpus)],
            [`memory of ${name} (%)`, curve(mem)],
          ] as const;
        });
        const values = Object.entries(spans).flatMap(([label, span]) =>
          frameworks.map((name) => {
            const [mean = 0] = of(name, span, span.toMs - span.fromMs).dominant;
            return [`dominant share of ${name}, ${label} (%)`, mean] as const;
          }),
        );
        return { values: Object.fromEntries(values), curves: Object.fromEntries(curves) };
      },
    });
  };
}

interface Shares {
  readonly cpus: readonly number[];
  readonly mem: readonly number[];
  readonly dominant: readonly number[];
}

/** In %, means over steps. */
function sharesOf(
  held: Held | undefined,
  cluster: DominantShares['cluster'],
  span: Span,
  stepMs: number,
): Shares {
  const percent = (name: 'cpus' | 'mem'): readonly number[] =>
    (held?.[name].means(span, stepMs) ?? []).map((mean) => (100 * mean) / cluster[name]);
  const [cpus, mem] = [percent('cpus'), percent('mem')];
  return { cpus, mem, dominant: cpus.map((share, n) => Math.max(share, mem[n] ?? 0)) };
}

function curve(y: readonly number[]): Curve {
  return { x: y.map((_, n) => ((n + 0.5) * STEP_MS) / 1000), y };
}
