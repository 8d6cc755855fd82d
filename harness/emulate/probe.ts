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

/** What goes before a probe's scheduler hears of a master, in milliseconds from its intended start. */
export interface Beginning {
  readonly begunMs: Millis;
  linkedMs: Millis;
}

/** Makes the scheduler of a probe that was to start at `startMs`. `done` is told once what became of it; then it has left. */
export function createProbe(
  task: ProbesPeer['task'],
  startMs: Millis,
  beginning: Beginning,
  done: (report: ProbeReport) => void,
): SchedulerFactory {
  return (driver) => {
    const sinceStart = (): Millis => driver.now() - startMs;
    let registeredMs = 0;
    let offeredMs = 0;
    let runningMs = 0;
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
        registeredMs = sinceStart();
      },
      resourceOffers(offers) {
        for (const offer of offers) {
          const isFirst = offeredMs === 0 && contains(offer.resources, task.resources);
          if (isFirst) offeredMs = sinceStart();
          launchOn(driver, offer, isFirst ? [taskOf(task, offer, launches++)] : []);
          if (isFirst) driver.setNeedsOffers(false);
        }
      },
      statusUpdate({ state, message, reason }) {
        if (state === 'TASK_RUNNING') runningMs ||= sinceStart();
        if (!isTerminal(state)) return;
        if (reason === 'REASON_INVALID_OFFERS') {
          // The offer was void: nothing was launched, as if it had never been made.
          offeredMs = 0;
          return driver.setNeedsOffers(true);
        }
        if (state !== 'TASK_FINISHED')
          return end({ outcome: 'failed', startMs, reason: `its task ended as ${state}: ${message ?? ''}` });
        const finishedMs = sinceStart();
        const times = { ...beginning, registeredMs, offeredMs, runningMs, finishedMs };
        end({ outcome: 'finished', startMs, ...times, delayMs: finishedMs - task.ms });
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
