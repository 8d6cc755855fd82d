/**
 * A small cluster for tests: slaves with slots, a fair allocator that offers once a second, executors that take time to
 * start, messages that get lost or come twice. Virtual time, the same for the same seed. Not a Mesos: only what a
 * scheduler can see of one.
 */
import { type Clock, happen, type Timer } from '../../mesos/driver/actor.ts';
import type { Executor, ExecutorDriver, ExecutorFactory } from '../../mesos/driver/executor.ts';
import type { Scheduler, SchedulerDriver, SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import type { ExecutorId, Offer, TaskId, TaskInfo, TaskStatus } from '../../mesos/protocol/entities.ts';
import type { HistoryEvent } from '../../mesos/protocol/history.ts';
import { isTerminal, type StatusReason, type TaskState } from '../../mesos/protocol/tasks.ts';
import { seededUniform } from '../../workloads/random.ts';

const OFFER_INTERVAL_MS = 1000;
const LATENCY_MS = 1;
const REFUSAL_MS = 5000;

/** What a test cluster is like. */
export interface TestClusterOptions {
  /** Slots of each slave; a slot is one CPU. */
  readonly slots: readonly number[];
  readonly executor: ExecutorFactory;
  readonly seed?: number;
  /** Probability that a framework message gets lost. */
  readonly messageLoss?: number;
  /** Probability that a status update comes a second time, later. */
  readonly duplication?: number;
  /** What every framework is guaranteed, in slots; default: nothing. */
  readonly guaranteed?: number;
  /** Slaves' speed attributes. */
  readonly speeds?: readonly number[];
}

interface Task {
  readonly info: TaskInfo;
  readonly owner: Framework;
  readonly slave: Slave;
  state: TaskState;
}
interface Slave {
  readonly id: string;
  readonly slots: number;
  readonly attributes: Readonly<Record<string, string>>;
  alive: boolean;
}
interface Framework {
  readonly name: string;
  readonly scheduler: Scheduler;
  needsOffers: boolean;
  state: 'connected' | 'disconnected' | 'stopped';
  readonly refusedUntil: Map<string, number>;
  readonly executors: Map<ExecutorId, { readonly executor: Executor; readonly slave: Slave }>;
}

/** See the top of the file. */
export class TestCluster {
  /** What was recorded, with its time in milliseconds. */
  readonly history: (HistoryEvent & { readonly t: number })[] = [];
  /** Offers that were sent. */
  offers = 0;
  readonly #options: TestClusterOptions;
  readonly #uniform: () => number;
  readonly #agenda: { at: number; seq: number; run: (() => void) | undefined }[] = [];
  readonly #slaves: readonly Slave[];
  readonly #frameworks: Framework[] = [];
  readonly #tasks = new Map<TaskId, Task>();
  readonly #pendingOffers = new Map<string, { readonly slave: Slave; readonly slots: number }>();
  #now = 0;
  #seq = 0;

  constructor(options: TestClusterOptions) {
    this.#options = options;
    this.#uniform = seededUniform(`test cluster ${options.seed ?? 1}`);
    this.#slaves = options.slots.map((slots, index) => ({
      id: `s${index}`,
      slots,
      attributes: options.speeds?.[index] === undefined ? {} : { speed: String(options.speeds[index]) },
      alive: true,
    }));
    this.#after(OFFER_INTERVAL_MS, () => this.#allocate());
  }

  get nowMs(): number {
    return this.#now;
  }

  /** Does the framework want offers at the moment? */
  needsOffers(name: string): boolean {
    return this.#framework(name).needsOffers;
  }

  /** Ids of the framework's tasks in one of these states. */
  tasks(name: string, ...states: readonly TaskState[]): readonly TaskId[] {
    const mine = [...this.#tasks.values()].filter(({ owner }) => owner.name === name);
    return mine.filter(({ state }) => states.includes(state)).map(({ info }) => info.taskId);
  }

  /** Tasks of the framework that hold a slot. */
  held(name: string): number {
    return this.slavesOf(name).length;
  }

  /** The slaves where the framework holds slots, one entry for each slot. */
  slavesOf(name: string): readonly string[] {
    const held = [...this.#tasks.values()].filter(
      ({ owner, state }) => owner.name === name && !isTerminal(state),
    );
    return held.map(({ slave }) => slave.id);
  }

  /** Executors of the framework that have not ended. */
  executors(name: string): number {
    return this.#framework(name).executors.size;
  }

  /** Starts a framework; it is registered a moment later. */
  start(name: string, factory: SchedulerFactory): void {
    const refusedUntil = new Map<string, number>();
    // The driver is made for the framework that holds the scheduler that is made from the driver.
    let framework: Framework | undefined;
    const self = (): Framework => framework as Framework;
    const scheduler = factory(this.#driver(self));
    framework = {
      name,
      scheduler,
      needsOffers: true,
      state: 'connected',
      refusedUntil,
      executors: new Map(),
    };
    this.#frameworks.push(framework);
    this.#after(LATENCY_MS, () => scheduler.registered(name));
  }

  /** Runs until nothing more happens, or for so long. Throws if it does not end. */
  runFor(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#agenda[0]; next !== undefined && next.at <= end; next = this.#agenda[0]) {
      this.#agenda.shift();
      this.#now = next.at;
      next.run?.();
    }
    this.#now = end;
  }

  /** Runs until something is so; false if it is not within the time. */
  runUntil(done: () => boolean, msMax: number): boolean {
    const end = this.#now + msMax;
    while (!done()) {
      const next = this.#agenda.shift();
      if (next === undefined || next.at > end) return false;
      this.#now = next.at;
      next.run?.();
    }
    return true;
  }

  /** A slave vanishes. */
  loseSlave(index: number): void {
    const slave = this.#slaves[index] as Slave;
    slave.alive = false;
    for (const task of this.#tasks.values())
      if (task.slave === slave && !isTerminal(task.state))
        this.#update(task, 'TASK_LOST', 'REASON_SLAVE_REMOVED');
    for (const framework of this.#frameworks) {
      for (const [id, at] of framework.executors) if (at.slave === slave) framework.executors.delete(id);
      this.#deliver(framework, () => framework.scheduler.slaveLost(slave.id));
    }
  }

  /** The process of a task's executor crashes. */
  crashExecutor(taskId: TaskId): void {
    const task = this.#tasks.get(taskId) as Task;
    const { executorId } = task.info.executor;
    task.owner.executors.delete(executorId);
    this.#update(task, 'TASK_FAILED', 'REASON_EXECUTOR_TERMINATED');
    this.#deliver(task.owner, () => task.owner.scheduler.executorLost(task.slave.id, executorId, 139));
  }

  /** The master is out of reach: what frameworks do is void until {@link reconnect}. */
  disconnect(name: string): void {
    const framework = this.#framework(name);
    framework.state = 'disconnected';
    framework.scheduler.disconnected();
  }

  /** The framework has found the master again. */
  reconnect(name: string): void {
    const framework = this.#framework(name);
    framework.state = 'connected';
    this.#deliver(framework, () => framework.scheduler.registered(name));
  }

  /** Sends a framework any status, as a late or wrong one would come. */
  inject(name: string, status: Pick<TaskStatus, 'taskId' | 'state'> & Partial<TaskStatus>): void {
    const framework = this.#framework(name);
    const full: TaskStatus = { source: 'SOURCE_EXECUTOR', timestamp: this.#now / 1000, ...status };
    this.#deliver(framework, () => framework.scheduler.statusUpdate(full));
  }

  #framework(name: string): Framework {
    const found = this.#frameworks.find((framework) => framework.name === name);
    if (found === undefined) throw new RangeError(`no framework '${name}'`);
    return found;
  }

  #after(delay: number, run: () => void): Timer {
    const entry = { at: this.#now + delay, seq: this.#seq++, run: run as (() => void) | undefined };
    const index = this.#agenda.findIndex(
      ({ at, seq }) => at > entry.at || (at === entry.at && seq > entry.seq),
    );
    this.#agenda.splice(index < 0 ? this.#agenda.length : index, 0, entry);
    return { cancel: () => (entry.run = undefined) };
  }

  #clock(): Clock {
    return {
      random: { uniform: this.#uniform, uint32: () => Math.floor(this.#uniform() * 2 ** 32) },
      now: () => this.#now,
      after: (delay, due) => this.#after(delay, () => happen(due)),
      record: (event) => this.history.push({ ...event, t: this.#now }),
    };
  }

  #deliver(framework: Framework, tell: () => void): void {
    this.#after(LATENCY_MS, () => {
      if (framework.state === 'connected') tell();
    });
  }

  #free(slave: Slave): number {
    const used = [...this.#tasks.values()].filter((task) => task.slave === slave && !isTerminal(task.state));
    const offered = [...this.#pendingOffers.values()].filter((offer) => offer.slave === slave);
    return slave.slots - used.length - offered.reduce((sum, { slots }) => sum + slots, 0);
  }

  /** Each slave's free slots go to the framework that holds the least, wants offers and has not refused it. */
  #allocate(): void {
    for (const slave of this.#slaves) {
      const slots = slave.alive ? this.#free(slave) : 0;
      const wanting = this.#frameworks.filter(
        ({ needsOffers, state, refusedUntil }) =>
          needsOffers && state === 'connected' && (refusedUntil.get(slave.id) ?? 0) <= this.#now,
      );
      const [poorest] = wanting.toSorted((a, b) => this.held(a.name) - this.held(b.name));
      if (slots > 0 && poorest !== undefined) this.#offer(poorest, slave, slots);
    }
    this.#after(OFFER_INTERVAL_MS, () => this.#allocate());
  }

  #offer(framework: Framework, slave: Slave, slots: number): void {
    const offer: Offer = {
      id: `o${this.#seq++}`,
      frameworkId: framework.name,
      slaveId: slave.id,
      hostname: slave.id,
      resources: { cpus: slots },
      attributes: slave.attributes,
      executorIds: [],
    };
    this.offers++;
    this.#pendingOffers.set(offer.id, { slave, slots });
    this.#after(LATENCY_MS, () => {
      if (framework.state === 'connected') framework.scheduler.resourceOffers([offer]);
      this.#pendingOffers.delete(offer.id);
    });
  }

  #driver(self: () => Framework): SchedulerDriver {
    const act = (run: (framework: Framework) => void): void => {
      if (self().state === 'connected') run(self());
    };
    return {
      ...this.#clock(),
      replyToOffer: (offerIds, infos, filters) =>
        act((framework) => {
          const [offerId] = offerIds;
          const offer = this.#pendingOffers.get(offerId as string);
          if (offer === undefined) throw new RangeError(`reply to an offer that is not open: ${offerId}`);
          this.#pendingOffers.delete(offerId as string);
          if (infos.length > offer.slots) throw new RangeError('more tasks than the offer holds');
          if (infos.length < offer.slots) {
            const refusedMs = (filters?.refuseSeconds ?? REFUSAL_MS / 1000) * 1000;
            framework.refusedUntil.set(offer.slave.id, this.#now + refusedMs);
          }
          for (const info of infos) this.#launch(framework, offer.slave, info);
        }),
      setFilters: () => {},
      getGuaranteedShare: () => ({ cpus: this.#options.guaranteed ?? 0 }),
      setNeedsOffers: (needed) =>
        act((framework) => {
          framework.needsOffers = needed;
          if (needed) framework.refusedUntil.clear();
        }),
      killTask: (taskId) => act((framework) => this.#after(LATENCY_MS, () => this.#kill(framework, taskId))),
      shutdownExecutor: (slaveId, executorId) =>
        act((framework) =>
          this.#after(LATENCY_MS, () => {
            const executor = framework.executors.get(executorId)?.executor;
            if (executor === undefined) return;
            framework.executors.delete(executorId);
            executor.shutdown();
            this.#deliver(framework, () => framework.scheduler.executorLost(slaveId, executorId, 0));
          }),
        ),
      sendFrameworkMessage: (_slaveId, executorId, data) =>
        act((framework) =>
          this.#message(() => framework.executors.get(executorId)?.executor.frameworkMessage(data)),
        ),
      reconcileTasks: (tasks) =>
        act((framework) => {
          for (const { taskId } of tasks) this.#reconcile(framework, taskId);
        }),
      stop: () => {
        const framework = self();
        framework.state = 'stopped';
        framework.needsOffers = false;
        for (const { executor } of framework.executors.values()) executor.shutdown();
        framework.executors.clear();
        for (const task of this.#tasks.values())
          if (task.owner === framework && !isTerminal(task.state)) task.state = 'TASK_KILLED';
      },
    };
  }

  #message(deliver: () => void): void {
    if (this.#uniform() >= (this.#options.messageLoss ?? 0)) this.#after(LATENCY_MS, deliver);
  }

  #launch(owner: Framework, slave: Slave, info: TaskInfo): void {
    if (this.#tasks.has(info.taskId)) throw new RangeError(`task id '${info.taskId}' comes twice`);
    const task: Task = { info, owner, slave, state: 'TASK_STAGING' };
    this.#tasks.set(info.taskId, task);
    this.#after(50 + this.#uniform() * 400, () => {
      if (isTerminal(task.state) || !slave.alive) return;
      const { executorId } = info.executor;
      if (owner.executors.has(executorId)) throw new RangeError(`executor '${executorId}' runs already`);
      const executor = this.#options.executor(this.#executorDriver(task));
      owner.executors.set(executorId, { executor, slave });
      executor.registered({
        executorInfo: info.executor,
        frameworkInfo: { user: 'test', name: owner.name },
        slaveInfo: { hostname: slave.id, resources: { cpus: slave.slots }, attributes: slave.attributes },
      });
      executor.launchTask(info);
    });
  }

  #executorDriver(task: Task): ExecutorDriver {
    const { owner, slave, info } = task;
    return {
      ...this.#clock(),
      sendStatus: (taskId, state, detail) => {
        if (taskId !== info.taskId) throw new RangeError(`status of a foreign task '${taskId}'`);
        this.#update(task, state, detail?.reason, detail);
      },
      sendFrameworkMessage: (data) =>
        this.#message(() =>
          this.#deliver(owner, () =>
            owner.scheduler.frameworkMessage(slave.id, info.executor.executorId, data),
          ),
        ),
      stop: () => undefined,
    };
  }

  #update(task: Task, state: TaskState, reason?: StatusReason, detail?: Partial<TaskStatus>): void {
    if (isTerminal(task.state)) return;
    task.state = state;
    const status: TaskStatus = {
      taskId: task.info.taskId,
      state,
      source: reason === undefined ? 'SOURCE_EXECUTOR' : 'SOURCE_MASTER',
      slaveId: task.slave.id,
      timestamp: this.#now / 1000,
      ...(reason === undefined ? {} : { reason }),
      ...detail,
    };
    const { owner } = task;
    // Kept until the scheduler has it, as a slave does.
    const tell = (): void => {
      this.#after(LATENCY_MS, () => {
        if (owner.state === 'disconnected') this.#after(OFFER_INTERVAL_MS, tell);
        else if (owner.state === 'connected') owner.scheduler.statusUpdate(status);
      });
    };
    tell();
    if (this.#uniform() < (this.#options.duplication ?? 0)) this.#after(this.#uniform() * 3000, tell);
  }

  #kill(framework: Framework, taskId: TaskId): void {
    const task = this.#tasks.get(taskId);
    if (task === undefined || isTerminal(task.state)) {
      this.#reconcile(framework, taskId);
      return;
    }
    const running = framework.executors.get(task.info.executor.executorId);
    if (running === undefined) this.#update(task, 'TASK_KILLED', 'REASON_TASK_KILLED_DURING_LAUNCH');
    else running.executor.killTask(taskId);
  }

  #reconcile(framework: Framework, taskId: TaskId): void {
    const state = this.#tasks.get(taskId)?.state ?? 'TASK_LOST';
    this.inject(framework.name, { taskId, state, source: 'SOURCE_MASTER', reason: 'REASON_RECONCILIATION' });
  }
}
