/** Iterative jobs as a driver program in virtual time: what a real one asks of its scheduler, by callbacks. */
import type { SchedulerDriver, SchedulerFactory } from '../../../mesos/driver/scheduler.ts';
import type { IterativeJob } from '../../../workloads/iterative.ts';
import type { SparkScheduling } from '../config.ts';
import type { SparkHandle } from '../scheduling/handle.ts';
import type { JobListener } from '../scheduling/job.ts';
import type { LineageNode } from '../scheduling/lineage.ts';
import { createSparkScheduler } from '../scheduling/scheduler.ts';
import type { Step } from '../taskData.ts';

/** What came of the jobs. */
export interface ModelSummary {
  readonly jobs: readonly {
    readonly id: string;
    readonly outcome: 'finished' | 'failed';
    readonly message?: string;
    /** How long each iteration took, the first with the loading. */
    readonly iterationMs: readonly number[];
  }[];
}

/** What a modelled application is. */
export interface ModelOptions {
  readonly config: SparkScheduling;
  readonly jobs: readonly IterativeJob[];
  /** Hostnames that hold the block of each partition of a job; default: nowhere near. */
  readonly hostsOf?: (job: IterativeJob, partition: number) => readonly string[];
  /** A block that is read from another node takes so many times as long; default 1. */
  readonly remoteSlowdown?: number;
  readonly onDone: (summary: ModelSummary) => void;
}

/** A job has at most so many datasets. */
const IDS_PER_JOB = 1_000_000;

type JobEnd = ModelSummary['jobs'][number];

/** Makes the scheduler of a modelled application. In the history its jobs are those given, not their actions. */
export function createModelledSpark(options: ModelOptions): SchedulerFactory {
  const { config, jobs, onDone } = options;
  return createSparkScheduler(config, {
    onReady: (handle, driver) => {
      const ends = new Map<string, JobEnd>();
      const start = driver.now();
      const run = (job: IterativeJob, intendedMs: number): void =>
        void driver.after(Math.max(0, intendedMs - driver.now()), () =>
          runJob(
            job,
            intendedMs,
            options,
            { handle, driver, firstId: jobs.indexOf(job) * IDS_PER_JOB },
            (end) => {
              ends.set(job.id, end);
              for (const next of jobs)
                if (next.submission.when === 'after' && next.submission.jobId === job.id)
                  run(next, driver.now() + next.submission.delayMs);
              if (ends.size < jobs.length) return;
              onDone({ jobs: jobs.map(({ id }) => ends.get(id) as JobEnd) });
              handle.stop();
            },
          ),
        );
      for (const job of jobs) if (job.submission.when === 'at') run(job, start + job.submission.ms);
    },
    onRefused: (message) =>
      onDone({ jobs: jobs.map(({ id }) => ({ id, outcome: 'failed', message, iterationMs: [] })) }),
  });
}

interface Application {
  readonly handle: SparkHandle;
  readonly driver: SchedulerDriver;
  /** Of the job's datasets: the same on every system, for lengths hang on them. */
  readonly firstId: number;
}

/** Runs one job: its input is cached with the first step that reads it, and each step is an action over it. */
function runJob(
  job: IterativeJob,
  intendedMs: number,
  { config, hostsOf = () => [], remoteSlowdown = 1 }: ModelOptions,
  { handle, driver, firstId }: Application,
  done: (end: JobEnd) => void,
): void {
  const { id: jobId, kind, partitions, iterations, model } = job;
  const { setUpMs = 0, loadMs, bytes, stepMs, driverMs, cv } = model;
  const framework = config.name;
  const isBroadcast = job.data === 'broadcast';
  const modelled = (ms: number, isShared = false): Step => ({
    ...{ type: 'model', ms, remoteSlowdown, cv, bytes },
    ...(isShared && { isShared }),
  });
  const all = Array.from({ length: partitions }, (_, n) => n);
  const input: LineageNode = {
    id: firstId,
    partitions,
    step: modelled(loadMs, isBroadcast),
    dependencies: [],
    inputs: all.map(() => ({ type: 'model' })),
    hosts: all.map((partition) => (isBroadcast ? [] : hostsOf(job, partition))),
    isCached: !isBroadcast,
  };
  const steps = iterations * stepMs.length;
  const iterationMs: number[] = [];
  let iterationStart = driver.now();
  driver.record({
    event: 'job-submitted',
    framework,
    jobId,
    kind,
    tasks: steps * partitions,
    intendedMs,
  });

  const end = (message?: string): void => {
    const outcome = message === undefined ? 'finished' : 'failed';
    const more = message === undefined ? {} : { message };
    driver.record({ event: 'job-finished', framework, jobId, outcome, ...more });
    input.isCached = false;
    handle.unpersist(input);
    done({ id: jobId, outcome, ...more, iterationMs });
  };
  const runStep = (number: number): void => {
    const node: LineageNode = {
      id: firstId + 1 + number,
      partitions,
      step: modelled(stepMs[number % stepMs.length] as number),
      dependencies: [{ type: 'narrow', on: input }],
      isCached: false,
    };
    const listener: JobListener = {
      onResult: (_partition, _report, answer) => answer.taken(),
      onAccumulated() {},
      onEnd: (failure) => {
        if (failure !== undefined) return end(failure);
        if ((number + 1) % stepMs.length === 0) {
          iterationMs.push(driver.now() - iterationStart);
          iterationStart = driver.now();
        }
        if (number + 1 === steps) return end();
        driver.after(driverMs, () => runStep(number + 1));
      },
    };
    const spec = {
      id: `${jobId}-${number}`,
      kind,
      node,
      partitions: all,
      action: { type: 'model' } as const,
    };
    handle.submit(spec, listener, true);
  };
  driver.after(setUpMs + driverMs, () => {
    driver.record({ event: 'job-started', framework, jobId });
    runStep(0);
  });
}
