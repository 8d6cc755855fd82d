/** Runs a cell for real: provisions machines, deploys, runs, collects, checks, tears down. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FREE_BYTES_MIN, freeBytes } from '../../infra/inspection.ts';
import { localMachines } from '../../infra/local.ts';
import type { Machine } from '../../infra/machine.ts';
import { wallClock } from '../../infra/wallClock.ts';
import { type Corpus, findCorpus } from '../../workloads/corpus.ts';
import type { RealRunScenario } from '../experiments/experiment.ts';
import type { RealScenario } from '../experiments/realScenario.ts';
import { countRealJobs } from '../experiments/realWork.ts';
import { measureCellStream } from '../measure/cell.ts';
import { mergeHistories, readHistory } from '../measure/readHistory.ts';
import type { CellResult, Check, Provenance } from '../result.ts';
import { type Cell, cellId, provenanceOf } from './cell.ts';
import { prepare } from './deployment.ts';
import { checkExactness } from './exactness.ts';
import type { Progress } from './progress.ts';
import { type Setting, sha256 } from './provenance.ts';
import { RunError, runReal } from './real.ts';
import { cellFolder } from './store.ts';
import type { CellSurroundings } from './virtualCell.ts';

/** Mean busy fraction of the processors above which tasks that run at the same time must have met full ones. */
const BUSY = 0.5;

/** Runs the cell. Whatever happens, no process and no folder of it is left. */
export async function runRealCell(
  cell: Cell,
  scenario: RealRunScenario,
  { setting, out, progress, stopping }: CellSurroundings,
): Promise<CellResult> {
  const clock = wallClock();
  const provenance = (): Provenance => provenanceOf(cell, setting, clock.stop());
  try {
    const corpus = await findCorpus();
    const ran = await runOnMachines(
      cell.seed,
      scenario,
      corpus,
      keeperOf(cell, setting, out),
      progress,
      stopping,
    );
    const historyFile = join(cellFolder(out, cellId(cell, setting)), HISTORY);
    const measured = await measureCellStream(readHistory(historyFile), { stepS: STEP_S });
    return {
      ...measured,
      kind: 'run',
      values: {},
      curves: {},
      checks: [...measured.checks, ...ran.exactness],
      harness: {
        ...measured.harness,
        cpuBusy: ran.cpuBusy,
        eventsPerSecond: null,
        historySha256: sha256(await readFile(historyFile)),
        historyFile: `cells/${cellId(cell, setting)}/${HISTORY}`,
        limited: limitOf(ran.cpuBusy, measured.cluster.cpus, setting.cores),
      },
      provenance: provenance(),
    };
  } catch (error) {
    const cause = error instanceof RunError ? error.fault : 'infrastructure';
    return { state: 'failed', provenance: provenance(), cause, reason: (error as Error).message };
  }
}

/** Name of the merged history in the folder of a cell. */
const HISTORY = 'history.ndjson';
/** Width of the steps of shares over time: runs take less than a minute. */
const STEP_S = 0.25;

/** What is known of a run beside its history. */
interface Ran {
  readonly exactness: readonly Check[];
  readonly cpuBusy: number;
}

/** Takes what a run leaves on its machines, before they are torn down. */
interface Keeper {
  logs(machines: readonly Machine[]): Promise<void>;
  histories(folder: string): Promise<void>;
}

