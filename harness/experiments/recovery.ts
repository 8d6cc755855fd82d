/** The paper's failure recovery (NSDI'11 §6.6): the master that leads is killed, and another takes its place. */

import type { Millis } from '../../mesos/runtime/actor.ts';
import { RECOVERY_CLAIMS } from '../../reports/paper/recovery.ts';
import { count } from '../../reports/words.ts';
import { recovery as measured } from '../measure/recovery.ts';
import { type ElectionPlan, hasZookeeper, measureRecovery } from '../trials/recovery.ts';
import { measureKills } from '../trials/recoveryOnMachines.ts';
import type { Experiment, Scenario, TrialScenario, VirtualRunScenario } from './experiment.ts';
import type { VirtualFramework } from './virtualScenario.ts';

/** The paper's 200 to 4,000 slaves. */
const SIZES = [200, 500, 1_000, 2_000, 4_000];
/** What differs between them is when the master is killed. */
const SEEDS = 9;
const FRAMEWORKS = 200;
/** The size at which time-outs and back-offs are compared. */
const SWEEP_SLAVES = 500;
const TASK_MS = 20_000;
const TASK_LENGTH = { type: 'exponential', mean: TASK_MS } as const;
/** Room for one task. */
const SLAVE = { cpus: 1, mem: 256 };
/** What Mesos asked ZooKeeper for, then and now. */
const SESSION_TIMEOUT_MS = 10_000;
/** ZooKeeper ends sessions at its ticks; its default of 2 s is a fifth of Mesos's time-out. */
const TICKS_PER_TIMEOUT = 5;
const BACKOFF_MS = 100;
/** Load is steady by then, for the lengths of tasks are exponential. */
const KILL_MS = 12_000;
/** From the latest election on. */
const AFTERWARDS_MS = 6_000;
/** Several times the longest session. */
const ELECTED_WITHIN_MS = 90_000;
const WORKING_WITHIN_MS = 300_000;

/** What differs between scenarios. */
interface Setting {
  readonly slaves: number;
  readonly frameworks?: number;
  readonly sessionTimeoutMs?: Millis;
  /** Of masters, in a session time-out. */
  readonly heartbeats?: number;
  readonly registrationBackoffMs?: Millis;
  readonly seeds: number;
}

/** One task at a time on each slave, of frameworks that launch for ever. */
const load = (frameworks: number): readonly VirtualFramework[] =>
  Array.from({ length: frameworks }, (_, n) => ({
    kind: 'load',
    name: `load${n + 1}`,
    partition: 0,
    load: {
      arrivals: { type: 'endless' },
      taskMs: TASK_LENGTH,
      sizes: [{ resources: SLAVE }],
      manners: { tasksPerOfferMax: 1 },
    },
  }));

function scenario(id: string, label: string, setting: Setting): VirtualRunScenario {
  const { slaves, frameworks = FRAMEWORKS, heartbeats } = setting;
  const { sessionTimeoutMs = SESSION_TIMEOUT_MS, registrationBackoffMs = BACKOFF_MS } = setting;
  const tickMs = sessionTimeoutMs / TICKS_PER_TIMEOUT;
  const untilMs = KILL_MS + 2 * sessionTimeoutMs + 2 * tickMs + registrationBackoffMs + AFTERWARDS_MS;
  return {
    kind: 'virtual',
    id,
    label,
    seeds: setting.seeds,
    parameters: {
      slaves,
      frameworks,
      'mean task (s)': TASK_MS / 1000,
      masters: 2,
      'session timeout (s)': sessionTimeoutMs / 1000,
      ...(heartbeats !== undefined && { 'heartbeats in a timeout': heartbeats }),
      'ZooKeeper tick (s)': tickMs / 1000,
      'registration back-off (s)': registrationBackoffMs / 1000,
    },
    system: 'mesos',
    keep: 'values',
    measures: [() => measured()],
    cluster: {
      slaves,
      slaveResources: SLAVE,
      slave: { registrationBackoffMs },
      replication: 1,
      masters: { count: 2, sessionTimeoutMs, tickMs, ...(heartbeats !== undefined && { heartbeats }) },
      // At any time between two heartbeats of the master and two ticks of the servers.
      faults: [{ fault: 'kill-leader', atMs: KILL_MS, withinMs: sessionTimeoutMs }],
      frameworks: load(frameworks),
      untilMs,
      limitMs: untilMs,
    },
  };
}

/** With real masters; beyond the paper's sizes, as many as its scalability experiment had. */
const EMULATED = [
  { slaves: 200, seeds: 5 },
  { slaves: 1_000, seeds: 5 },
  { slaves: 4_000, seeds: 5 },
  { slaves: 50_000, seeds: 3 },
];
const SLAVES_PER_HOST = 25_000;

function emulated(slaves: number, seeds: number): TrialScenario {
  const tickMs = SESSION_TIMEOUT_MS / TICKS_PER_TIMEOUT;
  const election: ElectionPlan = hasZookeeper()
    ? { by: 'ZooKeeper', sessionTimeoutMs: SESSION_TIMEOUT_MS, tickMs }
    : { by: 'file lock' };
  const hosts = Math.ceil(slaves / SLAVES_PER_HOST);
  return {
    kind: 'trial',
    clock: 'emulated',
    id: `emulated-${slaves}`,
    label: count(slaves, 'slave'),
    seeds,
    parameters: {
      slaves,
      frameworks: FRAMEWORKS,
      'mean task (s)': TASK_MS / 1000,
      masters: 2,
      'processes of slaves': hosts,
      election: election.by,
      // A lock is released at once.
      'session timeout (s)': election.by === 'ZooKeeper' ? SESSION_TIMEOUT_MS / 1000 : 0,
      'registration back-off (s)': BACKOFF_MS / 1000,
    },
    run: (trial) =>
      measureRecovery(
        {
          slaves,
          hosts,
          election,
          slaveResources: SLAVE,
          frameworks: FRAMEWORKS,
          task: { ms: TASK_LENGTH, resources: SLAVE },
          settleMs: KILL_MS,
          killWithinMs: SESSION_TIMEOUT_MS,
          afterwardsMs: AFTERWARDS_MS,
        },
        trial,
      ),
  };
}

