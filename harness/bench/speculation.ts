/** What copies of slow tasks are good for: a job of 480 maps on 24 nodes of 4 slots, of which one takes five times as long, or none. */
import type { Speculation } from '../../frameworks/hadoop/speculation.ts';
import type { VirtualScenario } from '../experiments/virtualScenario.ts';
import { jobRuns } from '../measure/jobs.ts';
import { runVirtual } from '../run/virtual.ts';
import { type Measurement, measurement } from './measurement.ts';

const NODES = 24;
const MAPS = 480;
const MAP_MS = 60_000;
const SLOW_SPEED = 0.2;
const SEEDS = [1, 2, 3, 4, 5];

const COMMON = { ageMinMs: 60_000, shareMax: 0.1, intervalMs: 3_000 };
const POLICIES: readonly Speculation[] = [
  { policy: 'off' },
  { policy: 'hadoop', ...COMMON, gap: 0.2 },
  { policy: 'late', ...COMMON, slowTaskFraction: 0.25, slowNodeFraction: 0.25 },
];

const scenario = (speculation: Speculation, speeds: readonly number[]): VirtualScenario => ({
  slaves: NODES,
  slaveResources: { cpus: 4, mem: 4096 },
  replication: 3,
  speeds,
  frameworks: [
    {
      kind: 'hadoop',
      name: 'hadoop',
      partition: NODES,
      slot: { cpus: 1, mem: 1024 },
      localityWaitMs: 5_000,
      remoteSlowdown: 1,
      speculation,
      jobs: () => [
        {
          ...{ id: 'job', kind: 'maps', bin: 0, maps: MAPS, reduces: 0, submission: { when: 'at', ms: 0 } },
          model: { setUpMs: 0, mapMs: MAP_MS, reduceMs: 0, cv: 0.2 },
        },
      ],
    },
  ],
  limitMs: 3_600_000,
});

/** Seconds that the job takes, and attempts that it takes beyond its tasks. */
async function runJob(
  speculation: Speculation,
  speeds: readonly number[],
  seed: number,
): Promise<readonly [number, number]> {
  const jobs = jobRuns();
  let launches = 0;
  await runVirtual({
    scenario: scenario(speculation, speeds),
    system: 'mesos',
    seed,
    history: (line) => {
      jobs.observe(line);
      if (line.event === 'task-launched') launches += 1;
    },
  });
  const [job] = jobs.result().get('hadoop') ?? [];
  if (job?.endedMs == null) throw new Error(`the job of seed ${seed} did not end`);
  return [(job.endedMs - job.intendedMs) / 1_000, launches - MAPS];
}

/** Each policy, with and without a slow node. */
export async function benchSpeculation(): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const [cluster, speeds] of [
    ['slow-node', [SLOW_SPEED]],
    ['steady', []],
  ] as const)
    for (const speculation of POLICIES) {
      const runs: (readonly [number, number])[] = [];
      for (const seed of SEEDS) runs.push(await runJob(speculation, speeds, seed));
      const id = `speculation/${cluster}-${speculation.policy}`;
      measurements.push(
        measurement(
          `${id}-seconds`,
          's',
          'lower',
          runs.map(([seconds]) => seconds),
        ),
        measurement(
          `${id}-copies`,
          'attempts',
          'lower',
          runs.map(([, copies]) => copies),
        ),
      );
    }
  return measurements;
}
