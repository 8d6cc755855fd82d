/** Which parts of the system run on which machines of a deployment, and what of it is possible when some machines fail. */
import type { Resources } from '../../mesos/protocol/resources.ts';

/** Machines are named. One may be there for several parts. */
export interface SystemPlan {
  /** 1, 3 or 5; none if there is one master. */
  readonly zookeeper: readonly string[];
  /** The first one also runs the namenode of the block store. */
  readonly masters: readonly string[];
  /** Each also runs a file server, which holds blocks. */
  readonly slaves: readonly { readonly name: string; readonly resources: Resources }[];
}

/** The plan without the machines that are not there; or, in one sentence, why too few are left. */
export function planWithout(
  { zookeeper, masters, slaves }: SystemPlan,
  missing: ReadonlySet<string>,
): SystemPlan | string {
  const isThere = (name: string): boolean => !missing.has(name);
  const left: SystemPlan = {
    zookeeper: oddNumberOf(zookeeper.filter(isThere)),
    masters: masters.filter(isThere),
    slaves: slaves.filter(({ name }) => isThere(name)),
  };
  if (left.masters.length === 0) return 'no machine is left that can run a master';
  if (left.slaves.length === 0) return 'no machine is left that can run a slave';
  if (zookeeper.length > 0 && left.zookeeper.length === 0)
    return 'no machine is left that can run a ZooKeeper server';
  return left;
}

/** An even number of servers bears no more failures than one less. */
function oddNumberOf(names: readonly string[]): readonly string[] {
  return names.length % 2 === 0 ? names.slice(0, -1) : names;
}
