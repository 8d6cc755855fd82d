/** What becomes of a claim of the paper, given our number. */
import type { Estimate, Verdict } from '../../harness/result.ts';
import { prolonged } from '../results/estimate.ts';
import { grouped } from '../words.ts';
import { noEffect, type PaperClaim, type Unit } from './claim.ts';

/** A verdict with the reason for it in one sentence. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly why: string;
}

type Interval = readonly [number, number];

/** Differences smaller than this are rounding. */
const ROUNDING = 1e-9;

/** An effect smaller than this part of the paper's is none to speak of. */
const NEGLIGIBLE_PART = 0.2;

/** The largest effect that can count as none, by unit. */
const NEGLIGIBLE: Readonly<Record<Unit, number>> = { '×': 0.05, points: 1, '%': 0, s: 0, ms: 0, tasks: 0 };

/** The most decimals beyond the usual ones. */
const MORE_MAX = 6;

/** Fewer runs than this say nothing about spread. */
const MIN_RUNS = 3;

/**
 * Judges one claim. The rules, in this order; the first that applies decides:
 *
 * 1. `not run`: we have no number.
 * 2. `harness-limited`: the harness or the machine was the bottleneck, so the number is not the system's.
 * 3. `inconclusive`: a number that is not finite, or fewer than three runs and so no interval. A value into which nothing
 *    random goes (`deterministic`) is known from one run, and its interval is the value itself.
 * 4. If the paper gives a bound (`at-most`, `at-least`), the bound with its tolerance decides instead of rules 5 to 10:
 *    - `reproduced` if our whole interval keeps it;
 *    - `inconclusive` if a part of our interval keeps it;
 *    - `same direction` if no part keeps it, but all of it lies on the paper's side of no effect;
 *    - else `deviates`.
 * 5. If our value is within the tolerance of the paper's value:
 *    - `inconclusive` if our interval contains no effect and the paper’s value, give or take the tolerance,
 *      excludes it;
 *    - `inconclusive` if our interval is wider than the tolerance on both sides together;
 *    - else `reproduced`.
 * 6. `deviates`: our whole interval lies so near to no effect that there is none to speak of, and outside the
 *    tolerance. Near means a fifth of the paper's effect, and never more than 0.05 for ratios or 1 point for
 *    differences.
 * 7. `same direction`: our whole interval lies on the paper's side of no effect.
 * 8. `inconclusive`: our interval reaches into the tolerance, so it cannot exclude the paper’s value.
 * 9. `inconclusive`: our interval contains no effect, so its direction is open.
 * 10. `deviates`: all else. Our interval excludes the paper’s value, and lies on the other side of no effect
 *     or belongs to a plain quantity.
 *
 * 11. `inconclusive`: what rules 4 to 10 say by our interval they do not say by one that is about 95% sure. That of fewer than six
 *     runs is less sure, and it would be chance that decides.
 *
 * No effect is 1 for ratios and 0 for differences in points; plain quantities (times, percentages, counts) have none, so they
 * never get `same direction`.
 * @param limited why the harness was the bottleneck, or null
 */
export function judge(claim: PaperClaim, ours: Estimate | null, limited: string | null): Judgement {
  if (ours === null) return { verdict: 'not run', why: 'No run of ours gives this number.' };
  if (limited !== null) return { verdict: 'harness-limited', why: `Not the system's number: ${limited}` };
  const { interval, value, n } = ours;
  if (!Number.isFinite(value)) return { verdict: 'inconclusive', why: 'Our number is not finite.' };
  const isEnough = n >= MIN_RUNS || claim.deterministic === true;
  if (interval === null || !isEnough) {
    return {
      verdict: 'inconclusive',
      why: `Too few runs to know the spread: ${n}, at least ${MIN_RUNS} are needed.`,
    };
  }
  const judged = judgeInterval(claim, value, interval);
  const sure = prolonged(interval, n);
  if (judgeInterval(claim, value, sure).verdict === judged.verdict) return judged;
  const [low, high] = sure.map((end) => show(end, claim.unit));
  return {
    verdict: 'inconclusive',
    why: `${judged.why} But ${n} runs are too few to be sure: the true value may lie anywhere from ${low} to ${high}.`,
  };
}

/** Rules 4 to 10. */
function judgeInterval(claim: PaperClaim, value: number, interval: Interval): Judgement {
  if (claim.bound !== undefined) return judgeBound(claim, claim.bound, value, interval);
  const near = Math.abs(value - claim.value) <= claim.tolerance + ROUNDING;
  return near ? judgeNear(claim, value, interval) : judgeFar(claim, value, interval);
}

