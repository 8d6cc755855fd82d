/** Commands that make experiments again, as far as their cells tell how they were run. */
import type { ExperimentResult } from '../../harness/result.ts';
import { CLOCKS } from '../words.ts';

/** Options that all cells of an experiment share: the input that it ran on, and its size. */
const SHARED = /--(?:input|scale) \S+/g;

/** The commands that run whole experiments again, those with the same options in one. */
export function commandsFor(results: readonly ExperimentResult[]): readonly string[] {
  const byOptions = Map.groupBy(
    results.filter(({ cells }) => cells.length > 0),
    optionsOf,
  );
  return [...byOptions].map(([options, group]) =>
    ['npx lab run', ...group.map(({ experiment }) => experiment.id), options].filter(Boolean).join(' '),
  );
}

function optionsOf({ cells }: ExperimentResult): string {
  const clocks = CLOCKS.filter((clock) => cells.some((cell) => cell.provenance.clock === clock));
  const shared = cells[0]?.provenance.command.match(SHARED) ?? [];
  const clock = clocks.length === CLOCKS.length ? [] : [`--clock ${clocks.join(' ')}`];
  return [...shared, ...clock].join(' ');
}
