/** Draws the plan of a simulation from its seed. */

import { POLICY_NAMES } from '../../frameworks/torque/policy/policies.ts';
import type { SlaveFilter } from '../../mesos/protocol/filters.ts';
import { type Resources, subtract, timesContained } from '../../mesos/protocol/resources.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { MapReduceJob, Submission } from '../../workloads/jobs.ts';
import { type Draw, drawFrom } from './draw.ts';
import { drawOrders } from './drawOrders.ts';
import { drawPolicies } from './drawPolicies.ts';
import { drawReservations } from './drawReservations.ts';
import {
  type AllocationPlan,
  type BackPlan,
  type Fault,
  type FaultEvent,
  type FaultKind,
  type FaultTime,
  type FrameworkPlan,
  type HadoopPolicies,
  type MastersPlan,
  type Plan,
  type QueuedJob,
  SIDES,
  type SlavePlan,
  STOPPABLE,
  type WorkPlan,
} from './plan.ts';

/** What remains on a slave that the largest executor beside the largest slot fits into. */
const SLAVE_MIN: Resources = { cpus: 3, mem: 2048 };
/** What is set aside for short tasks, and how long they may take: longer than any. */
const RESERVE: Resources = { cpus: 0.5, mem: 256 };
const LONGEST_TASK_MS = 300_000;
/** How often a scheduler may be replaced. */
const SUCCESSORS = 3;
/** Most ranks of a job: often all slots that there are for certain. */
const RANKS_MAX = 60;
/** How long offers may stay unanswered, where there is a limit. */
const OFFER_TIMEOUT_MS = 5000;
/** How slow a scheduler may be: it must be able to answer offers, and that of MPI to gather a gang, in time. */
const SLOW_MAX_MS = { hadoop: OFFER_TIMEOUT_MS - 2000, mpi: 1000 } as const;
const HOUR_MS = 3_600_000;
/** A process does not come back sooner than this after everybody has noticed its death. */
const RESTART_MIN_MS = 5;
/** Longest time that something is down, cut off or still. */
const FAULT_MAX_MS = 60_000;
/** Longest time that a master waits for slaves and schedulers of the one before. */
export const REREGISTER_TIMEOUT_MAX_MS = 600_000;

/** The plan for a seed. */
export function drawPlan(seed: number): Plan {
  const draw = drawFrom(`simulation ${seed}`);
  const latencyMs = draw.pick(0.25, 0.25, 5, 100, 600);
  const jitterMs = draw.pick(0.25, 10, 200);
  // As on a connection, what was under way arrives before its end does.
  const network = {
    latencyMs,
    jitterMs,
    detectMs: latencyMs + jitterMs + draw.pick(1, 1, 50, 2000),
    partitionDetectMs: draw.pick(10_000, 10_000, 3000),
  };
  const masters = drawMasters(draw);
  const slaves = drawSlaves(draw, 'node', Math.round(draw.spread(3, 40)));
  const faultsEndMs = draw.integer(30_000, 300_000);
  const drawn = drawAllocation(draw);
  const { shortTasks } = drawn.options;
  const frameworks = Array.from({ length: draw.integer(1, 5) }, (_, n) =>
    keepingJobs(
      drawFramework(draw, n + 1, slaves, drawn, drawPolicies(seed, n)),
      drawFrom(`journal ${seed} ${n}`).chance(0.5),
    ),
  );
  // One that gathers a gang must hold many offers.
  const mayLimit = frameworks.every(({ back, work }) => back.on !== 'mesos' || work.kind === 'hadoop');
  const unansweredMax = draw.pick(undefined, undefined, 0.3);
  const allocation: AllocationPlan =
    mayLimit && shortTasks === undefined && unansweredMax !== undefined
      ? { ...drawn, options: { ...drawn.options, unansweredMax } }
      : drawn;
  const times: FaultTimes = {
    // Its last message may be the one that makes somebody watch it.
    restartMinMs: 2 * network.detectMs + RESTART_MIN_MS,
    sessionTimeoutMs: masters.sessionTimeoutMs,
  };
  const timed = Array.from({ length: draw.integer(0, 8) }, () => ({
    when: { atMs: draw.integer(0, faultsEndMs), whom: draw.integer(0, 1e6) },
    what: drawKind(draw, times),
  }));
  const following = Array.from({ length: draw.integer(0, 20) }, () => drawFollowing(draw, times));
  return {
    network,
    masters,
    allocation,
    duplication: draw.pick(0, 0, 0.02, 0.3),
    slaves,
    frameworks,
    faults: [...timed, ...following],
    faultsEndMs,
    orders: drawOrders(seed, faultsEndMs),
    reservations: drawReservations(seed, faultsEndMs),
  };
}

function drawMasters(draw: Draw): MastersPlan {
  return {
    count: draw.pick(1, 3, 3),
    sessionTimeoutMs: draw.pick(5000, 10_000),
    options: {
      allocationIntervalMs: draw.pick(0, 0, 1000),
      offerTimeoutMs: draw.pick(0, 0, OFFER_TIMEOUT_MS),
      reregisterTimeoutMs: draw.pick(60_000, 120_000, REREGISTER_TIMEOUT_MAX_MS),
      slaveRemovalIntervalMs: draw.pick(0, 0, 2000),
    },
  };
}

