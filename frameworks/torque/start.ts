/** The start of jobs whose ranks all wait: each rank is told, until it has confirmed it; the wall time runs. */
import { randomBytes } from 'node:crypto';
import type { Millis } from '../../mesos/driver/actor.ts';
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import { encodeData } from '../../mesos/protocol/entities.ts';
import type { MpiProgram } from '../mpi/program.ts';
import type { TorqueConfig } from './config.ts';
import type { Gang } from './gang.ts';
import type { JobRun, RunningState } from './jobRun.ts';
import { type Held, wallTimeOf } from './queue.ts';

/** Messages and the end of processes take their time: a job that is as long as its wall time is not killed for them. */
const WALL_TIME_GRACE_MS: Millis = 5000;

/** What may become of a job that was started. */
export interface StartEvents {
  /** A rank has not confirmed the start in time. */
  unconfirmed(held: Held): void;
  /** The job has run longer than it may. */
  exceeded(wallTimeMs: Millis): void;
}

/** The state of a job that starts now, with its clocks; its ranks are still to be told. */
export function startOf(
  run: JobRun,
  gang: Gang,
  config: TorqueConfig,
  driver: SchedulerDriver,
  events: StartEvents,
): RunningState {
  const wallTimeMs = wallTimeOf(run, config);
  return {
    state: 'running',
    gang,
    starts: gang.starts(newSecret(run.job.program)),
    endsMs: driver.now() + wallTimeMs,
    wallTime:
      wallTimeMs === Number.POSITIVE_INFINITY
        ? undefined
        : driver.after(wallTimeMs + WALL_TIME_GRACE_MS, () => events.exceeded(wallTimeMs)),
    deadline: driver.after(config.hoardTimeoutMs, () => {
      const slot = gang.slots.find(({ now }) => now.phase === 'waiting');
      if (slot !== undefined) events.unconfirmed({ run, gang, slot });
    }),
  };
}

/** Tells the ranks that have not confirmed the start. */
export function sendStarts(driver: SchedulerDriver, { gang, starts }: RunningState): void {
  gang.slots.forEach(({ now, slaveId, executorId }, rank) => {
    const start = starts[rank];
    if (now.phase === 'waiting' && start !== undefined)
      driver.sendFrameworkMessage(slaveId, executorId, encodeData(start));
  });
}

/** Ends the wait for confirmations, if there are all. */
export function checkConfirmed(now: RunningState): void {
  if (now.deadline === undefined || now.gang.slots.some((slot) => slot.now.phase === 'waiting')) return;
  now.deadline.cancel();
  now.deadline = undefined;
}

/** What the ranks of one attempt prove to each other. Models talk to nobody, and chance would make runs differ. */
function newSecret(program: MpiProgram): string | undefined {
  return program.type === 'model' ? undefined : randomBytes(32).toString('base64url');
}
