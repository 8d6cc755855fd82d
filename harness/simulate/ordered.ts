/** A queue server that is told of its jobs while it runs, in the turns of its own actor: it may be down, or not even registered. */
import type { JobControl } from '../../frameworks/jobBoard.ts';
import type { TorqueConfig } from '../../frameworks/torque/config.ts';
import type { TorqueJob } from '../../frameworks/torque/job.ts';
import { createTorqueScheduler } from '../../frameworks/torque/scheduler.ts';
import type { SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import type { QueuedJob } from './plan.ts';

/** What somebody wants of a job. */
export type QueueOrder = NonNullable<QueuedJob['order']> & { readonly jobId: string };

/** The scheduler with somebody who gives it these orders. */
export function ordered(config: TorqueConfig, orders: readonly QueueOrder[]): SchedulerFactory {
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
    const scheduler = createTorqueScheduler(config, { onReady, onDone: () => {} })(driver);
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
