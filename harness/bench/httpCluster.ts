/**
 * A master for the benchmarks of its HTTP server: in one process with its slaves and frameworks, which are actors that say what
 * real ones would say, so that its books are filled by messages.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { fair } from '../../mesos/allocation/fair.ts';
import { authenticator } from '../../mesos/http/authentication.ts';
import { masterServer } from '../../mesos/http/masterServer.ts';
import { chronicler } from '../../mesos/http/reads/chronicler.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import type { MasterWindow } from '../../mesos/master/window.ts';
import type { Offer, TaskInfo, TaskStatus } from '../../mesos/protocol/entities.ts';
import { SCHEDULER_INBOX, SLAVE_INBOX } from '../../mesos/protocol/message.ts';
import type { SchedulerEvent } from '../../mesos/protocol/scheduler.ts';
import type { SlaveOrder } from '../../mesos/protocol/slave.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { ActorKind, Address } from '../../mesos/runtime/actor.ts';
import { startWire } from '../../mesos/runtime/wire.ts';

/** How large the cluster is. */
export interface HttpClusterSize {
  readonly slaves: number;
  readonly frameworks: number;
  /** Tasks that run on each slave. */
  readonly running: number;
  /** Tasks that have ended on each slave. */
  readonly completed: number;
}

/** The cluster. */
export interface HttpCluster {
  readonly port: number;
  /** Every task that runs is updated once; resolves when the master knows, and has been told that its frameworks do. */
  updateAll(): Promise<void>;
  /** Tasks are updated, so many in a second; returns what ends that. */
  keepBusy(updatesPerSecond: number): () => void;
  close(): Promise<void>;
}

/** Refusals that never end. */
const FOR_EVER = 1e9;

/** Starts it; resolves when all tasks run, or have ended. Some must end. */
export async function startHttpCluster(size: HttpClusterSize): Promise<HttpCluster> {
  const { slaves, frameworks, running, completed } = size;
  const wire = await startWire({ log: console.error });
  const chronicles = chronicler();
  let window: MasterWindow | undefined;
  const address = wire.spawn(
    'master',
    master({
      ...MASTER_DEFAULTS,
      // No slaves are to come: what is not known is known not to be.
      reregisterTimeoutMs: 0,
      allocation: fair({}),
      observer: chronicles.observer,
      opened: (opened) => {
        window = opened;
      },
    }),
  );
  const filled = Promise.withResolvers<void>();
  let ended = 0;
  let awaited = 0;
  let updated = (): void => {};
  chronicles.follow({
    taskRemoved() {
      ended++;
      if (ended === slaves * completed) setImmediate(filled.resolve);
    },
    called(_, type) {
      if (type === 'ACKNOWLEDGE' && --awaited === 0) updated();
    },
  });
  for (let n = 0; n < frameworks; n++) wire.spawn(`scheduler-${n}`, scheduler(n, address, size));
  const tellers: Teller[] = [];
  for (let n = 0; n < slaves; n++)
    wire.spawn(
      `slave-${n}`,
      slave(n, address, running + completed, (teller) => tellers.push(teller)),
    );
  await filled.promise;
  const server = masterServer({
    runtime: wire,
    window: () => window,
    authenticate: authenticator({}),
    chronicler: chronicles,
    log: console.error,
  });
  const listener = createServer((socket: Socket) => server.take(socket));
  const port = await listening(listener);
  return {
    port,
    async updateAll() {
      const { promise, resolve } = Promise.withResolvers<void>();
      updated = resolve;
      awaited = slaves * running;
      for (const tell of tellers) tell(running);
      await promise;
    },
    keepBusy(updatesPerSecond) {
      let turn = 0;
      const timer = setInterval(() => {
        for (let n = 0; n < updatesPerSecond / TICKS_PER_SECOND; n++) tellers[turn++ % tellers.length]?.(1);
      }, 1000 / TICKS_PER_SECOND);
      return () => clearInterval(timer);
    },
    async close() {
      listener.close();
      server.close();
      await wire.close();
    },
  };
}

