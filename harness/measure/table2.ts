/** Table 2 of NSDI'11 by simulation: ramp-up, completion and utilisation of a newcomer, beside the paper's forms and the exact ones. */

import type { Findings, Measure } from '../experiments/experiment.ts';
import type { Check } from '../result.ts';
import { deviation, mean } from '../statistics/mean.ts';
import { foldOf } from './fold.ts';
import { type Arrival, arrivals } from './newcomer.ts';
import {
  anySlotRampUp,
  completion,
  type Expectation,
  fluidCompletion,
  fluidLimit,
  hoarded,
  lastTasks,
  type NewcomerCase,
  paperTable,
  rampUp,
} from './sharingTheory.ts';

/** The newcomer, and how it is set up. */
export interface Table2Case extends NewcomerCase {
  /** Its name in the history. */
  readonly framework: string;
  /** T: mean length of the others' tasks. */
  readonly meanTaskMs: number;
  /** Length of its own tasks, in T. */
  readonly taskLength: number;
  /** Slots of the cluster, if any k of them will do; exponential lengths. */
  readonly anyOf?: number;
}

/**
 * A mean may be so many of its standard deviations away from what is expected: with some 400 comparisons, all of which are
 * right, one in fifty campaigns would have one beyond that.
 */
const DEVIATIONS_MAX = 4;
/** What messages take and tasks round, in T. */
const LATENCY = 0.002;

/** Measures all jobs of the newcomer. */
export function table2(what: Table2Case): () => Measure {
  return () => {
    const fold = arrivals(what.framework);
    return foldOf({ parts: [fold], result: () => findings(what, fold.result()) });
  };
}

function findings(what: Table2Case, all: readonly Arrival[]): Findings {
  const { k, job, meanTaskMs } = what;
  const inT = (ms: number): number => ms / meanTaskMs;
  const completions = all.map(({ completionMs }) => inT(completionMs));
  const used = sum(all.map(({ usedMs }) => usedMs));
  const held = sum(all.map(({ heldMs }) => heldMs));
  // An elastic job may end before its last slot has come.
  const isRampedUp = all.every(({ waitsMs }) => waitsMs.length >= k);
  const rampUps = isRampedUp ? all.map(({ waitsMs }) => inT(waitsMs[k - 1] as number)) : [];
  const paper = paperTable(what);
  return {
    values: {
      'newcomers (count)': all.length,
      ...(rampUps.length > 0 && { 'ramp-up (T)': mean(rampUps) }),
      'completion (T)': mean(completions),
      'utilisation (%)': (100 * used) / (used + held),
      'ramp-up by the paper (T)': paper.rampUp,
      'completion by the paper (T)': paper.completion,
      ...(paper.utilisation > 0 &&
        paper.utilisation <= 1 && { 'utilisation by the paper (%)': 100 * paper.utilisation }),
      ...exact(what),
    },
    checks: [
      ...(rampUps.length > 0 ? [agrees('ramp-up', rampUps, expectedRampUp(what))] : []),
      ...completionCheck(what, completions),
      ...(job === 'rigid' && what.anyOf === undefined
        ? [
            agrees(
              'hoarded',
              all.map(({ heldMs }) => inT(heldMs) / k),
              hoarded(what.lengths, k),
            ),
          ]
        : []),
      ...(job === 'elastic' ? [wasteless(what, all), allUsed(used, held)] : []),
    ],
  };
}

function expectedRampUp({ lengths, k, anyOf }: Table2Case): Expectation {
  return anyOf === undefined ? rampUp(lengths, k) : anySlotRampUp(k, anyOf);
}

/** Exact expectations where there is a closed form. */
function exact(what: Table2Case): Readonly<Record<string, number>> {
  const { lengths, k, beta, job, anyOf } = what;
  const end = anyOf === undefined ? completion(what) : undefined;
  const limit = job === 'elastic' && lengths === 'exponential' && k > 1 ? fluidLimit(beta) : undefined;
  const waste = anyOf === undefined ? hoarded(lengths, k).mean : undefined;
  return {
    'ramp-up, exact (T)': expectedRampUp(what).mean,
    ...(end !== undefined && { 'completion, exact (T)': end.mean }),
    ...(limit !== undefined && { 'completion with very many slots (T)': limit }),
    ...(job === 'rigid' &&
      waste !== undefined && { 'utilisation, exact (%)': (100 * beta) / (waste + beta) }),
  };
}

function completionCheck(what: Table2Case, completions: readonly number[]): readonly Check[] {
  const expected = what.anyOf === undefined ? completion(what) : undefined;
  if (expected === undefined) return [];
  if (what.job === 'rigid') return [agrees('completion', completions, expected)];
  const { mean: end, deviation } = expected;
  const late = lastTasks(what.taskLength, what.k);
  return [agrees('completion', completions, { mean: end + late, deviation }, what.taskLength / 4)];
}

/** Is the mean what is expected, chance allowed for? */
function agrees(what: string, ours: readonly number[], expected: Expectation, slack = 0): Check {
  const { mean: value, deviation: spread } = expected;
  const allowed = (DEVIATIONS_MAX * spread) / Math.sqrt(ours.length) + LATENCY + slack;
  const found = mean(ours);
  return {
    id: `${what}-as-expected`,
    claim: `The mean ${what} is within chance of the exact expectation.`,
    verdict: Math.abs(found - value) <= allowed ? 'passed' : 'failed',
    detail: `${found.toFixed(3)} T over ${ours.length} newcomers; expected ${value.toFixed(3)} T, give or take ${allowed.toFixed(3)} T${ours.length > 1 ? `; standard deviation ${deviation(ours).toFixed(3)} T, expected ${spread.toFixed(3)} T` : ''}`,
  };
}

/** Did each job end when the slots that it had got had done its work, but for the length of its last tasks? */
function wasteless({ k, beta, meanTaskMs, taskLength }: Table2Case, all: readonly Arrival[]): Check {
  const late = all.map(({ waitsMs, completionMs }) => {
    const waits = waitsMs.map((ms) => ms / meanTaskMs);
    return completionMs / meanTaskMs - fluidCompletion(waits, beta * k);
  });
  const [least, most] = [Math.min(...late), Math.max(...late)];
  return {
    id: 'no-slot-idle',
    claim:
      'Each job ended as soon as the slots that it had got could have done its work, but for the length of its last tasks.',
    verdict:
      least >= -LATENCY && most <= taskLength + LATENCY * Math.ceil(beta / taskLength) ? 'passed' : 'failed',
    detail: `${least.toFixed(3)} to ${most.toFixed(3)} T later; a task takes ${taskLength.toFixed(3)} T`,
  };
}

function allUsed(used: number, held: number): Check {
  const part = used / (used + held);
  return {
    id: 'nothing-hoarded',
    claim: 'An elastic job uses what it is given at once: at least 99.9% of the time that it has slots.',
    verdict: part >= 0.999 ? 'passed' : 'failed',
    detail: `${(100 * part).toFixed(4)}%`,
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
