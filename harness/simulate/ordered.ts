/** A queue server that is told of its jobs while it runs, in the turns of its own actor: it may be down, or not even registered. */
import type { JobControl } from '../../frameworks/jobBoard.ts';
import type { TorqueConfig } from '../../frameworks/torque/config.ts';
import type { TorqueJob } from '../../frameworks/torque/job.ts';
import { createTorqueScheduler, type TorqueSchedulerOptions } from '../../frameworks/torque/scheduler.ts';
import type { SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import type { QueuedJob } from './plan.ts';

/** What somebody wants of a job. */
export type QueueOrder = NonNullable<QueuedJob['order']> & { readonly jobId: string };

/** When held jobs of the server before it are released. */
const RELEASE_MS = 20_000;

/** The scheduler with somebody who gives it these orders. With a journal it gets its jobs from there, and from them. */
export function ordered(
  config: TorqueConfig,
  orders: readonly QueueOrder[],
  given: Pick<TorqueSchedulerOptions, 'journal' | 'onJobEnded'>,
): SchedulerFactory {
  return (driver) => {
    const give = (delayMs: number, order: (control: JobControl<TorqueJob>) => void): void => {
      driver.after(delayMs, () => {
        try {
          if (control !== undefined) order(control);
        } catch (error) {
          // The job runs already, or has ended.
          if (!(error instanceof RangeError)) throw error;
        }
      });
    };
    let control: JobControl<TorqueJob> | undefined;
    const onReady = (ready: JobControl<TorqueJob>): void => {
      control = ready;
    };
    const isKept = given.journal !== undefined;
    const options = { onReady, onDone: () => {}, ...given };
    const scheduler = createTorqueScheduler(isKept ? { ...config, jobs: [] } : config, options)(driver);
    if (isKept) {
      for (const { id, phase } of control?.jobs() ?? [])
        if (phase === 'held') give(RELEASE_MS, (jobs) => jobs.release(id));
      for (const job of config.jobs) control?.submit(job);
    }
    for (const order of orders)
      switch (order.what) {
        case 'hold':
          give(order.atMs, (jobs) => jobs.hold(order.jobId));
          give(order.atMs + order.forMs, (jobs) => jobs.release(order.jobId));
          break;
        case 'delete':
          give(order.atMs, (jobs) => jobs.delete(order.jobId));
          break;
        default:
          order satisfies never;
      }
    return scheduler;
  };
}
