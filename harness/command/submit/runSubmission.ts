/** Runs a submission: its scheduler in this process until its jobs have ended, and nothing left behind. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import * as v from 'valibot';
import type { SchedulerDriver } from '../../../mesos/driver/scheduler.ts';
import { startWire } from '../../../mesos/runtime/wire.ts';
import { boardOf, hasEnded, type JobDesk } from '../../jobs/jobList.ts';
import { type ProgressDisplay, progressDisplay } from '../../run/progress.ts';
import { openHistory } from '../daemons/daemon.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { Summary } from '../frameworks.ts';
import { type Interruption, interrupted, listenForInterruption } from '../interruption.ts';
import { type MasterReader, masterReader } from '../masterReads.ts';
import { type Place, readPlace, spawnScheduler } from '../schedulerProcess.ts';
import { readSecurity } from '../security.ts';
import { serveJobs } from '../serveJobs.ts';
import { remediesFor } from './capacity.ts';
import { watchJobs } from './jobWatch.ts';
import { untilGone } from './leftTasks.ts';
import { whyNever, whyWaiting } from './noOffers.ts';
import { notFinished, type Ran } from './outcome.ts';
import { explainWaiting } from './patience.ts';
import { findQueue, runQueued } from './runQueued.ts';
import type { PreparedSubmission, Submission } from './submission.ts';
import type { SubmitFlags } from './submitFlags.ts';

/** How long the executors of a framework that has ended may take to end. */
const GONE_MS = 15_000;
/** How long a scheduler that was told to end may take. */
const STOP_MS = 3_000;

/** Runs it to its end. Rejects with a {@link CommandError} if it does not succeed. */
export async function runSubmission(submission: Submission, flags: SubmitFlags): Promise<void> {
  const place = readPlace(flags);
  const reader = masterReader(flags.master, flags);
  const interruption = listenForInterruption();
  const display = flags.quiet ? silent : progressDisplay();
  const log = (line: string): void => display.log(line);
  const startedMs = performance.now();
  try {
    // A wrong address is told at once, and not when everything has been stored.
    await interruption.unless(reader.get(v.object({ frameworks: v.array(v.unknown()) }), '/frameworks'));
    const queue =
      flags.queue === undefined
        ? undefined
        : await interruption.unless(findQueue(flags.queue, flags, reader));
    const prepared = await submission.prepare({ interruption, reader, start: display.start, log });
    let isClean = false;
    const cleanUp = async (): Promise<void> => {
      if (isClean) return;
      isClean = true;
      for (const sentence of await prepared.cleanUp()) log(`not removed: ${sentence}`);
    };
    try {
      const surroundings = { flags, reader, interruption, display };
      const { result, frameworkId } =
        queue === undefined
          ? await runScheduler(prepared, { place, ...surroundings })
          : await runQueued(prepared, { queue, ...surroundings });
      const { lines, json, failure } = await prepared.collect(result);
      await cleanUp();
      display.close();
      const seconds = Math.round(performance.now() - startedMs) / 1000;
      if (flags.json) console.log(JSON.stringify({ frameworkId, seconds, ...json }));
      else for (const line of lines) console.log(line);
      if (failure !== undefined) throw new CommandError(failure, EXIT.failed);
    } finally {
      await cleanUp();
    }
  } finally {
    display.close();
    await reader.close();
  }
}

/** A display for those who want to see nothing but trouble. */
const silent: ProgressDisplay = {
  expect() {},
  start: () => ({ report() {}, end() {}, stop() {} }),
  log: (line) => void process.stderr.write(`${line}\n`),
  close() {},
};

interface Run {
  readonly place: Place;
  readonly flags: SubmitFlags;
  readonly reader: MasterReader;
  readonly interruption: Interruption;
  readonly display: ProgressDisplay;
}

