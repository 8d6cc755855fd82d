/** `lab run`: runs an experiment and draws its report. */
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { EXPERIMENTS } from '../experiments/catalogue.ts';
import type { Experiment } from '../experiments/experiment.ts';
import type { CellResult, ClockKind, ReportData } from '../result.ts';
import { runCampaign } from '../run/campaign.ts';
import { progressDisplay } from '../run/progress.ts';
import { wholeNumber } from './daemon.ts';
import { EXIT, infrastructureError, usageError } from './exit.ts';

/** Bound on the number of seeds of one command. */
const SEEDS_MAX = 1000;

/** The command. */
export const runCommand = new Command('run')
  .description('run an experiment and draw its report')
  .argument('<experiment>', "which; 'lab list' tells them")
  .addOption(
    new Option('--clock <clock>', 'in virtual time, for real, or both')
      .choices(['virtual', 'real', 'both'])
      .default('both'),
  )
  .option('--seed <n>', 'first seed', wholeNumber('--seed', 0, 2 ** 31), 1)
  .option('--seeds <n>', 'number of seeds in virtual time', wholeNumber('--seeds', 1, SEEDS_MAX), 1)
  .option('--out <folder>', 'folder for results and report (default: out/EXPERIMENT)')
  .option('--fresh', 'run again what was run before')
  .option('--json', 'print the results as JSON on standard output')
  .action(async (id: string, flags) => {
    const experiment = find(id);
    const out = resolve(flags.out ?? `out/${experiment.id}`);
    const clocks: readonly ClockKind[] = flags.clock === 'both' ? ['virtual', 'real'] : [flags.clock];
    const controller = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () =>
        controller.signal.aborted ? process.exit(EXIT.interrupted) : controller.abort(),
      );
    const display = progressDisplay();
    const data = await runCampaign({
      experiment,
      clocks,
      seed: flags.seed,
      seeds: flags.seeds,
      out,
      fresh: flags.fresh ?? false,
      display,
      stopping: controller.signal,
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
    console.log(flags.json ? JSON.stringify(data) : summary(data, out));
    process.exitCode = Math.max(EXIT.ok, ...data.cells.map(exitCodeOf));
  });

function find(id: string): Experiment {
  const experiment = EXPERIMENTS.find((one) => one.id === id);
  if (experiment === undefined)
    throw usageError(
      `there is no experiment '${id}'; there is: ${EXPERIMENTS.map((one) => one.id).join(', ')}`,
    );
  return experiment;
}

function exitCodeOf(cell: CellResult): number {
  if (cell.state === 'failed') return cell.cause === 'infrastructure' ? EXIT.infrastructure : EXIT.failed;
  const sound =
    cell.checks.every(({ verdict }) => verdict !== 'failed') &&
    cell.frameworks.every(({ jobs }) => jobs.every(({ outcome }) => outcome === 'finished'));
  return sound ? EXIT.ok : EXIT.failed;
}

function summary(data: ReportData, out: string): string {
  const ran = data.claims.filter(({ verdict }) => verdict !== 'not run');
  const rows = ran.map(({ claim, paper, unit, ours, verdict }) => {
    const value = ours === null ? '-' : `${round(ours.value)} ${unit}`;
    return `  ${verdict.padEnd(16)} ${claim} Paper: ${round(paper)} ${unit}. Here: ${value}.`;
  });
  const failed = data.cells.flatMap((cell) =>
    cell.state === 'failed' ? [`  ${cell.provenance.clock} ${cell.provenance.system}: ${cell.reason}`] : [],
  );
  return [
    ...(rows.length > 0 ? ['Paper against measured:', ...rows, ''] : []),
    ...(failed.length > 0 ? ['Failed:', ...failed, ''] : []),
    `Report: ${out}/report.html`,
  ].join('\n');
}

const round = (value: number): string => String(Math.round(value * 100) / 100);
