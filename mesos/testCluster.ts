/** A small cluster in virtual time for tests: a master, slaves whose tasks sleep, and frameworks that a test scripts. */
import { fair } from './allocation/fair.ts';
import type { AllocationOptions } from './allocation/options.ts';
import type { ExecutorFactory } from './driver/executor.ts';
import type { Scheduler, SchedulerDriver } from './driver/scheduler.ts';
import { schedulerActor } from './driver/schedulerActor.ts';
import { emulated } from './isolation/emulated.ts';
import type { OperatorAction, Outcome } from './master/actions.ts';
import type { Books } from './master/books.ts';
import { master } from './master/master.ts';
import { MASTER_DEFAULTS, type MasterOptions } from './master/options.ts';
import type { Reign } from './master/reign.ts';
import type { MasterWindow } from './master/window.ts';
import {
  decodeData,
  encodeData,
  type FrameworkInfo,
  type Offer,
  type SlaveInfo,
  type TaskInfo,
  type TaskStatus,
} from './protocol/entities.ts';
import type { HistoryEvent, HistoryLine } from './protocol/history.ts';
import { SLAVE_INBOX } from './protocol/message.ts';
import { parse, type Resources } from './protocol/resources.ts';
import type { SlaveOrder, SlaveReport } from './protocol/slave.ts';
import { VirtualCluster } from './runtime/virtual.ts';
import { type SlaveOptions, slave } from './slave/slave.ts';

export const MASTER = 'master@10.0.0.1:5050';

/** Tasks whose data is a number sleep that many milliseconds; messages are echoed. */
export const sleeper: ExecutorFactory = (driver) => {
  const running = new Map<string, { cancel(): void }>();
  return {
    registered() {},
    launchTask(task) {
      driver.sendStatus(task.taskId, 'TASK_RUNNING');
      const end = driver.after(Number(decodeData(task.data)), () => {
        running.delete(task.taskId);
        driver.sendStatus(task.taskId, 'TASK_FINISHED');
      });
      running.set(task.taskId, end);
    },
    killTask(taskId) {
      running.get(taskId)?.cancel();
      if (running.delete(taskId)) driver.sendStatus(taskId, 'TASK_KILLED');
    },
    frameworkMessage: (data) => driver.sendFrameworkMessage(data),
    shutdown() {
      for (const end of running.values()) end.cancel();
    },
  };
};

/** A task that sleeps; `more` resources are given as numbers. */
export function sleepTask(
  offer: Offer,
  taskId: string,
  ms: number,
  resources = 'cpus:1;mem:512',
  more: Resources = {},
): TaskInfo {
  return {
    name: taskId,
    taskId,
    slaveId: offer.slaveId,
    resources: { ...parse(resources), ...more },
    executor: {
      executorId: 'sleeper',
      name: 'sleeper',
      command: { shell: false, value: 'sleeper', arguments: [], environment: {} },
      resources: {},
    },
    data: encodeData(ms),
  };
}

/** What a scripted framework has seen, and its driver. */
export interface Script {
  readonly driver: SchedulerDriver;
  readonly offers: Offer[];
  readonly statuses: TaskStatus[];
  /** Everything else, in words. */
  readonly events: string[];
  /** Set by the test: what to do with offers; by default they are kept. */
  onOffers: (offers: readonly Offer[]) => void;
}

/** The cluster. */
export interface TestCluster {
  readonly virtual: VirtualCluster;
  readonly history: readonly HistoryLine[];
  addSlave(n: number, resources?: string, options?: Partial<SlaveOptions>): void;
  /** Its process authenticates as `info.principal`, if that is given. */
  addFramework(name: string, info?: Partial<FrameworkInfo>, standby?: boolean): Script;
  /** Does what an operator does, to the master that runs. */
  operate(action: OperatorAction, principal?: string): Outcome;
  /** The books of the master that runs. */
  readonly books: Books;
  /** The reign of the master that runs. */
  readonly reign: Reign;
  /** Kills the master and starts another at its address. */
  restartMaster(): void;
  /** Lets virtual time pass. */
  pass(ms: number): void;
  /** Events of one kind in the history. */
  seen<E extends HistoryEvent['event']>(event: E): (HistoryLine & { event: E })[];
}

