/** Injects faults as a plan says, and tells what became of each. */
import type { Fault } from '../fault.ts';
import { pause } from '../wallClock.ts';
import type { Faults } from './faults.ts';
import { subjectOf } from './words.ts';

/** A fault that comes at its time. Times are in milliseconds. */
export interface PlannedFault {
  /** After the plan was begun. */
  readonly atMs: number;
  readonly fault: Fault;
  /** From its injection until it is healed. */
  readonly forMs: number;
}

/** What became of a fault. */
export interface FaultEvent {
  readonly event: 'fault-injected' | 'fault-visible' | 'fault-healed' | 'fault-recovered';
  /** Kind of the fault. */
  readonly fault: Fault['kind'];
  /** What it hits, see `subjectOf`. */
  readonly subject: string;
}

/** Why a plan cannot be followed, one sentence for each fault. Changes nothing. */
export async function impossibleOf(
  plan: readonly PlannedFault[],
  faults: Faults,
): Promise<readonly string[]> {
  const whys = await Promise.all(plan.map(({ fault }) => faults.impossible(fault)));
  return whys.filter((why) => why !== undefined);
}

/**
 * Follows a plan, and records each event in the moment in which it happens; `fault-injected` comes before the fault. Resolves when
 * all have recovered. Rejects with the first fault that cannot be injected, seen, healed or got over, or with the reason of
 * `stopping`; who owns the faults heals what is left.
 */
export async function runFaults(
  plan: readonly PlannedFault[],
  faults: Faults,
  record: (event: FaultEvent) => void,
  stopping: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const ending = AbortSignal.any([stopping, failed.signal]);
  const startMs = performance.now();
  await Promise.allSettled(
    plan.map(async (planned) => {
      try {
        await follow(planned, startMs, faults, record, ending);
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
  stopping.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
}

async function follow(
  { atMs, fault, forMs }: PlannedFault,
  startMs: number,
  faults: Faults,
  record: (event: FaultEvent) => void,
  ending: AbortSignal,
): Promise<void> {
  const tell = (event: FaultEvent['event']): void =>
    record({ event, fault: fault.kind, subject: subjectOf(fault) });
  const until = (ms: number): Promise<void> => pause(Math.max(0, ms - performance.now()), ending);
  await until(startMs + atMs);
  tell('fault-injected');
  const healMs = performance.now() + forMs;
  const active = await faults.inject(fault);
  await active.visible();
  tell('fault-visible');
  await until(healMs);
  await active.heal();
  tell('fault-healed');
  await active.recovered();
  tell('fault-recovered');
}
