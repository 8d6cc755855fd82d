/** A probe: a framework with one task, which tells when it came how far. */
import type { Work } from '../../frameworks/load/executor.ts';
import { LOAD_EXECUTOR } from '../../frameworks/load/scheduler.ts';
import {
  SCHEDULER_DEFAULTS,
  type SchedulerDriver,
  type SchedulerFactory,
} from '../../mesos/driver/scheduler.ts';
import { encodeData, type Offer, type TaskInfo } from '../../mesos/protocol/entities.ts';
import { contains } from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { EMULATED_COMMAND } from './frameworks.ts';
import type { ProbeReport, ProbesPeer } from './peerConfig.ts';

/** When a probe came how far, in milliseconds from its intended start; 0: not yet. */
export interface Progress {
  readonly begunMs: Millis;
  linkedMs: Millis;
  registeredMs: Millis;
  offeredMs: Millis;
  runningMs: Millis;
}

/** The progress of a probe that begins now. */
export function begin(begunMs: Millis): Progress {
  return { begunMs, linkedMs: 0, registeredMs: 0, offeredMs: 0, runningMs: 0 };
}

/** How far a probe came, for a reader who wonders why it went no further. */
export function inWords({ linkedMs, registeredMs, offeredMs, runningMs }: Progress): string {
  if (runningMs > 0) return `its task ran after ${shown(runningMs)}, and its end was not told`;
  if (offeredMs > 0) return `it took an offer after ${shown(offeredMs)}, and its task was not told to run`;
  if (registeredMs > 0) return `it had registered after ${shown(registeredMs)} and had no offer`;
  if (linkedMs > 0) return `it had a link after ${shown(linkedMs)} and was not registered`;
  return 'it had no link to the master';
}

const shown = (ms: Millis): string => `${(ms / 1000).toFixed(1)} s`;

/**
 * Makes the scheduler of a probe that was to start at `startMs`, which notes how far it comes. `done` is told once what became of it;
 * then it has left.
 */
export function createProbe(
  task: ProbesPeer['task'],
  startMs: Millis,
  progress: Progress,
  done: (report: ProbeReport) => void,
): SchedulerFactory {
  return (driver) => {
    const sinceStart = (): Millis => driver.now() - startMs;
    let launches = 0;
    let isDone = false;
    const end = (report: ProbeReport): void => {
      if (isDone) return;
      isDone = true;
      driver.stop();
      done(report);
    };
    return {
      ...SCHEDULER_DEFAULTS,
      registered() {
        progress.registeredMs = sinceStart();
      },
      resourceOffers(offers) {
        for (const offer of offers) {
          const isFirst = progress.offeredMs === 0 && contains(offer.resources, task.resources);
          if (isFirst) progress.offeredMs = sinceStart();
          launchOn(driver, offer, isFirst ? [taskOf(task, offer, launches++)] : []);
          if (isFirst) driver.setNeedsOffers(false);
        }
      },
      statusUpdate({ state, message, reason }) {
        if (state === 'TASK_RUNNING') progress.runningMs ||= sinceStart();
        if (!isTerminal(state)) return;
        if (reason === 'REASON_INVALID_OFFERS') {
          // The offer was void: nothing was launched, as if it had never been made.
          progress.offeredMs = 0;
          return driver.setNeedsOffers(true);
        }
        if (state !== 'TASK_FINISHED')
          return end({ outcome: 'failed', startMs, reason: `its task ended as ${state}: ${message ?? ''}` });
        const finishedMs = sinceStart();
        end({ outcome: 'finished', startMs, ...progress, finishedMs, delayMs: finishedMs - task.ms });
      },
      error(message) {
        end({ outcome: 'failed', startMs, reason: `the master refused it: ${message}` });
      },
    };
  };
}

function launchOn(driver: SchedulerDriver, { id }: Offer, tasks: readonly TaskInfo[]): void {
  driver.replyToOffer([id], tasks);
}

function taskOf({ ms, resources }: ProbesPeer['task'], { slaveId }: Offer, n: number): TaskInfo {
  const work: Work = { work: 'sleep', ms };
  return {
    name: 'probe',
    taskId: `probe.${n}`,
    slaveId,
    resources,
    executor: {
      executorId: LOAD_EXECUTOR,
      name: LOAD_EXECUTOR,
      command: EMULATED_COMMAND,
      resources: {},
    },
    data: encodeData(work),
  };
}
