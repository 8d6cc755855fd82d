/** Hadoop at real work in one process, for tests: a JobTracker, TaskTrackers with their threads, and a test that may meddle. */
import type { TaskInfo } from '../../mesos/protocol/entities.ts';
import type { HadoopConfig } from './job.ts';
import type { HadoopSummary } from './jobSummary.ts';
import { createJobTracker } from './jobTracker.ts';
import { createTaskTracker } from './taskTracker.ts';
import { TestMaster, TestSlave } from './testCluster.ts';

/** An instance at work. */
export interface TestWork {
  readonly summary: Promise<HadoopSummary>;
  /** A slave is lost, with all that runs on it. It does not come back. */
  lose(host: string): void;
  close(): void;
}

/** What a test does to a task that is about to be launched; `fail`: it fails, and does not run. */
export type Meddle = (taskId: string, work: TestWork) => 'run' | 'fail';

/** Runs a JobTracker with a TaskTracker on each host, offering free slots as they come to be. */
export function runWork(
  config: HadoopConfig,
  cpusByHost: Readonly<Record<string, number>>,
  secret: string,
  meddle: Meddle = () => 'run',
): TestWork {
  const free: Record<string, number> = { ...cpusByHost };
  const slaves = new Map<string, TestSlave>();
  const running = new Map<string, { readonly task: TaskInfo; readonly host: string }>();
  const done = Promise.withResolvers<HadoopSummary>();
  const master = new TestMaster(createJobTracker(config, { onDone: done.resolve }));
  const factory = createTaskTracker({ secret });

  const slaveOn = (host: string, { executor }: TaskInfo): TestSlave => {
    const known = slaves.get(host);
    if (known !== undefined) return known;
    const slave = new TestSlave(factory, host, executor);
    slaves.set(host, slave);
    slave.listen(({ taskId, state, ...detail }) => {
      const task = running.get(taskId)?.task;
      if (task === undefined) return;
      if (state !== 'TASK_RUNNING') running.delete(taskId);
      master.update(task, state, detail);
      if (state !== 'TASK_RUNNING') giveBack(host);
    });
    return slave;
  };
  const giveBack = (host: string): void => {
    if (free[host] === undefined) return;
    free[host] += 1;
    queueMicrotask(offer);
  };
  const launch = (task: TaskInfo, host: string): void => {
    if (free[host] === undefined) return master.update(task, 'TASK_LOST', { reason: 'REASON_SLAVE_REMOVED' });
    free[host] -= 1;
    running.set(task.taskId, { task, host });
    const wanted = meddle(task.taskId, work);
    // It may have lost this very slave.
    if (!running.has(task.taskId)) return;
    if (wanted === 'run') return slaveOn(host, task).executor.launchTask(task);
    running.delete(task.taskId);
    master.update(task, 'TASK_FAILED', { message: 'the test wants it so' });
    giveBack(host);
  };
  const offer = (): void => {
    if (master.stopped) return;
    const launched = master.offer(Object.fromEntries(Object.entries(free).filter(([, cpus]) => cpus > 0)));
    for (const [host, own] of Object.entries(launched)) for (const task of own) launch(task, host);
  };
  const work: TestWork = {
    summary: done.promise,
    lose: (lost) => {
      delete free[lost];
      const gone = [...running.values()].filter(({ host }) => host === lost);
      slaves.get(lost)?.executor.shutdown();
      slaves.delete(lost);
      for (const { task } of gone) {
        running.delete(task.taskId);
        master.update(task, 'TASK_LOST', { reason: 'REASON_SLAVE_REMOVED' });
      }
      master.scheduler.slaveLost(`s-${lost}`);
      queueMicrotask(offer);
    },
    close: () => {
      for (const slave of slaves.values()) slave.executor.shutdown();
    },
  };
  offer();
  return work;
}
