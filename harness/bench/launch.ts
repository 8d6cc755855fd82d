/**
 * What a task costs its master, in processor time of the thread that it runs in: the launch, the reports of its beginning and its end,
 * and the offers that lead to it. The master runs alone, and what slaves and frameworks say to it is made ready before; so a change
 * of a few percent of the master's own work is a change of as many percent of these figures, and the machine's other work hardly
 * counts.
 */
import { threadCpuUs } from '../../infra/threadTime.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import type { TaskInfo, TaskStatus } from '../../mesos/protocol/entities.ts';
import type { MasterMessage } from '../../mesos/protocol/message.ts';
import type { Address } from '../../mesos/runtime/actor.ts';
import { type MasterAlone, masterAlone } from './masterAlone.ts';
import type { RoundsBenchmark } from './rounds.ts';

const SLAVES = 500;
const FRAMEWORKS = 20;
/** Each offer is accepted for so many tasks. */
const TASKS_PER_OFFER = 2;
/** Longer than any refusal, so that all slaves are offered again. */
const ROUND_MS = 1_000;

/** The benchmark. */
export const launchRounds: RoundsBenchmark = {
  unit: 'µs of one core',
  better: 'lower',
  parameters: { slaves: SLAVES, frameworks: FRAMEWORKS, 'tasks per offer': TASKS_PER_OFFER },
  start(seed) {
    const alone = masterAlone({ ...MASTER_DEFAULTS, reregisterTimeoutMs: 0, allocation: fair({}) }, seed);
    const cluster = fill(alone);
    let done = 0;
    return { round: () => oneRound(alone, cluster, done++) };
  },
};

/** Who is where. */
interface Cluster {
  readonly slaves: ReadonlyMap<string, Address>;
  readonly frameworks: ReadonlyMap<string, Address>;
}

function fill(alone: MasterAlone): Cluster {
  for (let n = 0; n < FRAMEWORKS; n++)
    alone.tell(`scheduler@framework${n}:1`, {
      type: 'SUBSCRIBE',
      frameworkInfo: { user: 'bench', name: `framework${n}` },
    });
  for (let n = 0; n < SLAVES; n++)
    alone.tell(`slave@node${n}:5051`, {
      type: 'REGISTER_SLAVE',
      slaveInfo: { hostname: `node${n}`, resources: SLAVE, attributes: { rack: `rack${n % 20}` } },
    });
  const slaves = new Map<string, Address>();
  const frameworks = new Map<string, Address>();
  for (const { to, message } of alone.sent()) {
    if (message.type === 'SUBSCRIBED' && 'frameworkId' in message) frameworks.set(message.frameworkId, to);
    if (message.type === 'SLAVE_REGISTERED') slaves.set(message.slaveId, to);
  }
  return { slaves, frameworks };
}

const TASK = { cpus: 1, mem: 128 };
const SLAVE = { cpus: TASK.cpus * TASKS_PER_OFFER, mem: TASK.mem * TASKS_PER_OFFER };

/** Something to say to the master. */
type Line = readonly [from: Address, message: MasterMessage];

/** Every slave is offered, every offer accepted, and every task ends. */
function oneRound(alone: MasterAlone, cluster: Cluster, round: number): Readonly<Record<string, number>> {
  alone.pass(ROUND_MS);
  const offerUs = cpuUs(() => alone.settle());
  const accepts = acceptsOf(alone, round);
  if (accepts.length !== SLAVES)
    throw new Error(`round ${round} has ${accepts.length} offers, not ${SLAVES}`);
  const launchUs = cpuUs(() => say(alone, accepts));
  alone.settle();
  const reports = reportsOf(alone, cluster);
  const tasks = SLAVES * TASKS_PER_OFFER;
  if (reports.length !== 4 * tasks)
    throw new Error(`round ${round} has ${reports.length / 4} tasks, not ${tasks}`);
  const reportUs = cpuUs(() => say(alone, reports));
  alone.sent();
  return {
    'us-per-offer': offerUs / SLAVES,
    'us-per-launch': launchUs / tasks,
    'us-per-report': reportUs / tasks,
  };
}

function say(alone: MasterAlone, lines: readonly Line[]): void {
  for (const [from, message] of lines) alone.tell(from, message);
}

/** All offers, accepted. */
function acceptsOf(alone: MasterAlone, round: number): readonly Line[] {
  return alone.sent().flatMap(({ to, message }): readonly Line[] => {
    if (message.type !== 'OFFERS') return [];
    return message.offers.map(({ id, frameworkId, slaveId }) => {
      const taskInfos = Array.from({ length: TASKS_PER_OFFER }, (_, n) =>
        task(slaveId, `${round}-${slaveId}-${n}`),
      );
      const operations = [{ type: 'LAUNCH', taskInfos } as const];
      return [to, { type: 'ACCEPT', frameworkId, offerIds: [id], operations, filters: {} }];
    });
  });
}

/** Of all tasks that were launched: that they run and have ended, and that their frameworks know it. */
function reportsOf(alone: MasterAlone, { slaves, frameworks }: Cluster): readonly Line[] {
  return alone.sent().flatMap(({ message }): readonly Line[] => {
    if (message.type !== 'RUN_TASK') return [];
    const { frameworkId, task: launched } = message;
    const { taskId, slaveId } = launched;
    const slave = slaves.get(slaveId) as Address;
    const framework = frameworks.get(frameworkId) as Address;
    return (['TASK_RUNNING', 'TASK_FINISHED'] as const).flatMap((state): readonly Line[] => {
      const uuid = `${taskId} ${state}`;
      const status: TaskStatus = { taskId, slaveId, state, uuid, timestamp: 0, source: 'SOURCE_EXECUTOR' };
      return [
        [slave, { type: 'STATUS_UPDATE', frameworkId, status }],
        [framework, { type: 'ACKNOWLEDGE', frameworkId, taskId, slaveId, uuid }],
      ];
    });
  });
}

function task(slaveId: string, taskId: string): TaskInfo {
  return {
    name: 'bench',
    taskId,
    slaveId,
    resources: TASK,
    executor: {
      executorId: 'bench',
      name: 'bench',
      command: { shell: false, value: 'bench', arguments: [], environment: {} },
      resources: {},
    },
  };
}

/** Processor time of this thread that something takes. */
function cpuUs(run: () => void): number {
  const before = threadCpuUs();
  run();
  return threadCpuUs() - before;
}
