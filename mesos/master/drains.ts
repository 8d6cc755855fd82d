/** Slaves that operators have deactivated or drain: what runs on a draining one is ended, and it is drained when nothing is left. */
import type { SlaveId } from '../protocol/entities.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Books } from './books.ts';
import type { SlaveDirective } from './directives.ts';
import type { Slave } from './state.ts';
import type { Tasks } from './tasks.ts';

type Drain = SlaveDirective & { readonly is: 'draining' };

/** The drains. */
export class Drains {
  readonly #books: Books;
  readonly #tasks: Tasks;
  readonly #markGone: (id: SlaveId) => void;
  readonly #drained = new Set<SlaveId>();
  /** To be looked at when what happens now has happened. */
  readonly #changed = new Set<Slave>();

  /** `markGone`: a slave is drained, and was to be gone then. */
  constructor(books: Books, tasks: Tasks, markGone: (id: SlaveId) => void) {
    this.#books = books;
    this.#tasks = tasks;
    this.#markGone = markGone;
  }

  /** How far a drain is; undefined if there is none. */
  stateOf(id: SlaveId): 'draining' | 'drained' | undefined {
    if (this.#books.directives.slaves.get(id)?.is !== 'draining') return undefined;
    return this.#drained.has(id) ? 'drained' : 'draining';
  }

  /** Something else is ordered of the slave. */
  forget(id: SlaveId): void {
    this.#drained.delete(id);
  }

  /** What is ordered of a slave, or what runs on it, is not what it was. */
  changed(slave: Slave): void {
    if (this.#drainOf(slave) === undefined) return;
    if (this.#changed.size === 0) this.#books.context.after(0, () => this.#lookAtAll());
    this.#changed.add(slave);
  }

  #lookAtAll(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const slave of changed) {
      const drain = this.#drainOf(slave);
      if (drain !== undefined) this.#look(slave, drain);
    }
  }

  #drainOf({ id }: Slave): Drain | undefined {
    const directive = this.#books.directives.slaves.get(id);
    return directive?.is === 'draining' ? directive : undefined;
  }

  #look(slave: Slave, drain: Drain): void {
    if (this.#books.slaves.get(slave.id) !== slave) return;
    for (const task of slave.tasks) {
      const { kill } = task;
      const { maxGraceMs: gracePeriodMaxMs = Number.POSITIVE_INFINITY } = drain;
      // It has been told, and has no more time than it is to have.
      if (kill !== undefined && (kill.gracePeriodMaxMs ?? Number.POSITIVE_INFINITY) <= gracePeriodMaxMs)
        continue;
      const most = gracePeriodMaxMs < Number.POSITIVE_INFINITY ? { gracePeriodMaxMs } : {};
      this.#tasks.killAnew(task, { ...(kill ?? { reason: 'REASON_SLAVE_DRAINING' }), ...most });
    }
    if (!this.#isEmpty(slave) || this.#drained.has(slave.id)) return;
    this.#drained.add(slave.id);
    this.#books.context.record({ event: 'slave-drained', slaveId: slave.id });
    this.#books.observer?.slaveUpdated(slave);
    if (drain.markGone) this.#markGone(slave.id);
  }

  /** Also those that have ended must be acknowledged: what the slave has to tell of them would be lost with it. */
  #isEmpty(slave: Slave): boolean {
    if (slave.tasks.size > 0 || slave.ended.size > 0) return false;
    for (const { tasks } of this.#books.frameworks.values())
      for (const task of tasks.values()) if (task.slave === slave && isTerminal(task.state)) return false;
    return true;
  }
}
