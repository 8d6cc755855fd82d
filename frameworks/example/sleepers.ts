/** The smallest whole framework: one job, of tasks that sleep. docs/add-a-framework.md explains it. */
import * as v from 'valibot';
import type { ExecutorFactory } from '../../mesos/driver/executor.ts';
import type { SchedulerFactory, Timer } from '../../mesos/driver/scheduler.ts';
import { CommandInfoSchema, decodeData, encodeData, type TaskId } from '../../mesos/protocol/entities.ts';
import { timesContained } from '../../mesos/protocol/resources.ts';
import { isTerminal, type TaskState } from '../../mesos/protocol/tasks.ts';

const SLOT = { cpus: 1, mem: 32 };
const TimeSchema = v.pipe(v.number(), v.finite(), v.minValue(0));
const CountSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000));
const CONFIG = { name: v.string(), tasks: CountSchema, sleepMs: TimeSchema, command: CommandInfoSchema };
type Summary = { readonly jobs: readonly [{ id: string; outcome: 'finished' | 'failed'; message?: string }] };
/** No offer is kept, and a task that is lost with its slave or executor gets a status of its own. */
const NOTHING_TO_DO = { offerRescinded() {}, slaveLost() {}, executorLost() {}, frameworkMessage() {} };

/** Checks a configuration. Its `command` starts the executor. */
export const readSleepers = (json: unknown) => v.parse(v.object(CONFIG), json);

/** The scheduler. `done` is told once what came of the job. */
export function createSleepers(
  { name: framework, tasks, sleepMs, command }: ReturnType<typeof readSleepers>,
  done: (summary: Summary) => void,
): SchedulerFactory {
  const executor = { executorId: 'sleeper', name: 'sleeper', command, resources: {} };
  const job = { framework, jobId: 'sleep' };
  return (driver) => {
    const waiting = Array.from({ length: tasks }, (_, n) => `sleep-${n}`);
    const running = new Set<TaskId>();
    let [registrations, launches, losses] = [0, 0, 0];

    function end(outcome: 'finished' | 'failed', reason: { message?: string } = {}): void {
      driver.record({ event: 'job-finished', ...job, outcome, ...reason });
      done({ jobs: [{ id: job.jobId, outcome, ...reason }] });
    }
    return {
      ...NOTHING_TO_DO,
      registered() {
        if (registrations++ > 0) return driver.reconcileTasks([...running].map((taskId) => ({ taskId })));
        driver.record({ event: 'job-submitted', ...job, kind: 'sleep', tasks, intendedMs: driver.now() });
      },
      resourceOffers(offers) {
        for (const { id, slaveId, resources } of offers) {
          const ids = waiting.splice(0, timesContained(resources, SLOT));
          if (ids.length > 0 && launches++ === 0) driver.record({ event: 'job-started', ...job });
          for (const taskId of ids) running.add(taskId);
          const task = { slaveId, resources: SLOT, executor, data: encodeData(sleepMs) };
          const launched = ids.map((taskId) => ({ ...task, name: taskId, taskId }));
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
        if (state === 'TASK_FINISHED') end('finished');
        else end('failed', { message });
        driver.stop();
      },
      disconnected() {},
      error: (message) => end('failed', { message }),
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
    registered() {},
    launchTask({ taskId, data }) {
      const sleepMs = v.parse(TimeSchema, decodeData(data));
      driver.sendStatus(taskId, 'TASK_RUNNING');
      const wakeUp = driver.after(sleepMs, () => end(taskId, 'TASK_FINISHED'));
      sleeping.set(taskId, wakeUp);
    },
    killTask: (taskId) => end(taskId, 'TASK_KILLED'),
    frameworkMessage() {},
    shutdown() {},
  };
};
