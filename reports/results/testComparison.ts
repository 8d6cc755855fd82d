/** Comparisons for tests. */
import type { Block, ComparisonData, ExactComparison, TimedComparison } from '../../harness/comparison.ts';

/** A timed figure whose head is `times` the base, in blocks that vary a little. */
export function timedFigure(
  id: string,
  times: number,
  parts: Partial<TimedComparison> = {},
): TimedComparison {
  const blocks = Array.from({ length: 8 }, (_, n): Block => {
    const own = 100 + ((n * 7) % 5);
    return {
      seed: n + 1,
      base: [own, own + 1],
      head: [times * own, times * (own + 1)],
      control: [own + 0.5, own],
    };
  });
  return {
    kind: 'timed',
    id,
    unit: 'µs',
    better: 'lower',
    blocks,
    base: { median: 102, interval: [101, 103] },
    head: { median: 102 * times, interval: [101 * times, 103 * times] },
    ratio: { value: times, interval: [times * 0.99, times * 1.01] },
    control: { value: 1.001, interval: [0.99, 1.01] },
    p: 0.01,
    blocksPlanned: 12,
    threshold: 0.03,
    detectable: 0.02,
    needed: null,
    verdict: times > 1.03 ? 'worse' : times < 0.97 ? 'better' : 'no evidence',
    why: 'Chance alone gives as much in 1 of 100 cases.',
    ...parts,
  };
}

/** An exact figure that differs from the third event on. */
export function exactFigure(id: string, base: number, head: number): ExactComparison {
  const isSame = base === head;
  return {
    kind: 'exact',
    id,
    unit: 'offers',
    better: null,
    base,
    head,
    firstDifference: isSame
      ? null
      : { seed: 1, line: 3, base: '{"event":"offer-sent","t":12}', head: '{"event":"offer-sent","t":13}' },
    threshold: 0,
    verdict: isSame ? 'same' : 'differs',
    why: isSame ? 'Both histories are the same.' : 'It depends on the code.',
  };
}

/** A comparison of these figures. */
export function comparisonOf(parts: Partial<ComparisonData> = {}): ComparisonData {
  const side = {
    name: 'v1',
    commit: 'a'.repeat(40),
    dirty: false,
    lockfileSha256: 'b'.repeat(64),
    nodeVersion: 'v24.1.0',
  };
  return {
    schemaVersion: 1,
    startedAt: '2026-01-01T00:00:00Z',
    wallSeconds: 200,
    budgetSeconds: 600,
    command: 'npx lab compare v1 v2',
    base: side,
    head: { ...side, name: 'v2', commit: 'c'.repeat(40) },
    machine: { cpuModel: 'Test CPU', cores: 2, memoryBytes: 24 * 2 ** 30, kernel: 'Linux 6.1' },
    noise: { score: 12, spread: 0.012, taken: 0.034 },
    incomparable: [],
    figures: [],
    claims: [],
    left: [],
    ...parts,
  };
}
