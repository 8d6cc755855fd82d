/** Ways from here to the processes of a deployment on machines of which nothing but their shell is reached. */
import { placesOf } from '../../infra/deployments/provision.ts';
import type { DeploymentRecord, MachineRecord, ProcessRecord } from '../../infra/deployments/record.ts';
import { openRelay, type RelayError, tryRelay } from '../../infra/nodeDaemon/relay.ts';
import { isReachedDirectly } from '../../infra/nodeDaemon/route.ts';
import type { Place } from '../../infra/place.ts';
import { detour, type Endpoint } from '../../mesos/runtime/detours.ts';
import { atOnce } from './atOnce.ts';

/** Knocks cost little. */
const KNOCKS_AT_A_TIME = 128;

/**
 * Opens ways to all processes of the deployment that listen on machines where they are not reached directly; they last as long as
 * this process does.
 */
export async function openWays(
  folder: string,
  { asked, machines, processes }: DeploymentRecord,
): Promise<void> {
  if (asked.kind === 'local') return;
  const places = await placesOf(asked, folder).catch(() => []);
  await atOnce(
    machines,
    async (machine) => {
      const place = places.find(({ name }) => name === machine.name);
      const own = processes.flatMap((process) =>
        process.machine === machine.name ? listening(process) : [],
      );
      if (place === undefined || own.length === 0 || (await isReached(place, own))) return;
      await Promise.all(own.map((process) => openWay(place, machine, process)));
    },
    KNOCKS_AT_A_TIME,
  );
}

interface ListeningProcess extends Endpoint {
  readonly part: ProcessRecord['part'];
}

function listening({ part, address }: ProcessRecord): readonly ListeningProcess[] {
  if (address === undefined) return [];
  const at = address.lastIndexOf(':');
  return [{ part, host: address.slice(0, at), port: Number(address.slice(at + 1)) }];
}

/** Is any of them? A port that is closed tells nothing: a firewall may have said so. */
async function isReached({ name, network }: Place, processes: readonly ListeningProcess[]): Promise<boolean> {
  if (network === 'apart') return false;
  const knocks = processes.map(({ host, port }) => isReachedDirectly({ name, ip: host, port, lab: '' }));
  return (await Promise.all(knocks)).includes(true);
}

async function openWay(
  { shell }: Place,
  { daemon }: MachineRecord,
  { part, ...place }: ListeningProcess,
): Promise<void> {
  if (daemon === undefined) return;
  const via = { shell, lab: daemon.lab };
  // Of a part of the head that has ended one is told as of any other; of the many others some may have.
  if (part !== 'slave' && part !== 'fileserver') {
    const failure = await tryRelay(via, place.host, place.port).catch((error: RelayError) => error);
    if (failure !== undefined) return;
  }
  const { port } = await openRelay(via, place.host, place.port);
  detour(place, { host: '127.0.0.1', port });
}