function listening(listener: Server): Promise<number> {
  return new Promise((resolve) => {
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** Tells of so many of a slave's tasks that they run still. */
type Teller = (tasks: number) => void;

const TICKS_PER_SECOND = 100;

/** A slave whose tasks run at once; those that are short end at once too. */
function slave(
  n: number,
  master: Address,
  tasks: number,
  made: (teller: Teller) => void,
): ActorKind<SlaveOrder> {
  return {
    inbox: SLAVE_INBOX,
    create(context) {
      let updates = 0;
      const tell = (frameworkId: string, task: TaskInfo, state: TaskStatus['state']): void => {
        const { taskId, slaveId } = task;
        const uuid = `${n.toString(16).padStart(16, '0')}${(updates++).toString(16).padStart(16, '0')}`;
        const { executorId } = task.executor;
        const timestamp = context.now() / 1000;
        const status = {
          taskId,
          slaveId,
          executorId,
          state,
          timestamp,
          uuid,
          source: 'SOURCE_EXECUTOR',
        } as const;
        context.send(master, { type: 'STATUS_UPDATE', frameworkId, status });
      };
      context.send(master, {
        type: 'REGISTER_SLAVE',
        slaveInfo: {
          hostname: `slave-${n}.example.org`,
          resources: { cpus: tasks, mem: 128 * tasks, disk: 100_000 },
          attributes: { rack: `rack-${n % 50}` },
        },
      });
      const running: { readonly frameworkId: string; readonly task: TaskInfo }[] = [];
      let turn = 0;
      made((count) => {
        for (let told = 0; told < count; told++) {
          const { frameworkId, task } = running[turn++ % running.length] ?? {};
          if (frameworkId !== undefined && task !== undefined) tell(frameworkId, task, 'TASK_RUNNING');
        }
      });
      return {
        receive(order) {
          if (order.type === 'PING') context.send(master, { type: 'PONG' });
          if (order.type !== 'RUN_TASK') return;
          const { frameworkId, task } = order;
          tell(frameworkId, task, 'TASK_RUNNING');
          if (task.name === 'short') tell(frameworkId, task, 'TASK_FINISHED');
          else running.push({ frameworkId, task });
        },
      };
    },
  };
}

/** A scheduler that fills each slave that it is offered once. */
function scheduler(n: number, master: Address, size: HttpClusterSize): ActorKind<SchedulerEvent> {
  return {
    inbox: SCHEDULER_INBOX,
    create(context) {
      let frameworkId = '';
      let launched = 0;
      const seen = new Set<string>();
      const answer = (offer: Offer): void => {
        const common = { frameworkId, offerIds: [offer.id], filters: { refuseSeconds: FOR_EVER } };
        if (seen.has(offer.slaveId)) return context.send(master, { type: 'DECLINE', ...common });
        seen.add(offer.slaveId);
        const taskInfos = Array.from({ length: size.running + size.completed }, (_, i) =>
          taskOf(offer, `framework-${n}-task-${launched++}`, i < size.running ? 'long' : 'short'),
        );
        context.send(master, { type: 'ACCEPT', ...common, operations: [{ type: 'LAUNCH', taskInfos }] });
      };
      context.send(master, {
        type: 'SUBSCRIBE',
        frameworkInfo: { user: 'bench', name: `framework-${n}`, failoverTimeout: 3600 },
      });
      return {
        receive(event) {
          if (event.type === 'SUBSCRIBED') frameworkId = event.frameworkId;
          if (event.type === 'OFFERS') for (const offer of event.offers) answer(offer);
          if (event.type !== 'UPDATE') return;
          const { taskId, slaveId, uuid, state } = event.status;
          if (slaveId === undefined || uuid === undefined) return;
          context.send(master, { type: 'ACKNOWLEDGE', frameworkId, taskId, slaveId, uuid });
          if (isTerminal(state) && state !== 'TASK_FINISHED') throw new Error(`${taskId} is ${state}`);
        },
      };
    },
  };
}

function taskOf({ slaveId }: Offer, taskId: string, name: string): TaskInfo {
  return {
    name,
    taskId,
    slaveId,
    resources: { cpus: 1, mem: 128 },
    executor: {
      executorId: 'bench',
      name: 'bench',
      command: { shell: false, value: 'bench', arguments: [], environment: {} },
      resources: {},
    },
  };
}
