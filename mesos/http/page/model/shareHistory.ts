/** Dominant shares of frameworks over the last minutes. */
import type { Millis } from '../clock.ts';
import type { ShareHistory } from '../topics.ts';
import type { Model } from './model.ts';
import { dominantShare } from './quantities.ts';

/** How far back it goes. */
export const HISTORY_MS = 15 * 60_000;
/** How often shares are noted. */
export const SAMPLE_EVERY_MS = 2000;
/** Frameworks that are told of, each in a colour of its own. */
const SHOWN = 8;

/** Shares that are noted as time goes by. */
export interface ShareNotes {
  /** Notes all shares as they are now. */
  note(model: Model, atMs: Millis): void;
  /** What was noted. */
  history(model: Model): ShareHistory;
}

interface Sample {
  readonly atMs: Millis;
  readonly shares: ReadonlyMap<string, number>;
}

/** Starts to take notes. */
export function shareNotes(): ShareNotes {
  let samples: readonly Sample[] = [];
  const colours = new Map<string, number>();
  return {
    note(model, atMs) {
      const shares = new Map<string, number>();
      for (const { id, facts, used } of model.frameworks.values())
        if (facts.state !== 'completed') shares.set(id, dominantShare(used, model.total).share);
      samples = [...samples.filter((sample) => sample.atMs > atMs - HISTORY_MS), { atMs, shares }];
    },
    history(model) {
      const ids = largest(samples, model);
      paint(colours, ids);
      return {
        frameworks: ids.map((id) => ({
          id,
          name: model.frameworks.get(id)?.facts.name ?? id,
          colour: colours.get(id) ?? 0,
        })),
        samples: samples.map(({ atMs, shares }) => ({
          atMs,
          shares: ids.map((id) => shares.get(id) ?? null),
        })),
      };
    },
  };
}

/** The frameworks with the largest shares: those of now, and those that had one lately. */
function largest(samples: readonly Sample[], model: Model): readonly string[] {
  const peaks = new Map<string, number>();
  for (const { shares } of samples)
    for (const [id, share] of shares) if (share > (peaks.get(id) ?? -1)) peaks.set(id, share);
  return [...peaks]
    .filter(([id]) => model.frameworks.has(id))
    .toSorted(([a, peakA], [b, peakB]) => peakB - peakA || (a < b ? -1 : 1))
    .slice(0, SHOWN)
    .map(([id]) => id);
}

/** Who has a colour keeps it while it is shown. */
function paint(colours: Map<string, number>, ids: readonly string[]): void {
  for (const id of colours.keys()) if (!ids.includes(id)) colours.delete(id);
  for (const id of ids) {
    if (colours.has(id)) continue;
    const taken = new Set(colours.values());
    let colour = 1;
    while (taken.has(colour)) colour++;
    colours.set(id, colour);
  }
}
