/** `lab run`: runs experiments and draws their report. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { clockOf, type Experiment, scenariosOf } from '../experiments/experiment.ts';
import { REGISTER } from '../experiments/register.ts';
import type { CellResult, ClockKind } from '../result.ts';
import { type Campaign, runCampaign } from '../run/campaign.ts';
import { progressDisplay } from '../run/progress.ts';
import { EXIT, infrastructureError, usageError } from './exit.ts';
import { wholeNumber } from './flagValues.ts';
import { outFolder } from './outFolder.ts';
import { asJson, inWords } from './results.ts';

/** Bound on the number of seeds of one command. */
const SEEDS_MAX = 1000;

const CLOCKS: readonly ClockKind[] = ['virtual', 'emulated', 'real'];

/** The command. */
export const runCommand = new Command('run')
  .description('run experiments and draw their report')
  .argument('[experiments...]', "which; 'lab list' tells them")
  .option('--paper', 'all experiments of the paper, without the scenarios that take minutes each')
  .option('--large', 'with --paper: those too')
  .addOption(
    new Option(
      '--clock <clocks...>',
      'in virtual time, emulated (real masters and sockets, tasks that sleep), with real processes; default: all',
    ).choices(CLOCKS),
  )
  .option('--only <scenarios...>', "only these scenarios; 'lab list EXPERIMENT' tells them")
  .option('--seed <n>', 'this seed only, or with --seeds the first', wholeNumber('--seed', 0, 2 ** 31))
  .option('--seeds <n>', 'number of seeds of every scenario', wholeNumber('--seeds', 1, SEEDS_MAX))
  .option('--scale <part>', 'a part of the paper’s size, e.g. 0.1, where an experiment has sizes', scaleOf)
  .option('--input <file>', 'the file of an experiment that runs on one, such as a trace')
  .option('--out <folder>', 'folder for results and report (default: out/EXPERIMENTS, or out/paper)')
  .option(
    '--on <where>',
    'real processes run on the machines of this inventory, or of this deployment (docs/machines.md)',
  )
  .option('--fresh', 'run again what was run before')
  .option('--histories', 'keep the history of every run in virtual time')
  .option('--json', 'print the results as JSON on standard output')
  .action(async (ids: readonly string[], flags) => {
    if (flags.large && !flags.paper)
      throw usageError(
        '--large goes with --paper: experiments that are named have all their scenarios anyway, so leave it out',
      );
    const experiments = await chosen(ids, flags.paper ?? false);
    const out = outFolder(
      flags.out ?? `out/${flags.paper ? 'paper' : experiments.map(({ id }) => id).join('-')}`,
    );
    const input: string | undefined = flags.input && resolve(flags.input);
    const { scale, only, seed = 1, fresh = false, histories: keepHistories = false } = flags;
    const seeds: number | undefined = flags.seeds ?? (flags.seed === undefined ? undefined : 1);
    const plan = {
      ...{ experiments, seed, only, out, fresh, keepHistories, clocks: flags.clock ?? CLOCKS },
      ...(seeds !== undefined && { seeds }),
      large: !flags.paper || (flags.large ?? false) || only !== undefined,
      choices: { ...(scale !== undefined && { scale }), ...(input !== undefined && { input }) },
    };
    check(plan);
    const controller = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () =>
        controller.signal.aborted ? process.exit(EXIT.interrupted) : controller.abort(),
      );
    // Who started it may die in any way, and its processes must not outlive it.
    if (process.env.MESOS_LAB_PARENT === 'stdin')
      process.stdin
        .on('close', () => controller.abort())
        .resume()
        .unref();
    await using on =
      flags.on === undefined
        ? null
        : await (await import('./onMachines.ts')).machinesOn(flags.on, controller.signal);
    const display = progressDisplay();
    const data = await runCampaign({
      ...plan,
      ...(on !== null && { on }),
      ...{ display, stopping: controller.signal },
    })
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code === undefined) throw error;
        throw infrastructureError(`results cannot be written to ${out}: ${error.message}`, error);
      })
      .finally(() => display.close());
    if (controller.signal.aborted) {
      console.error('lab: stopped; what was finished is kept, and the same command goes on from there');
      process.exitCode = EXIT.interrupted;
      return;
    }
    console.log(flags.json ? asJson(data) : inWords(data, out));
    process.exitCode = Math.max(EXIT.ok, ...data.experiments.flatMap(({ cells }) => cells.map(exitCodeOf)));
  });