async function runOnMachines(
  seed: number,
  { cluster: scenario, system }: RealRunScenario,
  corpus: Corpus,
  keeper: Keeper,
  progress: Pick<Progress, 'report'>,
  stopping: AbortSignal,
): Promise<Ran> {
  requireSpace();
  await removeStaleFolders();
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  const names = Array.from({ length: scenario.slaves }, (_, n) => `node${n + 1}`);
  await using machines = await localMachines(folder, ['head', ...names]);
  const [head, ...nodes] = machines.machines as [Machine, ...Machine[]];
  const deployment = await prepare(folder, randomBytes(16).toString('hex'));
  const tooLong = AbortSignal.timeout(scenario.limitMs);
  const jobs = countJobs(scenario, seed);
  let jobsEnded = 0;
  let running = wallClock();
  try {
    const outcomes = await runReal({
      scenario,
      system,
      seed,
      corpus,
      deployment,
      nodes,
      head,
      tell: (event) => {
        if ('jobEnded' in event) return progress.report(++jobsEnded, jobs, event.jobEnded);
        if (event.stage === 'running') running = wallClock();
        progress.report(jobsEnded, jobs, event.stage);
      },
      stopping: AbortSignal.any([stopping, tooLong]),
    });
    const { cpuBusy } = running.stop();
    progress.report(jobsEnded, jobs, 'checking the results');
    const exactness: Check[] = [];
    for (const outcome of outcomes)
      exactness.push(...(await checkExactness(outcome, corpus, seed, deployment.secret.value, stopping)));
    await keeper.histories(deployment.histories);
    return { exactness, cpuBusy };
  } catch (error) {
    if (stopping.aborted) throw new RunError('it was stopped', 'infrastructure');
    if (tooLong.aborted)
      throw new RunError(`it had not ended after ${scenario.limitMs / 60_000} minutes`, 'system');
    throw error;
  } finally {
    await keeper.logs(machines.machines);
  }
}

/** Folders of runs are named after the process that made them. */
const FOLDER_PREFIX = 'mesos-lab-';

/** Removes what runs left behind that were killed before they could tear down. */
async function removeStaleFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${FOLDER_PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (pid > 0 && !isRunning(pid))
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function requireSpace(): void {
  const free = freeBytes(tmpdir());
  if (free >= FREE_BYTES_MIN) return;
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
  throw new RunError(
    `${tmpdir()} has ${gigabytes(free)} GB free and ${gigabytes(FREE_BYTES_MIN)} GB are needed; free some space, or set TMPDIR`,
    'infrastructure',
  );
}

function countJobs({ frameworks }: RealScenario, seed: number): number {
  return frameworks.reduce((sum, one) => sum + countRealJobs(one, seed), 0);
}

/** The reason why the machine, not the system, set the pace; null if it did not. */
function limitOf(cpuBusy: number, slots: number, cores: number): string | null {
  return slots > cores && cpuBusy > BUSY
    ? `the cluster’s ${slots} CPUs are slots on this machine’s ${cores} processors, which were ${Math.round(cpuBusy * 100)} % busy; more slots could not compute more.`
    : null;
}

function keeperOf(cell: Cell, setting: Setting, out: string): Keeper {
  const folder = cellFolder(out, cellId(cell, setting));
  return {
    logs: (machines) => keepLogs(machines, join(folder, 'logs')),
    async histories(from) {
      await mkdir(folder, { recursive: true });
      await collect(from, join(folder, HISTORY));
    },
  };
}

/** Keeps the logs of all processes, and what executors wrote: the machines' folders are about to be removed. */
async function keepLogs(machines: readonly Machine[], into: string): Promise<void> {
  for (const { name, folder } of machines) {
    const files = await readdir(folder, { recursive: true });
    for (const file of files.filter(isLog)) {
      const target = join(into, name, file);
      await mkdir(dirname(target), { recursive: true });
      await copyFile(join(folder, file), target);
    }
  }
}

const isLog = (file: string): boolean => file.endsWith('.log') || /\/runs\/[^/]+\/std(out|err)$/.test(file);

/** Merges the histories of all processes, by time, into one file. */
async function collect(folder: string, into: string): Promise<void> {
  const paths = (await readdir(folder)).sort().map((name) => join(folder, name));
  async function* lines(): AsyncGenerator<string, void, void> {
    for await (const line of mergeHistories(paths)) yield `${JSON.stringify(line)}\n`;
  }
  await pipeline(lines, createWriteStream(into));
}
