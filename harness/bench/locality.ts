/**
 * Data locality through delay scheduling (NSDI'11 §6.3, figure 8): 16 Hadoop instances, each of which scans 100 GB, on 93 nodes of
 * 4 slots; with a static partition each, and on Mesos with no wait and waits of 1 and 5 s.
 *
 * Two numbers are fitted, the lengths of a map that reads a local and a remote block, so that the static partition and a wait
 * of 5 s take about as long as in the paper. The shares of local maps, and the times between, are predictions.
 *
 * Without a wait slots are sticky: whose task ends has the lowest share and is offered the same slot again. A job then reads
 * what is beside its 23 slots, on some 20.7 of the nodes, and comes to 1 - (1 - 20.7/93)^3 = 53 % local maps. How sticky they
 * are depends on who is first among equal shares: by number of grants, as here, slots change hands more often than with the
 * first to come, as in the Mesos of the paper.
 */
import type { AllocationFactory } from '../../mesos/allocation/allocation.ts';
import { allocator } from '../../mesos/allocation/allocator.ts';
import { inOrder } from '../../mesos/allocation/line.ts';
import { HADOOP_SET_UP_MS } from '../../workloads/facebook.ts';
import type { MapReduceJob } from '../../workloads/jobs.ts';
import type { VirtualFramework, VirtualScenario } from '../experiments/virtualScenario.ts';
import { jobRuns } from '../measure/jobs.ts';
import { localities } from '../measure/locality.ts';
import { runVirtual } from '../run/virtual.ts';
import { type Measurement, measurement } from './measurement.ts';

const NODES = 93;
const INSTANCES = 16;
/** 100 GB in blocks of 128 MB; the paper does not tell the size of its blocks. */
const MAPS = 800;
const MAP_MS = 9_250;
const REMOTE_SLOWDOWN = 1.8;
/** Of the lengths of maps; the paper gives none. */
const CV = 0.2;
const SEEDS = [1, 2, 3];

interface Case {
  readonly name: string;
  readonly system: 'static' | 'mesos';
  readonly localityWaitMs: number;
  /** On Mesos; default fair sharing as it is. */
  readonly allocation?: AllocationFactory;
  /** Of figure 8. */
  readonly paper: { readonly localPercent: number; readonly jobSeconds: number };
}

/** Of equal shares, the first to come: as in the Mesos of 2010. */
const firstToCome = allocator(
  {},
  inOrder((a, b) => a.share - b.share),
);
const NO_WAIT = { localPercent: 50, jobSeconds: 486 };

const CASES: readonly Case[] = [
  { name: 'static', system: 'static', localityWaitMs: 5_000, paper: { localPercent: 18, jobSeconds: 565 } },
  { name: 'no-wait', system: 'mesos', localityWaitMs: 0, paper: NO_WAIT },
  { name: 'no-wait-2010', system: 'mesos', localityWaitMs: 0, allocation: firstToCome, paper: NO_WAIT },
  { name: '1s-wait', system: 'mesos', localityWaitMs: 1_000, paper: { localPercent: 92, jobSeconds: 369 } },
  { name: '5s-wait', system: 'mesos', localityWaitMs: 5_000, paper: { localPercent: 97, jobSeconds: 338 } },
];

const JOB: MapReduceJob = {
  id: 'scan',
  kind: 'scan',
  bin: 0,
  maps: MAPS,
  reduces: 0,
  submission: { when: 'at', ms: 0 },
  model: { setUpMs: HADOOP_SET_UP_MS, mapMs: MAP_MS, reduceMs: 0, cv: CV },
};

function scenario(localityWaitMs: number): VirtualScenario {
  return {
    slaves: NODES,
    slaveResources: { cpus: 4, mem: 15 * 1024 },
    replication: 3,
    blocksOn: 'cluster',
    frameworks: Array.from(
      { length: INSTANCES },
      (_, n): VirtualFramework => ({
        kind: 'hadoop',
        name: `hadoop${n + 1}`,
        partition: Math.floor(NODES / INSTANCES) + (n < NODES % INSTANCES ? 1 : 0),
        slot: { cpus: 1, mem: 1024 },
        localityWaitMs,
        remoteSlowdown: REMOTE_SLOWDOWN,
        jobs: () => [JOB],
      }),
    ),
    limitMs: 3_600_000,
  };
}

/** Percent of local maps, and mean time of a job in seconds. */
async function runCase(
  { system, localityWaitMs, allocation }: Case,
  seed: number,
): Promise<readonly [number, number]> {
  const reads = localities();
  const jobs = jobRuns();
  const outcome = await runVirtual({
    scenario: scenario(localityWaitMs),
    system,
    seed,
    ...(allocation !== undefined && { allocation }),
    history: (line) => {
      reads.observe(line);
      jobs.observe(line);
    },
  });
  if (!outcome.completed) throw new Error(`the jobs of seed ${seed} did not end`);
  const all = [...reads.result().values()];
  const local = all.reduce((sum, one) => sum + one.local, 0);
  const remote = all.reduce((sum, one) => sum + one.remote, 0);
  const times = [...jobs.result().values()]
    .flat()
    .map(({ intendedMs, endedMs }) => (endedMs ?? NaN) - intendedMs);
  return [(100 * local) / (local + remote), times.reduce((sum, ms) => sum + ms, 0) / times.length / 1_000];
}

/** Runs the four cases of figure 8. */
export async function benchLocality(): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const each of CASES) {
    const runs: (readonly [number, number])[] = [];
    for (const seed of SEEDS) runs.push(await runCase(each, seed));
    const { localPercent, jobSeconds } = each.paper;
    const id = `locality/${each.name}`;
    measurements.push(
      measurement(
        `${id}-local-maps`,
        `% (paper ${localPercent})`,
        runs.map(([local]) => local),
      ),
      measurement(
        `${id}-job-seconds`,
        `s (paper ${jobSeconds})`,
        runs.map(([, seconds]) => seconds),
      ),
    );
  }
  return measurements;
}
