/** Brings a deployment up: provisions machines, prepares them with daemons, and runs the system on them. Each stage can be repeated. */

import type { MachinesAsked } from '../../infra/deployments/asked.ts';
import type { Book } from '../../infra/deployments/book.ts';
import { clearByShell } from '../../infra/deployments/clearing.ts';
import { provision } from '../../infra/deployments/provision.ts';
import type { Stage } from '../../infra/deployments/record.ts';
import { connect, type RemoteMachine } from '../../infra/nodeDaemon/connect.ts';
import type { DeploymentKeys } from '../../infra/nodeDaemon/keys.ts';
import { startDaemon } from '../../infra/nodeDaemon/start.ts';
import type { Place } from '../../infra/place.ts';
import { atOnce } from './atOnce.ts';
import { planWithout, type SystemPlan } from './plan.ts';
import { keysOf } from './secrets.ts';

/** What to bring up, and where it is written down. */
export interface BringUp {
  /** The deployment's. */
  readonly folder: string;
  readonly book: Book;
  readonly asked: MachinesAsked;
  readonly plan: SystemPlan;
  /** A machine that fails ends it all. */
  readonly needsAll: boolean;
  /** Is told what happens, in lines for people. */
  readonly tell: (line: string) => void;
  readonly stopping: AbortSignal;
}

/** Too few machines are left. Its message is one sentence for each that failed, and one for why that is too few. */
export class TooFewError extends Error {}

/** Machines that are ready, by name. Disposing of them lets go of them; their daemons, and what is kept, go on. */
export interface ReadyMachines extends AsyncDisposable {
  readonly machines: ReadonlyMap<string, RemoteMachine>;
}

/** Provisions and prepares: a daemon answers on each machine that did not fail. */
export async function prepareMachines(order: BringUp): Promise<ReadyMachines> {
  const { folder, book, asked, tell, stopping } = order;
  book.reach('provisioning');
  const places: Place[] = [];
  for (const one of await provision(asked, folder, stopping)) {
    if (one.is === 'failed') fail(order, one.name, 'provision', one.why);
    else {
      places.push(one.place);
      book.machineAt(one.place.name, one.place.ip);
    }
  }
  tell(`${places.length} ${places.length === 1 ? 'machine is' : 'machines are'} there`);
  stopping.throwIfAborted();

  book.reach('preparing');
  const keys = await keysOf(folder);
  const machines = new Map<string, RemoteMachine>();
  const letGo = async (): Promise<void> => {
    await Promise.all([...machines.values()].map((machine) => machine[Symbol.asyncDispose]()));
  };
  await atOnce(places, async (place) => {
    if (stopping.aborted) return;
    try {
      machines.set(place.name, await reach(place, keys, book));
    } catch (error) {
      fail(order, place.name, 'prepare', (error as Error).message);
    }
  });
  if (stopping.aborted) await letGo();
  stopping.throwIfAborted();
  tell(`a daemon runs on ${machines.size} of them`);
  return { machines, [Symbol.asyncDispose]: letGo };
}

/** The daemon that runs there, or a new one. Nothing of one that does not answer goes on beside the new one. */
async function reach(place: Place, keys: DeploymentKeys, book: Book): Promise<RemoteMachine> {
  const known = book.record.machines.find(({ name }) => name === place.name)?.daemon;
  if (known !== undefined) {
    const machine = await connect(known, keys, place).catch(() => undefined);
    if (machine !== undefined) return machine;
    await clearByShell(place);
  }
  const daemon = await startDaemon(place, { keys });
  book.daemonOn(place.name, daemon);
  return connect(daemon, keys, place);
}

/** Writes down, and tells, that a machine takes no part. */
export function fail({ book, tell }: BringUp, name: string, stage: Stage, message: string): void {
  const why = message.replace(new RegExp(`^machine ${name}:? `), '');
  book.failed(name, stage, why);
  tell(`machine ${name} failed: ${why}`);
}

/** What can run on the machines that did not fail. Throws a TooFewError if that is not enough. */
export function possiblePlan({ book, plan, needsAll }: BringUp): SystemPlan {
  const failures = [...book.failures].map(([name, why]) => `machine ${name}: ${why}`);
  const possible = planWithout(plan, new Set(book.failures.keys()));
  if (typeof possible === 'string') throw new TooFewError([...failures, possible].join('; '));
  if (needsAll && failures.length > 0)
    throw new TooFewError([...failures, 'all machines were to be there (--require-all)'].join('; '));
  return possible;
}
