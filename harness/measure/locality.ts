/** Where map tasks found their blocks. */
import type { FrameworkMeasure } from '../result.ts';
import type { Fold } from './fold.ts';

/** Blocks read, by where they came from. */
export type Locality = NonNullable<FrameworkMeasure['locality']>;

/** By the name of the framework; frameworks that read no blocks are not in it. */
export function localities(): Fold<ReadonlyMap<string, Locality>> {
  const byName = new Map<string, Locality>();
  return {
    observe(line) {
      if (line.event !== 'block-read') return;
      const { local, remote } = byName.get(line.framework) ?? { local: 0, remote: 0 };
      byName.set(
        line.framework,
        line.locality === 'local' ? { local: local + 1, remote } : { local, remote: remote + 1 },
      );
    },
    result: () => byName,
  };
}
