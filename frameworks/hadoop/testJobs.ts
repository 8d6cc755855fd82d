/** Jobs for tests, and a JobTracker that runs them on a {@link TestMaster}. */
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import type { JobControl } from '../jobBoard.ts';
import { type HadoopConfig, type HadoopJob, readHadoopConfig } from './job.ts';
import type { HadoopSummary, JobSummary } from './jobSummary.ts';
import { createJobTracker, type JobTrackerListener } from './jobTracker.ts';
import type { TaskReport } from './taskData.ts';
import { TestMaster } from './testCluster.ts';

/** How to start a TaskTracker, which nobody does here. */
export const COMMAND = { shell: true, value: 'run', arguments: [], environment: {} };
/** A program that only takes time. */
export const MODEL = { type: 'model', setUpMs: 0, mapMs: 10, remoteMapMs: 20, reduceMs: 30, cv: 0 } as const;

/** A job with one map for each of these lists of hosts. */
export function job(
  id: string,
  hosts: readonly (readonly string[])[],
  more: Partial<HadoopJob> = {},
): HadoopJob {
  return {
    id,
    kind: 'test',
    submission: { when: 'at', ms: 0 },
    input: hosts.map((holders, n) => ({ id: `${id}-${n}`, bytes: 100, hosts: [...holders] })),
    reduces: 0,
    program: MODEL,
    ...more,
  };
}

/** A job of so many maps whose blocks are nowhere near. */
export const farJob = (id: string, maps: number, more: Partial<HadoopJob> = {}): HadoopJob =>
  job(id, new Array<string[]>(maps).fill(['elsewhere']), more);

/** A JobTracker at work. */
export interface Run {
  readonly master: TestMaster;
  readonly ended: JobSummary[];
  readonly summary: HadoopSummary | undefined;
  readonly control: JobControl<HadoopJob>;
}

/** Starts a JobTracker with these jobs. */
export function start(
  jobs: readonly HadoopJob[],
  more: Partial<HadoopConfig> = {},
  told: Pick<JobTrackerListener, 'journal'> = {},
): Run {
  const config = {
    ...readHadoopConfig({ name: 'h', jobs, slot: { cpus: 1 }, executor: { command: COMMAND } }),
    ...more,
  };
  const ended: JobSummary[] = [];
  let summary: HadoopSummary | undefined;
  let control: JobControl<HadoopJob> | undefined;
  const master = new TestMaster(
    createJobTracker(config, {
      ...told,
      onReady: (made) => {
        control = made;
      },
      onDone: (all) => {
        summary = all;
      },
      onJobEnded: (one) => ended.push(one),
    }),
  );
  if (control === undefined) throw new Error('the JobTracker gave no control of its jobs');
  return {
    master,
    ended,
    control,
    get summary() {
      return summary;
    },
  };
}

/** The ids of tasks. */
export const ids = (tasks: readonly TaskInfo[] | undefined): string[] =>
  (tasks ?? []).map(({ taskId }) => taskId);

/** Ends a task well. */
export function finish(run: Run, task: TaskInfo, more: Partial<TaskReport> = {}): void {
  const report: TaskReport = { locality: 'local', inputBytes: 100, outputBytes: 10, ...more };
  run.master.update(task, 'TASK_FINISHED', { data: encodeData(report) });
}

/** What the history holds of one kind. */
export const events = (run: Run, name: string): readonly unknown[] =>
  run.master.history.filter(({ event }) => event === name);
