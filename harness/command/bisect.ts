/** `lab bisect`: the first commit at which a figure is worse, or, if it is exact, another. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { type BisectResult, bisect } from '../compare/bisect.ts';
import { targetOf } from '../compare/block.ts';
import { commitVerdictOf, unclear, whyNoSearch } from '../compare/commitVerdict.ts';
import { type Comparison, compare } from '../compare/compare.ts';
import { findSide } from '../compare/side.ts';
import { commitOf } from '../compare/worktree.ts';
import type { ComparisonData, FigureComparison } from '../comparison.ts';
import { EXPERIMENTS } from '../experiments/catalogue.ts';
import { progressDisplay } from '../run/progress.ts';
import { PROJECT } from '../run/provenance.ts';
import { shellWord } from '../run/shellWord.ts';
import { comparing, part, seconds } from './compare.ts';
import { EXIT, usageError } from './exit.ts';
import { wholeNumber } from './flagValues.ts';
import { listenForInterruption } from './interruption.ts';
import { outFolder } from './outFolder.ts';

const execute = promisify(execFile);

/** The command. */
export const bisectCommand = new Command('bisect')
  .description('find the first commit at which a figure is worse')
  .argument(
    '<metric>',
    "as 'lab compare' names it: of a benchmark, e.g. launch/us-per-launch, or exact, e.g. 'macro/mesos/offers sent'",
  )
  .argument('<good>', 'a commit, branch or tag at which it was good')
  .argument('<bad>', 'a later one, at which it is worse')
  .option('--budget <time>', 'for each commit, e.g. 90s or 10m', seconds, 300)
  .option(
    '--threshold <part>',
    'effects on benchmarks below this part do not count',
    part('--threshold'),
    0.03,
  )
  .option('--seeds <n>', 'seeds of an exact figure', wholeNumber('--seeds', 1, 1000), 1)
  .option('--out <folder>', 'folder for results', 'out/bisect')
  .option('--json', 'print the result as JSON on standard output')
  .action(async (metric: string, good: string, bad: string, flags) => {
    const interruption = listenForInterruption();
    const what = whatOf(metric, flags.seeds);
    const out = outFolder(flags.out);
    const [from, to] = [await commit(good), await commit(bad)];
    const commits = await commitsBetween(from, to);
    const held = async (at: string, threshold: number): Promise<ComparisonData> => {
      const display = progressDisplay();
      return comparing(
        async () =>
          compare({
            ...what,
            // The base anew each time: of the checkouts those are kept that were used last.
            ...{
              head: await findSide(at, 'head'),
              base: await findSide(from, 'base'),
              budgetSeconds: flags.budget,
              fresh: false,
            },
            threshold: () => threshold,
            // One folder for all: what was run of the good commit is not run again.
            out,
            unexplained: true,
            command: ['npx lab bisect', ...[metric, good, bad].map(shellWord)].join(' '),
            ...{ display, stopping: interruption.signal },
          }),
        interruption.signal,
      ).finally(() => display.close());
    };
    const tell = (line: string): void => {
      if (!flags.json) console.log(line);
    };
    let incomparable: readonly string[] = [];
    let last: FigureComparison | undefined;
    const figureOf = async (at: string, threshold: number): Promise<FigureComparison | undefined> => {
      const data = await held(at, threshold);
      const figure = data.figures.find((one) => one.id === metric || one.kind === 'failed');
      const isOnGood = figure?.kind === 'failed' && (figure.side === 'base' || figure.side === 'both');
      if (isOnGood && figure.verdict !== 'infrastructure')
        throw usageError(`${good} cannot be run (${figure.why}): name another commit at which it was good`);
      tell(await inOneLine(at, figure, data.incomparable));
      [last, incomparable] = [figure, data.incomparable];
      return figure;
    };
    const atBad = await figureOf(to, flags.threshold);
    const objection = whyNoSearch({ metric, good, bad }, atBad, incomparable);
    if (atBad === undefined || objection !== undefined) throw objection;
    const threshold = Math.max(flags.threshold, halfOf(atBad));
    const found = await bisect(
      commits,
      async (at) => commitVerdictOf(await figureOf(at, threshold)),
      (_, verdict, left) =>
        tell(`  ${verdict}: ${left === 1 ? 'one commit is' : `${left} commits are`} left`),
    );
    // The search ends at the commit of which it cannot be said.
    const { why, exitCode } =
      found.is === 'found' || last === undefined ? { why: '', exitCode: EXIT.ok } : unclear(last);
    if (flags.json) console.log(JSON.stringify(found.is === 'found' ? found : { ...found, why }));
    else console.log(await inWords(metric, found, why));
    process.exitCode = exitCode;
  });

/** What has to be run for a figure. */
function whatOf(metric: string, seeds: number): Pick<Comparison, 'targets' | 'runs'> {
  const target = targetOf(metric);
  if (target !== undefined) return { targets: [target], runs: [] };
  const [id = '', scenario = '', figure = ''] = metric.split('/');
  const experiment = EXPERIMENTS.find((one) => one.id === id);
  if (experiment === undefined || figure === '')
    throw usageError(
      `'${metric}' is no figure of a benchmark, nor of an experiment (EXPERIMENT/SCENARIO/FIGURE): 'lab compare' shows their names`,
    );
  return { targets: [], runs: [{ experiments: [id], only: [scenario], seeds }] };
}

/** Half of a change on a timed figure: who has more of it has the change. So it is soon seen, however little noise would hide. */
function halfOf(figure: FigureComparison): number {
  return figure.kind === 'timed' ? Math.expm1(Math.abs(Math.log(figure.ratio.value)) / 2) : 0;
}

async function commit(name: string): Promise<string> {
  const found = await commitOf(name);
  if (found === undefined) throw usageError(`'${name}' is no commit of this repository`);
  return found;
}

/** Commits after `from` up to `to`, the first first; merges count as one. */
async function commitsBetween(from: string, to: string): Promise<readonly string[]> {
  const { stdout } = await git('rev-list', '--first-parent', '--reverse', `${from}..${to}`);
  const commits = stdout.split('\n').filter((line) => line !== '');
  if (commits.length === 0)
    throw usageError('the bad commit does not come after the good one: there is nothing to search');
  return commits;
}

async function named(at: string): Promise<string> {
  const { stdout } = await git('show', '-s', '--format=%h %s', at);
  return stdout.trim();
}

const git = (...args: readonly string[]) => execute('git', ['-C', PROJECT, ...args], { maxBuffer: 2 ** 26 });

/** What a commit came to. */
async function inOneLine(
  at: string,
  figure: FigureComparison | undefined,
  incomparable: readonly string[],
): Promise<string> {
  const why = figure === undefined ? (incomparable[0] ?? 'it has no such figure') : figure.why;
  return `${await named(at)}: ${figure?.verdict ?? 'not compared'}${why === '' ? '' : `, ${why}`}`;
}

async function inWords(metric: string, found: BisectResult, why: string): Promise<string> {
  if (found.is === 'unclear')
    return `It cannot be said of ${await named(found.at)}: ${why}. ${metric} changed in one of ${found.range.length} commits, the last of which is ${await named(found.range.at(-1) ?? '')}.`;
  const skipped =
    found.skipped.length === 0
      ? ''
      : ` (or at one of the ${found.skipped.length} before it, which could not be run)`;
  return `${metric} changed at ${await named(found.first)}${skipped}`;
}
