/** A slave in virtual time for tests: its masters say only what the test says, its executors outlive it. */
import type { ExecutorFactory } from '../driver/executor.ts';
import type { Detector, Leadership } from '../election/election.ts';
import { type EmulatedIsolation, emulated } from '../isolation/emulated.ts';
import type { Container, Isolation } from '../isolation/isolation.ts';
import { commandExecutorInfo } from '../protocol/commandTask.ts';
import {
  type CommandInfo,
  decodeData,
  encodeData,
  type TaskInfo,
  type TaskStatus,
} from '../protocol/entities.ts';
import type { HistoryEvent, HistoryLine } from '../protocol/history.ts';
import type { Resources } from '../protocol/resources.ts';
import type { SlaveOrder, SlaveReport } from '../protocol/slave.ts';
import type { TaskState } from '../protocol/tasks.ts';
import { VirtualCluster } from '../runtime/virtual.ts';
import { sleeper as plainSleeper } from '../testCluster.ts';
import { type CheckpointRecord, resourcesIn, restore, type SlaveCheckpoint } from './checkpoint.ts';
import { type SlaveOptions, slave } from './slave.ts';

export const MASTER = 'master@master:5050';
export const OTHER_MASTER = 'master@other:5050';
export const SLAVE = 'slave@node:5051';

/** A checkpoint in memory. */
export interface MemoryCheckpoint extends SlaveCheckpoint {
  records: CheckpointRecord[];
}

/** Keeps records in memory, as JSON would keep them. */
export function memoryCheckpoint(): MemoryCheckpoint {
  return {
    records: [],
    load() {
      return restore(this.records);
    },
    resources() {
      return resourcesIn(this.records);
    },
    append(record) {
      this.records.push(JSON.parse(JSON.stringify(record)));
    },
    clear(names) {
      this.records = names === undefined ? [] : [{ kind: 'resources', resources: names }];
    },
  };
}

/** A detector that says what the test says. */
export function testDetector(): Detector & { tell(leadership: Leadership): void; isFollowed: boolean } {
  let changed: ((leadership: Leadership) => void) | undefined;
  return {
    follow(run) {
      changed = run;
      return {
        stop: () => {
          changed = undefined;
        },
      };
    },
    tell: (leadership) => changed?.(leadership),
    get isFollowed() {
      return changed !== undefined;
    },
  };
}

/** Sleeps; tasks whose data is `'stubborn'` sleep for ever, whatever they are told. */
const sleeper: ExecutorFactory = (driver) => {
  const plain = plainSleeper(driver);
  return {
    ...plain,
    launchTask(task) {
      if (decodeData(task.data) === 'stubborn') driver.sendStatus(task.taskId, 'TASK_RUNNING');
      else plain.launchTask(task);
    },
  };
};

/** A task that sleeps so many milliseconds, or does what `data` says. */
export function testTask(taskId: string, data: unknown = 1e9, more: Partial<TaskInfo> = {}): TaskInfo {
  return {
    name: taskId,
    taskId,
    slaveId: 'S0',
    resources: { cpus: 1 },
    executor: {
      executorId: 'e',
      name: 'sleeper',
      command: { shell: false, value: 'sleeper', arguments: [], environment: {} },
      resources: { cpus: 0.5 },
    },
    data: encodeData(data),
    ...more,
  };
}

/** A task that is a command, as a sleeping executor takes it. */
export function testCommand(taskId: string, more: Partial<CommandInfo> = {}): TaskInfo {
  const command = { shell: true, value: 'sleep 1000', arguments: [], environment: {}, ...more };
  return testTask(taskId, 1e9, { command, executor: commandExecutorInfo(taskId, command) });
}

/** The order to run a task. */
export function runTask(task: TaskInfo, more: { isShort?: boolean } = {}): SlaveOrder {
  return {
    type: 'RUN_TASK',
    frameworkId: 'f',
    frameworkInfo: { user: 'test', name: 'f', failoverTimeout: 60 },
    task,
    ...more,
  };
}

/** What a test may choose. */
export interface TestSlaveOptions {
  readonly slave?: Partial<SlaveOptions>;
  readonly isolate?: (isolation: EmulatedIsolation) => Isolation;
  /** Do masters answer registrations and acknowledge updates? Default yes. */
  readonly masters?: 'obliging' | 'silent';
  /** Each message arrives so many times; default once. */
  readonly copies?: number;
}

