/** Takes a deployment down: ends all that runs on its machines, removes what is on them, and then the machines that were made. */

import { namesAsked } from '../../infra/deployments/asked.ts';
import type { Book } from '../../infra/deployments/book.ts';
import { clearByShell } from '../../infra/deployments/clearing.ts';
import { mendPlaces, placesOf, removeMachines } from '../../infra/deployments/provision.ts';
import { forget } from '../../infra/deployments/record.ts';
import { connect } from '../../infra/nodeDaemon/connect.ts';
import type { DeploymentKeys } from '../../infra/nodeDaemon/keys.ts';
import type { DaemonRecord } from '../../infra/nodeDaemon/record.ts';
import type { Place } from '../../infra/place.ts';
import { atOnce } from './atOnce.ts';
import { keptKeys } from './secrets.ts';

/** What could not be taken down, in one sentence. */
export interface Left {
  readonly machine: string;
  readonly why: string;
}

/** Takes it all down. When nothing is left, the deployment is forgotten; else it can be taken down again. */
export async function takeDown(folder: string, book: Book): Promise<readonly Left[]> {
  note(() => book.reach('tearing down'));
  const { asked, machines } = book.record;
  const keys = keptKeys(folder);
  const left: Left[] = [];
  /** What gives the machines cannot be asked. */
  const allLeft = ({ message }: Error): readonly Left[] =>
    namesAsked(asked).map((machine) => ({ machine, why: message }));
  // A machine to which no shell leads then is told of when it is cleared.
  await mendPlaces(asked, folder).catch(() => {});
  const places = await placesOf(asked, folder).catch((error: Error) => {
    left.push(...allLeft(error));
    return [];
  });
  await atOnce(places, async (place) => {
    const daemon = machines.find(({ name }) => name === place.name)?.daemon;
    try {
      await clear(place, daemon, keys);
    } catch (error) {
      const why = (error as Error).message;
      left.push({ machine: place.name, why });
      note(() => book.failed(place.name, 'tear down', why));
    }
  });
  if (left.length > 0) return left;
  try {
    await removeMachines(asked, folder);
  } catch (error) {
    return allLeft(error as Error);
  }
  forget(folder);
  return [];
}

/** What is written down helps the next one who takes it down; a full disk must not keep this one from it. */
function note(write: () => void): void {
  try {
    write();
  } catch {
    // The record tells more than is there, then.
  }
}

/** Ends what the daemon runs, if that answers, in good order; then whatever else there is, by the machine's shell. */
async function clear(
  place: Place,
  daemon: DaemonRecord | undefined,
  keys: DeploymentKeys | undefined,
): Promise<void> {
  if (daemon !== undefined && keys !== undefined) await shutDown(place, daemon, keys).catch(() => {});
  await clearByShell(place);
}

async function shutDown(place: Place, daemon: DaemonRecord, keys: DeploymentKeys): Promise<void> {
  await using machine = await connect(daemon, keys, place);
  await machine.shutdown({ folder: 'kept' });
}
