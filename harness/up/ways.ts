/** Ways from here to the processes of a deployment on machines of which nothing but their shell is reached. */
import { placesOf } from '../../infra/deployments/provision.ts';
import type { DeploymentRecord, ProcessRecord } from '../../infra/deployments/record.ts';
import { openRelay, type RelayError, type RelayVia, tryRelay } from '../../infra/nodeDaemon/relay.ts';
import { firstWay } from '../../infra/nodeDaemon/route.ts';
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
      const [first, ...others] = own;
      if (place === undefined || machine.daemon === undefined || first === undefined) return;
      const via = { shell: place.shell, lab: machine.daemon.lab };
      if (await isReached(place, via, [first, ...others])) return;
      await Promise.all(own.map((process) => openWay(via, process)));
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

async function isReached(
  { name, network }: Place,
  via: RelayVia,
  [first, ...others]: readonly [ListeningProcess, ...ListeningProcess[]],
): Promise<boolean> {
  if (network === 'apart') return false;
  const at = ({ host, port }: ListeningProcess) => ({ name, ip: host, port, lab: via.lab });
  return (await firstWay([at(first), ...others.map(at)], via)) === 'direct';
}

async function openWay(via: RelayVia, { part, ...place }: ListeningProcess): Promise<void> {
  // Of a part of the head that has ended one is told as of any other; of the many others some may have.
  if (part !== 'slave' && part !== 'fileserver') {
    const failure = await tryRelay(via, place.host, place.port).catch((error: RelayError) => error);
    if (failure !== undefined) return;
  }
  const { port } = await openRelay(via, place.host, place.port);
  detour(place, { host: '127.0.0.1', port });
}