/** Starts a slave, and a master at each of two addresses. */
export function testSlave(options: TestSlaveOptions = {}) {
  const history: HistoryLine[] = [];
  const cluster = new VirtualCluster({ seed: 1, history: (line) => history.push(line) });
  const isObliging = options.masters !== 'silent';
  const copies = Array.from({ length: options.copies ?? 1 });
  const received: SlaveReport[] = [];
  const statuses: TaskStatus[] = [];
  const sends = new Map<string, (order: SlaveOrder) => void>();
  /** A slave that was sent away comes back as another. */
  let sentAway = 0;
  const startMaster = (master: string): void => {
    const [name, process] = master.split('@') as [string, string];
    cluster.process(process).spawn<SlaveReport>(name, {
      inbox: {},
      create: (context) => {
        const send = (order: SlaveOrder): void => {
          if (order.type === 'SHUTDOWN_SLAVE') sentAway++;
          for (const _ of copies) context.send(SLAVE, order);
        };
        sends.set(master, send);
        return {
          receive(report) {
            received.push(report);
            if (report.type === 'STATUS_UPDATE') statuses.push(report.status);
            if (!isObliging) return;
            if (report.type === 'REGISTER_SLAVE') send({ type: 'SLAVE_REGISTERED', slaveId: `S${sentAway}` });
            if (report.type === 'REREGISTER_SLAVE')
              send({ type: 'SLAVE_REGISTERED', slaveId: report.slaveInfo.id ?? '' });
            if (report.type === 'STATUS_UPDATE') {
              const { frameworkId, status } = report;
              const { taskId, uuid = '' } = status;
              send({ type: 'STATUS_UPDATE_ACKNOWLEDGEMENT', frameworkId, taskId, uuid });
            }
          },
        };
      },
    });
  };
  startMaster(MASTER);
  startMaster(OTHER_MASTER);
  const containers = new Set<Container>();
  const runtime = cluster.process('executors-of-node:0');
  const plain = emulated(runtime, { sleeper, command: sleeper }, (run) => cluster.at(cluster.now, run));
  const inner: EmulatedIsolation = {
    ...plain,
    launch(spec, owner) {
      const container = plain.launch(spec, owner);
      containers.add(container);
      return container;
    },
  };
  const own = {
    master: MASTER,
    hostname: 'node',
    resources: { cpus: 4, mem: 4096 },
    attributes: {},
    // Longer than the tests: their masters do not ping.
    masterSilenceMaxMs: 1e9,
    isolation: options.isolate?.(inner) ?? inner,
  };
  const start = (): void => {
    cluster.process('node:5051').spawn('slave', slave({ ...own, ...options.slave }));
  };
  start();
  const send = (order: SlaveOrder, master = MASTER): void => sends.get(master)?.(order);
  const pass = (ms: number): void => void cluster.run(() => false, cluster.now + ms);
  return {
    cluster,
    /** All that any master has been told since the test last emptied it. */
    received,
    statuses,
    pass,
    send,
    /** Lets the slave register and run some tasks. */
    run(...tasks: readonly TaskInfo[]) {
      pass(10);
      for (const task of tasks) send(runTask(task));
      pass(10);
    },
    restartMaster(master = MASTER) {
      cluster.crash(master.slice(master.indexOf('@') + 1));
      startMaster(master);
    },
    crashMaster: (master = MASTER) => cluster.crash(master.slice(master.indexOf('@') + 1)),
    /** Ends the slave's process; its executors live on. */
    crash() {
      inner.abandon();
      cluster.crash('node:5051');
    },
    start,
    isolation: inner,
    /** Ends the containers, as if somebody had killed what is in them. */
    endContainers() {
      for (const container of containers) container.destroy();
    },
    /** Ends the executors' processes, and says nothing. */
    crashExecutors: () => cluster.crash('executors-of-node:0'),
    types: () => received.map(({ type }) => type),
    states: (taskId: string): TaskState[] =>
      statuses.flatMap((status) => (status.taskId === taskId ? [status.state] : [])),
    last: (taskId: string): TaskStatus | undefined => statuses.findLast((status) => status.taskId === taskId),
    reports: <T extends SlaveReport['type']>(type: T) =>
      received.filter((report): report is SlaveReport & { type: T } => report.type === type),
    seen: <E extends HistoryEvent['event']>(event: E) =>
      history.filter((line): line is HistoryLine & { event: E } => line.event === event),
  };
}

/** An isolation module whose executors never speak; it notes what happens to their containers. */
export function silentIsolation() {
  const updates: Resources[] = [];
  let destroyed = 0;
  const isolation: Isolation = {
    launch: (_spec, owner) => {
      let isEnded = false;
      return {
        update: (resources) => void updates.push(resources),
        destroy: () => {
          if (isEnded) return;
          isEnded = true;
          destroyed++;
          queueMicrotask(() => owner.exited({ status: 137 }));
        },
      };
    },
  };
  return { isolation, updates, destroyed: () => destroyed };
}
