/** Invariant: no slave gives more than it has. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { format, type Resources, unreserved } from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { Findings, type Invariant } from './invariant.ts';
import { isMaster, offerKey, slaveKey, taskKey } from './scope.ts';

interface Slave {
  /** What it has; undefined while it is not registered. */
  capacity: Resources | undefined;
  /** The actor that it is registered with: offers of an earlier master ended with that master. */
  master: string;
  /** Running tasks and open offers, in thousandths: whole numbers do not drift. */
  readonly used: Map<string, number>;
  readonly offers: Map<string, Resources>;
}

interface Task {
  readonly slave: Slave;
  readonly resources: Resources;
  /** Is it in the books of the master that leads? */
  isHeld: boolean;
}

/**
 * At no time do running tasks and open offers exceed a slave's resources. What executors take for themselves
 * is not in the history and not counted. A new master begins with empty books: the slaves tell it of their tasks.
 */
export function slavesNotOvercommitted(): Invariant {
  const findings = new Findings(
    'slaves-not-overcommitted',
    'At no time do the running tasks and open offers of a slave exceed its resources.',
  );
  const slaves = new Map<string, Slave>();
  const offers = new Map<string, Slave>();
  const tasks = new Map<string, Task>();

  const slaveOf = (line: HistoryLine & { readonly slaveId: string }): Slave => {
    const key = slaveKey(line);
    let slave = slaves.get(key);
    if (slave === undefined) {
      slave = { capacity: undefined, master: line.by, used: new Map(), offers: new Map() };
      slaves.set(key, slave);
    }
    return slave;
  };
  const take = (line: HistoryLine, slave: Slave, resources: Resources): void => {
    change(slave.used, resources, 1);
    if (slave.capacity === undefined) findings.report(line, 'the slave is not registered');
    else if (exceeds(slave.used, slave.capacity))
      findings.report(line, `${shown(slave.used)} in use of ${format(slave.capacity)}`);
  };
  const free = (task: Task): void => {
    if (task.isHeld) change(task.slave.used, task.resources, -1);
    task.isHeld = false;
  };
  const endOffer = (key: string): void => {
    const slave = offers.get(key);
    const resources = slave?.offers.get(key);
    if (slave === undefined || resources === undefined) return;
    change(slave.used, resources, -1);
    slave.offers.delete(key);
    offers.delete(key);
  };

  return {
    observe(line) {
      switch (line.event) {
        case 'master-elected': {
          for (const slave of slaves.values()) {
            if (!isMaster(slave.master)) continue;
            for (const key of [...slave.offers.keys()]) endOffer(key);
            slave.capacity = undefined;
          }
          for (const task of tasks.values()) if (isMaster(task.slave.master)) free(task);
          return;
        }
        case 'slave-registered': {
          const slave = slaveOf(line);
          if (slave.master !== line.by) for (const key of [...slave.offers.keys()]) endOffer(key);
          slave.master = line.by;
          slave.capacity = line.resources;
          if (exceeds(slave.used, line.resources))
            findings.report(line, `${shown(slave.used)} in use of ${format(line.resources)}`);
          return;
        }
        case 'slave-lost':
          slaveOf(line).capacity = undefined;
          return;
        case 'offer-sent': {
          const key = offerKey(line);
          if (offers.has(key)) return;
          const slave = slaveOf(line);
          offers.set(key, slave);
          slave.offers.set(key, line.resources);
          take(line, slave, line.resources);
          return;
        }
        case 'offer-accepted':
        case 'offer-declined':
        case 'offer-rescinded':
          endOffer(offerKey(line));
          return;
        case 'task-launched': {
          const key = taskKey(line);
          if (tasks.has(key)) return;
          const slave = slaveOf(line);
          tasks.set(key, { slave, resources: line.resources, isHeld: true });
          take(line, slave, line.resources);
          return;
        }
        case 'task-updated': {
          const task = tasks.get(taskKey(line));
          if (task === undefined) return;
          if (isTerminal(line.state) || line.state === 'TASK_UNREACHABLE') return free(task);
          if (task.isHeld) return;
          // Its slave has told of it.
          task.isHeld = true;
          take(line, task.slave, task.resources);
        }
      }
    },
    result: () => findings.check(`${slaves.size} slaves`),
  };
}

/** What is reserved may be another part of the slave at each moment; it counts as the rest does. */
function change(used: Map<string, number>, resources: Resources, sign: 1 | -1): void {
  const bare = unreserved(resources);
  for (const name in bare)
    used.set(name, (used.get(name) ?? 0) + sign * Math.round((bare[name] ?? 0) * 1000));
}

function exceeds(used: ReadonlyMap<string, number>, capacity: Resources): boolean {
  const bare = unreserved(capacity);
  for (const [name, quantity] of used) if (quantity > Math.round((bare[name] ?? 0) * 1000)) return true;
  return false;
}

function shown(used: ReadonlyMap<string, number>): string {
  return format(Object.fromEntries([...used].map(([name, quantity]) => [name, quantity / 1000])));
}
