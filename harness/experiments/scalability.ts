import { SCALABILITY_CLAIMS, SLAVES_ON_FIGURE_10 } from '../../reports/paper/scalability.ts';
import {
  type ClusterPlan,
  measureIdleSlaves,
  measureScalability,
  type ScalabilityPlan,
} from '../trials/scalability.ts';
import type { Experiment, TrialScenario } from './experiment.ts';

const FRAMEWORKS = 200;
/** Mean length of a task, in milliseconds. */
const TASK_MS = 30_000;
const TASKS_PER_SLAVE = 2;
/**
 * A process takes so many slaves. Twice as many keep its event loop busy half of the time, and probes wait for it; with fewer to a process
 * more frames and more turns of event loops carry the same, on processors that the master could have.
 */
const SLAVES_PER_HOST = 25_000;
const IDLE_SLAVES = 10_000;

/** Short probes take at most this part of the tasks that end, and not more than one in 100 ms. */
const SHORT_PROBES_PART = 0.05;
const SHORT_PROBES_EVERY_MIN_MS = 100;
/** The 99th percentile is asked for at the paper's largest size only: it needs a thousand of them. */
const MANY_SLAVES = 50_000;

/** How a new framework's task is delayed as the cluster grows (NSDI'11 §6.5, figure 10). */
export const scalability: Experiment = {
  id: 'scalability',
  title: 'How the master scales',
  question:
    'How long is the task of a new framework delayed on a full cluster, as the number of slaves grows to 50,000?',
  paper:
    'NSDI’11 §6.5 ran up to 50,000 slave daemons on 98 machines and the master on another. 200 frameworks launched tasks of 30 s for ' +
    'ever, at most two on a slave; then a new framework ran one task of 10 s, five times. What that took beyond 10 s was on average ' +
    '0.13 s with 1,000 slaves and 0.75 s with 50,000 (figure 10).',
  claims: SCALABILITY_CLAIMS,
  scenarios: [...SLAVES_ON_FIGURE_10.map(scenarioOf), idleScenario(IDLE_SLAVES)],
  scaled: (scale) => [
    ...SLAVES_ON_FIGURE_10.map((slaves) => scenarioOf(Math.max(1, Math.round(slaves * scale)))),
    idleScenario(Math.max(1, Math.round(IDLE_SLAVES * scale))),
  ],
  caveats: [
    'The master, its links and the clock are real. Slaves and their executors are the real ones too, but thousands share a process, and ' +
      'their tasks only take time; all frameworks share one process. Everything runs on one machine, so nothing crosses a network, and ' +
      'the processes around the master take processor time from it.',
    'Slaves of one process share a link, on which all messages of one turn of the event loop travel together. The paper’s 98 machines ' +
      'would make fewer messages travel together.',
    'The paper’s machines were of 2010, with 8 cores each. That ours is faster or slower in seconds says little; what compares is how ' +
      'the delay grows, and that the load (3,333 tasks a second at 50,000 slaves) is carried.',
    'A probe is a new framework with a link of its own, in a process that runs already. Its delay counts from the moment at which it was to start.',
    'An executor of a slave ends when it has been idle for a second. The paper does not say when its executors ended.',
  ],
};

function clusterOf(slaves: number): ClusterPlan {
  return {
    slaves,
    slaveResources: { cpus: TASKS_PER_SLAVE, mem: 512 },
    hosts: Math.ceil(slaves / SLAVES_PER_HOST),
    frameworks: FRAMEWORKS,
    task: {
      ms: { type: 'normal', mean: TASK_MS, deviation: 10_000 },
      resources: { cpus: 1, mem: 256 },
    },
    rampMs: TASK_MS,
  };
}

function planOf(slaves: number): ScalabilityPlan {
  const endEveryMs = TASK_MS / (TASKS_PER_SLAVE * slaves);
  return {
    ...clusterOf(slaves),
    settleMs: TASK_MS,
    probes: { count: 5, taskMs: 10_000 },
    shortProbes: {
      count: slaves >= MANY_SLAVES ? 1_000 : slaves >= 3_000 ? 300 : 100,
      taskMs: 500,
      everyMs: Math.max(SHORT_PROBES_EVERY_MIN_MS, endEveryMs / SHORT_PROBES_PART),
    },
  };
}

function scenarioOf(slaves: number): TrialScenario {
  const plan = planOf(slaves);
  return {
    kind: 'trial',
    clock: 'emulated',
    id: `slaves-${slaves}`,
    label: `${slaves.toLocaleString('en-US')} slaves`,
    seeds: 1,
    parameters: {
      slaves,
      frameworks: FRAMEWORKS,
      'processes of slaves': plan.hosts,
      probes: plan.probes.count,
      'short probes': plan.shortProbes.count,
    },
    run: (trial) => measureScalability(plan, trial),
  };
}

function idleScenario(slaves: number): TrialScenario {
  return {
    kind: 'trial',
    clock: 'emulated',
    id: 'idle',
    label: `${slaves.toLocaleString('en-US')} slaves without tasks`,
    seeds: 1,
    parameters: { slaves, frameworks: 0 },
    run: (trial) => measureIdleSlaves({ ...clusterOf(slaves), rampMs: 5_000 }, trial),
  };
}
