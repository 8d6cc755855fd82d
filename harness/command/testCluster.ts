/** For tests: a master and slaves as daemons, and a framework of the test's own on them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import type { CommandInfo, Offer, TaskInfo, TaskStatus } from '../../mesos/protocol/entities.ts';
import { within } from '../../mesos/runtime/testProbe.ts';
import { startWire, type WireOptions } from '../../mesos/runtime/wire.ts';
import { listening } from '../run/deployment.ts';

/** A slave that runs. */
export interface RunningSlave {
  readonly process: RunningProcess;
  readonly address: string;
  readonly workDir: string;
}

/** A framework whose tasks the test launches, and what it was told. */
export interface TestFramework {
  readonly driver: SchedulerDriver;
  readonly statuses: readonly TaskStatus[];
  /** Text that executors sent. */
  readonly messages: readonly string[];
  /** Launches a task on the next offer; the executor is `e`, with this command, unless the task names another. */
  launch(task: Partial<TaskInfo> & { readonly taskId: string }, executor?: CommandInfo): void;
  /** Resolves when something that it was told makes this hold; rejects after a minute. */
  until(holds: () => boolean): Promise<void>;
  /** Resolves with the first status of a task in this state; rejects after a minute. */
  status(taskId: string, state: TaskStatus['state']): Promise<TaskStatus>;
}

/** A cluster on this machine. */
export interface TestCluster extends AsyncDisposable {
  readonly folder: string;
  /** `host:port`. */
  readonly master: string;
  slave(name: string, flags?: readonly string[], port?: number): Promise<RunningSlave>;
  /** The only one; started when it is asked for first. */
  framework(): TestFramework;
  /** Ends the slaves; resolves when the framework holds no offer of theirs. */
  stopSlaves(): Promise<void>;
}

/** What a test may choose. */
export interface TestClusterOptions {
  /** Flags of every daemon, by its name. */
  readonly flagsOf?: (name: string) => readonly string[];
  /** How the framework's process proves who it is. */
  readonly wire?: Pick<WireOptions, 'secret' | 'tls'>;
}

/** Starts a master. */
export async function testCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { flagsOf = () => [] } = options;
  const folder = mkdtempSync(join(tmpdir(), 'lab-cluster-'));
  const machines = await localMachines(join(folder, 'machines'), ['node']);
  const machine = machines.machines[0] as Machine;
  const args = ['master', '--port', '0', '--quiet', ...flagsOf('master')];
  const process = await machine.start({ name: 'master', program: LAB, arguments: args });
  const master = await listening(process);
  const wire = await startWire({ log() {}, ...options.wire });
  const slaves: RunningProcess[] = [];
  let framework: OwnFramework | undefined;
  return {
    folder,
    master,
    async slave(name, flags = [], port = 0) {
      const workDir = join(folder, 'work');
      const own = ['slave', '--master', master, '--port', `${port}`, '--work_dir', workDir];
      const resources = ['--resources', 'cpus:2;mem:512', '--quiet'];
      const slave = await machine.start({
        name,
        program: LAB,
        arguments: [...own, ...resources, ...flagsOf(name), ...flags],
      });
      slaves.push(slave);
      return { process: slave, address: await listening(slave), workDir };
    },
    framework() {
      framework ??= startFramework(wire, master);
      return framework;
    },
    async stopSlaves() {
      await Promise.all(slaves.splice(0).map((slave) => slave.stop()));
      await framework?.until(() => framework?.offers() === 0);
    },
    async [Symbol.asyncDispose]() {
      await wire.close();
      await machines[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

const NO_COMMAND: CommandInfo = { shell: true, value: 'false', arguments: [], environment: {} };

interface OwnFramework extends TestFramework {
  /** How many it holds. */
  offers(): number;
}

function startFramework(wire: Awaited<ReturnType<typeof startWire>>, master: string): OwnFramework {
  const statuses: TaskStatus[] = [];
  const messages: string[] = [];
  const tasks: ((offer: Offer) => TaskInfo)[] = [];
  let offers: Offer[] = [];
  let driver: SchedulerDriver | undefined;
  const waiting = new Set<() => void>();
  const happened = (): void => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const use = (): void => {
    const [offer] = offers;
    if (offer === undefined || tasks.length === 0) return;
    offers = offers.slice(1);
    driver?.replyToOffer(
      [offer.id],
      tasks.splice(0).map((make) => make(offer)),
      { refuseSeconds: 0 },
    );
  };
  wire.spawn(
    'scheduler',
    schedulerActor({
      master: `master@${master}`,
      frameworkInfo: { user: 'test', name: 'test', failoverTimeout: 60 },
      stopped() {},
      factory: (own) => {
        driver = own;
        return {
          registered() {},
          disconnected() {},
          resourceOffers(made) {
            offers.push(...made);
            use();
          },
          offerRescinded(id) {
            offers = offers.filter((offer) => offer.id !== id);
            happened();
          },
          statusUpdate(status) {
            statuses.push(status);
            happened();
          },
          slaveLost() {},
          executorLost() {},
          frameworkMessage(_executor, _slave, data) {
            messages.push(Buffer.from(data, 'base64').toString());
            happened();
          },
          error() {},
        };
      },
    }),
  );
  const told = (): string => statuses.map(({ taskId, state }) => `${taskId} ${state}`).join(', ');
  const holding = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => waiting.add(resolve));
  };
  return {
    driver: driver as unknown as SchedulerDriver,
    statuses,
    messages,
    offers: () => offers.length,
    launch(task, command = NO_COMMAND) {
      tasks.push((offer) => ({
        name: task.taskId,
        slaveId: offer.slaveId,
        resources: { cpus: 0.1, mem: 32 },
        executor: { executorId: 'e', name: 'e', command, resources: {} },
        ...task,
      }));
      use();
    },
    until: (holds) => within(`${holds}`, holding(holds)),
    async status(taskId, state) {
      const find = (): TaskStatus | undefined =>
        statuses.find((status) => status.taskId === taskId && status.state === state);
      // What it was told until then is what is wanted of one that fails.
      await within(
        `${taskId} ${state}`,
        holding(() => find() !== undefined),
      ).catch((error: Error) => {
        throw new Error(`${error.message}; told of: ${told()}`);
      });
      return find() as TaskStatus;
    },
  };
}
