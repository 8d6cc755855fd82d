/** Commands that make experiments again, as far as their cells tell how they were run. */
import type { ExperimentResult, Provenance } from '../../harness/result.ts';
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

/**
 * The command that makes the cells of one experiment again, and no others if all of its scenarios ran with the same seeds; which seeds
 * each has by default its cells do not tell.
 */
export function exactCommand(result: ExperimentResult): string {
  const { cells, left } = result;
  const all = cells.map(({ provenance }) => provenance);
  const scenarios = [...new Set(all.map(({ scenario }) => scenario))];
  const isPartial = left.some(({ clock }) => all.some((one) => one.clock === clock));
  return [
    ...commandsFor([result]),
    ...(isPartial ? [`--only ${scenarios.join(' ')}`] : []),
    ...seedOptions(Map.groupBy(all, ({ clock, scenario }) => `${clock} ${scenario}`)),
  ].join(' ');
}

/** Which seeds, if all scenarios have the same without a gap. */
function seedOptions(byScenario: ReadonlyMap<string, readonly Provenance[]>): readonly string[] {
  const lists = [...byScenario.values()].map((some) =>
    some.map(({ seed }) => seed).toSorted((a, b) => a - b),
  );
  const [first] = lists[0] ?? [];
  if (first === undefined) return [];
  const count = lists[0]?.length ?? 0;
  if (!lists.every((seeds) => seeds.length === count && seeds.every((seed, n) => seed === first + n)))
    return [];
  if (count === 1) return [`--seed ${first}`];
  return [...(first === 1 ? [] : [`--seed ${first}`]), `--seeds ${count}`];
}

function optionsOf({ cells }: ExperimentResult): string {
  const clocks = CLOCKS.filter((clock) => cells.some((cell) => cell.provenance.clock === clock));
  const shared = cells[0]?.provenance.command.match(SHARED) ?? [];
  const clock = clocks.length === CLOCKS.length ? [] : [`--clock ${clocks.join(' ')}`];
  return [...shared, ...clock].join(' ');
}
