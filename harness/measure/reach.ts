/** When a framework has what it is to have. */
import {
  add,
  contains,
  NOTHING,
  type Resources,
  subtract,
  unreserved,
} from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Measure } from '../experiments/experiment.ts';
import type { Curve } from '../result.ts';
import { foldOf } from './fold.ts';
import { newPass } from './pass.ts';

/**
 * `NAME time to its share (s)`: from the submission of the framework's first job until its tasks hold at least `share` for the first
 * time; and `NAME time to its share (% of a task)`, of `ofMs`. If they never do, there are no such values. If asked for, the curve
 * `NAME (CPUs)` is what they hold, by seconds from that submission on, until then and as long again.
 */
export function reach(
  name: string,
  { share, ofMs, curve }: { readonly share: Resources; readonly ofMs: number; readonly curve: boolean },
  pass = newPass(),
): Measure {
  const own = new Set<number>();
  const running = new Map<number, Resources>();
  const x: number[] = [];
  const y: number[] = [];
  let held = NOTHING;
  let wantedMs: number | undefined;
  let reachedS: number | undefined;
  const change = (t: number, to: Resources): void => {
    const { cpus = 0 } = to;
    held = to;
    if (wantedMs === undefined) return;
    const s = (t - wantedMs) / 1000;
    if (reachedS === undefined && contains(held, share)) reachedS = s;
    if (reachedS !== undefined && s > 2 * reachedS) return;
    x.push(s);
    y.push(cpus);
  };
  /** It holds what it holds until then. */
  const curveTo = (endS: number | undefined): Curve => {
    const last = y.at(-1);
    return endS === undefined || last === undefined ? { x, y } : { x: [...x, endS], y: [...y, last] };
  };
  return foldOf({
    on: {
      'framework-registered': (line) => {
        if (line.name === name) own.add(pass.framework(line));
      },
      'job-submitted': (line) => {
        if (line.framework !== name || wantedMs !== undefined) return;
        wantedMs = line.intendedMs;
        change(wantedMs, held);
      },
      'task-launched': (line) => {
        if (!own.has(pass.framework(line)) || running.has(pass.task(line))) return;
        const resources = unreserved(line.resources);
        running.set(pass.task(line), resources);
        change(line.t, add(held, resources));
      },
      'task-updated': (line) => {
        const resources = isTerminal(line.state) ? running.get(pass.task(line)) : undefined;
        if (resources === undefined) return;
        running.delete(pass.task(line));
        change(line.t, subtract(held, resources));
      },
    },
    result: () => ({
      values:
        reachedS === undefined
          ? {}
          : {
              [`${name} time to its share (s)`]: reachedS,
              [`${name} time to its share (% of a task)`]: (100_000 * reachedS) / ofMs,
            },
      ...(curve && {
        curves: { [`${name} (CPUs)`]: curveTo(reachedS === undefined ? undefined : 2 * reachedS) },
      }),
    }),
  });
}
