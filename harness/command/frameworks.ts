/** The frameworks whose schedulers `lab framework` and `lab submit` run: one entry for each. */
import * as v from 'valibot';
import type { JournalFile } from '../../frameworks/hadoop/journalFile.ts';
import type { FileJournal } from '../../frameworks/torque/journalFile.ts';
import type { SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import { type JobDesk, serving } from '../jobs/jobList.ts';

/** What a framework's scheduler tells when all its jobs have ended. */
export interface Summary {
  readonly jobs: readonly { readonly id: string; readonly outcome: string; readonly message?: string }[];
}

/** What is told of a scheduler. */
export interface SchedulerEvents {
  /** It is made, and its jobs can be asked for. Not every framework tells of them. */
  ready(desk: JobDesk): void;
  /** All jobs have ended, or the master has refused the framework. */
  done(summary: Summary): void;
}

/** A framework with its configuration. */
export interface Prepared {
  readonly name: string;
  scheduler(events: SchedulerEvents, journal?: FileJournal | JournalFile): SchedulerFactory;
  /**
   * Opens a file that keeps its jobs for the scheduler that comes after it. Throws, in one sentence, if that fails; `onError` is
   * told, in one sentence, that it fails later. Absent: it cannot keep its jobs.
   */
  openJournal?(path: string, onError: (error: Error) => void): FileJournal | JournalFile;
}

/** What the command line has to say beside the configuration. */
export interface Overrides {
  /** Of a scheduler that takes the place of another. */
  readonly incarnation?: number;
  /** It goes on without jobs, and waits for more. */
  readonly keepRunning?: boolean;
}

/** Makes what reads a job from JSON; it throws a TypeError of one sentence if that is none. */
function jobReader<S extends v.GenericSchema>(schema: S): (json: unknown) => v.InferOutput<S> {
  return (json) => {
    const parsed = v.safeParse(schema, json, { abortEarly: true });
    if (parsed.success) return parsed.output;
    const [issue] = parsed.issues;
    throw new TypeError(`The job cannot be read: ${v.getDotPath(issue) ?? 'the job'}: ${issue.message}`);
  };
}

/** What is no object is left to be refused. */
function withOverrides(config: unknown, overrides: Overrides): unknown {
  return typeof config === 'object' ? { ...config, ...overrides } : config;
}

const torque = async (config: unknown, overrides: Overrides): Promise<Prepared> => {
  const { readTorqueConfig } = await import('../../frameworks/torque/config.ts');
  const { TorqueJobSchema } = await import('../../frameworks/torque/job.ts');
  const { createTorqueScheduler } = await import('../../frameworks/torque/scheduler.ts');
  const read = readTorqueConfig(withOverrides(config, overrides));
  const { desk, ended } = serving(jobReader(TorqueJobSchema));
  const scheduler: Prepared['scheduler'] = ({ ready, done }, journal) =>
    createTorqueScheduler(read, {
      onReady: (control) => ready(desk(control)),
      onJobEnded: ended,
      onDone: done,
      ...(journal !== undefined && !('of' in journal) && { journal }),
    });
  const { openJournal } = await import('../../frameworks/torque/journalFile.ts');
  const { ENDED_JOBS_MAX } = await import('../../frameworks/torque/roster.ts');
  const endedMax = read.keepRunning ? ENDED_JOBS_MAX : Number.POSITIVE_INFINITY;
  return {
    name: read.name,
    scheduler,
    openJournal: (path, onError) => openJournal({ path, endedMax, onError }),
  };
};

/** A slave without a file server has no place for what its tasks would write. */
function onNodesOnly(hostnames: readonly string[], factory: SchedulerFactory): SchedulerFactory {
  if (hostnames.length === 0) return factory;
  return (driver) => {
    driver.setFilters([{ kind: 'hosts', hostnames }]);
    return factory(driver);
  };
}

/** By name: reads a configuration, as parsed JSON. Rejects with one sentence if it is wrong. */
export const FRAMEWORKS = {
  dryad: async (config: unknown, overrides: Overrides): Promise<Prepared> => {
    const { DryadJobSchema, readDryadConfig } = await import('../../frameworks/dryad/job.ts');
    const { createDryadScheduler } = await import('../../frameworks/dryad/scheduler.ts');
    const read = readDryadConfig(withOverrides(config, overrides));
    const { desk, ended } = serving(jobReader(DryadJobSchema));
    const scheduler: Prepared['scheduler'] = ({ ready, done }) =>
      onNodesOnly(
        Object.keys(read.nodes),
        createDryadScheduler(read, {
          onReady: (control) => ready(desk(control)),
          onJobEnded: ended,
          onDone: done,
        }),
      );
    return { name: read.name, scheduler };
  },
  hadoop: async (config: unknown, overrides: Overrides): Promise<Prepared> => {
    const { HadoopJobSchema, readHadoopConfig } = await import('../../frameworks/hadoop/job.ts');
    const { createJobTracker } = await import('../../frameworks/hadoop/jobTracker.ts');
    const read = readHadoopConfig(withOverrides(config, overrides));
    const { desk, ended } = serving(jobReader(HadoopJobSchema));
    const { openJournalFile: openJournal } = await import('../../frameworks/hadoop/journalFile.ts');
    const scheduler: Prepared['scheduler'] = ({ ready, done }, journal) =>
      onNodesOnly(
        Object.keys(read.nodes),
        createJobTracker(read, {
          onReady: (control) => ready(desk(control)),
          onJobEnded: ended,
          onDone: done,
          ...(journal !== undefined && 'of' in journal && { journal }),
        }),
      );
    return { name: read.name, scheduler, openJournal };
  },
  load: async (config: unknown, overrides: Overrides): Promise<Prepared> => {
    const { readLoadConfig } = await import('../../frameworks/load/config.ts');
    const { createLoadScheduler } = await import('../../frameworks/load/scheduler.ts');
    const { keepRunning: _, ...others } = overrides;
    const read = { ...readLoadConfig(config), ...others };
    const scheduler: Prepared['scheduler'] = ({ ready, done }) =>
      createLoadScheduler(read, { onReady: (board) => ready({ is: 'shown', board }), onDone: done });
    return { name: read.name, scheduler };
  },
  service: async (config: unknown, overrides: Overrides): Promise<Prepared> => {
    const { readServiceConfig, ServiceSchema } = await import('../../frameworks/service/config.ts');
    const { createServiceScheduler } = await import('../../frameworks/service/scheduler.ts');
    const { keepRunning: _, ...others } = overrides;
    const read = { ...readServiceConfig(config), ...others };
    const { desk } = serving(jobReader(ServiceSchema));
    const scheduler: Prepared['scheduler'] = ({ ready, done }) =>
      createServiceScheduler(read, { onReady: (control) => ready(desk(control)), onDone: done });
    return { name: read.name, scheduler };
  },
  spark: async (config: unknown, { incarnation, keepRunning }: Overrides): Promise<Prepared> => {
    if (incarnation !== undefined || keepRunning)
      throw new TypeError(
        'a Spark application ends with its driver program, which knows all that there is to know: nobody can take its place',
      );
    const { prepareSpark } = await import('../../frameworks/spark/prepare.ts');
    const { logLine } = await import('./daemons/daemon.ts');
    const { name, scheduler } = await prepareSpark(config, { log: logLine });
    return {
      name,
      scheduler: ({ ready, done }) => scheduler(done, (board) => ready({ is: 'shown', board })),
    };
  },
  torque,
  /** The same by its older name. */
  mpi: torque,
} as const;
