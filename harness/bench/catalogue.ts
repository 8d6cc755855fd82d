/** The benchmarks of this house. */
import type { BenchPlan } from './benchPlan.ts';
import type { Measurement } from './measurement.ts';
import type { RoundsBenchmark } from './rounds.ts';

/** A benchmark: many short rounds, in which versions of the code can take turns, or a piece that is measured as a whole. */
export type Benchmark =
  | { readonly kind: 'rounds'; readonly load: () => Promise<RoundsBenchmark> }
  | { readonly kind: 'whole'; readonly run: (plan: BenchPlan) => Promise<readonly Measurement[]> };

const whole = (run: (plan: BenchPlan) => Promise<readonly Measurement[]>): Benchmark => ({
  kind: 'whole',
  run,
});

/** By the first part of the ids that they yield. */
export const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  pass: { kind: 'rounds', load: async () => (await import('./allocation.ts')).passRounds },
  launch: { kind: 'rounds', load: async () => (await import('./launch.ts')).launchRounds },
  virtual: whole(async (plan) => (await import('./virtual.ts')).benchVirtual(plan)),
  speculation: whole(async () => (await import('./speculation.ts')).benchSpeculation()),
  wire: whole(async () => (await import('./wire.ts')).benchWire()),
  allocation: whole(async (plan) => (await import('./allocation.ts')).benchAllocation(plan)),
  http: whole(async () => (await import('./http.ts')).benchHttp()),
  failover: whole(async () => (await import('./failover.ts')).benchFailover()),
  queue: whole(async () => (await import('./queue.ts')).benchQueue()),
  'start-up': whole(async () => (await import('./startUp.ts')).benchStartUp()),
  dfs: whole(async () => (await import('./dfs.ts')).benchDfs()),
  wordcount: whole(async () => (await import('./wordcount.ts')).benchWordcount()),
  iterations: whole(async () => (await import('./iterations.ts')).benchIterations()),
  sort: whole(async () => (await import('./sort.ts')).benchSort()),
  load: whole(async (plan) => (await import('./load.ts')).benchLoad(plan)),
  isolation: whole(async () => (await import('./isolation.ts')).benchIsolation()),
  tachyon: whole(async () => (await import('./mpi.ts')).benchTachyon()),
  hpl: whole(async () => (await import('./mpi.ts')).benchHpl()),
  raytrace: whole(async () => (await import('./mpi.ts')).benchRaytrace()),
  lu: whole(async () => (await import('./mpi.ts')).benchLu()),
};
