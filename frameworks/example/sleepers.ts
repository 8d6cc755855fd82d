/** The smallest whole framework: one job, of tasks that sleep. docs/add-a-framework.md explains it. */
import * as v from 'valibot';
import { EXECUTOR_DEFAULTS, type ExecutorFactory } from '../../mesos/driver/executor.ts';
import { SCHEDULER_DEFAULTS, type SchedulerFactory, type Timer } from '../../mesos/driver/scheduler.ts';
import { CommandInfoSchema, decodeData, encodeData, type TaskId } from '../../mesos/protocol/entities.ts';
import { timesContained } from '../../mesos/protocol/resources.ts';
import { isTerminal, type TaskState } from '../../mesos/protocol/tasks.ts';

const TimeSchema = v.pipe(v.number(), v.finite(), v.minValue(0));
const CountSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000));
const CONFIG = { name: v.string(), tasks: CountSchema, sleepMs: TimeSchema, command: CommandInfoSchema };
type Result = { readonly outcome: 'finished' | 'failed'; readonly message?: string };
type Done = (summary: { readonly jobs: readonly [{ readonly id: string } & Result] }) => void;

/** Checks a configuration. Its `command` starts the executor. */
export const readSleepers = (json: unknown) => v.parse(v.object(CONFIG), json);

/** The scheduler. `done` is told once what came of the job. */
export function createSleepers(config: ReturnType<typeof readSleepers>, done: Done): SchedulerFactory {
  const { name: framework, tasks, sleepMs, command } = config;
  const executor = { executorId: 'sleeper', name: 'sleeper', command, resources: {} };
  const task = { resources: { cpus: 1, mem: 32 }, executor, data: encodeData(sleepMs) };
  const job = { framework, jobId: 'sleep' };
  return (driver) => {
    const waiting = Array.from({ length: tasks }, (_, n) => `sleep-${n}`);
    const running = new Set<TaskId>();
    let [registrations, launches, losses] = [0, 0, 0];
    function end(result: Result): void {
      driver.record({ event: 'job-finished', ...job, ...result });
      done({ jobs: [{ id: job.jobId, ...result }] });
    }
    return {
      ...SCHEDULER_DEFAULTS,
      registered() {
        if (registrations++ > 0) return;
        driver.record({ event: 'job-submitted', ...job, kind: 'sleep', tasks, intendedMs: driver.now() });
      },
      resourceOffers(offers) {
        for (const { id, slaveId, resources } of offers) {
          const taskIds = waiting.splice(0, timesContained(resources, task.resources));
          if (taskIds.length > 0 && launches++ === 0) driver.record({ event: 'job-started', ...job });
          for (const taskId of taskIds) running.add(taskId);
          const launched = taskIds.map((taskId) => ({ ...task, name: taskId, taskId, slaveId }));
          driver.replyToOffer([id], launched);
        }
        if (waiting.length === 0) driver.setNeedsOffers(false);
      },
      statusUpdate({ taskId, state, message = state }) {
        if (!isTerminal(state) || !running.delete(taskId)) return;
        if (state === 'TASK_LOST' || state === 'TASK_KILLED') {
          waiting.push(`sleep-${tasks + losses++}`);
          return driver.setNeedsOffers(true);
        }
        if (state === 'TASK_FINISHED' && waiting.length + running.size > 0) return;
        end(state === 'TASK_FINISHED' ? { outcome: 'finished' } : { outcome: 'failed', message });
        driver.stop();
      },
      error: (message) => end({ outcome: 'failed', message }),
    };
  };
}

/** The executor. */
export const sleeper: ExecutorFactory = (driver) => {
  const sleeping = new Map<TaskId, Timer>();
  function end(taskId: TaskId, state: TaskState): void {
    sleeping.get(taskId)?.cancel();
    if (sleeping.delete(taskId)) driver.sendStatus(taskId, state);
  }
  return {
    ...EXECUTOR_DEFAULTS,
    launchTask({ taskId, data }) {
      driver.sendStatus(taskId, 'TASK_RUNNING');
      const wakeUp = driver.after(v.parse(TimeSchema, decodeData(data)), () => end(taskId, 'TASK_FINISHED'));
      sleeping.set(taskId, wakeUp);
    },
    killTask: (taskId) => end(taskId, 'TASK_KILLED'),
  };
};
