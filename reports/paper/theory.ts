/** What the paper's model says of a newcomer, of nodes full of long tasks, of preferences and of waste (NSDI'11 §4), as numbers. */
import type { PaperClaim } from './claim.ts';

/** Slots of the newcomer whose entries are compared: those of a parallel job of the paper's macrobenchmark. */
const K = 24;
const LN_K = Math.log(K);

/** What is known before any run: table 2 drops terms that do not grow with k. */
const DROPPED =
  'The paper’s T ln k leaves out a constant. The exact expectation of the greatest of k exponential waits is T (1 + 1/2 + … + 1/k), ' +
  'which is 0.58 T more than T ln k for many slots; our runs agree with that (see the checks).';

interface Entry {
  readonly job: 'elastic' | 'rigid';
  readonly lengths: 'constant' | 'exponential';
  readonly value: number;
  readonly tolerance: number;
  readonly explanation?: string;
}

/** An elastic job’s tasks are an eighth of T, so that its end may come so much later than if its work could be split at will. */
const TASK = 0.125;

const COMPLETION: readonly Entry[] = [
  { job: 'elastic', lengths: 'constant', value: 1.5, tolerance: TASK },
  { job: 'elastic', lengths: 'exponential', value: 2, tolerance: TASK },
  { job: 'rigid', lengths: 'constant', value: 2, tolerance: 0.1 },
  { job: 'rigid', lengths: 'exponential', value: LN_K + 1, tolerance: 0.3, explanation: DROPPED },
];

const RAMP_UP: readonly Entry[] = [
  { job: 'rigid', lengths: 'constant', value: 1, tolerance: 0.1 },
  { job: 'rigid', lengths: 'exponential', value: LN_K, tolerance: 0.3, explanation: DROPPED },
];

const UTILISATION: readonly Entry[] = [
  { job: 'elastic', lengths: 'constant', value: 100, tolerance: 0.5 },
  { job: 'elastic', lengths: 'exponential', value: 100, tolerance: 0.5 },
  { job: 'rigid', lengths: 'constant', value: 100 / 1.5, tolerance: 3 },
  { job: 'rigid', lengths: 'exponential', value: 100 / LN_K, tolerance: 3, explanation: DROPPED },
];

const CAVEAT =
  'A job of as much work as 24 tasks of length T (β = 1), on a cluster of the 24 slots that it is entitled to.';

function entry(
  name: 'ramp-up' | 'completion' | 'utilisation',
  { job, lengths, value, tolerance, explanation }: Entry,
): PaperClaim {
  const isTime = name !== 'utilisation';
  const of = { 'ramp-up': 'waits for all its slots for', completion: 'takes', utilisation: 'uses' }[name];
  const amount = isTime ? `${value.toFixed(2)} T` : `${value.toFixed(0)}% of the time that it has slots`;
  return {
    id: `${name}-${job}-${lengths}`,
    label: `${name}, ${job}, ${lengths}`,
    claim: `Where others’ tasks are of ${lengths} length with mean T, ${job === 'elastic' ? 'an elastic' : 'a rigid'} job of 24 slots ${of} ${amount}.`,
    value,
    unit: isTime ? '×' : '%',
    where: 'Table 2',
    ...(value > 1 && isTime && { direction: 'higher' as const }),
    tolerance,
    quantity: {
      of: 'value',
      scenario: `${job}-${lengths}-k${K}-beta1`,
      value: isTime ? `${name} (T)` : `${name} (%)`,
    },
    caveat: CAVEAT,
    ...(explanation !== undefined && { explanation }),
  };
}

/** The claims. */
export const THEORY_CLAIMS: readonly PaperClaim[] = [
  ...RAMP_UP.map((one) => entry('ramp-up', one)),
  ...COMPLETION.map((one) => entry('completion', one)),
  ...UTILISATION.map((one) => entry('utilisation', one)),
  {
    id: 'full-of-long-tasks',
    label: 'node of 8 slots full of long tasks',
    claim: 'If half of all tasks are long and a node has 8 slots, 0.4% of nodes are full of long tasks.',
    value: 0.4,
    unit: '%',
    where: '§4.4',
    tolerance: 0.2,
    quantity: { of: 'value', scenario: 'long-tasks-0.5-of-8-slots', value: 'slaves full of long tasks (%)' },
    caveat:
      'Exactly 0.39%. It is rare: some 300 times in all our runs, so that our number is good to a tenth or so of itself.',
  },
  {
    id: 'preferences-within-t',
    label: 'everybody at its preferred slots',
    claim: 'If all preferences can be met together, all slots are with those that prefer them within one T.',
    value: 1,
    unit: '×',
    where: '§4.3',
    bound: 'at-most',
    tolerance: 0.01,
    quantity: { of: 'value', scenario: 'converging-constant', value: 'converged after (T)' },
    caveat:
      'With tasks of length T. With exponential lengths there is no bound, for there is no longest task.',
  },
  ...(['a', 'b', 'c', 'd'] as const).map((name, index): PaperClaim => {
    const value = 10 * (index + 1);
    return {
      id: `lottery-share-${name}`,
      label: `lottery, weight ${index + 1} of 10`,
      claim: `By lottery, a framework of weight ${index + 1} of 10 gets ${value}% of the slots that all prefer.`,
      value,
      unit: '%',
      where: '§4.3',
      tolerance: 2,
      quantity: { of: 'value', scenario: 'contended-lottery', value: `CPUs of ${name} (%)` },
      caveat:
        '40 preferred slots of 100; the framework of weight 4 takes the other 60, too, which costs it nothing here.',
    };
  }),
  {
    id: 'waste-bound',
    label: 'waste by tasks that do not fit',
    claim:
      'No more of a node is wasted than its largest task’s part of it: 51% with tasks of 5.1 CPUs on nodes of 10.',
    value: 51,
    unit: '%',
    where: '§4.6',
    bound: 'at-most',
    tolerance: 0,
    deterministic: true,
    quantity: { of: 'value', scenario: 'one-size-5.1', value: 'CPUs not in use (%)' },
    caveat: 'The worst case that we tried; others, and mixtures of sizes, are in the chart.',
  },
];
