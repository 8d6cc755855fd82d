/** Table 2 of NSDI'11 §4: scenarios in which a framework comes to a full cluster, again and again. */
import { type Table2Case, table2 } from '../../measure/table2.ts';
import type { Scenario } from '../experiment.ts';
import type { VirtualFramework } from '../virtualScenario.ts';
import { constant, ENDLESS, exponential, load, theoryScenario } from './trial.ts';

/** T, the mean length of the others' tasks: long against the milliseconds that messages take. */
const T_MS = 100_000;
const SLOT = { cpus: 1 };
const SIZES = [{ resources: SLOT }];

/** Slots, and newcomers in one run: the more slots, the fewer newcomers, for what they cost. */
interface Size {
  readonly k: number;
  readonly newcomers: number;
}

/** 24 slots are a parallel job of the paper's macrobenchmark, 96 its nodes. */
const RIGID_EXPONENTIAL: readonly Size[] = [
  { k: 1, newcomers: 100 },
  { k: 3, newcomers: 100 },
  { k: 10, newcomers: 60 },
  { k: 24, newcomers: 40 },
  { k: 96, newcomers: 12 },
  { k: 316, newcomers: 4 },
  { k: 1000, newcomers: 2 },
];
const RIGID_CONSTANT: readonly Size[] = [
  { k: 1, newcomers: 40 },
  { k: 3, newcomers: 30 },
  { k: 10, newcomers: 20 },
  { k: 24, newcomers: 10 },
  { k: 96, newcomers: 4 },
  { k: 316, newcomers: 1 },
  { k: 1000, newcomers: 1 },
];
const ELASTIC: readonly Size[] = [
  { k: 1, newcomers: 60 },
  { k: 10, newcomers: 20 },
  { k: 24, newcomers: 10 },
  { k: 96, newcomers: 3 },
  { k: 316, newcomers: 1 },
];

/** All of table 2, and what any slots instead of particular ones make of ramp-up. */
export function table2Scenarios(): readonly Scenario[] {
  const rigid = { job: 'rigid', beta: 1, taskLength: 1 } as const;
  const elastic = { job: 'elastic', beta: 1, taskLength: 1 / 8 } as const;
  const rest = { k: 24, newcomers: 8 };
  return [
    ...RIGID_EXPONENTIAL.map((size) => scenario({ ...rigid, lengths: 'exponential', ...size })),
    ...RIGID_CONSTANT.map((size) => scenario({ ...rigid, lengths: 'constant', ...size })),
    ...ELASTIC.map((size) => scenario({ ...elastic, lengths: 'exponential', ...size })),
    ...ELASTIC.map((size) => scenario({ ...elastic, lengths: 'constant', ...size })),
    // More work, and an elastic job whose tasks are as long as the others'.
    ...(['exponential', 'constant'] as const).flatMap((lengths) => [
      scenario({ ...rest, lengths, job: 'rigid', beta: 10, taskLength: 10 }),
      scenario({ ...rest, lengths, job: 'elastic', beta: 10, taskLength: 1 / 2 }),
      scenario({ ...rest, lengths, job: 'elastic', beta: 1, taskLength: 1 }),
    ]),
    ...[1, 3, 10, 32].map((k) =>
      scenario({
        job: 'rigid',
        lengths: 'exponential',
        beta: 0.2,
        taskLength: 0.2,
        k,
        newcomers: 10,
        anyOf: 100,
      }),
    ),
  ];
}

type Case = Omit<Table2Case, 'framework' | 'meanTaskMs'> & Size;

/** The id of a scenario. */
function table2Id({ job, lengths, k, beta, taskLength, anyOf }: Omit<Case, 'newcomers'>): string {
  const own = job === 'elastic' && taskLength === 1 ? '-whole-tasks' : '';
  return `${job}-${lengths}-k${k}${anyOf === undefined ? '' : `-of-${anyOf}`}-beta${beta}${own}`;
}

function scenario(one: Case): Scenario {
  const { job, lengths, k, beta, taskLength, newcomers, anyOf } = one;
  const where = anyOf === undefined ? '' : ` of any ${anyOf}`;
  return theoryScenario({
    id: table2Id(one),
    label: `${job}, ${lengths} lengths, ${k} slots${where}, β = ${beta}`,
    // With one newcomer in a run its wait hardly varies: there are so many slots, and lengths are constant.
    seeds: newcomers === 1 && lengths === 'constant' ? 3 : 5,
    parameters: {
      job,
      'lengths of others': lengths,
      k,
      β: beta,
      'length of its tasks (T)': taskLength,
      'slots of the cluster': anyOf ?? k,
      'newcomers in a run': newcomers,
    },
    cluster: {
      slaves: anyOf ?? k,
      slaveResources: SLOT,
      // The newcomer is entitled to its slots: whatever is free there it is offered first.
      allocation: { module: 'priority', options: { priorities: { newcomer: 2, phases: 1 } } },
      frameworks: [others(one), ...(lengths === 'constant' ? [phases(one)] : []), newcomer(one)],
    },
    measures: [table2({ ...one, framework: 'newcomer', meanTaskMs: T_MS })],
  });
}

/** Names make the streams of chance: each scenario has its own, so that what they find can be taken together. */
const ownName = (name: string, one: Case): string => `${name}-${table2Id(one)}`;

/** Fills the cluster for ever; where there are `phases`, once they are there. */
function others(one: Case): VirtualFramework {
  const isConstant = one.lengths === 'constant';
  return load(
    ownName('others', one),
    { arrivals: ENDLESS, taskMs: isConstant ? constant(T_MS) : exponential(T_MS), sizes: SIZES },
    { background: true, ...(isConstant && { startMs: periodMs(one) + 1_000 }) },
  );
}

/**
 * From one newcomer to the next, with constant lengths: half a T until `phases` come, at most β and another half until the newcomer
 * has ended, one T for the tasks of `phases`, and a little to be sure.
 */
const periodMs = ({ beta }: Case): number => (beta + 2.2) * T_MS;

/**
 * The newcomer's slots become free together. With constant lengths they would stay in step for ever; so each first gets a task of a
 * length drawn from 0 to T. Once these have ended the slots' tasks end at times that are spread evenly over any T.
 */
function phases(one: Case): VirtualFramework {
  const { k, newcomers } = one;
  return load(
    ownName('phases', one),
    {
      arrivals: { type: 'open', gapMs: constant(periodMs(one)) },
      jobsMax: newcomers,
      tasksPerJob: constant(k),
      taskMs: { type: 'uniform', min: 0, max: T_MS },
      sizes: SIZES,
    },
    { background: true, role: 'phases' },
  );
}

/** Comes again and again: after a fixed time, or, as memoryless lengths need no phases, soon after its last job has ended. */
function newcomer(one: Case): VirtualFramework {
  const { job, lengths, k, beta, taskLength, newcomers } = one;
  const isConstant = lengths === 'constant';
  return load(
    'newcomer',
    {
      arrivals: isConstant
        ? { type: 'open', gapMs: constant(periodMs(one)) }
        : { type: 'closed', users: 1, thinkMs: constant(T_MS / 10) },
      jobsMax: newcomers,
      tasksPerJob: constant(job === 'rigid' ? k : Math.round((beta * k) / taskLength)),
      taskMs: constant(T_MS * taskLength),
      sizes: SIZES,
      manners: { answer: job === 'rigid' ? { type: 'hoard', patienceMs: 1e12 } : { type: 'at-once' } },
    },
    { role: 'newcomer', startMs: isConstant ? periodMs(one) - T_MS / 2 : T_MS / 10 },
  );
}
