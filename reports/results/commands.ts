/** Commands that make experiments again, as far as their cells tell how they were run. */
import type { ExperimentResult } from '../../harness/result.ts';
import { CLOCKS } from '../words.ts';

/** Options that cells of an experiment share: the machines and the input that they ran on, and its size. What a shell must not read is quoted. */
const SHARED = /--(?:on|input|scale) (?:\\.|'[^']*'|[^\s'\\])+/g;

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

/** The commands that make all cells of these experiments again, and no others if all ran with the same seeds. */
export function wholeCommands(results: readonly ExperimentResult[]): readonly string[] {
  const all = results.flatMap(({ experiment: { id }, cells }) =>
    cells.map((cell) => [id, cell.provenance] as const),
  );
  const byScenario = Map.groupBy(all, ([id, { clock, scenario }]) => `${id} ${clock} ${scenario}`);
  const seeds = seedOptions([...byScenario.values()].map((some) => some.map(([, { seed }]) => seed)));
  return commandsFor(results).map((command) => [command, ...seeds].join(' '));
}

/**
 * The command that makes the cells of one experiment again, or of some of its scenarios, and no others if all of these ran with the same
 * seeds; which seeds each has by default its cells do not tell. None if there are no cells.
 */
export function exactCommands(result: ExperimentResult, only?: readonly string[]): readonly string[] {
  const cells = result.cells.filter(({ provenance }) => only?.includes(provenance.scenario) ?? true);
  const all = cells.map(({ provenance }) => provenance);
  const scenarios = [...new Set(all.map(({ scenario }) => scenario))];
  const isPartial =
    only !== undefined || result.left.some(({ clock }) => all.some((one) => one.clock === clock));
  const options = [
    ...(isPartial ? [`--only ${scenarios.join(' ')}`] : []),
    ...seedOptions(
      [...Map.groupBy(all, ({ clock, scenario }) => `${clock} ${scenario}`).values()].map((some) =>
        some.map(({ seed }) => seed),
      ),
    ),
  ];
  return commandsFor([{ ...result, cells }]).map((command) => [command, ...options].join(' '));
}

/** Which seeds, if all scenarios have the same without a gap. */
function seedOptions(byScenario: readonly (readonly number[])[]): readonly string[] {
  const lists = byScenario.map((seeds) => seeds.toSorted((a, b) => a - b));
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
  const shared = new Set(cells.flatMap(({ provenance }) => provenance.command.match(SHARED) ?? []));
  const clock = clocks.length === CLOCKS.length ? [] : [`--clock ${clocks.join(' ')}`];
  return [...shared, ...clock].join(' ');
}
