/**
 * One seeded simulation: a cluster in virtual time in which things go wrong, then in which nothing does, and the
 * checks of what it did.
 */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import {
  checkFrameworks,
  checkHistory,
  checkLeftovers,
  checkOffered,
  checkOrders,
  checkProgress,
  checkQuiet,
  checkRevocations,
  checkSettled,
  checkTakeovers,
  type Finding,
} from './checks.ts';
import { drawPlan } from './drawPlan.ts';
import type { Seen } from './observer.ts';
import type { Plan } from './plan.ts';
import { World, type WorldOptions } from './world.ts';

/** What came of a simulation. */
export interface Simulation {
  readonly plan: Plan;
  /** Empty if all is as it must be. */
  readonly findings: readonly Finding[];
  readonly virtualMs: Millis;
  /** Events of the simulation. */
  readonly events: number;
  readonly history: readonly HistoryLine[];
}

/** Left in peace, frameworks end within this time. */
const CONVERGENCE_MS = 4 * 3_600_000;
/** Longest failover time-out, longest refusal and longest pause between repetitions are over by then. */
const SETTLING_MS = 15 * 60_000;
/**
 * What a slave repeats for a framework that is given up at the end of that time is repeated once more, after the longest pause, and then the
 * timer for the next time has to run out. It happens in one simulation of some hundreds.
 */
const REPETITIONS_MS = 20 * 60_000;
/** Long enough that an update which is repeated for ever shows. */
const QUIET_MS = 11 * 60_000;
const OBSERVING_MS = 20_000;
/** More events than any simulation needs. */
const EVENTS_MAX = 3_000_000;

/** Runs the simulation of a seed. The same seed gives the same history. */
export function simulate(seed: number, options: WorldOptions = {}): Simulation {
  const plan = drawPlan(seed);
  const world = new World(seed, plan, options);
  const findings: Finding[] = [];
  try {
    findings.push(...run(world));
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    findings.push({ check: 'no-exception', detail });
  }
  const { cluster, history, instances } = world;
  findings.push(
    ...checkHistory(history, instances),
    ...checkTakeovers(history, instances, world.peaceMs),
    ...checkRevocations(history, world.peaceMs),
    ...checkSettled(instances, world.peaceMs),
    ...checkOrders(history),
    ...world.findings,
  );
  return { plan, findings, virtualMs: cluster.now, events: cluster.events, history };
}

/** Lets the world end, and looks at what is left of it. */
function run(world: World): readonly Finding[] {
  const { cluster, peaceMs: overMs } = world;
  const isFlooded = (): boolean => cluster.events > EVENTS_MAX;
  cluster.run(() => isFlooded() || (cluster.now >= overMs && world.isOver), overMs + CONVERGENCE_MS);
  const findings = [
    ...checkFrameworks(world.history, world.instances),
    ...checkProgress(world.history, world.instances, overMs),
  ];
  if (isFlooded())
    return [
      ...findings,
      { check: 'events-bounded', detail: `${cluster.events} events by ${cluster.now} ms` },
    ];
  // What has not ended would only be found again.
  if (findings.length > 0) return findings;
  cluster.run(isFlooded, cluster.now + SETTLING_MS);
  const slaves = world.machines.filter(({ isUp }) => isUp).length;
  const leftovers = (): readonly Finding[] => checkLeftovers(world.allMachines, slaves, world.masters);
  if (leftovers().length > 0) cluster.run(isFlooded, cluster.now + REPETITIONS_MS);
  findings.push(...leftovers());
  const { ledgers } = world;
  const before = ledgers.map(({ sent }) => new Map(sent));
  cluster.run(isFlooded, cluster.now + QUIET_MS);
  const sent = new Map<string, number>();
  ledgers.forEach((ledger, n) => {
    for (const [type, count] of ledger.sent)
      sent.set(type, (sent.get(type) ?? 0) + count - (before[n]?.get(type) ?? 0));
  });
  // Where offers time out, some moments fall between a rescinded offer and the next one of the same resources.
  const isAllSeen = (seen: Seen): boolean => checkOffered(world.machines, seen).length === 0;
  const seen = world.lookAround(isAllSeen, OBSERVING_MS);
  findings.push(...checkQuiet(sent), ...checkOffered(world.machines, seen));
  return findings;
}