/** Runs the scheduler until all its jobs have ended, and every task and executor has. */
async function runScheduler(
  prepared: PreparedSubmission,
  { place, flags, reader, interruption, display }: Run,
): Promise<Ran> {
  const log = (line: string): void => display.log(line);
  const { hosts } = prepared;
  const remedies = remediesFor(flags, `ask for less with ${prepared.sizeFlags ?? '--cpus and --mem'}`);
  const stopped = Promise.withResolvers<string | undefined>();
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  let desk: JobDesk | undefined;
  let watch: ReturnType<typeof watchJobs> | undefined;
  let driver: SchedulerDriver | undefined;
  let summary: Summary | undefined;
  let frameworkId: string | undefined;
  const endings: (() => Promise<void> | void)[] = [];
  const atEnd = (run: () => Promise<void> | void): void => void endings.unshift(run);
  try {
    const history =
      flags.history === undefined
        ? undefined
        : openHistory(flags.history, (code, message) => broken.reject(new CommandError(message, code)));
    atEnd(() => history?.close());
    const wire = await startWire({
      // The bridge to the v1 API is dialled by nobody.
      ...(place.over === 'v1' ? { secret: randomBytes(32).toString('hex') } : readSecurity(flags)),
      ...(history !== undefined && { history }),
      log,
    });
    atEnd(() => wire.close());
    const now = (): number => wire.now();
    const server = await serveJobs({ framework: prepared.name, desk: () => desk, port: 0, flags, now, log });
    atEnd(() => server.close());
    const factory = prepared.scheduler({
      ready: (made) => {
        desk = made;
        watch ??= watchJobs(boardOf(made), display, hasBars(flags) ? undefined : log, now);
      },
      done: (told) => {
        summary = told;
      },
    });
    const registered = (id: string): void => {
      if (frameworkId === id) return;
      frameworkId = id;
      if (!flags.quiet) log(`framework ${id} is registered`);
      prepared.registered?.(id, 'own').catch(broken.reject);
    };
    await spawnScheduler({
      daemon: { wire, log, atEnd },
      place,
      name: prepared.name,
      flags,
      webuiUrl: server.url,
      factory: (own) => {
        driver = own;
        return factory(own);
      },
      registered,
      stopped: stopped.resolve,
    });
    const vigil = explainWaiting({
      patienceMs: flags.patience,
      jobs: () => (desk === undefined ? [] : boardOf(desk).jobs()),
      why: async (jobs) =>
        frameworkId === undefined
          ? 'the master has not registered the framework'
          : whyWaiting(reader, { frameworkId, jobs, hosts, remedies }),
      // Those that are not there may have failed, and come back in a while.
      whyPart: async (jobs) =>
        frameworkId === undefined ? undefined : whyNever(reader, { frameworkId, jobs, hosts, remedies }),
      log,
    });
    try {
      const error = await interruption.unless(Promise.race([stopped.promise, broken.promise]));
      if (error !== undefined)
        throw new CommandError(`the master refused the framework: ${error}`, EXIT.failed);
    } catch (error) {
      end(desk, driver);
      await Promise.race([stopped.promise, pause(STOP_MS, undefined, { ref: false })]);
      throw error;
    } finally {
      watch?.stop();
      vigil.stop();
      if (frameworkId !== undefined) {
        const left = await untilGone(reader, frameworkId, GONE_MS);
        if (left !== undefined) log(`${left}; its tasks may still be ending`);
      }
    }
  } finally {
    for (const run of endings) await run();
  }
  if (summary === undefined || frameworkId === undefined) throw interrupted();
  const bad = summary.jobs.filter(({ outcome }) => outcome !== 'finished');
  if (bad.length > 0) throw notFinished(bad);
  return { result: summary.jobs.at(-1), frameworkId };
}

/** Is there nothing to be said in lines? */
const hasBars = ({ quiet }: SubmitFlags): boolean => quiet === true || process.stderr.isTTY === true;

/** Ends all jobs, and the framework. */
function end(desk: JobDesk | undefined, driver: SchedulerDriver | undefined): void {
  if (desk?.is === 'served')
    for (const job of desk.control.jobs())
      if (!hasEnded(job))
        try {
          desk.control.delete(job.id);
        } catch {
          // It has ended this moment.
        }
  driver?.stop();
}