async function chosen(ids: readonly string[], paper: boolean): Promise<readonly Experiment[]> {
  if (paper && ids.length > 0) throw usageError('--paper means all experiments: leave their names out');
  if (!paper && ids.length === 0)
    throw usageError(`name an experiment, or say --paper for all; there is: ${names()}`);
  const loads = (paper ? Object.keys(REGISTER) : [...new Set(ids)]).map((id) => {
    const load = Object.hasOwn(REGISTER, id) ? REGISTER[id] : undefined;
    if (load === undefined) throw usageError(`there is no experiment '${id}'; ${insteadOf(id)}`);
    return load;
  });
  return Promise.all(loads.map((load) => load()));
}

/** Names that experiments had once. */
const FORMER: ReadonlyMap<string, string> = new Map([['mix', 'macro']]);

function insteadOf(id: string): string {
  const now = FORMER.get(id);
  return now === undefined ? `there is: ${names()}` : `it is '${now}' now`;
}

const names = (): string => Object.keys(REGISTER).join(', ');

/** Throws a usage error if the choices fit none of the scenarios. */
function check({ experiments, choices, clocks, only }: Omit<Campaign, 'display' | 'stopping'>): void {
  const { input } = choices;
  if (input !== undefined && !existsSync(input)) throw usageError(`there is no file ${input}`);
  const takesInput = experiments.filter((one) => one.input !== undefined);
  if (input !== undefined && takesInput.length === 0)
    throw usageError(`none of these experiments runs on a file: leave --input out`);
  if (experiments.length === 1 && input === undefined)
    for (const one of takesInput)
      if (one.scenarios.length === 0)
        throw usageError(`the experiment '${one.id}' runs on ${one.input?.what}: name it with --input`);
  const scenarios = experiments.flatMap((experiment) => scenariosFor(experiment, choices));
  const missing = only?.find((id) => !scenarios.some((scenario) => scenario.id === id));
  if (missing !== undefined)
    throw usageError(
      `there is no scenario '${missing}'; there is: ${[...new Set(scenarios.map(({ id }) => id))].join(', ')}`,
    );
  const wanted = scenarios.filter(({ id }) => only === undefined || only.includes(id));
  if (!wanted.some((scenario) => clocks.includes(clockOf(scenario))))
    throw usageError(`nothing of this runs on the clock ${clocks.join(' or ')}`);
}

function scenariosFor(experiment: Experiment, choices: Campaign['choices']) {
  try {
    return scenariosOf(experiment, choices);
  } catch (error) {
    if (error instanceof TypeError) throw usageError(error.message);
    throw error;
  }
}

function scaleOf(text: string): number {
  const scale = Number(text);
  if (!(scale > 0 && scale <= 1)) throw usageError(`--scale is '${text}'; give a part above 0 and up to 1`);
  return scale;
}

function exitCodeOf(cell: CellResult): number {
  if (cell.state === 'failed') return cell.cause === 'infrastructure' ? EXIT.infrastructure : EXIT.failed;
  const sound =
    cell.checks.every(({ verdict }) => verdict !== 'failed') &&
    (cell.kind === 'values' ||
      cell.frameworks.every(({ jobs }) => jobs.every(({ outcome }) => outcome === 'finished')));
  return sound ? EXIT.ok : EXIT.failed;
}
