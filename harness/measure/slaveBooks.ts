/** Invariant: no slave gives more than it has. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { format, type Resources, unreserved } from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { Findings, type Invariant } from './invariant.ts';
import { isMaster, offerKey, slaveKey, taskKey } from './scope.ts';

/** Quantities in thousandths, reserved or not: whole numbers do not drift. */
type Thousandths = ReadonlyMap<string, number>;

interface Slave {
  /** What it has; undefined while it is not registered. */
  capacity: { readonly resources: Resources; readonly amounts: Thousandths } | undefined;
  /** The actor that it is registered with: offers of an earlier master ended with that master. */
  master: string;
  /** Running tasks and open offers. */
  readonly used: Map<string, number>;
  readonly offers: Set<Offer>;
  /** Tasks that have ended, one of all that held as much, by that as text. */
  readonly ended: Map<string, Task>;
}

interface Offer {
  readonly key: string;
  readonly slave: Slave;
  readonly resources: Resources;
}

interface Task {
  readonly slave: Slave;
  readonly resources: Resources;
}

/** Amounts by which ended tasks of a slave are told apart; beyond, one is kept for each task. */
const AMOUNTS_MAX = 100;

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
  const offers = new Map<string, Offer>();
  /** Those in the books of the master that leads. */
  const held = new Map<string, Task>();
  /** Those that were, and may go on, or be launched again. */
  const ended = new Map<string, Task>();

  const slaveOf = (line: HistoryLine & { readonly slaveId: string }): Slave => {
    const key = slaveKey(line);
    let slave = slaves.get(key);
    if (slave === undefined) {
      slave = { capacity: undefined, master: line.by, used: new Map(), offers: new Set(), ended: new Map() };
      slaves.set(key, slave);
    }
    return slave;
  };
  const take = (line: HistoryLine, slave: Slave, resources: Resources): void => {
    change(slave.used, resources, 1);
    if (slave.capacity === undefined) findings.report(line, 'the slave is not registered');
    else if (exceeds(slave.used, slave.capacity.amounts))
      findings.report(line, `${shown(slave.used)} in use of ${format(slave.capacity.resources)}`);
  };
  const free = (key: string, task: Task): void => {
    change(task.slave.used, task.resources, -1);
    held.delete(key);
    ended.set(key, alike(task));
  };
  const endOffer = (offer: Offer): void => {
    change(offer.slave.used, offer.resources, -1);
    offer.slave.offers.delete(offer);
    offers.delete(offer.key);
  };

  return {
    observe(line) {
      switch (line.event) {
        case 'master-elected': {
          for (const slave of slaves.values()) {
            if (!isMaster(slave.master)) continue;
            for (const offer of slave.offers) endOffer(offer);
            slave.capacity = undefined;
          }
          for (const [key, task] of held) if (isMaster(task.slave.master)) free(key, task);
          return;
        }
        case 'slave-registered': {
          const slave = slaveOf(line);
          if (slave.master !== line.by) for (const offer of slave.offers) endOffer(offer);
          slave.master = line.by;
          const amounts = new Map<string, number>();
          change(amounts, line.resources, 1);
          slave.capacity = { resources: line.resources, amounts };
          if (exceeds(slave.used, amounts))
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
          const offer = { key, slave, resources: line.resources };
          offers.set(key, offer);
          slave.offers.add(offer);
          take(line, slave, line.resources);
          return;
        }
        case 'offer-accepted':
        case 'offer-declined':
        case 'offer-rescinded': {
          const offer = offers.get(offerKey(line));
          if (offer !== undefined) endOffer(offer);
          return;
        }
        case 'task-launched': {
          const key = taskKey(line);
          if (held.has(key)) return;
          const slave = slaveOf(line);
          held.set(key, { slave, resources: line.resources });
          take(line, slave, line.resources);
          return;
        }
        case 'task-updated': {
          const key = taskKey(line);
          const task = held.get(key);
          if (isTerminal(line.state) || line.state === 'TASK_UNREACHABLE') {
            if (task !== undefined) free(key, task);
            return;
          }
          const former = ended.get(key);
          if (task !== undefined || former === undefined) return;
          // Its slave has told of it.
          held.set(key, former);
          take(line, former.slave, former.resources);
        }
      }
    },
    result: () => findings.check(slaves.size, 'slave'),
  };
}

/** The same for all tasks of a slave that held as much: one of each would be much to keep. */
function alike(task: Task): Task {
  const { ended } = task.slave;
  const amounts = JSON.stringify(task.resources);
  const known = ended.get(amounts);
  if (known !== undefined) return known;
  if (ended.size < AMOUNTS_MAX) ended.set(amounts, task);
  return task;
}

/** What is reserved may be another part of the slave at each moment; it counts as the rest does. */
function change(used: Map<string, number>, resources: Resources, sign: 1 | -1): void {
  const bare = unreserved(resources);
  for (const name in bare)
    used.set(name, (used.get(name) ?? 0) + sign * Math.round((bare[name] ?? 0) * 1000));
}

function exceeds(used: Thousandths, capacity: Thousandths): boolean {
  for (const [name, amount] of used) if (amount > (capacity.get(name) ?? 0)) return true;
  return false;
}

function shown(used: Thousandths): string {
  return format(Object.fromEntries([...used].map(([name, quantity]) => [name, quantity / 1000])));
}