/** Rule 4: the paper gives a bound. */
function judgeBound(
  claim: PaperClaim,
  bound: 'at-most' | 'at-least',
  value: number,
  interval: Interval,
): Judgement {
  const sign = bound === 'at-most' ? 1 : -1;
  const limit = sign * claim.value + claim.tolerance + ROUNDING;
  const ends = interval.map((end) => sign * end);
  const words = bound === 'at-most' ? 'at most' : 'at least';
  const slackWords =
    claim.tolerance === 0 ? '' : `, give or take ${show(claim.tolerance, differenceUnit(claim.unit))}`;
  const about = `The paper says ${words} ${show(claim.value, claim.unit)}${slackWords}`;
  if (Math.max(...ends) <= limit) return { verdict: 'reproduced', why: `${about}.` };
  if (Math.min(...ends) <= limit)
    return { verdict: 'inconclusive', why: `${about}; the interval reaches beyond it.` };
  const none = noEffect(claim.unit);
  const away = `${about}: ours is ${distance(claim, value)} beyond it.`;
  const isSameSide =
    none !== null && claim.direction !== undefined && sideOf(interval, none) === claim.direction;
  return { verdict: isSameSide ? 'same direction' : 'deviates', why: away };
}

/** Rule 5: our value is within the tolerance. */
function judgeNear(claim: PaperClaim, value: number, interval: Interval): Judgement {
  const none = noEffect(claim.unit);
  if (none !== null && contains(interval, none) && !contains(band(claim), none)) {
    const why = `Near the paper’s value, but the interval contains ${show(none, claim.unit)}, which is no effect.`;
    return { verdict: 'inconclusive', why };
  }
  const width = interval[1] - interval[0];
  if (width > 2 * claim.tolerance + ROUNDING) {
    const why = `Near the paper’s value, but the interval is ${show(width, differenceUnit(claim.unit))} wide and the tolerance ${slack(claim)}.`;
    return { verdict: 'inconclusive', why };
  }
  return {
    verdict: 'reproduced',
    why: `${distance(claim, value)} from the paper’s value; tolerance ${slack(claim)}.`,
  };
}

/** Rules 6 to 10: our value is outside the tolerance. */
function judgeFar(claim: PaperClaim, value: number, interval: Interval): Judgement {
  const away = `${distance(claim, value)} from the paper’s value; tolerance ${slack(claim)}`;
  const none = noEffect(claim.unit);
  const reaches = overlap(interval, band(claim));
  if (none === null) {
    return reaches
      ? { verdict: 'inconclusive', why: `${away}, but the interval reaches into it.` }
      : { verdict: 'deviates', why: `${away}.` };
  }
  if (!reaches && Math.max(none - interval[0], interval[1] - none) <= negligible(claim, none)) {
    return { verdict: 'deviates', why: `No effect to speak of: ${away}.` };
  }
  const side = sideOf(interval, none);
  if (side !== null && side === claim.direction) return { verdict: 'same direction', why: `${away}.` };
  if (reaches) return { verdict: 'inconclusive', why: `${away}, but the interval reaches into it.` };
  if (side === null) {
    const why = `${away}, and the interval contains ${show(none, claim.unit)}: the direction is open.`;
    return { verdict: 'inconclusive', why };
  }
  return { verdict: 'deviates', why: `The other side of ${show(none, claim.unit)}: ${away}.` };
}

/** The distance from no effect at which there is none to speak of. */
function negligible(claim: PaperClaim, none: number): number {
  return Math.min(NEGLIGIBLE[claim.unit], NEGLIGIBLE_PART * Math.abs(claim.value - none));
}

/** On which side of a value the whole interval lies; null if it contains it. */
function sideOf([low, high]: Interval, value: number): 'higher' | 'lower' | null {
  if (low > value) return 'higher';
  return high < value ? 'lower' : null;
}

function band(claim: PaperClaim): Interval {
  return [claim.value - claim.tolerance, claim.value + claim.tolerance];
}

function contains([low, high]: Interval, value: number): boolean {
  return low <= value && value <= high;
}

function overlap(one: Interval, other: Interval): boolean {
  return one[0] <= other[1] + ROUNDING && one[1] >= other[0] - ROUNDING;
}

/** The distance from the paper's value; one beyond the tolerance does not read like that. */
function distance(claim: PaperClaim, value: number): string {
  const [away, unit] = [Math.abs(value - claim.value), differenceUnit(claim.unit)];
  const readsNear = (more: number): boolean =>
    away > claim.tolerance + ROUNDING && show(away, unit, more) === show(claim.tolerance, unit, more);
  let more = 0;
  while (more < MORE_MAX && readsNear(more)) more += 1;
  return show(away, unit, more);
}

function slack(claim: PaperClaim): string {
  return `±${show(claim.tolerance, differenceUnit(claim.unit))}`;
}

/** Two percentages differ by points. */
function differenceUnit(unit: Unit): Unit {
  return unit === '%' ? 'points' : unit;
}

function show(value: number, unit: Unit, more = 0): string {
  switch (unit) {
    case '×':
      return `${grouped(value, 2 + more)}×`;
    case 'points':
      return `${grouped(value, 1 + more)} points`;
    case '%':
      return `${grouped(value, 1 + more)}%`;
    case 's':
      return `${grouped(value, (Math.abs(value) < 1 ? 3 : 1) + more)} s`;
    case 'ms':
      return `${grouped(value, (Math.abs(value) < 100 ? 1 : 0) + more)} ms`;
    case 'tasks':
      return `${grouped(value, (Number.isInteger(value) ? 0 : 1) + more)} tasks`;
    default:
      return unit satisfies never;
  }
}
