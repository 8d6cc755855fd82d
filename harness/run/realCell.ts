/** Runs a cell for real: provisions machines, deploys, runs, collects, checks, tears down. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FREE_BYTES_MIN, freeBytes } from '../../infra/inspection.ts';
import { localMachines } from '../../infra/local.ts';
import type { Machine } from '../../infra/machine.ts';
import { type WallTime, wallClock } from '../../infra/wallClock.ts';
import { findCorpus } from '../../workloads/corpus.ts';
import { measureCellStream } from '../measure/cell.ts';
import { mergeHistories, readHistory } from '../measure/readHistory.ts';
import type { CellResult, Check } from '../result.ts';
import { type Cell, cellId, provenanceOf } from './cell.ts';
import { prepare } from './deployment.ts';
import { checkExactness } from './exactness.ts';
import type { Progress } from './progress.ts';
import { type Setting, sha256 } from './provenance.ts';
import { RunError, runReal } from './real.ts';
import { cellFolder } from './store.ts';

/** Busy fraction of the processors above which they, not the system, set the pace. */
const SATURATED = 0.9;

/** Runs the cell. Whatever happens, no process and no folder of it is left. */
export async function runRealCell(
  cell: Cell,
  setting: Setting,
  out: string,
  progress: Progress,
  stopping: AbortSignal,
): Promise<CellResult> {
  const clock = wallClock();
  try {
    return await run(cell, setting, out, progress, stopping, clock);
  } catch (error) {
    const provenance = provenanceOf(cell, setting, clock.stop());
    const cause = error instanceof RunError ? error.fault : 'infrastructure';
    return { state: 'failed', provenance, cause, reason: (error as Error).message };
  }
}

async function run(
  cell: Cell,
  setting: Setting,
  out: string,
  progress: Progress,
  stopping: AbortSignal,
  clock: { stop(): WallTime },
): Promise<CellResult> {
  const { experiment, system, seed } = cell;
  const scenario = experiment.real;
  const free = freeBytes(tmpdir());
  if (free < FREE_BYTES_MIN)
    throw new RunError(
      `${tmpdir()} has ${(free / 1e9).toFixed(1)} GB free and ${(FREE_BYTES_MIN / 1e9).toFixed(1)} GB are needed; free some space, or set TMPDIR`,
      'infrastructure',
    );
  const corpus = await findCorpus();
  const folder = await mkdtemp(join(tmpdir(), 'mesos-lab-'));
  const names = Array.from({ length: scenario.slaves }, (_, n) => `node${n + 1}`);
  await using machines = await localMachines(folder, ['head', ...names]);
  const [head, ...nodes] = machines.machines;
  if (head === undefined) throw new RunError('there is no machine', 'infrastructure');
  const deployment = await prepare(folder, randomBytes(16).toString('hex'));

  const jobs = scenario.frameworks.reduce(
    (sum, framework) =>
      sum + (framework.kind === 'hadoop' ? framework.work(seed).jobs : framework.jobs(seed)).length,
    0,
  );
  let jobsEnded = 0;
  const tooLong = AbortSignal.timeout(scenario.limitMs);
  let running = clock;
  const outcomes = await runReal({
    scenario,
    system,
    seed,
    corpus,
    deployment,
    nodes,
    head,
    tell: (event) => {
      if ('stage' in event) {
        if (event.stage === 'running') running = wallClock();
        progress.report(jobsEnded, jobs, event.stage);
      } else progress.report(++jobsEnded, jobs, event.jobEnded);
    },
    stopping: AbortSignal.any([stopping, tooLong]),
  })
    .catch((error) => {
      if (tooLong.aborted)
        throw new RunError(`it had not ended after ${scenario.limitMs / 60_000} minutes`, 'system');
      throw stopping.aborted ? new RunError('it was stopped', 'infrastructure') : error;
    })
    .finally(() => keepLogs(machines.machines, join(cellFolder(out, cellId(cell, setting)), 'logs')));
  const busy = running.stop();

  progress.report(jobsEnded, jobs, 'checking the results');
  const exactness: Check[] = [];
  for (const outcome of outcomes)
    exactness.push(await checkExactness(outcome, corpus, seed, deployment.secret.value));

  const id = cellId(cell, setting);
  const historyFile = join(cellFolder(out, id), 'history.ndjson');
  await mkdir(cellFolder(out, id), { recursive: true });
  await collect(deployment.histories, historyFile);
  const measured = await measureCellStream(readHistory(historyFile), { stepS: 0.25 });
  const provenance = provenanceOf(cell, setting, clock.stop());
  return {
    ...measured,
    provenance,
    checks: [...measured.checks, ...exactness],
    harness: {
      ...measured.harness,
      cpuBusy: busy.cpuBusy,
      eventsPerSecond: null,
      historySha256: sha256(await readFile(historyFile)),
      historyFile: `cells/${id}/history.ndjson`,
      limited:
        busy.cpuBusy > SATURATED
          ? `the processors of this machine were ${Math.round(busy.cpuBusy * 100)} % busy: more slots could not compute more`
          : null,
    },
  };
}

/** Keeps the logs of all processes: the machines' folders are about to be removed. */
async function keepLogs(machines: readonly Machine[], into: string): Promise<void> {
  for (const { name, folder } of machines) {
    await mkdir(join(into, name), { recursive: true });
    for (const file of await readdir(folder))
      if (file.endsWith('.log')) await copyFile(join(folder, file), join(into, name, file));
  }
}

/** Merges the histories of all processes, by time, into one file. */
async function collect(folder: string, into: string): Promise<void> {
  const paths = (await readdir(folder)).sort().map((name) => join(folder, name));
  async function* lines(): AsyncGenerator<string, void, void> {
    for await (const line of mergeHistories(paths)) yield `${JSON.stringify(line)}\n`;
  }
  await pipeline(lines, createWriteStream(into));
}
