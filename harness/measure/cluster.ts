/** The cluster: the union of all slaves, whoever they registered with. */
import { type Resources, round, unreserved } from '../../mesos/protocol/resources.ts';
import { type Fold, foldOf } from './fold.ts';
import { newPass } from './pass.ts';

/** How large the cluster was. */
export interface ClusterSize {
  readonly slaves: number;
  readonly cpus: number;
  readonly memMiB: number;
}

/**
 * The cluster at its largest (by CPUs, then by slaves): what shares and utilisation are fractions of, so that
 * slaves that are lost show as capacity not used. A slave that registers again under its id counts once.
 */
export function clusterSize(pass = newPass()): Fold<ClusterSize> {
  const slaves = new Map<number, Resources>();
  let now: ClusterSize = { slaves: 0, cpus: 0, memMiB: 0 };
  let largest = now;
  const change = (resources: Resources, sign: 1 | -1): void => {
    const { cpus = 0, mem = 0 } = unreserved(resources);
    now = {
      slaves: now.slaves + sign,
      cpus: round(now.cpus + sign * cpus),
      memMiB: round(now.memMiB + sign * mem),
    };
  };
  const remove = (number: number): void => {
    const known = slaves.get(number);
    if (known !== undefined) change(known, -1);
    slaves.delete(number);
  };
  return foldOf({
    on: {
      'slave-registered': (line) => {
        const number = pass.slave(line);
        remove(number);
        slaves.set(number, line.resources);
        change(line.resources, 1);
        const grown = now.cpus - largest.cpus || now.slaves - largest.slaves;
        if (grown > 0) largest = now;
      },
      'slave-lost': (line) => remove(pass.slave(line)),
    },
    result: () => largest,
  });
}
