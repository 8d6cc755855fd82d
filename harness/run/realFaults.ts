/** Breaks machines and processes of a real run, as its scenario plans, and keeps that for the history. */
import type { Fault } from '../../infra/fault.ts';
import { type Faults, faultsOn } from '../../infra/faults/faults.ts';
import { type FaultEvent, impossibleOf, type PlannedFault, runFaults } from '../../infra/faults/plan.ts';
import { subjects } from '../../infra/faults/targets.ts';
import { inWords, subjectOf } from '../../infra/faults/words.ts';
import type { Machine } from '../../infra/machine.ts';
import { epochMs } from '../../infra/wallClock.ts';
import type { Ensemble } from '../../infra/zookeeper.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Check } from '../result.ts';
import { RunError } from './real.ts';

/** The faults of a run. Disposing of them heals all that is still broken. */
export interface RealFaults extends AsyncDisposable {
  /** The machines, on which all must be started. */
  readonly machines: readonly Machine[];
  /** Is told of the run's ZooKeeper servers when they have been started. */
  electing(ensemble: Ensemble): void;
  /** Time starts to count for the plan. Rejects if it cannot be followed. */
  begin(): Promise<void>;
  /** Aborts when the plan could not be followed any more; its reason says why. */
  readonly failed: AbortSignal;
  /** Is this process, by name, one that a fault ends? */
  ends(machine: Machine, process: string): boolean;
  /** Heals all, and tells whether all that was planned was seen. */
  end(): Promise<readonly Check[]>;
  /** What happened, as a history on a clock that is so far ahead of ours. */
  history(aheadMs: number): string;
}

/** A line of the history about a fault. */
type FaultLine = FaultEvent & Pick<HistoryLine, 't' | 'seq' | 'by'>;

/**
 * Prepares machines for the faults of a plan. `hasZookeeper`: there will be servers of it. Rejects, before anything was started, with
 * what cannot be done on them.
 */
export async function realFaults(
  machines: readonly Machine[],
  plan: readonly PlannedFault[],
  hasZookeeper: boolean,
): Promise<RealFaults> {
  const hit =
    plan.length === 0
      ? []
      : await subjects(
          machines,
          plan.map(({ fault }) => fault),
        );
  let zookeeper: Ensemble | undefined;
  const faults = faultsOn({ subjects: hit, zookeeper: () => zookeeper });
  const failed = new AbortController();
  const ended = new AbortController();
  const lines: FaultLine[] = [];
  let following: Promise<void> | undefined;
  const record = (event: FaultEvent): void => {
    lines.push({ t: epochMs(), seq: lines.length, by: 'faults@harness', ...event });
  };
  const ofProcesses = plan.filter(
    ({ fault: { kind } }) =>
      kind === 'kill' || kind === 'pause' || (kind === 'zookeeper-leader' && hasZookeeper),
  );
  await refuse(
    plan.filter((planned) => !ofProcesses.includes(planned)),
    faults,
  );
  return {
    machines: plan.length === 0 ? machines : hit,
    electing: (ensemble) => {
      zookeeper = ensemble;
    },
    failed: failed.signal,
    ends: ({ name }, process) =>
      plan.some(
        ({ fault }) =>
          (fault.kind === 'off' && fault.machine === name) ||
          // Which of them leads is known only then.
          (fault.kind === 'zookeeper-leader' && process.startsWith('zookeeper')) ||
          (fault.kind === 'kill' && fault.machine === name && fault.process === process),
      ),
    async begin() {
      // What runs where is known only now.
      await refuse(ofProcesses, faults);
      following = runFaults(plan, faults, record, ended.signal).catch((error) => {
        if (!ended.signal.aborted) failed.abort(error);
      });
    },
    async end() {
      ended.abort(new Error('the run has ended'));
      await faults[Symbol.asyncDispose]();
      await following;
      return plan.length === 0 ? [] : [allSeen(plan, lines)];
    },
    history: (aheadMs) =>
      lines.map((line) => `${JSON.stringify({ ...line, t: line.t + aheadMs })}\n`).join(''),
    async [Symbol.asyncDispose]() {
      ended.abort(new Error('the run has ended'));
      await faults[Symbol.asyncDispose]();
      await following;
    },
  };
}

async function refuse(plan: readonly PlannedFault[], faults: Faults): Promise<void> {
  const [why] = await impossibleOf(plan, faults);
  if (why !== undefined) throw new RunError(why, 'infrastructure');
}

function allSeen(plan: readonly PlannedFault[], lines: readonly FaultLine[]): Check {
  const seen = lines.filter(({ event }) => event === 'fault-visible').length;
  const told = plan
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ fault, atMs }, index, ordered) => {
      const words = inWords(fault);
      const before = ordered.slice(0, index).filter((other) => inWords(other.fault) === words).length;
      return `${words} at ${atMs / 1000} s${timesOf(fault, before, lines)}`;
    });
  return {
    id: 'faults-seen',
    claim: 'Every fault that was planned came, and was seen, before the work had ended.',
    verdict: seen === plan.length ? 'passed' : 'failed',
    detail: `${seen} of ${plan.length}: ${told.join('; ')}`,
  };
}

/** How long a fault took to be seen and to be got over, which came so often before. */
function timesOf(fault: Fault, before: number, lines: readonly FaultLine[]): string {
  const own = lines.filter((line) => line.fault === fault.kind && line.subject === subjectOf(fault));
  const at = (step: FaultEvent['event']): number | undefined =>
    own.filter(({ event }) => event === step)[before]?.t;
  const [injected, seen, healed, over] = [
    at('fault-injected'),
    at('fault-visible'),
    at('fault-healed'),
    at('fault-recovered'),
  ];
  const seconds = (fromMs: number, toMs: number): string => `${((toMs - fromMs) / 1000).toFixed(2)} s`;
  if (injected === undefined || seen === undefined) return '';
  const gotOver =
    healed === undefined || over === undefined
      ? ''
      : `, got over ${seconds(healed, over)} after it was healed`;
  return ` (seen after ${seconds(injected, seen)}${gotOver})`;
}
