/**
 * How an MPI lets somebody else start its daemons: mpiexec is told of one host per slot, prints what it wants to be started
 * there, and waits until those daemons, whoever starts them, have connected to it. MPICH's daemons are `hydra_pmi_proxy`s
 * (its `manual` launcher); Open MPI's are `orted`s (its remote shell is `echo`, which runs nothing and prints all).
 *
 * The hosts' names are made up: slots may share an address, and then must not be taken for one host. Neither MPI looks them
 * up: the daemons are told mpiexec's address.
 */
import { isIPv4 } from 'node:net';
import { basename } from 'node:path';

/** Which MPI. */
export type Flavour = 'mpich' | 'openmpi';

/** What mpiexec has to know. */
export interface Launch {
  /** Address of each slot, of rank 0 first. */
  readonly addresses: readonly string[];
  /** What each rank executes, program first. */
  readonly argv: readonly string[];
}

/** A daemon that mpiexec wants to be started. */
export interface DaemonStart {
  readonly slot: number;
  /** Program first. */
  readonly argv: readonly string[];
}

/** One MPI. */
export interface Launcher {
  readonly mpiexec: string;
  /** The Debian package that has it. */
  readonly debianPackage: string;
  /** The program of its daemons. */
  readonly daemon: string;
  mpiexecArguments(launch: Launch): readonly string[];
  /** Reads a line that mpiexec prints; undefined if it asks for no daemon. */
  readLine(line: string): DaemonStart | undefined;
  /** Does a line tell nothing to people? */
  isNoise(line: string): boolean;
}

/** The words of a line, some of them in quotes, which may have spaces in them. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

const slotName = (slot: number): string => `slot${slot}`;
const HYDRA_LINE = /^HYDRA_LAUNCH: (.*--proxy-id (\d+).*)$/;

const mpich: Launcher = {
  mpiexec: 'mpiexec.hydra',
  debianPackage: 'mpich',
  daemon: 'hydra_pmi_proxy',
  mpiexecArguments: ({ addresses, argv }) => [
    ...['-launcher', 'manual', '-localhost', addresses[0] ?? '127.0.0.1'],
    // Each rank has the environment of its own slot. The names of the hosts mean nothing to the ranks.
    ...['-genvnone', '-disable-hostname-propagation', '-wdir', '/'],
    ...['-hosts', addresses.map((_, slot) => `${slotName(slot)}:1`).join(',')],
    ...['-n', String(addresses.length), ...argv],
  ],
  readLine(line) {
    const [, command = '', slot] = HYDRA_LINE.exec(line) ?? [];
    return slot === undefined ? undefined : { slot: Number(slot), argv: wordsOf(command) };
  },
  isNoise: (line) => line.startsWith('HYDRA_LAUNCH'),
};

const AGENT_WORD = 'MPI_LAUNCH';
const ORTED_LINE = new RegExp(`^${AGENT_WORD} slot(\\d+) (.*)$`);

const openmpi: Launcher = {
  mpiexec: 'mpiexec.openmpi',
  debianPackage: 'openmpi-bin',
  daemon: 'orted',
  mpiexecArguments: ({ addresses, argv }) => {
    const network = commonNetwork(addresses);
    const parameters = {
      plm: 'rsh',
      plm_rsh_agent: `/bin/echo ${AGENT_WORD}`,
      plm_rsh_no_tree_spawn: '1',
      // Ranks on slots of one machine do not know it.
      btl: 'tcp,self',
      ...(network !== undefined && { btl_tcp_if_include: network, oob_tcp_if_include: network }),
      // Slots need not be processors: who waits lets others compute.
      mpi_yield_when_idle: '1',
    };
    return [
      ...['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none', '--leave-session-attached'],
      ...Object.entries(parameters).flatMap(([name, value]) => ['--mca', name, value]),
      ...['-wdir', '/', '-H', addresses.map((_, slot) => `${slotName(slot)}:1`).join(',')],
      ...['-n', String(addresses.length), ...argv],
    ];
  },
  readLine(line) {
    const [, slot, command = ''] = ORTED_LINE.exec(line) ?? [];
    return slot === undefined ? undefined : { slot: Number(slot), argv: wordsOf(command) };
  },
  // The agent has often ended before mpiexec can give it a process group, which does not matter.
  isNoise: (line) =>
    line.startsWith(AGENT_WORD) || /plm:rsh: Warning: setpgid\(.*failed in parent/.test(line),
};

/** By name. */
export const LAUNCHERS: Readonly<Record<Flavour, Launcher>> = { mpich, openmpi };

/** Is this a daemon of that MPI? Nobody starts anything else for another rank. */
export function isDaemon({ daemon }: Launcher, argv: readonly string[]): boolean {
  return basename(argv[0] ?? '') === daemon;
}

/**
 * The smallest network (CIDR) with all of these IPv4 addresses; the loopback's for those of this machine alone. Undefined if
 * they are of another kind.
 */
export function commonNetwork(addresses: readonly string[]): string | undefined {
  if (!addresses.every((address) => isIPv4(address))) return undefined;
  if (addresses.every((address) => address.startsWith('127.'))) return '127.0.0.0/8';
  const bits = addresses.map((address) =>
    address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join(''),
  );
  const [first = ''] = bits;
  let length = 0;
  while (length < 32 && bits.every((other) => other[length] === first[length])) length++;
  const kept = first.slice(0, length).padEnd(32, '0');
  const parts = [0, 8, 16, 24].map((at) => Number.parseInt(kept.slice(at, at + 8), 2));
  return `${parts.join('.')}/${length}`;
}
