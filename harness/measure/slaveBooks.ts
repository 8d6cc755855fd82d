/** Invariant: no slave gives more than it has. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { format, type Resources, unreserved } from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { Column } from './column.ts';
import { foldOf } from './fold.ts';
import { Findings, type Invariant } from './invariant.ts';
import { onOfferEnd } from './offerEnding.ts';
import { newPass } from './pass.ts';
import { isMaster } from './scope.ts';

/** Quantities in thousandths, by the numbers of the resources' names: whole numbers do not drift. */
type Thousandths = readonly number[];

interface Slave {
  /** What it has; undefined while it is not registered. */
  capacity: { readonly resources: Resources; readonly amounts: Thousandths } | undefined;
  /** The actor that it is registered with: offers of an earlier master ended with that master. */
  master: string;
  /** Running tasks and open offers. */
  readonly used: number[];
  readonly offers: Set<Offer>;
  /** One task of all that hold as much. */
  readonly tasks: Task[];
}

interface Offer {
  readonly number: number;
  readonly slave: Slave;
  readonly amounts: Thousandths;
}

interface Task {
  readonly slave: Slave;
  readonly amounts: Thousandths;
}

/** Amounts by which tasks of a slave are told apart; beyond, one is kept for each task. */
const AMOUNTS_MAX = 100;

/**
 * At no time do running tasks and open offers exceed a slave's resources. What executors take for themselves
 * is not in the history and not counted. A new master begins with empty books: the slaves tell it of their tasks.
 */
export function slavesNotOvercommitted(pass = newPass()): Invariant {
  const findings = new Findings(
    'slaves-not-overcommitted',
    'At no time do the running tasks and open offers of a slave exceed its resources.',
  );
  const names: string[] = [];
  const slaves = new Map<number, Slave>();
  const offers = new Map<number, Offer>();
  /** Those in the books of the master that leads. */
  const held = new Map<number, Task>();
  /** Those that were, and may go on, or be launched again. */
  const ended = new Column<Task>();

  const slaveOf = (line: HistoryLine & { readonly slaveId: string }): Slave => {
    const number = pass.slave(line);
    const known = slaves.get(number);
    if (known !== undefined) return known;
    const slave: Slave = { capacity: undefined, master: line.by, used: [], offers: new Set(), tasks: [] };
    slaves.set(number, slave);
    return slave;
  };
  const take = (line: HistoryLine, { used, capacity }: Slave, amounts: Thousandths): void => {
    change(used, amounts, 1);
    if (capacity === undefined) findings.report(line, 'the slave is not registered');
    else if (exceeds(used, capacity.amounts))
      findings.report(line, `${shown(names, used)} in use of ${format(capacity.resources)}`);
  };
  const free = (number: number, task: Task): void => {
    change(task.slave.used, task.amounts, -1);
    held.delete(number);
    ended.set(number, task);
  };
  const endOffer = (offer: Offer): void => {
    change(offer.slave.used, offer.amounts, -1);
    offer.slave.offers.delete(offer);
    offers.delete(offer.number);
  };

  return foldOf({
    on: {
      'master-elected': () => {
        for (const slave of slaves.values()) {
          if (!isMaster(slave.master)) continue;
          for (const offer of slave.offers) endOffer(offer);
          slave.capacity = undefined;
        }
        for (const [number, task] of held) if (isMaster(task.slave.master)) free(number, task);
      },
      'slave-registered': (line) => {
        const slave = slaveOf(line);
        if (slave.master !== line.by) for (const offer of slave.offers) endOffer(offer);
        slave.master = line.by;
        const amounts = thousandths(names, line.resources);
        slave.capacity = { resources: line.resources, amounts };
        if (exceeds(slave.used, amounts))
          findings.report(line, `${shown(names, slave.used)} in use of ${format(line.resources)}`);
      },
      'slave-lost': (line) => {
        slaveOf(line).capacity = undefined;
      },
      'offer-sent': (line) => {
        const number = pass.offer(line);
        if (offers.has(number)) return;
        const slave = slaveOf(line);
        const offer = { number, slave, amounts: thousandths(names, line.resources) };
        offers.set(number, offer);
        slave.offers.add(offer);
        take(line, slave, offer.amounts);
      },
      ...onOfferEnd((line) => {
        const offer = offers.get(pass.offer(line));
        if (offer !== undefined) endOffer(offer);
      }),
      'task-launched': (line) => {
        const number = pass.task(line);
        if (held.has(number)) return;
        const slave = slaveOf(line);
        const task = taskWith(slave, thousandths(names, line.resources));
        held.set(number, task);
        take(line, slave, task.amounts);
      },
      'task-updated': (line) => {
        const isOver = isTerminal(line.state) || line.state === 'TASK_UNREACHABLE';
        const number = pass.task(line);
        const task = held.get(number);
        if (task !== undefined) {
          if (isOver) free(number, task);
          return;
        }
        const former = isOver ? undefined : ended.get(number);
        if (former === undefined) return;
        // Its slave has told of it.
        held.set(number, former);
        take(line, former.slave, former.amounts);
      },
    },
    result: () => findings.check(slaves.size, 'slave'),
  });
}

/** The same for all tasks of a slave that hold as much: one of each would be much to keep. */
function taskWith(slave: Slave, amounts: Thousandths): Task {
  const { tasks } = slave;
  for (const task of tasks) if (isSame(task.amounts, amounts)) return task;
  const task = { slave, amounts };
  if (tasks.length < AMOUNTS_MAX) tasks.push(task);
  return task;
}

function isSame(a: Thousandths, b: Thousandths): boolean {
  if (a.length !== b.length) return false;
  for (let name = 0; name < a.length; name++) if (a[name] !== b[name]) return false;
  return true;
}

/** What is reserved may be another part of the slave at each moment; it counts as the rest does. New names are added to those that are known. */
function thousandths(names: string[], resources: Resources): Thousandths {
  const bare = unreserved(resources);
  const amounts = names.map(() => 0);
  for (const name in bare) {
    const known = names.indexOf(name);
    amounts[known < 0 ? names.push(name) - 1 : known] = Math.round((bare[name] ?? 0) * 1000);
  }
  return amounts;
}

function change(used: number[], amounts: Thousandths, sign: 1 | -1): void {
  for (let name = 0; name < amounts.length; name++)
    used[name] = (used[name] ?? 0) + sign * (amounts[name] as number);
}

function exceeds(used: Thousandths, capacity: Thousandths): boolean {
  for (let name = 0; name < used.length; name++)
    if ((used[name] as number) > (capacity[name] ?? 0)) return true;
  return false;
}

function shown(names: readonly string[], used: Thousandths): string {
  return format(Object.fromEntries(used.map((quantity, name) => [names[name], quantity / 1000])));
}
