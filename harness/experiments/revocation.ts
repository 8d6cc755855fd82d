import { REVOCATION_CLAIMS } from '../../reports/paper/revocation.ts';
import { reach } from '../measure/reach.ts';
import { revocations } from '../measure/revocations.ts';
import type { Experiment, VirtualRunScenario } from './experiment.ts';
import type { VirtualFramework } from './virtualScenario.ts';

const MINUTE_MS = 60_000;
const SLAVES = 100;
const SLOTS = 4 * SLAVES;
const slots = (n: number) => ({ cpus: n, mem: 1024 * n });
/** Part of its grace that a task uses, if it cannot finish before (frameworks/load/executor.ts). */
const GRACE_USED = 0.9;

/** What a scenario of the experiment varies. */
interface Setting {
  readonly id: string;
  readonly taskMinutes: number;
  /** Slots that the newcomer is to have; default a quarter of the cluster. */
  readonly share?: number;
  /** Slots of a framework that has just what it is guaranteed, and how long before the newcomer it came; default none. */
  readonly protected?: { readonly slots: number; readonly beforeMs: number };
  /** Absent: tasks are never revoked. */
  readonly revocation?: { readonly afterMs: number; readonly graceMs: number };
  readonly seeds?: number;
}

const DEFAULT = { afterMs: 5_000, graceMs: 10_000 };

/** Lengths of the tasks that fill the cluster, in minutes. */
const TASK_MINUTES = [0.5, 1, 3, 10, 60] as const;
/** How long a framework goes without its share before tasks are revoked, in seconds. */
const AFTER_S = [1, 15, 30, 60, 120] as const;
/** How long tasks have to end, in seconds. */
const GRACE_S = [0, 30, 60, 120, 300] as const;

/** Of these it is kept how the newcomer gets there. */
const DRAWN: readonly string[] = ['10min-never', '10min-revoked'];

const SETTINGS: readonly Setting[] = [
  ...TASK_MINUTES.flatMap((taskMinutes): readonly Setting[] => [
    { id: `${taskMinutes}min-never`, taskMinutes },
    { id: `${taskMinutes}min-revoked`, taskMinutes, revocation: DEFAULT },
  ]),
  ...AFTER_S.map((seconds) => ({
    id: `after-${seconds}s`,
    taskMinutes: 10,
    revocation: { ...DEFAULT, afterMs: 1_000 * seconds },
  })),
  ...GRACE_S.map((seconds) => ({
    id: `grace-${seconds}s`,
    taskMinutes: 10,
    revocation: { ...DEFAULT, graceMs: 1_000 * seconds },
  })),
  // Its tasks are the latest when others are to end: they would be the first victims if nothing protected them.
  {
    id: 'beside-protected',
    taskMinutes: 10,
    revocation: DEFAULT,
    protected: { slots: SLOTS / 5, beforeMs: MINUTE_MS },
  },
  { id: 'tenth-never', taskMinutes: 10, share: SLOTS / 10, seeds: 5 },
];

/** Revocation (NSDI'11 §3.3): what it gives a newcomer, and what it costs the others. */
export const revocation: Experiment = {
  id: 'revocation',
  title: 'Revocation: a newcomer on a cluster full of long tasks',
  question:
    'How long does a new framework wait for its guaranteed share on a cluster full of long tasks, with and without revocation, and what does that cost?',
  paper:
    'NSDI’11 §3.3 describes guaranteed shares and revocation with a grace period, but measures neither. It says that without ' +
    'revocation a framework that is to have a tenth of the cluster waits for about a tenth of the mean task length.',
  claims: REVOCATION_CLAIMS,
  scenarios: SETTINGS.map(scenario),
  caveats: [
    'Virtual time: 100 slaves of 4 slots, full of one framework’s tasks, the lengths of which are exponential. A task that is to end ' +
      'uses nine tenths of its grace period, to finish if it can: the newcomer waits longest, and least work is lost.',
    'Work counts as lost if a task ends before it has finished. One that saves its state would lose less.',
  ],
};

/** The newcomer comes when most of the first tasks have ended, so that those that run are of all ages. */
function scenario(setting: Setting): VirtualRunScenario {
  const { id, taskMinutes, share = SLOTS / 4, revocation, seeds = 3 } = setting;
  const taskMs = taskMinutes * MINUTE_MS;
  const comesMs = 2 * taskMs;
  const wantsMs = comesMs + MINUTE_MS;
  const untilMs = wantsMs + taskMs + 6 * MINUTE_MS;
  const held = { type: 'constant', value: untilMs } as const;
  const guaranteed = (name: string, n: number, startMs: number, gapMs: number): VirtualFramework => ({
    kind: 'load',
    name,
    partition: 0,
    startMs,
    guarantee: slots(n),
    load: {
      arrivals: { type: 'open', gapMs: { type: 'constant', value: gapMs } },
      jobsMax: 1,
      tasksPerJob: { type: 'constant', value: n },
      taskMs: held,
      sizes: [{ resources: slots(1) }],
    },
  });
  return {
    id,
    label: `${taskMinutes}-min tasks, ${labelOf(setting)}`,
    kind: 'virtual',
    system: 'mesos',
    seeds,
    keep: 'values',
    parameters: {
      'task length (min)': taskMinutes,
      'newcomer (slots)': share,
      ...(revocation !== undefined && {
        'revoked after (s)': revocation.afterMs / 1000,
        'grace (s)': revocation.graceMs / 1000,
      }),
      ...(setting.protected !== undefined && { 'protected (slots)': setting.protected.slots }),
    },
    cluster: {
      slaves: SLAVES,
      slaveResources: slots(4),
      replication: 1,
      allocation: { module: 'fair', options: revocation === undefined ? {} : { revocation } },
      master: { slavePingIntervalMs: MINUTE_MS },
      frameworks: [
        {
          kind: 'load',
          name: 'batch',
          partition: 0,
          load: {
            arrivals: { type: 'endless' },
            taskMs: { type: 'exponential', mean: taskMs },
            sizes: [{ resources: slots(1) }],
            grace: 'used',
          },
        },
        ...(setting.protected === undefined
          ? []
          : [guaranteed('protected', setting.protected.slots, wantsMs - setting.protected.beforeMs, 0)]),
        // It is there before it wants anything: nothing may be revoked for it then.
        guaranteed('newcomer', share, comesMs, wantsMs - comesMs),
      ],
      untilMs,
      limitMs: untilMs + MINUTE_MS,
    },
    measures: [
      () => reach('newcomer', { share: slots(share), ofMs: taskMs, curve: DRAWN.includes(id) }),
      () =>
        revocations({
          guarantees: { protected: slots(setting.protected?.slots ?? 0), newcomer: slots(share) },
          graceUsed: GRACE_USED,
        }),
    ],
  };
}

function labelOf({ revocation, protected: other, share }: Setting): string {
  if (revocation === undefined)
    return share === undefined ? 'never revoked' : `${share} slots wanted, never revoked`;
  const when = `revoked after ${revocation.afterMs / 1000} s with ${revocation.graceMs / 1000} s of grace`;
  return other === undefined ? when : `${when}, beside a framework with what it is guaranteed`;
}
