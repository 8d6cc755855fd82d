import type { LoadConfigInput } from '../../frameworks/load/config.ts';
import type { Experiment } from './experiment.ts';
import type { RealScenario } from './realScenario.ts';
import type { VirtualScenario } from './virtualScenario.ts';

type Load = Omit<LoadConfigInput, 'name' | 'seed' | 'executor'>;

const SLOT = { cpus: 1, mem: 64 };
const CLUSTER = { slaves: 4, slaveResources: { cpus: 4, mem: 512 }, replication: 1 } as const;

/** Three frameworks with the manners of the macrobenchmark's; their jobs follow from name and seed, whatever the clock. */
const LOADS: Readonly<Record<string, Load>> = {
  /** Many small jobs, as they come. */
  stream: {
    arrivals: { type: 'open', gapMs: { type: 'exponential', mean: 1_400 } },
    jobsMax: 10,
    tasksPerJob: { type: 'uniform', min: 1, max: 8 },
    taskMs: { type: 'log-normal', mean: 1_500, cv: 0.5 },
    sizes: [{ resources: SLOT }],
  },
  /** Always hungry. */
  batch: {
    arrivals: { type: 'closed', users: 1, thinkMs: { type: 'constant', value: 0 } },
    jobsMax: 3,
    tasksPerJob: { type: 'constant', value: 40 },
    taskMs: { type: 'log-normal', mean: 1_500, cv: 0.2 },
    sizes: [{ resources: SLOT }],
  },
  /** Starts a job when it has slots for all of it. */
  gang: {
    arrivals: { type: 'open', gapMs: { type: 'constant', value: 8_000 } },
    jobsMax: 2,
    tasksPerJob: { type: 'constant', value: 4 },
    taskMs: { type: 'normal', mean: 6_000, deviation: 300 },
    sizes: [{ resources: SLOT }],
    manners: { answer: { type: 'hoard', patienceMs: 10_000 } },
  },
};

const frameworks = Object.entries(LOADS).map(
  ([name, load]) => ({ kind: 'load', name, partition: 0, load }) as const,
);
const VIRTUAL: VirtualScenario = { ...CLUSTER, frameworks, limitMs: 600_000 };
const REAL: RealScenario = { ...CLUSTER, frameworks, limitMs: 300_000 };

/** Whether virtual time tells the truth: the same jobs simulated and with real processes. */
export const simVersusReal: Experiment = {
  id: 'sim-versus-real',
  title: 'Virtual time against real processes',
  question:
    'Does a simulated cluster give frameworks the same shares and jobs the same times as real processes do?',
  paper: 'The paper has no simulation. This experiment is the reason to believe those of this report.',
  claims: [],
  scenarios: [
    {
      ...{ kind: 'virtual', id: 'mesos', label: 'Simulated', system: 'mesos', cluster: VIRTUAL },
      ...{ keep: 'run', stepS: 0.25, seeds: 1, parameters: {} },
    },
    {
      ...{ kind: 'real', id: 'mesos', label: 'Real processes', system: 'mesos', cluster: REAL },
      ...{ seeds: 1, parameters: {} },
    },
  ],
  caveats: [
    'Tasks sleep, so that the processors of this machine are not the limit: what is compared is scheduling, not computing. Master, ' +
      'slaves, executors and schedulers are processes of their own on the real side.',
    'The jobs are the same on both sides to the millisecond. In virtual time an executor starts at once; for real it is a process that takes ' +
      'a part of a second the first time that a framework comes to a slave.',
  ],
};
