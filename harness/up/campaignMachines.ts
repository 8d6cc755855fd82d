/** The machines of a deployment as the cells of a campaign use them, one cell after the other: each has daemons and folders of its own. */
import { randomBytes } from 'node:crypto';
import { clearByShell } from '../../infra/deployments/clearing.ts';
import type { ClockOffset, MachineProvider, Machines } from '../../infra/machine.ts';
import { connect, type RemoteMachine } from '../../infra/nodeDaemon/connect.ts';
import type { DeploymentKeys } from '../../infra/nodeDaemon/keys.ts';
import { startDaemon } from '../../infra/nodeDaemon/start.ts';
import type { Place } from '../../infra/place.ts';
import { atOnce } from './atOnce.ts';

/** What the machines are. */
export interface CampaignMachines extends Pick<Machines, 'kind' | 'hardware'> {
  /** In the order in which cells take them; the first is the head. */
  readonly places: readonly Place[];
  readonly keys: DeploymentKeys;
}

/** A daemon of a cell ends when nobody has been connected for so long. */
const IDLE_MS = 60_000;

/** What one would measure of a clock that is ours is how busy this machine is. */
const sameClock = async (): Promise<ClockOffset> => ({ offsetMs: 0, errorMs: 0 });

/**
 * Provisions as many of the machines as a cell asks for. Rejects if there are too few, and if one of them fails. */
export function providerOn({ kind, hardware, places, keys }: CampaignMachines): MachineProvider {
  return async (_, names): Promise<Machines> => {
    if (names.length > places.length)
      throw new Error(
        `${names.length} machines are needed, and there are ${places.length}: name more, or run less`,
      );
    const cell = `cell-${randomBytes(8).toString('hex')}`;
    const own = places
      .slice(0, names.length)
      .map((place) => ({ ...place, folder: `${place.folder}/${cell}` }));
    const opened: RemoteMachine[] = [];
    const close = async (): Promise<void> => {
      await Promise.all(opened.map((machine) => machine.shutdown({ folder: 'kept' }).catch(() => {})));
      // A machine that cannot be reached any more is cleared with its deployment.
      await atOnce(own, (place) => clearByShell(place).catch(() => {}));
    };
    const failures = await atOnce(own, async (place) => {
      try {
        const machine = await connect(await startDaemon(place, { keys, idleMs: IDLE_MS }), keys, place);
        opened.push(hardware === 'shared' ? { ...machine, clockOffset: sameClock } : machine);
        return undefined;
      } catch (error) {
        return error as Error;
      }
    });
    const failure = failures.find((error) => error !== undefined);
    if (failure !== undefined) {
      await close();
      throw failure;
    }
    const order = new Map(places.map(({ name }, index) => [name, index]));
    const machines = opened.toSorted((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
    return { kind, hardware, machines, [Symbol.asyncDispose]: close };
  };
}