function drawAllocation(draw: Draw): AllocationPlan {
  const module = draw.pick('fair', 'fair', 'priority', 'lottery');
  const [some, none] = [draw.chance(0.4), draw.chance(0.6)];
  const guarantees = { a: { cpus: draw.integer(1, 3), mem: 512 * draw.integer(1, 3) } };
  const revocation = { afterMs: draw.spread(100, 20_000), graceMs: draw.pick(0, draw.spread(10, 5000)) };
  const shortTasks = { reserve: RESERVE, maxTaskDurationMs: LONGEST_TASK_MS };
  return {
    module,
    options: {
      ...(some && { weights: { a: draw.spread(0.2, 5) } }),
      ...(module === 'priority' && { priorities: { a: 1, b: -1 } }),
      ...(!none && { guarantees }),
      ...(!none && draw.chance(0.7) && { revocation }),
      ...(draw.chance(0.2) && { shortTasks }),
    },
  };
}

function drawSlaves(draw: Draw, name: string, count: number): readonly SlavePlan[] {
  return Array.from({ length: count }, (_, n) => ({
    hostname: `${name}${n + 1}`,
    resources: {
      cpus: draw.integer(SLAVE_MIN.cpus as number, 8),
      mem: 512 * draw.integer((SLAVE_MIN.mem as number) / 512, 16),
    },
    mortal: n > 0 && draw.chance(0.3),
    checkpoint: draw.chance(0.5),
    executors: {
      startMs: draw.pick(0, 0, draw.integer(1, 3000)),
      hanging: draw.pick(0, 0, 0, 0.05),
      lingering: draw.chance(0.15),
    },
  }));
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
  const isShort = back.on === 'mesos' && shortTasks !== undefined;
  const slaves = back.on === 'standalone' ? back.slaves : isShort ? ofMaster.map(withoutReserve) : ofMaster;
  const drawn = drawWork(draw, kind, slaves, policies);
  // Executors that hold something themselves cannot start on resources for short tasks, which these frameworks do not know of.
  const fitting = isShort && drawn.kind === 'hadoop' ? { ...drawn, executor: {} } : drawn;
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

const withoutReserve = (slave: SlavePlan): SlavePlan => ({
  ...slave,
  resources: subtract(slave.resources, RESERVE),
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

/** What the times of faults depend on. */
interface FaultTimes {
  /** A process does not come back sooner. */
  readonly restartMinMs: Millis;
  readonly sessionTimeoutMs: Millis;
}

/** Faults that follow an event closely enough to cross messages that are under way. */
function drawFollowing(draw: Draw, times: FaultTimes): Fault {
  const after = draw.pick<FaultEvent>(
    'slave-registered',
    'framework-registered',
    'offer-sent',
    'task-launched',
    'task-launched',
    'task-updated',
    'task-updated',
    'executor-started',
    'executor-exited',
    'slave-disconnected',
    'master-elected',
    'checkpoint executor',
    'checkpoint task',
    'checkpoint update',
    'checkpoint update',
  );
  const isRare = after === 'master-elected' || after === 'slave-disconnected';
  const nth = Math.round(draw.spread(1, isRare ? 5 : 150));
  const when: FaultTime = { after, nth, delayMs: draw.pick(0, draw.spread(0.1, 2), draw.spread(1, 1000)) };
  if (!after.startsWith('checkpoint') || draw.chance(0.3)) return { when, what: drawKind(draw, times) };
  // Whatever the slave was about to do when it had written this, its next process has to do.
  const downMs = times.restartMinMs + draw.spread(1, FAULT_MAX_MS);
  return { when, what: { kind: 'slave-crash', takesLeave: false, reboots: draw.chance(0.1), downMs } };
}

function drawKind(draw: Draw, { restartMinMs, sessionTimeoutMs }: FaultTimes): FaultKind {
  const downMs = restartMinMs + draw.spread(1, FAULT_MAX_MS);
  const forMs = draw.pick(
    draw.spread(1, 2000),
    sessionTimeoutMs * draw.spread(0.5, 2),
    draw.spread(5000, FAULT_MAX_MS),
  );
  const between = draw.pick(...SIDES);
  switch (draw.integer(1, 16)) {
    case 1:
    case 2:
    case 3:
      return {
        kind: 'slave-crash',
        takesLeave: draw.chance(0.2),
        reboots: draw.chance(0.2),
        downMs: draw.chance(0.2) ? undefined : downMs,
      };
    case 4:
    case 5:
    case 6:
      return { kind: 'executor-crash', which: draw.integer(0, 1e6) };
    case 7:
      return { kind: 'scheduler-crash', downMs: draw.chance(0.4) ? undefined : downMs };
    case 8:
      return draw.chance(0.5)
        ? { kind: 'scheduler-superseded' }
        : { kind: 'scheduler-crash', downMs: draw.pick(undefined, downMs) };
    case 9:
    case 10:
      return {
        kind: 'master-crash',
        whom: draw.pick('leader', 'leader', 'any'),
        takesLeave: draw.chance(0.3),
        downMs,
      };
    case 11:
    case 12:
      return { kind: 'partition', between, forMs };
    case 13:
      return { kind: 'link-break', between };
    case 14:
    case 15:
      return { kind: 'pause', whom: draw.pick(...STOPPABLE), forMs };
    default:
      return draw.chance(0.3)
        ? { kind: 'ensemble-crash', downMs }
        : { kind: 'slow-link', between, extraMs: draw.spread(1, 3000), forMs };
  }
}
