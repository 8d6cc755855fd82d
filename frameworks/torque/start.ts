/** The start of a job whose ranks all wait: each is told, until it has confirmed it. */
import { randomBytes } from 'node:crypto';
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import { encodeData } from '../../mesos/protocol/entities.ts';
import type { Start } from '../mpi/message.ts';
import type { MpiProgram } from '../mpi/program.ts';
import type { Gang } from './gang.ts';
import type { RunningState } from './jobRun.ts';

/** What to tell the ranks of a complete gang. */
export function startsOf(gang: Gang): readonly Start[] {
  return gang.starts(newSecret(gang.job.program));
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
