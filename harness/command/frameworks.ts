/** The frameworks whose schedulers `lab framework` and `lab submit` run: one entry for each. */
import type { SchedulerFactory } from '../../mesos/driver/scheduler.ts';

/** What a framework's scheduler tells when all its jobs have ended. */
export interface Summary {
  readonly jobs: readonly { readonly id: string; readonly outcome: string; readonly message?: string }[];
}

/** A framework with its configuration. */
export interface Prepared {
  readonly name: string;
  scheduler(done: (summary: Summary) => void): SchedulerFactory;
}

/** Of a scheduler that takes the place of another. */
export type Incarnation = { readonly incarnation?: number };

const torque = async (config: unknown, incarnation: Incarnation): Promise<Prepared> => {
  const { readTorqueConfig } = await import('../../frameworks/torque/config.ts');
  const { createTorqueScheduler } = await import('../../frameworks/torque/scheduler.ts');
  const read = { ...readTorqueConfig(config), ...incarnation };
  return { name: read.name, scheduler: (onDone) => createTorqueScheduler(read, { onDone }) };
};

/** By name: reads a configuration, as parsed JSON. Rejects with one sentence if it is wrong. */
export const FRAMEWORKS = {
  hadoop: async (config: unknown, incarnation: Incarnation): Promise<Prepared> => {
    const { readHadoopConfig } = await import('../../frameworks/hadoop/job.ts');
    const { createJobTracker } = await import('../../frameworks/hadoop/jobTracker.ts');
    const read = { ...readHadoopConfig(config), ...incarnation };
    return { name: read.name, scheduler: (onDone) => createJobTracker(read, { onDone }) };
  },
  service: async (config: unknown, incarnation: Incarnation): Promise<Prepared> => {
    const { readServiceConfig } = await import('../../frameworks/service/config.ts');
    const { createServiceScheduler } = await import('../../frameworks/service/scheduler.ts');
    const read = { ...readServiceConfig(config), ...incarnation };
    return { name: read.name, scheduler: (onDone) => createServiceScheduler(read, { onDone }) };
  },
  torque,
  /** The same by its older name. */
  mpi: torque,
} as const;
