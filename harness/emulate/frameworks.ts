/** Frameworks in one process that launch for ever (NSDI'11 §6.5). */
import { readLoadConfig } from '../../frameworks/load/config.ts';
import { createLoadScheduler } from '../../frameworks/load/scheduler.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import type { Detector } from '../../mesos/election/election.ts';
import type { CommandInfo } from '../../mesos/protocol/entities.ts';
import type { Address } from '../../mesos/runtime/actor.ts';
import type { WireRuntime } from '../../mesos/runtime/wire.ts';
import type { FrameworksPeer } from './peerConfig.ts';

/** Nothing is started by it: executors are actors. */
export const EMULATED_COMMAND: CommandInfo = {
  shell: false,
  value: 'emulated',
  arguments: [],
  environment: {},
};

/** A master that has failed must not take the frameworks for gone before they have found the next. */
const FAILOVER_TIMEOUT_S = 600;

/** Starts the frameworks. `stopped` is told if a master refuses one. */
export function startFrameworks(
  wire: WireRuntime,
  { first, frameworks, task, seed }: FrameworksPeer,
  master: Address | Detector,
  stopped: (error?: string) => void,
): void {
  for (let n = first; n < first + frameworks; n++) {
    const config = readLoadConfig({
      name: `load${n}`,
      arrivals: { type: 'endless' },
      taskMs: task.ms,
      sizes: [{ resources: task.resources }],
      manners: { tasksPerOfferMax: 1 },
      executor: { command: EMULATED_COMMAND },
      seed,
    });
    const frameworkInfo = { user: 'emulated', name: config.name, failoverTimeout: FAILOVER_TIMEOUT_S };
    const factory = createLoadScheduler(config, { onDone() {} });
    wire.spawn(config.name, schedulerActor({ master, frameworkInfo, factory, stopped }));
  }
}
