/** What this machine can do for the laboratory, and what it takes to make it do more. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';

/** One thing that was looked at. */
export interface Finding {
  readonly id: string;
  readonly state: 'ok' | 'missing' | 'poor';
  /** What was seen. */
  readonly seen: string;
  /** What it is needed for. */
  readonly neededFor: string;
  /** Debian package that adds it, if that is what it takes. */
  readonly debianPackage?: string;
  /** What else to do about it. */
  readonly remedy?: string;
  /** Experiments run without it. */
  readonly isOptional?: boolean;
}

/** Least free space for real runs: blocks, map outputs and results. */
export const FREE_BYTES_MIN = 2 * 1024 ** 3;
/** Least memory for real runs: some 40 processes. */
const MEMORY_BYTES_MIN = 4 * 1024 ** 3;
const NODE_MAJOR_MIN = 24;
/** ZooKeeper as Debian's package has it; its manifest names all that it needs. */
export const ZOOKEEPER_JAR = '/usr/share/java/zookeeper.jar';

/** Looks at this machine. */
export function inspect(): readonly Finding[] {
  return [node(), processors(), memory(), space(), ...programs(), zookeeper()];
}

/** The one command that adds all that Debian's packages can add; undefined if nothing is missing that they have. */
export function installCommand(findings: readonly Finding[]): string | undefined {
  const packages = findings.flatMap(({ state, debianPackage }) =>
    state === 'missing' && debianPackage !== undefined ? [debianPackage] : [],
  );
  return packages.length === 0
    ? undefined
    : `sudo apt-get install -y --no-install-recommends ${[...new Set(packages)].join(' ')}`;
}

/** Free bytes of the file system that holds a folder. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function node(): Finding {
  const enough = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN;
  return {
    id: 'node',
    state: enough ? 'ok' : 'missing',
    seen: `Node ${process.version}`,
    neededFor: 'everything',
    ...(!enough && { remedy: "run 'npm ci', which brings Node 24 on Linux, or install Node 24" }),
  };
}

function processors(): Finding {
  const count = availableParallelism();
  return {
    id: 'processors',
    state: count >= 2 ? 'ok' : 'poor',
    seen: `${count}`,
    neededFor:
      'real runs; with fewer than a slot of the cluster needs, the machine is the limit and reports say so',
  };
}

function memory(): Finding {
  const bytes = totalmem();
  return {
    id: 'memory',
    state: bytes >= MEMORY_BYTES_MIN ? 'ok' : 'poor',
    seen: `${(bytes / 1024 ** 3).toFixed(1)} GiB`,
    neededFor: `real runs need about ${MEMORY_BYTES_MIN / 1024 ** 3} GiB`,
  };
}

function space(): Finding {
  const bytes = freeBytes(tmpdir());
  const enough = bytes >= FREE_BYTES_MIN;
  return {
    id: 'space',
    state: enough ? 'ok' : 'missing',
    seen: `${(bytes / 1024 ** 3).toFixed(1)} GiB free in ${tmpdir()}`,
    neededFor: `real runs need ${FREE_BYTES_MIN / 1024 ** 3} GiB for a while`,
    ...(!enough && { remedy: 'free some space, or set TMPDIR to a folder that has more' }),
  };
}

/** What some numbers and the tests need beside Node. */
function programs(): readonly Finding[] {
  return [
    program('git', 'git', "the commit in the provenance of every number, and 'lab compare'"),
    program('chromium', 'chromium', 'the tests that open the report in a browser'),
    program(
      'ip',
      'iproute2',
      "machines of kind netns, on which experiments run for real, and 'lab up --netns'",
    ),
    program('nft', 'nftables', 'the tests in networks that they divide'),
    program('tc', 'iproute2', 'experiments on slow networks, rate limits and delays as faults'),
    program('faketime', 'faketime', 'clock steps as faults'),
    program('python3', 'python3-minimal', 'delays as faults, where the kernel lacks netem'),
    program('srun', 'slurm-client', 'machines of kind slurm'),
    program('slurmctld', 'slurm-wlm munge', 'the tests of machines of kind slurm'),
    program('setpriv', 'util-linux', 'the experiment isolation'),
    program('ssh', 'openssh-client', 'machines that are reached by ssh'),
    program(
      'sshd',
      'openssh-server',
      "machines of kind netns that are reached by ssh ('lab up --netns N --over ssh')",
    ),
    program('openssl', 'openssl', 'the tests of links with certificates'),
    { ...program('mpiexec.hydra', 'mpich', "jobs of type 'mpich' and 'tachyon'"), id: 'mpich' },
    program('tachyon', 'tachyon-bin-nox libtachyon-mpich-0', "jobs of type 'tachyon'"),
    { ...program('mpiexec.openmpi', 'openmpi-bin', "jobs of type 'openmpi' and 'hpl'"), id: 'openmpi' },
    { ...program('hpcc', 'hpcc', "jobs of type 'hpl'"), id: 'hpl' },
  ];
}

function zookeeper(): Finding {
  const neededFor = "the tests of failover, and 'lab zookeeper'";
  const java = { ...program('java', 'zookeeper', neededFor), id: 'zookeeper' };
  if (java.state !== 'ok') return java;
  if (existsSync(ZOOKEEPER_JAR)) return { ...java, seen: ZOOKEEPER_JAR };
  return { ...java, state: 'missing', seen: 'not installed' };
}

function program(id: string, debianPackage: string, neededFor: string): Finding {
  const found = findProgram(id);
  return {
    id,
    isOptional: true,
    state: found === undefined ? 'missing' : 'ok',
    seen: found ?? 'not installed',
    neededFor,
    debianPackage,
  };
}

/** Where a program is that the user can run; undefined if nowhere on the PATH. */
export function findProgram(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not for this user; the next one on the path may be.
    }
  }
  return undefined;
}
