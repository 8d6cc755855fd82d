/** Draws the frameworks of a simulation: what they run on, how they behave, and their jobs. */
import { POLICY_NAMES } from '../../frameworks/torque/policy/policies.ts';
import type { SlaveFilter } from '../../mesos/protocol/filters.ts';
import { isEmpty, type Resources, subtract, timesContained } from '../../mesos/protocol/resources.ts';
import type { MapReduceJob, Submission } from '../../workloads/jobs.ts';
import { type Draw, drawFrom } from './draw.ts';
import { drawPolicies } from './drawPolicies.ts';
import { drawSlaves } from './drawSlaves.ts';
import type {
  AllocationPlan,
  BackPlan,
  FrameworkPlan,
  HadoopPolicies,
  QueuedJob,
  SlavePlan,
  WorkPlan,
} from './plan.ts';

/** How often a scheduler may be replaced. */
const SUCCESSORS = 3;
/** Most ranks of a job: often all slots that there are for certain. */
const RANKS_MAX = 60;
/** How long offers may stay unanswered, where there is a limit. */
export const OFFER_TIMEOUT_MS = 5000;
/** How slow a scheduler may be: it must be able to answer offers, and that of MPI to gather a gang, in time. */
const SLOW_MAX_MS = { hadoop: OFFER_TIMEOUT_MS - 2000, mpi: 1000 } as const;
const HOUR_MS = 3_600_000;
/** One to five frameworks, for these slaves of the master and this allocation; what they keep for their successors is drawn apart. */
export function drawFrameworks(
  draw: Draw,
  seed: number,
  slaves: readonly SlavePlan[],
  allocation: AllocationPlan,
): readonly FrameworkPlan[] {
  return Array.from({ length: draw.integer(1, 5) }, (_, n) =>
    keepingJobs(
      drawFramework(draw, n + 1, slaves, allocation, drawPolicies(seed, n)),
      drawFrom(`journal ${seed} ${n}`).chance(0.5),
    ),
  );
}

/** A slave that has come back does not know that its master was the only one, and waits for ever for it to come back, too. */
const withoutCheckpoint = (slave: SlavePlan): SlavePlan => ({ ...slave, checkpoint: false });

function drawFramework(
  draw: Draw,
  n: number,
  ofMaster: readonly SlavePlan[],
  { options: { guarantees, shortTasks } }: AllocationPlan,
  policies: HadoopPolicies,
): FrameworkPlan {
  const kind = draw.pick('hadoop', 'hadoop', 'mpi');
  const name = `${kind}${n}`;
  const back: BackPlan = draw.chance(0.8)
    ? { on: 'mesos', failoverTimeoutS: draw.pick(0, draw.integer(1, 120)) }
    : { on: 'standalone', slaves: drawSlaves(draw, `${name}-`, draw.integer(1, 5)).map(withoutCheckpoint) };
  const reserve = back.on === 'mesos' ? (shortTasks?.reserve ?? {}) : {};
  const slaves = back.on === 'standalone' ? back.slaves : ofMaster.map((slave) => without(slave, reserve));
  const drawn = drawWork(draw, kind, slaves, policies);
  // Executors that hold something themselves cannot start on resources for short tasks, which these frameworks do not know of.
  const fitting = !isEmpty(reserve) && drawn.kind === 'hadoop' ? { ...drawn, executor: {} } : drawn;
  const role = draw.pick('*', 'a', 'b');
  const guarantee = back.on === 'mesos' ? guarantees?.[role as keyof typeof guarantees] : undefined;
  const work = withinGuarantee(fitting, guarantee);
  // Guarantees can be given when there are slaves.
  const startMs = Math.max(draw.pick(0, draw.integer(0, 60_000)), guarantees === undefined ? 0 : 10_000);
  const lasting = slaves.flatMap(({ hostname, mortal }) => (mortal ? [] : [hostname]));
  const filters = draw.pick<readonly SlaveFilter[]>(
    [],
    [],
    [{ kind: 'free', resources: work.slot }],
    [{ kind: 'hosts', hostnames: lasting }],
  );
  return {
    name,
    startMs,
    role,
    filters,
    back,
    slowMs: draw.pick(0, 0, draw.spread(1, SLOW_MAX_MS[kind])),
    refuseSeconds: draw.pick(undefined, undefined, 0, draw.spread(0.01, 300)),
    work,
    successors: Array.from({ length: SUCCESSORS }, () =>
      withinGuarantee(anew(draw, work, slaves), guarantee),
    ),
  };
}

/** A queue server takes no more than it is guaranteed: what needs more would wait for ever, unless it is told to take that. */
function withinGuarantee(work: WorkPlan, guarantee: Resources | undefined): WorkPlan {
  if (work.kind === 'hadoop' || work.slotsMax !== undefined || guarantee === undefined) return work;
  const ranksMax = Math.max(...work.jobs.map(({ ranks }) => ranks));
  return ranksMax <= timesContained(guarantee, work.slot) ? work : { ...work, slotsMax: ranksMax };
}

