/** What faults of the network have in common: addresses, and what a machine must be able to do. */
import type { Machine } from '../machine.ts';
import { notReached } from './reach.ts';

/** Of each machine, those that share its address. Faults of the network tell machines apart by address. */
export function addressShared(machines: readonly Machine[]): string | undefined {
  for (const machine of machines) {
    const other = machines.find((each) => each !== machine && each.ip === machine.ip);
    if (other !== undefined)
      return `${machine.name} and ${other.name} share the address ${machine.ip}: faults of the network need machines with addresses of their own, such as those of the kind netns`;
  }
  return undefined;
}

/** Why a script for the network cannot be run on a machine: it is tried in a network namespace that is thrown away. */
export async function cannotRun(machine: Machine, what: string, script: string): Promise<string | undefined> {
  try {
    await machine.run('unshare', '--net', 'sh', '-euc', script);
    return undefined;
  } catch (error) {
    const said = lastWords(error as Error & { readonly stderr?: string });
    return `${machine.name} cannot ${what}: ${said} (it takes root there, and Debian's iproute2, nftables and util-linux)`;
  }
}

/** Why there is nothing to break between two machines. */
export async function alreadyBroken(from: Machine, to: Machine): Promise<string | undefined> {
  const short = await notReached([{ from, to: [to] }]);
  return short === undefined
    ? undefined
    : `${short} (${to.ip}) before anything was broken: machines must answer each other also at ports that nobody serves`;
}

/** The shell's variable `dev` is set to the interface by which a machine reaches an address. */
export function findInterface(ip: string): string {
  return `dev=$(ip -o route get ${ip} | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')`;
}

function lastWords({ stderr, message }: Error & { readonly stderr?: string }): string {
  const lines = (stderr?.trim() || message).split('\n');
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? message;
}