/** A slave that says only what the test says. */
export function scriptedSlave(
  { virtual }: Pick<TestCluster, 'virtual'>,
  process = '10.0.1.99:5051',
  principal?: string,
): {
  readonly info: SlaveInfo;
  readonly received: SlaveOrder[];
  send(report: SlaveReport): void;
} {
  const received: SlaveOrder[] = [];
  let send = (_: SlaveReport): void => {};
  virtual.process(process, principal === undefined ? {} : { principal }).spawn<SlaveOrder>('slave', {
    inbox: SLAVE_INBOX,
    create: (context) => {
      send = (report) => context.send(MASTER, report);
      return { receive: (order) => void received.push(order) };
    },
  });
  const info = { hostname: 'scripted', resources: { cpus: 4, mem: 4096 }, attributes: {} };
  return { info, received, send };
}

/** The first offer that a framework has seen; it is an error if there is none. */
export function firstOffer({ offers }: Pick<Script, 'offers'>): Offer {
  const [offer] = offers;
  if (offer === undefined) throw new Error('the framework has been offered nothing');
  return offer;
}

/** Starts a master; add slaves and frameworks. */
export function testCluster(
  options: Partial<Omit<MasterOptions, 'allocation'>> & AllocationOptions & { readonly seed?: number } = {},
): TestCluster {
  const history: HistoryLine[] = [];
  const virtual = new VirtualCluster({ seed: options.seed ?? 1, history: (line) => history.push(line) });
  let window: MasterWindow | undefined;
  const opened = (own: MasterWindow): void => {
    window = own;
    options.opened?.(own);
  };
  const startMaster = (): void => {
    virtual
      .process('10.0.0.1:5050')
      .spawn('master', master({ ...MASTER_DEFAULTS, ...options, opened, allocation: fair(options) }));
  };
  startMaster();
  const reign = (): Reign => {
    if (window?.reign === undefined) throw new Error('the master does not lead');
    return window.reign;
  };
  return {
    virtual,
    history,
    addSlave(n, resources = 'cpus:4;mem:4096', more = {}) {
      const process = virtual.process(`10.0.1.${n}:5051`);
      const isolation = emulated(process, { sleeper }, (run) => virtual.at(virtual.now, run));
      const hostname = `node${n}`;
      const own = { master: MASTER, hostname, resources: parse(resources), attributes: {}, isolation };
      process.spawn('slave', slave({ ...own, ...more }));
    },
    addFramework(name, info = {}, standby = false) {
      let script: Script | undefined;
      const frameworkInfo = { user: 'test', name, ...info };
      const factory = (driver: SchedulerDriver): Scheduler => {
        script = { driver, offers: [], statuses: [], events: [], onOffers: (o) => script?.offers.push(...o) };
        const { events, statuses } = script;
        return {
          registered: (id) => events.push(`registered ${id.slice(-4)}`),
          resourceOffers: (offers) => script?.onOffers(offers),
          offerRescinded: () => events.push('rescinded'),
          statusUpdate: (status) => statuses.push(status),
          slaveLost: () => events.push('slave lost'),
          executorLost: (_slave, id, status) => events.push(`executor ${id} lost: ${status}`),
          frameworkMessage: (_slave, _executor, data) => events.push(`message ${decodeData(data)}`),
          disconnected: () => events.push('disconnected'),
          error: (message) => events.push(`error: ${message}`),
        };
      };
      const stopped = (): void => {};
      virtual
        .process(`10.0.2.${name}:0`, info.principal === undefined ? {} : { principal: info.principal })
        .spawn('scheduler', schedulerActor({ master: MASTER, frameworkInfo, factory, standby, stopped }));
      if (script === undefined) throw new Error('the driver made no scheduler');
      return script;
    },
    operate: (action, principal) => reign().operator.act(action, principal),
    get books() {
      return reign().books;
    },
    get reign() {
      return reign();
    },
    restartMaster() {
      virtual.crash('10.0.0.1:5050');
      startMaster();
    },
    pass: (ms) => void virtual.run(() => false, virtual.now + ms),
    seen: <E extends HistoryEvent['event']>(event: E) =>
      history.filter((line): line is HistoryLine & { event: E } => line.event === event),
  };
}
