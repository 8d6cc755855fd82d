/** `lab compare`: two versions of the code, or two stored runs, held against each other. */
import { join } from 'node:path';
import { Command } from 'commander';
import { type ComparisonPage, renderComparison } from '../../reports/comparison.ts';
import { targetOf } from '../compare/block.ts';
import { compare } from '../compare/compare.ts';
import { type Outcome, outcomeOf } from '../compare/outcome.ts';
import { type AnySide, assertIsThere, findSide, kindOf, mixed } from '../compare/side.ts';
import { comparisonText } from '../compare/words.ts';
import type { ComparisonData } from '../comparison.ts';
import { EXPERIMENTS } from '../experiments/catalogue.ts';
import { clockOf, scenariosOf } from '../experiments/experiment.ts';
import { progressDisplay } from '../run/progress.ts';
import { shellWord } from '../run/shellWord.ts';
import { writeWhole } from '../run/wholeFile.ts';
import { CommandError, EXIT, infrastructureError, usageError } from './exit.ts';
import { wholeNumber } from './flagValues.ts';
import { listenForInterruption } from './interruption.ts';
import { outFolder } from './outFolder.ts';

/** What is compared if the user names nothing. */
const DEFAULT_BENCH = ['launch'];
const DEFAULT_EXPERIMENTS = ['macro'];
/** In parts: an effect on a timed figure that is smaller does not count. */
const DEFAULT_THRESHOLD = 0.03;

/** The command. */
export const compareCommand = new Command('compare')
  .description('compare two versions of the code, or two stored runs')
  .argument('<base>', "a commit, branch or tag; '.' for the working tree; or the folder of a stored run")
  .argument('<head>', 'the same: what is held against the base')
  .option('--bench <ids...>', `benchmarks, or figures of them (default: ${DEFAULT_BENCH.join(' ')})`)
  .option(
    '--experiments <ids...>',
    `experiments, in virtual time (default: ${DEFAULT_EXPERIMENTS.join(' ')})`,
  )
  .option(
    '--only <scenarios...>',
    "only these scenarios of the experiments; 'lab list EXPERIMENT' tells them",
  )
  .option('--seeds <n>', 'seeds of each scenario of the experiments', wholeNumber('--seeds', 1, 1000), 1)
  .option('--scale <part>', 'a part of the experiments’ size, e.g. 0.1', part('--scale'))
  .option('--budget <time>', 'for the benchmarks, e.g. 90s or 10m', seconds, 300)
  .option(
    '--threshold <part>',
    'effects on benchmarks below this part do not count',
    part('--threshold'),
    DEFAULT_THRESHOLD,
  )
  .option('--out <folder>', 'folder for results', 'out/compare')
  .option('--fresh', 'measure again what was measured before')
  .option('--json', 'print the comparison as JSON on standard output')
  .action(async (base: string, head: string, flags) => {
    const interruption = listenForInterruption();
    const out = outFolder(flags.out);
    const display = progressDisplay();
    // Their curves lie over each other.
    let reports: ComparisonPage['reports'] = null;
    const data = await comparing(async () => {
      // Before the code is copied, which takes seconds.
      const what = whatOf(kindOf(base), flags);
      if (kindOf(head) !== kindOf(base)) {
        for (const name of [base, head]) await assertIsThere(name);
        throw mixed();
      }
      const sides = { base: await findSide(base, 'base'), head: await findSide(head, 'head') };
      if (sides.base.kind === 'stored' && sides.head.kind === 'stored')
        reports = { base: sides.base.data, head: sides.head.data };
      return compare({
        ...sides,
        ...what,
        ...{ budgetSeconds: flags.budget, out, fresh: flags.fresh ?? false },
        threshold: () => flags.threshold,
        ran: (ofBase, ofHead) => {
          reports = { base: ofBase, head: ofHead };
        },
        command: ['npx lab compare', ...process.argv.slice(3).map(shellWord)].join(' '),
        ...{ display, stopping: interruption.signal },
      });
    }, interruption.signal).finally(() => display.close());
    await writeComparisonPage(out, data, reports);
    console.log(flags.json ? JSON.stringify(data) : comparisonText(data) + ending(data, out));
    process.exitCode = EXIT_OF[outcomeOf(data)];
  });

/** Exit codes by outcome. */
export const EXIT_OF: Readonly<Record<Outcome, number>> = {
  passed: EXIT.ok,
  failed: EXIT.failed,
  regressed: EXIT.regressed,
  inconclusive: EXIT.inconclusive,
  infrastructure: EXIT.infrastructure,
  'harness-limited': EXIT.harnessLimited,
};

