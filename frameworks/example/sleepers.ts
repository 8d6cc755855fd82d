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
/** No offer is kept, and a task that is lost with its slave or executor gets a status of its own. */
const NOTHING_TO_DO = { offerRescinded() {}, slaveLost() {}, executorLost() {}, frameworkMessage() {} };

/** The scheduler. `command` in the configuration starts the executor; `done` is told why the job failed, if it did. */
export function createSleepers(config: unknown, done: (failure?: string) => void): SchedulerFactory {
  const { name: framework, tasks, sleepMs, command } = v.parse(v.object(CONFIG), config);
  const executor = { executorId: 'sleeper', name: 'sleeper', command, resources: {} };
  const job = { framework, jobId: 'sleep' };
  return (driver) => {
    const waiting = Array.from({ length: tasks }, (_, n) => `sleep-${n}`);
    const running = new Set<TaskId>();
    let [registrations, launches, losses] = [0, 0, 0];

    function end(failure?: string): void {
      const outcome = failure === undefined ? 'finished' : 'failed';
      driver.record({ event: 'job-finished', ...job, outcome, ...(failure && { message: failure }) });
      done(failure);
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
        running.clear();
        end(state === 'TASK_FINISHED' ? undefined : message);
        driver.stop();
      },
      disconnected() {},
      error: end,
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
