/** From when until when something was wrong: no master led, slaves were lost, or a fault could be seen or had to be got over. */
import { processOf } from '../../mesos/runtime/actor.ts';
import type { FaultSpan } from '../result.ts';
import { type Fold, foldOf } from './fold.ts';
import { newPass } from './pass.ts';
import { isMaster } from './scope.ts';
import { type Span, unite } from './stepFunction.ts';

/** The faults within a span of time. */
export interface FaultSpansFold extends Fold<(run: Span) => readonly FaultSpan[]> {}

/**
 * Follows masters and slaves. No master leads from when one was killed, or else from its last line, until the next is elected; if none
 * is after a kill, to the end. A slave is lost until it registers again. A fault that was seen counts from its injection until nothing of it can be seen any more.
 */
export function faultSpans(pass = newPass()): FaultSpansFold {
  const masterless: Span[] = [];
  const slaveless: Span[] = [];
  const lostSince = new Map<number, number>();
  /** The slave that registered last, by hostname. */
  const slaveOn = new Map<string, number>();
  const faults = faultsSeen();
  let leader: string | undefined;
  let seenMs = 0;
  let isGone = false;
  return foldOf({
    parts: [faults],
    on: {
      every: (line) => {
        if (line.by !== leader || line.event === 'master-elected') return;
        if (!isGone && isMaster(leader)) seenMs = line.t;
      },
      'master-elected': (line) => {
        if (leader !== undefined) masterless.push({ fromMs: seenMs, toMs: line.t });
        leader = line.by;
        seenMs = line.t;
        isGone = false;
      },
      'fault-injected': (line) => {
        // Who is dead may be killed once more.
        if (isGone || leader === undefined || line.subject !== processOf(leader)) return;
        seenMs = line.t;
        isGone = true;
      },
      'slave-lost': (line) => {
        const slave = pass.slave(line);
        if (!lostSince.has(slave)) lostSince.set(slave, line.t);
      },
      'slave-registered': (line) => {
        // One that was started again may be another one for its master; its host is the same.
        const slave = pass.slave(line);
        for (const one of new Set([slave, slaveOn.get(line.hostname) ?? slave])) {
          const since = lostSince.get(one);
          if (since !== undefined) slaveless.push({ fromMs: since, toMs: line.t });
          lostSince.delete(one);
        }
        slaveOn.set(line.hostname, slave);
      },
    },
    result: () => (run) => {
      const still = [...lostSince.values()].map((fromMs) => ({ fromMs, toMs: Number.POSITIVE_INFINITY }));
      const forGood = isGone ? [{ fromMs: seenMs, toMs: Number.POSITIVE_INFINITY }] : [];
      return [
        ...within([...masterless, ...forGood], run).map((span) => ({ ...span, label: 'no master' })),
        ...within([...slaveless, ...still], run).map((span) => ({ ...span, label: 'slaves lost' })),
        ...[...faults.result()].flatMap(([label, spans]) =>
          within(spans, run).map((span) => ({ ...span, label })),
        ),
      ].sort((a, b) => a.fromS - b.fromS);
    },
  });
}

/** Spans of the faults that were seen, by what is told of them, e.g. `cut-off of node1`. */
function faultsSeen(): Fold<ReadonlyMap<string, readonly Span[]>> {
  const spans = new Map<string, Span[]>();
  const injected = new Map<string, number>();
  return foldOf({
    on: {
      'fault-injected': ({ fault, subject, t }) => void injected.set(`${fault} of ${subject}`, t),
      'fault-visible': (line) => {
        const label = `${line.fault} of ${line.subject}`;
        const fromMs = injected.get(label) ?? line.t;
        spans.set(label, [...(spans.get(label) ?? []), { fromMs, toMs: Number.POSITIVE_INFINITY }]);
      },
      'fault-recovered': (line) => {
        const own = spans.get(`${line.fault} of ${line.subject}`) ?? [];
        const last = own.pop();
        if (last !== undefined) own.push({ ...last, toMs: line.t });
      },
    },
    result: () => spans,
  });
}

/** The parts of spans that lie in the run, in seconds from its start; those that overlap are one. */
function within(
  spans: readonly Span[],
  run: Span,
): readonly { readonly fromS: number; readonly toS: number }[] {
  const cut = spans
    .map(({ fromMs, toMs }) => ({ fromMs: Math.max(fromMs, run.fromMs), toMs: Math.min(toMs, run.toMs) }))
    .filter(({ fromMs, toMs }) => fromMs < run.toMs && toMs > run.fromMs);
  return unite(cut).map(({ fromMs, toMs }) => ({
    fromS: (fromMs - run.fromMs) / 1000,
    toS: (toMs - run.fromMs) / 1000,
  }));
}
