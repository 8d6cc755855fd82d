/** A framework's scheduler in this process: on a master, by the links of the house or the v1 API, or on slaves of its own. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import * as v from 'valibot';
import { standalone } from '../../frameworks/standalone/standalone.ts';
import type { SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import type { Detector, OpenElection } from '../../mesos/election/election.ts';
import { type FrameworkInfo, IdSchema } from '../../mesos/protocol/entities.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { Address } from '../../mesos/runtime/actor.ts';
import type { Daemon } from './daemons/daemon.ts';
import { leaveMaster, linkToStandby, readMaster } from './election.ts';
import { usageError } from './exit.ts';
import { duration, resourceList } from './flagValues.ts';
import { withSecurity } from './security.ts';
import { readV1, refuseV1Flags, type V1Flags, withV1 } from './v1Api.ts';

/** The flags, as the command line gives them. */
export interface SchedulerFlags extends V1Flags {
  readonly master?: string;
  readonly role?: string;
  readonly guarantee?: Resources;
  readonly framework_id?: string;
  /** In milliseconds. */
  readonly failover_timeout?: number;
}

/** Gives a command the flags of a scheduler, but `--master`. */
export function withScheduler(command: Command): Command {
  return withV1(withSecurity(command, 'credential'))
    .option('--role <role>', "role, by which the master's --weights count", id('--role'))
    .option(
      '--guarantee <list>',
      'what it must be able to have at any time, e.g. cpus:4;mem:4096',
      resourceList('--guarantee'),
    );
}

/** Gives a command the flags of a scheduler that others may follow. */
export function withSuccession(command: Command): Command {
  return command
    .option('--framework_id <id>', "take the place of this framework's scheduler", id('--framework_id'))
    .option('--standby', 'with --framework_id: wait until that scheduler is gone')
    .option(
      '--failover_timeout <duration>',
      'keep its tasks this long when its scheduler is out of reach',
      duration('--failover_timeout'),
    );
}

/** Where a scheduler runs. */
export type Place =
  | { readonly over: 'links'; readonly master: Address | OpenElection }
  | ({ readonly over: 'v1' } & ReturnType<typeof readV1>)
  /** Without a master, on so many slaves that take this process for theirs. */
  | { readonly over: 'slaves'; readonly slavesMin: number };

/** Reads what the flags say of the place, if there is a master. Throws what is wrong, in one sentence. */
export function readPlace(flags: SchedulerFlags & { readonly slaves?: number }): Place {
  const { master, slaves, standby, framework_id } = flags;
  if (standby && framework_id === undefined)
    throw usageError('--standby needs --framework_id: whose place is it to take?');
  if (flags.api === 'v1') {
    if (master === undefined) throw usageError('--api v1 needs --master: --slaves have none');
    return { over: 'v1', ...readV1(master, flags) };
  }
  refuseV1Flags(flags);
  if (master !== undefined) return { over: 'links', master: readMaster(master) };
  if (slaves === undefined) throw usageError('give --master HOST:PORT');
  return { over: 'slaves', slavesMin: slaves };
}

/** A scheduler to run. */
export interface SchedulerRun {
  readonly daemon: Pick<Daemon, 'wire' | 'log' | 'atEnd'>;
  readonly place: Place;
  readonly name: string;
  readonly flags: SchedulerFlags;
  readonly factory: SchedulerFactory;
  /** Where people find its own page. */
  readonly webuiUrl?: string;
  /** The master has registered the framework; told again when another master has. */
  readonly registered?: (frameworkId: string) => void;
  /** The driver has stopped: the framework ended, or the master refused it (then with the reason). */
  readonly stopped: (error?: string) => void;
}

/** Starts the scheduler. What it holds is let go of when the daemon ends. */
export async function spawnScheduler({ daemon, place, flags, stopped, ...own }: SchedulerRun): Promise<void> {
  const factory = own.registered === undefined ? own.factory : watched(own.factory, own.registered);
  const frameworkInfo: FrameworkInfo = {
    user: userInfo().username,
    name: own.name,
    ...(flags.framework_id !== undefined && { id: flags.framework_id }),
    ...(flags.role !== undefined && { role: flags.role }),
    ...(flags.guarantee !== undefined && { guarantee: flags.guarantee }),
    ...(flags.failover_timeout !== undefined && { failoverTimeout: flags.failover_timeout / 1000 }),
    ...(own.webuiUrl !== undefined && { webuiUrl: own.webuiUrl }),
  };
  if (place.over === 'slaves') {
    const { slavesMin } = place;
    daemon.wire.spawn('master', standalone({ frameworkInfo, factory, slavesMin, stopped }));
    return;
  }
  const master = await masterOf(place, daemon);
  const standby = flags.standby ?? false;
  daemon.wire.spawn('scheduler', schedulerActor({ master, frameworkInfo, factory, standby, stopped }));
}

/** The same scheduler, of which it is known when it is registered. */
function watched(factory: SchedulerFactory, registered: (frameworkId: string) => void): SchedulerFactory {
  return (driver) => {
    const scheduler = factory(driver);
    const own = scheduler.registered.bind(scheduler);
    return Object.assign(scheduler, {
      registered: (frameworkId: string) => {
        registered(frameworkId);
        own(frameworkId);
      },
    });
  };
}

/** What the scheduler's driver takes for its master. */
async function masterOf(
  place: Exclude<Place, { over: 'slaves' }>,
  { wire, log, atEnd }: SchedulerRun['daemon'],
): Promise<Address | Detector> {
  switch (place.over) {
    case 'links':
      atEnd(() => leaveMaster(place.master));
      linkToStandby(wire, place.master);
      return place.master;
    case 'v1': {
      const { v1Master } = await import('../../mesos/driver/v1/v1Master.ts');
      const { options, election } = place;
      atEnd(() => election?.close());
      const bridge = v1Master(wire, { ...options, log });
      atEnd(() => bridge.close());
      return bridge.master;
    }
    default:
      return place satisfies never;
  }
}

function id(name: string): (text: string) => string {
  return (text) => {
    if (v.is(IdSchema, text)) return text;
    throw usageError(`${name} must be 1 to 255 characters without slashes, not '${text}'`);
  };
}