/** Those that take the place of a queue server get its jobs, if it keeps them, and must be able to run them. */
function keepingJobs(plan: FrameworkPlan, keepsJobs: boolean): FrameworkPlan {
  const works = [plan.work, ...plan.successors];
  const queues = works.flatMap((work) => (work.kind === 'mpi' ? [work] : []));
  if (!keepsJobs || queues.length === 0) return plan;
  const limits = new Set(queues.map(({ slotsMax }) => slotsMax));
  const ranksMax = Math.max(...queues.flatMap(({ jobs }) => jobs.map(({ ranks }) => ranks)));
  const keeping = (work: WorkPlan): WorkPlan =>
    work.kind === 'mpi'
      ? { ...work, keepsJobs, slotsMax: limits.size === 1 ? work.slotsMax : ranksMax }
      : work;
  return { ...plan, work: keeping(plan.work), successors: plan.successors.map(keeping) };
}

const without = (slave: SlavePlan, reserve: Resources): SlavePlan => ({
  ...slave,
  resources: subtract(slave.resources, reserve),
});

const drawSlot = (draw: Draw): Resources => ({
  cpus: draw.pick(0.5, 1, 1, 2),
  mem: draw.pick(256, 512, 1024),
});

function drawWork(
  draw: Draw,
  kind: WorkPlan['kind'],
  slaves: readonly SlavePlan[],
  policies: HadoopPolicies,
): WorkPlan {
  switch (kind) {
    case 'hadoop':
      return {
        kind,
        slot: drawSlot(draw),
        executor: draw.pick<Resources>({}, { cpus: 0.25, mem: 128 }, { cpus: 1, mem: 512 }),
        localityWaitMs: draw.pick(0, 1000, 5000),
        replication: draw.integer(1, 3),
        farBlocks: draw.pick(undefined, undefined, 3),
        policies,
        jobs: drawJobs(draw, draw.integer(1, 6), drawMapReduceJob),
      };
    case 'mpi': {
      const slot = drawSlot(draw);
      const ranksMax = Math.min(draw.pick(4, 12, RANKS_MAX), countSlots(slaves, slot));
      const slotsMax = draw.pick(undefined, draw.integer(1, ranksMax));
      return {
        kind,
        keepsJobs: false,
        slot,
        queue: draw.pick(...POLICY_NAMES),
        hoardTimeoutMs: draw.integer(20_000, 60_000),
        slotsMax,
        jobs: drawRigidJobs(draw, slotsMax ?? ranksMax),
      };
    }
    default:
      return kind satisfies never;
  }
}

/** Other jobs for the same kind of framework: executors of the same framework id must stay what they are. */
function anew(draw: Draw, work: WorkPlan, slaves: readonly SlavePlan[]): WorkPlan {
  if (work.kind === 'hadoop') return { ...work, jobs: drawJobs(draw, draw.integer(1, 4), drawMapReduceJob) };
  return { ...work, jobs: drawRigidJobs(draw, work.slotsMax ?? Math.min(12, countSlots(slaves, work.slot))) };
}

/** How many slots there are for certain when all have come back who will. */
function countSlots(slaves: readonly SlavePlan[], slot: Resources): number {
  return slaves.reduce(
    (sum, { resources, mortal }) => sum + (mortal ? 0 : timesContained(resources, slot)),
    0,
  );
}

function drawJobs<J>(
  draw: Draw,
  count: number,
  job: (draw: Draw, id: string, submission: Submission) => J,
): readonly J[] {
  return Array.from({ length: count }, (_, n) => {
    const submission: Submission =
      n > 0 && draw.chance(0.25)
        ? { when: 'after', jobId: `j${draw.integer(1, n)}`, delayMs: draw.pick(0, draw.integer(1, 10_000)) }
        : { when: 'at', ms: draw.pick(0, draw.integer(0, 120_000)) };
    return job(draw, `j${n + 1}`, submission);
  });
}

const drawMapReduceJob = (draw: Draw, id: string, submission: Submission): MapReduceJob => ({
  id,
  kind: 'simulated',
  bin: 0,
  maps: Math.round(draw.spread(1, 40)),
  reduces: draw.pick(0, 0, draw.integer(1, 5)),
  submission,
  model: {
    setUpMs: draw.pick(0, draw.integer(0, 4000)),
    mapMs: draw.spread(50, 20_000),
    reduceMs: draw.spread(50, 20_000),
    cv: draw.pick(0, 0.5),
  },
});

const drawRigidJobs = (draw: Draw, ranksMax: number): readonly QueuedJob[] =>
  drawJobs(draw, draw.integer(1, 4), (_, id, submission) => ({
    id,
    kind: 'simulated',
    ranks: draw.integer(1, ranksMax),
    submission,
    model: { workMs: draw.spread(1000, 60_000), cv: draw.pick(0, 0.3) },
    priority: draw.pick(0, 0, draw.integer(-2, 2)),
    // Longer than the news of an end may take.
    wallTimeMs: draw.pick(undefined, HOUR_MS * draw.integer(1, 3)),
    order: draw.pick<QueuedJob['order']>(
      undefined,
      undefined,
      { what: 'hold', atMs: draw.integer(0, 120_000), forMs: draw.integer(1, 60_000) },
      { what: 'delete', atMs: draw.integer(0, 120_000) },
    ),
  }));
