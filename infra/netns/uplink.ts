/** A link from this machine's own network to a switch. It goes when the switch goes. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { UserNamespace } from './holder.ts';
import { ownAddress, PREFIX_LENGTH, SUBNETS } from './subnet.ts';
import { onSwitch } from './wiring.ts';

const execute = promisify(execFile);

/**
 * Connects a switch and returns the number of the subnet that it got: one that no route of this machine leads to, and whose link, named
 * after it, nobody else has. Takes root.
 */
export async function connectUplink(switchPid: number, inside: UserNamespace): Promise<number> {
  if (process.getuid?.() !== 0)
    throw new Error('joining machines of kind netns to the network of this machine takes root');
  const routes = (await execute('ip', ['-4', 'route', 'show'])).stdout;
  for (const subnet of SUBNETS.filter((number) => !routes.includes(`10.${number}.`))) {
    const link = linkOf(subnet);
    try {
      const peer = ['peer', 'name', 'uplink', 'netns', String(switchPid)];
      await execute('ip', ['link', 'add', link, 'type', 'veth', ...peer]);
    } catch (error) {
      if (/File exists/.test(String(error))) continue;
      throw error;
    }
    await onSwitch({ switchPid, inside }, 'ip', 'link', 'set', 'uplink', 'master', 'br0', 'up');
    await execute('ip', ['addr', 'add', `${ownAddress(subnet)}/${PREFIX_LENGTH}`, 'dev', link]);
    await execute('ip', ['link', 'set', link, 'up']);
    return subnet;
  }
  throw new Error('no subnet from 10.64.0.0/16 to 10.127.0.0/16 is free on this machine');
}

/** Takes the link of a subnet away at once, while its switch is there. */
export async function disconnectUplink(subnet: number): Promise<void> {
  await execute('ip', ['link', 'delete', linkOf(subnet)]).catch(() => {});
}

const linkOf = (subnet: number): string => `mesos${subnet}`;
