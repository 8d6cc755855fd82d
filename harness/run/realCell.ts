/** Runs a cell for real: provisions machines, deploys, runs, collects, checks, tears down. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FREE_BYTES_MIN, freeBytes } from '../../infra/inspection.ts';
import type { MachineProvider } from '../../infra/machine.ts';
import { wallClock } from '../../infra/wallClock.ts';
import { type Corpus, findCorpus } from '../../workloads/corpus.ts';
import type { MakeMeasure, RealRunScenario } from '../experiments/experiment.ts';
import type { RealScenario } from '../experiments/realScenario.ts';
import { countRealJobs } from '../experiments/realWork.ts';
import { measureCellStream } from '../measure/cell.ts';
import { observing } from '../measure/fold.ts';
import { newPass } from '../measure/pass.ts';
import { readHistory } from '../measure/readHistory.ts';
import type { CellResult, Check, MachinesUsed, Provenance } from '../result.ts';
import { type Cell, cellId, provenanceOf } from './cell.ts';
import { prepare } from './deployment.ts';
import { checkExactness } from './exactness.ts';
import { type AllFindings, allFindings } from './findings.ts';
import { keepHistories, keepLogs } from './keptFiles.ts';
import { providerFor } from './machines.ts';
import { clockChecks, lookAt, type MachinesSpan, spanBetween } from './machinesLook.ts';
import type { Progress } from './progress.ts';
import { sha256 } from './provenance.ts';
import { RunError, runReal } from './real.ts';
import { realFaults } from './realFaults.ts';
import { machineNames, placesOf } from './realMasters.ts';
import { makeRunFolder } from './runFolder.ts';
import { cellFolder } from './store.ts';
import type { CellSurroundings } from './virtualCell.ts';

/** Mean busy fraction of the processors above which tasks that run at the same time must have met full ones. */
const BUSY = 0.5;

/** Runs the cell. Whatever happens, no process and no folder of it is left. */
export async function runRealCell(
  cell: Cell,
  scenario: RealRunScenario,
  { setting, out, progress, provide, stopping }: CellSurroundings,
): Promise<CellResult> {
  const clock = wallClock();
  const provenance = (machines?: MachinesUsed): Provenance =>
    provenanceOf(cell, setting, clock.stop(), machines);
  const folder = cellFolder(out, cellId(cell, setting));
  try {
    const corpus = await findCorpus();
    const ran = await runOnMachines(
      cell.seed,
      scenario,
      corpus,
      providerFor(scenario.cluster.machines, provide),
      folder,
      progress,
      stopping,
    );
    const historyFile = join(folder, HISTORY);
    const measured = await measureCellStream(readHistory(historyFile), { stepS: STEP_S });
    const found = await measuredFrom(historyFile, scenario.measures ?? []);
    return {
      ...measured,
      ...found,
      kind: 'run',
      checks: [...measured.checks, ...found.checks, ...clockChecks(ran.used), ...ran.exactness],
      harness: {
        ...measured.harness,
        cpuBusy: ran.cpuBusy,
        eventsPerSecond: null,
        historySha256: sha256(await readFile(historyFile)),
        historyFile: `cells/${cellId(cell, setting)}/${HISTORY}`,
        limited: limitOf(ran, measured.cluster.cpus, setting.cores),
      },
      provenance: provenance(ran.used),
    };
  } catch (error) {
    const cause = error instanceof RunError ? error.fault : 'infrastructure';
    return { state: 'failed', provenance: provenance(), cause, reason: (error as Error).message };
  }
}

async function measuredFrom(historyFile: string, makers: readonly MakeMeasure[]): Promise<AllFindings> {
  const pass = newPass();
  const measures = makers.map((make) => make(pass));
  const observe = observing(measures);
  if (measures.length > 0) for await (const line of readHistory(historyFile)) observe(line);
  return allFindings(measures.map((measure) => measure.result()));
}

/** Name of the merged history in the folder of a cell. */
const HISTORY = 'history.ndjson';
/** Width of the steps of shares over time: runs take less than a minute. */
const STEP_S = 0.25;

/** What is known of a run beside its history. */
interface Ran extends Pick<MachinesSpan, 'used' | 'cpuBusy'> {
  readonly exactness: readonly Check[];
}

async function runOnMachines(
  seed: number,
  { cluster: scenario, system }: RealRunScenario,
  corpus: Corpus,
  provide: MachineProvider,
  keepIn: string,
  progress: Pick<Progress, 'report'>,
  stopping: AbortSignal,
): Promise<Ran> {
  requireSpace();
  await using folder = await makeRunFolder();
  const { slaves } = scenario;
  const masters = system === 'mesos' ? scenario.masters : undefined;
  await using machines = await provide(join(folder.path, 'machines'), machineNames(slaves, masters));
  await using faults = await realFaults(machines.machines, scenario.faults ?? [], masters !== undefined);
  const places = placesOf(faults.machines, slaves, masters);
  const { head } = places;
  const deployment = await prepare(machines.machines, randomBytes(16).toString('hex'));
  const tooLong = AbortSignal.timeout(scenario.limitMs);
  const jobs = countJobs(scenario, seed);
  let jobsEnded = 0;
  let started = await lookAt(machines);
  try {
    const outcomes = await runReal({
      scenario,
      system,
      seed,
      corpus,
      deployment,
      places,
      electing: faults.electing,
      tell: (event) => {
        if ('jobEnded' in event) return progress.report(++jobsEnded, jobs, event.jobEnded);
        progress.report(jobsEnded, jobs, event.stage);
      },
      running: async () => {
        started = await lookAt(machines);
        await faults.begin();
      },
      ends: faults.ends,
      stopping: AbortSignal.any([stopping, tooLong, faults.failed]),
    });
    const seen = await faults.end();
    const span = spanBetween(machines, started, await lookAt(machines));
    progress.report(jobsEnded, jobs, 'checking the results');
    const exactness: readonly Check[] = [
      ...seen,
      ...(await checkExactness(outcomes, corpus, seed, stopping)),
    ];
    if (scenario.faults !== undefined)
      await head.write('faults.ndjson', faults.history(span.aheadMs.get(head.name) ?? 0));
    const via = join(folder.path, 'histories');
    await keepHistories(machines.machines, span.aheadMs, { via, into: join(keepIn, HISTORY) });
    return { exactness, used: span.used, cpuBusy: span.cpuBusy };
  } catch (error) {
    if (stopping.aborted) throw new RunError('it was stopped', 'infrastructure');
    if (tooLong.aborted)
      throw new RunError(`it had not ended after ${scenario.limitMs / 60_000} minutes`, 'system');
    if (faults.failed.aborted) throw new RunError((error as Error).message, 'infrastructure');
    throw error;
  } finally {
    await keepLogs(machines.machines, join(keepIn, 'logs'));
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
function limitOf({ cpuBusy, used }: Ran, slots: number, cores: number): string | null {
  return used.hardware === 'shared' && slots > cores && cpuBusy > BUSY
    ? `The cluster’s ${slots} CPUs are slots on this machine’s ${cores} processors, which were ${Math.round(cpuBusy * 100)}% busy; more slots could not compute more.`
    : null;
}
