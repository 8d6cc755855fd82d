/** From when until when something was wrong: no master led, slaves were lost, or a fault could be seen or had to be got over. */
import { processOf } from '../../mesos/runtime/actor.ts';
import type { FaultSpan } from '../result.ts';
import type { Fold } from './fold.ts';
import { isMaster, slaveKey } from './scope.ts';
import { type Span, unite } from './stepFunction.ts';

/** The faults within a span of time. */
export interface FaultSpansFold extends Fold<(run: Span) => readonly FaultSpan[]> {}

/**
 * Follows masters and slaves. No master leads from when one was killed, or else from its last line, until the next is elected; if none
 * is after a kill, to the end. A slave is lost until it registers again. A fault that was seen counts from its injection until nothing of it can be seen any more.
 */
export function faultSpans(): FaultSpansFold {
  const masterless: Span[] = [];
  const slaveless: Span[] = [];
  const lostSince = new Map<string, number>();
  /** The slave that registered last, by hostname. */
  const slaveOn = new Map<string, string>();
  const faults = faultsSeen();
  let leader: string | undefined;
  let seenMs = 0;
  let isGone = false;
  return {
    observe(line) {
      faults.observe(line);
      switch (line.event) {
        case 'master-elected':
          if (leader !== undefined) masterless.push({ fromMs: seenMs, toMs: line.t });
          leader = line.by;
          seenMs = line.t;
          isGone = false;
          return;
        case 'fault-injected':
          // Who is dead may be killed once more.
          if (isGone || leader === undefined || line.subject !== processOf(leader)) return;
          seenMs = line.t;
          isGone = true;
          return;
        case 'slave-lost':
          if (!lostSince.has(slaveKey(line))) lostSince.set(slaveKey(line), line.t);
          break;
        case 'slave-registered': {
          // One that was started again may be another one for its master; its host is the same.
          const key = slaveKey(line);
          for (const id of new Set([key, slaveOn.get(line.hostname) ?? key])) {
            const since = lostSince.get(id);
            if (since !== undefined) slaveless.push({ fromMs: since, toMs: line.t });
            lostSince.delete(id);
          }
          slaveOn.set(line.hostname, key);
          break;
        }
      }
      if (line.by === leader && isMaster(line.by) && !isGone) seenMs = line.t;
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
  };
}

/** Spans of the faults that were seen, by what is told of them, e.g. `cut-off of node1`. */
function faultsSeen(): Fold<ReadonlyMap<string, readonly Span[]>> {
  const spans = new Map<string, Span[]>();
  const injected = new Map<string, number>();
  return {
    observe(line) {
      switch (line.event) {
        case 'fault-injected':
          injected.set(`${line.fault} of ${line.subject}`, line.t);
          return;
        case 'fault-visible': {
          const label = `${line.fault} of ${line.subject}`;
          const fromMs = injected.get(label) ?? line.t;
          spans.set(label, [...(spans.get(label) ?? []), { fromMs, toMs: Number.POSITIVE_INFINITY }]);
          return;
        }
        case 'fault-recovered': {
          const own = spans.get(`${line.fault} of ${line.subject}`) ?? [];
          const last = own.pop();
          if (last !== undefined) own.push({ ...last, toMs: line.t });
        }
      }
    },
    result: () => spans,
  };
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