const ending = (data: ComparisonData, out: string): string =>
  `On the whole: ${outcomeOf(data)}. Page: ${out}/comparison.html; all of it: ${out}/comparison.json`;

/** Draws the page of a comparison. Throws an infrastructure error if it cannot be written. */
export async function writeComparisonPage(
  out: string,
  comparison: ComparisonData,
  reports: ComparisonPage['reports'],
): Promise<void> {
  try {
    await writeWhole(join(out, 'comparison.html'), await renderComparison({ comparison, reports }));
  } catch (error) {
    throw infrastructureError(`the page cannot be written: ${(error as Error).message}`, error);
  }
}

/** What the user may choose. */
interface What {
  readonly bench?: readonly string[];
  readonly experiments?: readonly string[];
  readonly only?: readonly string[];
  readonly seeds: number;
  readonly scale?: number;
}

/** What to run of code; stored runs are compared as they are. */
function whatOf(kind: AnySide['kind'], { bench, experiments, only, seeds, scale }: What) {
  const isDefault = kind === 'code' && bench === undefined && experiments === undefined;
  const targets = (bench ?? (isDefault ? DEFAULT_BENCH : [])).map((id) => {
    const target = targetOf(id);
    if (target === undefined)
      throw usageError(`there is no benchmark '${id}'; 'npm run bench -- --help' lists them`);
    return target;
  });
  const chosen = experiments ?? (isDefault ? DEFAULT_EXPERIMENTS : []);
  const unknown = chosen.find((id) => !EXPERIMENTS.some((one) => one.id === id));
  if (unknown !== undefined)
    throw usageError(
      `there is no experiment '${unknown}'; there is: ${EXPERIMENTS.map(({ id }) => id).join(', ')}`,
    );
  for (const one of EXPERIMENTS)
    if (chosen.includes(one.id) && one.scenarios.every((scenario) => clockOf(scenario) !== 'virtual'))
      throw usageError(`no scenario of the experiment '${one.id}' runs in virtual time: leave it out`);
  if (scale !== undefined)
    for (const one of EXPERIMENTS)
      if (chosen.includes(one.id) && one.scaled === undefined)
        throw usageError(`the experiment '${one.id}' has one size only: leave --scale out`);
  if (only !== undefined) checkScenarios(only, chosen, scale);
  const run = { experiments: chosen, seeds, ...(only && { only }), ...(scale !== undefined && { scale }) };
  return { targets, runs: chosen.length === 0 ? [] : [run] };
}

/** Throws a usage error if one of the scenarios is none of these experiments'. */
function checkScenarios(
  only: readonly string[],
  experiments: readonly string[],
  scale: number | undefined,
): void {
  if (experiments.length === 0)
    throw usageError('--only chooses among the scenarios of --experiments: name an experiment too');
  const ids = EXPERIMENTS.filter(({ id }) => experiments.includes(id)).flatMap((one) =>
    scenariosOf(one, scale === undefined ? {} : { scale }).flatMap((scenario) =>
      clockOf(scenario) === 'virtual' ? [scenario.id] : [],
    ),
  );
  const unknown = only.find((id) => !ids.includes(id));
  if (unknown !== undefined)
    throw usageError(
      `there is no scenario '${unknown}' in virtual time; there is: ${[...new Set(ids)].join(', ')}`,
    );
}

/** Compares, and says in one sentence why it could not. */
export async function comparing(
  run: () => Promise<ComparisonData>,
  stopping: AbortSignal,
): Promise<ComparisonData> {
  try {
    return await run();
  } catch (error) {
    if (stopping.aborted)
      throw new CommandError(
        'stopped; what was finished is kept, and the same command goes on from there',
        EXIT.interrupted,
      );
    if (error instanceof CommandError) throw error;
    throw infrastructureError((error as Error).message, error);
  }
}

/** Reads a part, above 0 and up to 1. */
export function part(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(value > 0 && value <= 1)) throw usageError(`${name} is '${text}'; give a part above 0 and up to 1`);
    return value;
  };
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** Seconds of e.g. `90s`. */
export function seconds(text: string): number {
  const [, number, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const span = Number(number) * SECONDS[unit as keyof typeof SECONDS];
  if (!(span > 0)) throw usageError(`--budget must be a time such as 90s, 10m or 1h, not '${text}'`);
  return span;
}