/** For real: one slave on each machine, and fewer frameworks than the paper's, for all share this machine's processors. */
const MACHINES = { frameworks: 10, masters: 2, zookeepers: 5, kills: 10 } as const;
/** With what Mesos asks ZooKeeper for; with less; and with so few slaves that the processors suffice for all at once. */
const ON_MACHINES = [
  { slaves: 62, timeoutS: 10 },
  { slaves: 62, timeoutS: 1 },
  { slaves: 16, timeoutS: 1 },
];
/** That is how often masters send them. */
const HEARTBEATS = 10;

function onMachines(slaves: number, timeoutS: number): TrialScenario {
  const sessionTimeoutMs = timeoutS * 1000;
  const tickMs = sessionTimeoutMs / TICKS_PER_TIMEOUT;
  const { masters, zookeepers, kills } = MACHINES;
  const frameworks = Math.min(MACHINES.frameworks, slaves);
  return {
    kind: 'trial',
    clock: 'real',
    machines: { kind: 'netns' },
    isLarge: true,
    id: `netns-${slaves}-${timeoutS}s`,
    label: `${count(slaves, 'machine')}, sessions of ${timeoutS} s`,
    // Each cell has as many kills as others have seeds.
    seeds: 1,
    parameters: {
      slaves,
      frameworks,
      'mean task (s)': TASK_MS / 1000,
      masters,
      'ZooKeeper servers': zookeepers,
      'session timeout (s)': timeoutS,
      'ZooKeeper tick (s)': tickMs / 1000,
      'registration back-off (s)': BACKOFF_MS / 1000,
      kills,
    },
    run: (trial) =>
      measureKills(
        {
          ...{ masters, zookeepers, slaves, frameworks, kills, sessionTimeoutMs, tickMs },
          electedWithinMs: ELECTED_WITHIN_MS,
          workingWithinMs: WORKING_WITHIN_MS,
          slaveResources: SLAVE,
          taskMs: TASK_LENGTH,
          settleMs: KILL_MS,
          killWithinMs: sessionTimeoutMs,
          afterwardsMs: AFTERWARDS_MS,
        },
        trial,
      ),
  };
}

/** The same in virtual time. */
const predicted = (slaves: number, timeoutS: number): VirtualRunScenario =>
  scenario(`predicted-${slaves}-${timeoutS}s`, `${count(slaves, 'slave')}, sessions of ${timeoutS} s`, {
    slaves,
    frameworks: Math.min(MACHINES.frameworks, slaves),
    sessionTimeoutMs: timeoutS * 1000,
    heartbeats: HEARTBEATS,
    seeds: MACHINES.kills,
  });

/** The scenarios at a part of the paper's size. */
function scenarios(scale: number): readonly Scenario[] {
  const slavesOf = (size: number): number => Math.max(1, Math.round(scale * size));
  const slaves = slavesOf(SWEEP_SLAVES);
  return [
    ...SIZES.map((size) => {
      const slaves = slavesOf(size);
      return scenario(`slaves-${slaves}`, count(slaves, 'slave'), { seeds: SEEDS, slaves });
    }),
    ...[1, 2, 5].map((seconds) => {
      const sessionTimeoutMs = seconds * 1000;
      return scenario(`timeout-${seconds}`, `sessions of ${seconds} s`, {
        slaves,
        sessionTimeoutMs,
        seeds: 5,
      });
    }),
    ...[1, 5].map((seconds) => {
      const registrationBackoffMs = seconds * 1000;
      return scenario(`backoff-${seconds}`, `back-off of ${seconds} s`, {
        slaves,
        registrationBackoffMs,
        seeds: 3,
      });
    }),
    ...EMULATED.map(({ slaves, seeds }) => emulated(slavesOf(slaves), seeds)),
    ...ON_MACHINES.flatMap(({ slaves, timeoutS }) => {
      const machines = slavesOf(slaves);
      return [predicted(machines, timeoutS), onMachines(machines, timeoutS)];
    }),
  ];
}

/** How long the cluster is without a master that all know. */
export const recovery: Experiment = {
  id: 'recovery',
  title: 'Recovery from the death of the master',
  question:
    'When the active master is killed, how long until all slaves and frameworks are connected to the next one?',
  paper:
    'NSDI’11 §6.6: 200 to 4,000 slaves on 62 nodes, 200 frameworks with tasks of 20 s, two masters, five ZooKeeper servers. ' +
    'The active master was killed; the mean time to recovery was 4 to 8 s in all cases, with 95% intervals of up to ±3 s.',
  claims: RECOVERY_CLAIMS,
  scenarios: scenarios(1),
  scaled: scenarios,
  caveats: [
    'The paper does not say after how long ZooKeeper gave the killed master up, and most of the time to recovery is that. ' +
      'Here it is 10 s without a sign of life, which is what Mesos asks for, unless a scenario says otherwise.',
    'In virtual time messages take half a millisecond and work takes none: what is measured is the protocol and its waits. ' +
      'What the work of a master adds is measured in emulated mode, with its real process, links and clock; there slaves share processes. ' +
      'With real processes each slave is one, with an address of its own; the processors of one machine do the work of all.',
    'Tasks take 20 s on average, with an exponential distribution, so that launches are steady from the start; one runs on a slave at a time.',
  ],
};
