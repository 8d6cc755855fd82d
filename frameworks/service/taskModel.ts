/** Command tasks in virtual time: they run until they are killed, or fail when their modelled life is over. */
import * as v from 'valibot';
import type { Timer } from '../../mesos/driver/actor.ts';
import { EXECUTOR_DEFAULTS, type ExecutorFactory } from '../../mesos/driver/executor.ts';
import { decodeData, type Immutable } from '../../mesos/protocol/entities.ts';

const TimeSchema = v.pipe(v.number(), v.finite(), v.minValue(0));
const LifeSchema = v.object({ startMs: TimeSchema, lifeMs: v.exactOptional(TimeSchema) });
/** `data` of a modelled task: when it is up, and how long it lives then; absent: for ever. */
export type Life = Immutable<v.InferOutput<typeof LifeSchema>>;

/** The executor of a command, as the emulated isolation module knows it by the name `command`. It has one task. */
export const commandModel: ExecutorFactory = (driver) => {
  let timer: Timer | undefined;
  return {
    ...EXECUTOR_DEFAULTS,
    launchTask({ taskId, data }) {
      const { startMs, lifeMs } = data === undefined ? { startMs: 0 } : v.parse(LifeSchema, decodeData(data));
      timer = driver.after(startMs, () => {
        driver.sendStatus(taskId, 'TASK_RUNNING');
        if (lifeMs === undefined) return;
        timer = driver.after(lifeMs, () => {
          driver.sendStatus(taskId, 'TASK_FAILED', { message: 'Its modelled life is over' });
          driver.stop();
        });
      });
    },
    killTask(taskId) {
      timer?.cancel();
      driver.sendStatus(taskId, 'TASK_KILLED');
      driver.stop();
    },
  };
};
