/** Slaves that operators have deactivated or drain: what runs on a draining one is ended, and it is drained when nothing is left. */
import { isPartitionAware } from './answers.ts';
import type { Books } from './books.ts';
import type { SlaveDirective } from './directives.ts';
import { together } from './soon.ts';
import type { Slave, Task } from './state.ts';
import type { Tasks } from './tasks.ts';

type Drain = SlaveDirective & { readonly is: 'draining' };

/** The drains. */
export class Drains {
  readonly #books: Books;
  readonly #tasks: Tasks;
  readonly #markGone: (slave: Slave) => void;
  readonly #endSoon: (task: Task) => void;
  readonly #lookSoon: (slave: Slave) => void;

  /** `markGone`: a slave is drained, and was to be gone then. */
  constructor(books: Books, tasks: Tasks, markGone: (slave: Slave) => void) {
    this.#books = books;
    this.#tasks = tasks;
    this.#markGone = markGone;
    this.#endSoon = together(books.context, (all) => {
      for (const task of all) this.#end(task);
    });
    this.#lookSoon = together(books.context, (slaves) => {
      for (const slave of slaves) this.#look(slave);
    });
  }

  /** Something else is ordered of the slave. */
  ordered(slave: Slave): void {
    if (slave.directive?.is !== 'draining') return;
    for (const task of slave.tasks) this.#endSoon(task);
    this.#lookSoon(slave);
  }

  /** A task is new in the books. */
  booked(task: Task): void {
    if (task.slave.directive?.is === 'draining') this.#endSoon(task);
  }

  /** What runs on the slave is not what it was. */
  changed(slave: Slave): void {
    if (slave.directive?.is === 'draining') this.#lookSoon(slave);
  }

  #end(task: Task): void {
    const { slave } = task;
    if (slave.directive?.is !== 'draining' || !slave.tasks.has(task)) return;
    const kill = killOf(task, slave.directive);
    if (kill !== undefined) this.#tasks.killAnew(task, kill);
  }

  /** Also tasks that have ended must be acknowledged: what the slave has to tell of them would be lost with it. */
  #look(slave: Slave): void {
    const { directive: drain } = slave;
    if (drain?.is !== 'draining' || this.#books.slaves.get(slave.id) !== slave) return;
    if (slave.isDrained || slave.bookedTasks > 0) return;
    slave.isDrained = true;
    this.#books.context.record({ event: 'slave-drained', slaveId: slave.id });
    this.#books.observer?.slaveUpdated(slave);
    if (drain.markGone) this.#markGone(slave);
  }
}

/** How a task is to be killed; undefined: it has been told, and has no more time than it is to have. */
function killOf({ kill, framework }: Task, { maxGraceMs, markGone }: Drain): Task['kill'] {
  const isInTime =
    maxGraceMs === undefined || (kill?.gracePeriodMaxMs ?? Number.POSITIVE_INFINITY) <= maxGraceMs;
  if (kill !== undefined && isInTime && (!markGone || kill.state !== undefined)) return undefined;
  const state = isPartitionAware(framework.info) ? 'TASK_GONE_BY_OPERATOR' : 'TASK_LOST';
  return {
    ...(kill ?? { reason: 'REASON_SLAVE_DRAINING' }),
    ...(!isInTime && { gracePeriodMaxMs: maxGraceMs }),
    ...(markGone && { state }),
  };
}
