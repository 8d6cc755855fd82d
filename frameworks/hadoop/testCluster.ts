/**
 * A small driver's back for tests: slaves, offers, task ends and time, all played by hand or by an event
 * queue.
 */
import { happen, type Timer } from '../../mesos/driver/actor.ts';
import type { Executor, ExecutorDriver, ExecutorFactory } from '../../mesos/driver/executor.ts';
import type { Scheduler, SchedulerDriver, SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import {
  decodeData,
  type Filters,
  type Offer,
  type TaskInfo,
  type TaskStatus,
} from '../../mesos/protocol/entities.ts';
import type { HistoryEvent } from '../../mesos/protocol/history.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';

/** A clock that stands still until it is told to go on. */
class TestClock {
  nowMs = 0;
  #timers: { readonly at: number; readonly seq: number; readonly run: () => void }[] = [];
  #seq = 0;

  after(delay: number, run: () => void): Timer {
    const timer = { at: this.nowMs + Math.max(0, delay), seq: this.#seq, run };
    this.#seq += 1;
    let place = this.#timers.length;
    while (place > 0 && isLater(this.#timers[place - 1], timer)) place -= 1;
    this.#timers.splice(place, 0, timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Runs everything that is due within a span, in order, and lets that span pass. */
  advance(ms: number): void {
    const until = this.nowMs + ms;
    for (let next = this.#timers[0]; next !== undefined && next.at <= until; next = this.#timers[0]) {
      this.#timers.shift();
      this.nowMs = next.at;
      next.run();
    }
    this.nowMs = until;
  }
}

function isLater(
  a: { readonly at: number; readonly seq: number } | undefined,
  b: { readonly at: number; readonly seq: number },
): boolean {
  return a !== undefined && (a.at > b.at || (a.at === b.at && a.seq > b.seq));
}

const RANDOM = { uniform: () => 0.5, uint32: () => 0x8000_0000 };

/** What a scheduler answered to an offer. */
export interface Reply {
  readonly offerIds: readonly string[];
  readonly tasks: readonly TaskInfo[];
  readonly filters: Filters;
}

/** A master that does only what the test says, and writes down what the scheduler does. */
export class TestMaster {
  readonly clock = new TestClock();
  readonly scheduler: Scheduler;
  readonly replies: Reply[] = [];
  readonly history: (HistoryEvent & { readonly t: number })[] = [];
  readonly needs: boolean[] = [];
  readonly killed: string[] = [];
  /** Slaves whose executor was told to end. */
  readonly shutDown: string[] = [];
  readonly reconciled: string[][] = [];
  stopped = false;
  #offers = 0;

  constructor(factory: SchedulerFactory) {
    const driver: SchedulerDriver = {
      random: RANDOM,
      now: () => this.clock.nowMs,
      after: (delay, due) => this.clock.after(delay, () => happen(due)),
      record: (event) => this.history.push({ ...event, t: this.clock.nowMs }),
      replyToOffer: (offerIds, tasks, filters = {}) => this.replies.push({ offerIds, tasks, filters }),
      setFilters: () => undefined,
      getGuaranteedShare: () => ({}),
      setNeedsOffers: (needed) => this.needs.push(needed),
      killTask: (taskId) => this.killed.push(taskId),
      shutdownExecutor: (slaveId) => this.shutDown.push(slaveId),
      sendFrameworkMessage: () => undefined,
      reconcileTasks: (tasks) => this.reconciled.push(tasks.map(({ taskId }) => taskId)),
      stop: () => {
        this.stopped = true;
      },
    };
    this.scheduler = factory(driver);
    this.scheduler.registered('hadoop-1');
  }

  /**
   * Offers slaves, given as hostname to number of CPUs, all at once. Returns the launched tasks by hostname.
   */
  offer(cpusByHost: Readonly<Record<string, number>>): Record<string, TaskInfo[]> {
    const offers = Object.entries(cpusByHost).map(([host, cpus]) => this.#offer(host, { cpus }));
    const first = this.replies.length;
    this.scheduler.resourceOffers(offers);
    const launched: Record<string, TaskInfo[]> = {};
    for (const reply of this.replies.slice(first)) {
      const offer = offers.find(({ id }) => reply.offerIds.includes(id));
      if (offer !== undefined) launched[offer.hostname] = [...reply.tasks];
    }
    return launched;
  }

  /** Tells the scheduler what became of a task. */
  update(task: TaskInfo, state: TaskStatus['state'], detail: Partial<TaskStatus> = {}): void {
    const { taskId, slaveId } = task;
    const status = { taskId, slaveId, state, source: 'SOURCE_EXECUTOR', timestamp: 0, ...detail } as const;
    this.scheduler.statusUpdate(status);
  }

  #offer(hostname: string, resources: Resources): Offer {
    this.#offers += 1;
    return {
      id: `o${this.#offers}`,
      frameworkId: 'hadoop-1',
      slaveId: `s-${hostname}`,
      hostname,
      resources,
      attributes: {},
      executorIds: ['tasktracker'],
    };
  }
}

/** What one executor has reported. */
export interface Reported {
  readonly taskId: string;
  readonly state: TaskStatus['state'];
  readonly message?: string;
  readonly data?: string;
}

/** A slave with one executor, which does only what the test says. */
export class TestSlave {
  readonly hostname: string;
  readonly clock = new TestClock();
  readonly executor: Executor;
  readonly reported: Reported[] = [];
  /** What its executor told the scheduler, decoded. */
  readonly messages: unknown[] = [];
  #listeners: ((reported: Reported) => void)[] = [];

  constructor(factory: ExecutorFactory, hostname: string, executorInfo: TaskInfo['executor']) {
    this.hostname = hostname;
    const driver: ExecutorDriver = {
      random: RANDOM,
      now: () => this.clock.nowMs,
      after: (delay, due) => this.clock.after(delay, () => happen(due)),
      record: () => undefined,
      sendStatus: (taskId, state, detail) => this.#report({ taskId, state, ...detail }),
      sendFrameworkMessage: (data) => this.messages.push(decodeData(data)),
      stop: () => undefined,
    };
    this.executor = factory(driver);
    this.executor.registered({
      executorInfo,
      frameworkInfo: { user: 'test', name: 'hadoop' },
      slaveInfo: { hostname, resources: { cpus: 4 }, attributes: {} },
    });
  }

  /** Calls back for every report from now on. */
  listen(listener: (reported: Reported) => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves when a report of a task in one of these states comes, or at once if it has come already. */
  wait(taskId: string, ...states: readonly TaskStatus['state'][]): Promise<Reported> {
    const matches = (reported: Reported): boolean =>
      reported.taskId === taskId && states.includes(reported.state);
    const past = this.reported.find(matches);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve) => {
      const listener = (reported: Reported): void => {
        if (!matches(reported)) return;
        this.#listeners = this.#listeners.filter((other) => other !== listener);
        resolve(reported);
      };
      this.listen(listener);
    });
  }

  #report(reported: Reported): void {
    this.reported.push(reported);
    for (const listener of this.#listeners) listener(reported);
  }
}
