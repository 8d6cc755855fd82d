/** Slots and offers over time that fit the shares of a made-up run. */
import type { FrameworkMeasure, OfferFlow, Timeline } from '../../harness/result.ts';

/** Slots of one slave. */
const SLOTS = 4;

/** Gives each framework as many slots as its share says, step by step, and keeps them where they were. */
export function sampleTimeline(
  frameworks: readonly FrameworkMeasure[],
  slaves: number,
  makespanS: number,
): Timeline {
  const owners: (number | null)[] = Array.from({ length: slaves * SLOTS }, () => null);
  const since = owners.map(() => 0);
  const rows: { slot: number; framework: number; fromS: number; toS: number }[] = [];
  const stepS = frameworks[0]?.share.stepS ?? 1;
  const steps = frameworks[0]?.share.values.length ?? 0;
  const release = (slot: number, nowS: number) => {
    const framework = owners[slot] ?? null;
    if (framework !== null) rows.push({ slot, framework, fromS: since[slot] ?? 0, toS: nowS });
    owners[slot] = null;
  };
  for (let step = 0; step <= steps; step += 1) {
    const nowS = Math.min(step * stepS, makespanS);
    const wanted = frameworks.map(({ share }) => Math.round((share.values[step] ?? 0) * owners.length));
    wanted.forEach((want, framework) => {
      const held = owners.flatMap((owner, slot) => (owner === framework ? [slot] : []));
      for (const slot of held.slice(want)) release(slot, nowS);
    });
    wanted.forEach((want, framework) => {
      let missing = want - owners.filter((owner) => owner === framework).length;
      owners.forEach((owner, slot) => {
        if (owner !== null || missing <= 0) return;
        owners[slot] = framework;
        since[slot] = nowS;
        missing -= 1;
      });
    });
  }
  owners.forEach((_, slot) => {
    release(slot, makespanS);
  });
  const shown = rows
    .filter(({ fromS, toS }) => toS > fromS)
    .sort((a, b) => a.slot - b.slot || a.fromS - b.fromS);
  return {
    slots: Array.from({ length: slaves }, () => SLOTS),
    slavesLeftOut: 0,
    tasks: shown.length * 3,
    pauseS: 1,
    frameworks: frameworks.map(({ name }) => name),
    slave: shown.map(({ slot }) => Math.floor(slot / SLOTS)),
    slot: shown.map(({ slot }) => slot % SLOTS),
    framework: shown.map(({ framework }) => framework),
    fromS: shown.map(({ fromS }) => fromS),
    toS: shown.map(({ toS }) => toS),
  };
}

/** More accepted offers where shares are large, some declined and few rescinded. */
export function sampleOfferFlow(frameworks: readonly FrameworkMeasure[], makespanS: number): OfferFlow {
  const stepS = makespanS > 240 ? 10 : 1;
  const busy = Array.from({ length: Math.ceil(makespanS / stepS) }, (_, step) =>
    frameworks.reduce(
      (sum, { share }) => sum + (share.values[Math.floor((step * stepS) / share.stepS)] ?? 0),
      0,
    ),
  );
  const counts = (factor: number) => busy.map((share) => Math.round(share * factor * stepS));
  return {
    stepS,
    accepted: counts(8),
    declined: counts(5),
    rescinded: counts(0.1),
    frameworks: frameworks.map(({ name }, index) => ({
      name,
      accepted: 900 - 200 * index,
      declined: 300 + 100 * index,
      rescinded: index,
    })),
  };
}
