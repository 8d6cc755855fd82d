/** Frameworks that prefer some slots (NSDI'11 §4.3). */
import { convergence } from '../../measure/convergence.ts';
import { cpuShares } from '../../measure/cpuShares.ts';
import type { LengthKind } from '../../measure/sharingTheory.ts';
import type { Scenario } from '../experiment.ts';
import { hostnamesOf, type VirtualFramework } from '../virtualScenario.ts';
import { constant, ENDLESS, exponential, load, theoryScenario } from './trial.ts';

const T_MS = 100_000;
const SLOTS = 100;
const SLOT = { cpus: 1 };
const SIZES = [{ resources: SLOT }];
const HOSTS = hostnamesOf({ slaves: SLOTS });

/** Both: everybody can have what it prefers, or not. */
export function preferenceScenarios(): readonly Scenario[] {
  return [...(['constant', 'exponential'] as const).map(converging), contended('lottery'), contended('fair')];
}

const TENANTS = 4;
/** Which slots a tenant prefers. */
const hostsOf = (tenant: number): readonly string[] =>
  HOSTS.filter((_, n) => n % TENANTS === tenant % TENANTS);
/** When tenants begin to refuse what they do not prefer; nobody's slot is free then. */
const PICKY_MS = 1_000;

/**
 * Four frameworks prefer a quarter of the slots each, and have the slots of the next one at first: each has two schedulers here, one
 * with tasks there that have between nothing and all of their time left, and one that takes preferred slots only.
 */
function converging(lengths: LengthKind): Scenario {
  const tenants = Array.from({ length: TENANTS }, (_, n) => n);
  const lengthMs = lengths === 'constant' ? constant(T_MS) : exponential(T_MS);
  const leftMs =
    lengths === 'constant' ? ({ type: 'uniform', min: 0, max: T_MS } as const) : exponential(T_MS);
  const start = (tenant: number): VirtualFramework =>
    load(`tenant-${tenant}-before`, {
      arrivals: { type: 'closed', users: 1, thinkMs: constant(0) },
      jobsMax: 1,
      tasksPerJob: constant(SLOTS / TENANTS),
      taskMs: leftMs,
      sizes: SIZES,
      manners: { hosts: hostsOf(tenant + 1) },
    });
  const picky = (tenant: number): VirtualFramework =>
    load(
      `tenant-${tenant}`,
      { arrivals: ENDLESS, taskMs: lengthMs, sizes: SIZES, manners: { hosts: hostsOf(tenant) } },
      { startMs: PICKY_MS },
    );
  return theoryScenario({
    id: `converging-${lengths}`,
    label: `everybody can have what it prefers, ${lengths} lengths`,
    seeds: 5,
    parameters: { 'lengths of tasks': lengths, frameworks: TENANTS, slots: SLOTS },
    cluster: {
      slaves: SLOTS,
      slaveResources: SLOT,
      frameworks: [...tenants.map(start), ...tenants.map(picky)],
      untilMs: PICKY_MS + (lengths === 'constant' ? 3 : 14) * T_MS,
    },
    measures: [
      convergence({
        prefers: (framework, host) =>
          tenants.some((n) => framework === `tenant-${n}` && hostsOf(n).includes(host)),
        slots: SLOTS,
        fromMs: PICKY_MS,
        meanTaskMs: T_MS,
        longest: lengths === 'constant' ? 1 : undefined,
      }),
    ],
  });
}

/** Slots that all prefer, and the frameworks by the weights of their roles. */
const CONTENDED = { slots: 40, weights: { a: 1, b: 2, c: 3, d: 4 } } as const;
const WEIGHTS: Readonly<Record<string, number>> = CONTENDED.weights;
const NAMES = Object.keys(WEIGHTS);
const TOTAL = Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0);
/** Until chance has forgotten how the cluster was filled, and the span that is measured. */
const SPAN = { fromMs: 5 * T_MS, toMs: 65 * T_MS };
/** Lengths vary a little, so that slots become free one by one; their coefficient of variation, squared. */
const LENGTHS = { type: 'uniform', min: T_MS / 2, max: 1.5 * T_MS } as const;
const SQUARED_CV = 1 / 12;

/** All four want the same 40 slots, and `d` takes the other 60, too. */
function contended(module: 'lottery' | 'fair'): Scenario {
  const preferred = HOSTS.slice(0, CONTENDED.slots);
  const draws = (CONTENDED.slots * (SPAN.toMs - SPAN.fromMs)) / T_MS;
  const expected = NAMES.map((name) => {
    const part = (WEIGHTS[name] ?? 0) / TOTAL;
    // A fraction of so many draws, weighted by lengths.
    const variance = ((1 + SQUARED_CV) * part * (1 - part)) / draws;
    return [name, { percent: 100 * part, giveOrTake: 400 * Math.sqrt(variance) }] as const;
  });
  return theoryScenario({
    id: `contended-${module}`,
    label: `four frameworks prefer the same 40 of 100 slots, ${module}`,
    seeds: 5,
    parameters: { 'allocation module': module, slots: SLOTS, 'preferred by all': CONTENDED.slots },
    cluster: {
      slaves: SLOTS,
      slaveResources: SLOT,
      allocation: { module, options: { weights: CONTENDED.weights } },
      frameworks: NAMES.map((name) =>
        load(
          name,
          {
            arrivals: ENDLESS,
            taskMs: LENGTHS,
            sizes: SIZES,
            ...(name !== 'd' && { manners: { hosts: preferred, refuseSeconds: T_MS / 1000 } }),
          },
          { role: name },
        ),
      ),
      untilMs: SPAN.toMs,
    },
    measures: [
      cpuShares({
        groups: NAMES,
        groupOf: (framework, host) => (preferred.includes(host) ? framework : undefined),
        cpus: CONTENDED.slots,
        span: SPAN,
        ...(module === 'lottery' && { expected: Object.fromEntries(expected) }),
      }),
    ],
  });
}
