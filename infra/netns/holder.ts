/** Commands that make namespaces and enter them: a machine of kind `netns` is one process that holds its namespaces. */
import type { Entry } from '../localProcess.ts';
import { hardwareAddress, ISOLATED_SUBNET, ownAddress, PREFIX_LENGTH } from './subnet.ts';

/** What a machine's namespaces are made of. */
export interface HolderSpec {
  readonly hostname: string;
  /** E.g. `10.77.0.1`. */
  readonly ip: string;
  /** Name of its port on the switch. */
  readonly port: string;
  /** Process that holds the switch. */
  readonly switchPid: number;
  /** File that says which names have which addresses, seen as /etc/hosts on the machine. */
  readonly hostsFile: string;
  /** A script that starts what the machine runs by itself, in the background. */
  readonly services?: string;
}

/** Whether namespaces end with the process that makes them, by a pipe to it, or are kept until they are killed. */
export type Lifetime = 'ours' | 'kept';

/** Whether namespaces are made inside a user namespace, which any user may make. */
export type UserNamespace = 'none' | 'own';

/** User namespaces are for those who are not root. */
export function userNamespace(): UserNamespace {
  return process.getuid?.() === 0 ? 'none' : 'own';
}

/** A line of the holder that says under which process id others find it. */
export const UP = /^up (\d+)$/;

// The first process of a process tree has to wait for orphans, so the shell stays. Its own process id is known only where /proc is
// still the outer one. Where standard input is the lifeline, the namespaces end with it, and with those all processes that are in there.
const PID = 'set -e\nread -r pid rest </proc/self/stat\n';
const TAIL = {
  ours: '\necho "up $pid"\ncat >/dev/null\n:\n',
  kept: '\necho "up $pid"\nexec >/dev/null 2>&1\nsleep infinity\n:\n',
} as const satisfies Record<Lifetime, string>;
const batch = (...lines: readonly string[]): string => `ip -batch - <<END\n${lines.join('\n')}\nEND\n`;

/** Holds the switch. */
export function switchCommand(
  inside: UserNamespace,
  lifetime: Lifetime,
): readonly [string, readonly string[]] {
  // Where nothing else leads there, who enters the switch's network has an address in it.
  const address =
    inside === 'own' ? [`addr add ${ownAddress(ISOLATED_SUBNET)}/${PREFIX_LENGTH} dev br0`] : [];
  const lines = ['link set lo up', 'link add br0 type bridge', ...address, 'link set br0 up'];
  const script = `${PID}${batch(...lines)}${TAIL[lifetime]}`;
  const flags = inside === 'own' ? ['--user', '--map-root-user'] : [];
  return ['unshare', [...flags, '--net', 'sh', '-c', script]];
}

/** Holds a machine: its network, hostname, mounts and process tree. Killed, all that runs on it is gone at once. */
export function holderCommand(
  spec: HolderSpec,
  inside: UserNamespace,
  lifetime: Lifetime,
): readonly [string, readonly string[]] {
  const script = `${PID}${batch(
    'link set lo up',
    `link add eth0 address ${hardwareAddress(spec.ip)} type veth peer name ${spec.port} netns /proc/${spec.switchPid}/ns/net`,
    `addr add ${spec.ip}/${PREFIX_LENGTH} dev eth0`,
    'link set eth0 up',
  )}mount -t proc proc /proc
hostname ${spec.hostname}
[ ! -e /etc/hosts ] || mount --bind "$0" /etc/hosts
${spec.services ?? ''}${TAIL[lifetime]}`;
  const make = ['unshare', '--net', '--uts', '--ipc', '--mount', '--pid', '--fork', '--kill-child'];
  const command = [...make, 'sh', '-c', script, spec.hostsFile];
  if (inside === 'none') return ['unshare', command.slice(1)];
  return ['nsenter', [...userFlags(spec.switchPid), '--', ...command]];
}

/** Runs a program in the network of a switch. */
export function inSwitch(
  pid: number,
  inside: UserNamespace,
  ...command: readonly string[]
): readonly [string, readonly string[]] {
  const user = inside === 'own' ? userFlags(pid) : [];
  return ['nsenter', [...user, `--net=/proc/${pid}/ns/net`, '--', ...command]];
}

/** Runs a program on a machine in a folder. */
export function onMachine(pid: number, inside: UserNamespace, folder: string): Entry {
  return (program, args) => {
    const enter = [...namespaceFlags(pid, inside), `--mount=/proc/${pid}/ns/mnt`, '--'];
    return ['nsenter', [...enter, 'sh', '-c', 'cd "$0" && exec "$@"', folder, program, ...args]];
  };
}

// The first shell is in the machine's process tree but sees the outer /proc, so it learns the process id that signals from here need.
const OUTER =
  'mount=$0 inner=$1; shift; read -r pid rest </proc/self/stat; exec nsenter --mount="$mount" -- sh -c "$inner" "$pid" "$@"';
const INNER = 'cd "$1" && shift && command -v "$1" >/dev/null || exit 127; echo "$0 $$" >&3; exec "$@" 3>&-';

/** Starts a program on a machine in a folder, and tells its process ids. */
export function startOnMachine(pid: number, inside: UserNamespace, folder: string): Entry {
  return (program, args) => {
    const enter = [...namespaceFlags(pid, inside), '--', 'sh', '-c', OUTER, `/proc/${pid}/ns/mnt`];
    return ['nsenter', [...enter, INNER, folder, program, ...args]];
  };
}

function namespaceFlags(pid: number, inside: UserNamespace): readonly string[] {
  const flags = ['net', 'uts', 'ipc'].map((kind) => `--${kind}=/proc/${pid}/ns/${kind}`);
  return [...(inside === 'own' ? userFlags(pid) : []), ...flags, `--pid=/proc/${pid}/ns/pid`];
}

function userFlags(pid: number): readonly string[] {
  return [`--user=/proc/${pid}/ns/user`, '--preserve-credentials'];
}
