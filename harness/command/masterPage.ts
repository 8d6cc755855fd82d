/** Where the page of a deployment's master is, and how a browser of this machine gets there. */
import { readFileSync } from 'node:fs';
import { forwarding } from '../../infra/deployments/provision.ts';
import type { ProcessRecord } from '../../infra/deployments/record.ts';
import { routeToProcess } from '../up/look.ts';
import { systemSecrets } from '../up/secrets.ts';
import type { Deployed } from './deployed.ts';
import { lookAtMaster } from './masterLook.ts';

/** Lines that say so. */
export async function masterPageInWords(deployed: Deployed): Promise<readonly string[]> {
  const [first, ...others] = deployed.record.processes.filter(({ part }) => part === 'master');
  if (first === undefined) return [];
  const signIn = `sign in with the token ${readFileSync(systemSecrets(deployed.folder).clusterFile, 'utf8')}`;
  const way = await wayTo(deployed, first, others);
  if (way === undefined) return [`Its page is http://${first.address}/; ${signIn}`];
  return [
    'Its page is reached by ssh alone, as long as this runs:',
    '',
    `  ${way.command}`,
    '',
    `Then it is http://127.0.0.1:${way.port}/; ${signIn}`,
  ];
}

interface Way {
  /** What to type. */
  readonly command: string;
  /** Of this machine. */
  readonly port: number;
}

/** By ssh to the master that leads: a page of another one would send the browser there. Undefined if no way has to be made, or none can be. */
async function wayTo(
  { folder, record }: Deployed,
  first: ProcessRecord,
  others: readonly ProcessRecord[],
): Promise<Way | undefined> {
  const { asked, machines } = record;
  const to = async ({ machine: name, address = '' }: ProcessRecord): Promise<Way | undefined> => {
    const { ip = '' } = machines.find((machine) => machine.name === name) ?? {};
    const port = Number(address.slice(address.lastIndexOf(':') + 1));
    const command = await forwarding(asked, folder, { name, ip }, port, address);
    return command === undefined ? undefined : { command, port };
  };
  const way = await to(first);
  if (way === undefined) return undefined;
  const route = await routeToProcess(folder, record, first);
  route.close();
  if (route.is === 'direct') return undefined;
  if (others.length === 0) return way;
  const look = await lookAtMaster({ folder, record });
  const leader = look?.is === 'leading' && others.find(({ address }) => address === look.address);
  return leader ? to(leader) : way;
}
