/** Slaves that operators have deactivated or drain: what runs on a draining one is ended, and it is drained when nothing is left. */
import { isTerminal } from '../protocol/tasks.ts';
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
  readonly #lookSoon: (slave: Slave) => void;

  /** `markGone`: a slave is drained, and was to be gone then. */
  constructor(books: Books, tasks: Tasks, markGone: (slave: Slave) => void) {
    this.#books = books;
    this.#tasks = tasks;
    this.#markGone = markGone;
    this.#lookSoon = together(books.context, (slaves) => {
      for (const slave of slaves) this.#look(slave);
    });
  }

  /** What is ordered of a slave, or what runs on it, is not what it was. */
  changed(slave: Slave): void {
    if (slave.directive?.is === 'draining') this.#lookSoon(slave);
  }

  #look(slave: Slave): void {
    const { directive: drain } = slave;
    if (drain?.is !== 'draining' || this.#books.slaves.get(slave.id) !== slave) return;
    for (const task of slave.tasks) {
      const kill = killOf(task, drain);
      if (kill !== undefined) this.#tasks.killAnew(task, kill);
    }
    if (slave.isDrained || !this.#isEmpty(slave)) return;
    slave.isDrained = true;
    this.#books.context.record({ event: 'slave-drained', slaveId: slave.id });
    this.#books.observer?.slaveUpdated(slave);
    if (drain.markGone) this.#markGone(slave);
  }

  /** Also those that have ended must be acknowledged: what the slave has to tell of them would be lost with it. */
  #isEmpty(slave: Slave): boolean {
    if (slave.tasks.size > 0 || slave.ended.size > 0) return false;
    for (const { tasks } of this.#books.frameworks.values())
      for (const task of tasks.values()) if (task.slave === slave && isTerminal(task.state)) return false;
    return true;
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
