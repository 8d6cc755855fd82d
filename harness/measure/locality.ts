/** Where map tasks found their blocks. */
import type { Measure } from '../experiments/experiment.ts';
import type { FrameworkMeasure } from '../result.ts';
import { type Fold, foldOf } from './fold.ts';

/** Blocks read, by where they came from. */
export type Locality = NonNullable<FrameworkMeasure['locality']>;

/** By the name of the framework; frameworks that read no blocks are not in it. */
export function localities(): Fold<ReadonlyMap<string, Locality>> {
  const byName = new Map<string, Locality>();
  return foldOf({
    on: {
      'block-read': ({ framework, locality }) =>
        void byName.set(framework, counted(byName.get(framework), locality)),
    },
    result: () => byName,
  });
}

/** Part of the blocks that were read on the slave that holds them, 0 to 1; NaN if none were read. */
export function localPart(localities: Iterable<Locality>): number {
  let [local, all] = [0, 0];
  for (const one of localities) {
    local += one.local;
    all += one.local + one.remote;
  }
  return local / all;
}

/** Steps of the curve of {@link localMaps}. */
const STEP_MS = 10_000;

/**
 * Local maps of all frameworks together: `local maps (%)`, and as a curve over the time (s), since the first line of the history, at which
 * they ended.
 */
export function localMaps(): Measure {
  const byName = localities();
  const bySteps: (Locality | undefined)[] = [];
  let startMs: number | undefined;
  return foldOf({
    parts: [byName],
    on: {
      every: ({ t }) => {
        startMs ??= t;
      },
      'block-read': ({ t, locality }) => {
        const step = Math.floor((t - (startMs ?? t)) / STEP_MS);
        bySteps[step] = counted(bySteps[step], locality);
      },
    },
    result() {
      const points = Array.from(bySteps, (reads, step) => ({
        x: ((step + 0.5) * STEP_MS) / 1_000,
        y: reads === undefined ? Number.NaN : 100 * localPart([reads]),
      })).filter(({ y }) => !Number.isNaN(y));
      return {
        values: { 'local maps (%)': 100 * localPart(byName.result().values()) },
        curves: { 'local maps (%)': { x: points.map(({ x }) => x), y: points.map(({ y }) => y) } },
      };
    },
  });
}

function counted(sofar: Locality | undefined, where: 'local' | 'remote'): Locality {
  const { local, remote } = sofar ?? { local: 0, remote: 0 };
  return where === 'local' ? { local: local + 1, remote } : { local, remote: remote + 1 };
}
