/** How machines hang on their switch: what makes each, and what plugs it in. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from '../inspection.ts';
import { holderCommand, inSwitch, type Lifetime, type UserNamespace } from './holder.ts';
import { hostAddress } from './subnet.ts';

const execute = promisify(execFile);

/** A switch, and who is to be on it. */
export interface Wiring {
  readonly inside: UserNamespace;
  readonly lifetime: Lifetime;
  /** Process that holds the switch. */
  readonly switchPid: number;
  /** Number of the subnet: 77 for 10.77.0.0/16. */
  readonly subnet: number;
  /** Hostnames; the place among them decides port and address. */
  readonly names: readonly string[];
  /** File with all names and addresses. */
  readonly hostsFile: string;
  /** Script that starts what the machine with an address runs by itself. */
  readonly services?: (ip: string) => string;
}

/** A command line. */
export type CommandLine = readonly [string, readonly string[]];

/** What this machine lacks for namespaces, in one sentence; undefined if nothing that can be told beforehand. */
export function missingForNetns(): string | undefined {
  if (process.platform !== 'linux') return 'machines of kind netns need Linux';
  const packages = { ip: 'iproute2', nsenter: 'util-linux', unshare: 'util-linux' };
  for (const [program, debianPackage] of Object.entries(packages))
    if (findProgram(program) === undefined)
      return `machines of kind netns need ${program}, which is not installed: install Debian's ${debianPackage}`;
  return undefined;
}

/** The command that holds the machine at an index. */
export function machineCommand(wiring: Wiring, index: number): CommandLine {
  const ip = hostAddress(wiring.subnet, index);
  const { switchPid, hostsFile, services } = wiring;
  return holderCommand(
    {
      hostname: wiring.names[index] ?? '',
      ip,
      port: portOf(index),
      switchPid,
      hostsFile,
      ...(services && { services: services(ip) }),
    },
    wiring.inside,
    wiring.lifetime,
  );
}

/** Plugs machines in. */
export async function connect(wiring: Wiring, indices: readonly number[]): Promise<void> {
  const lines = indices.map((index) => `link set ${portOf(index)} master br0 up\n`).join('');
  if (lines !== '') await onSwitch(wiring, 'sh', '-c', `ip -batch - <<END\n${lines}END`);
}

/** Frees the port of a machine that is off: its namespace goes only some time after its last process. */
export async function disconnect(wiring: Wiring, index: number): Promise<void> {
  await onSwitch(wiring, 'ip', 'link', 'delete', portOf(index)).catch(() => {});
}

/** Runs a program in the network of the switch. */
export async function onSwitch(
  { switchPid, inside }: Pick<Wiring, 'switchPid' | 'inside'>,
  ...command: readonly string[]
): Promise<void> {
  const [program, args] = inSwitch(switchPid, inside, ...command);
  await execute(program, args);
}

/** Name of the port of the machine at an index. */
export function portOf(index: number): string {
  return `v${index}`;
}
