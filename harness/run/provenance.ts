/** Where a run happens: machine, code and versions, for the provenance of its numbers. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Provenance } from '../result.ts';

/** The project's folder. */
export const PROJECT = join(import.meta.dirname, '..', '..');

/** What does not change between the cells of one command. */
export type Setting = Pick<
  Provenance,
  'commit' | 'dirty' | 'lockfileSha256' | 'nodeVersion' | 'cpuModel' | 'cores' | 'memoryBytes' | 'kernel'
> & {
  /** Hash of the code as it stands, committed or not; tests aside. */
  readonly code: string;
  /** What the user calls the machines that processes run on, if they are not those that scenarios ask for. */
  readonly on?: string;
};

/** Looks at the machine, and at the code in a folder: this project's, or a checkout of it. */
export function setting(project = PROJECT): Setting {
  const commit = git(project, ['rev-parse', 'HEAD']) ?? 'unknown: not a git checkout';
  const changes = git(project, ['status', '--porcelain']) ?? '';
  const processors = cpus();
  const lockfileSha256 = sha256(readFileSync(join(project, 'package-lock.json')));
  return {
    commit,
    dirty: changes !== '',
    code: codeHash(project, lockfileSha256),
    lockfileSha256,
    nodeVersion: process.version,
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
  };
}

/** The folders of the project that hold the code that runs cells; reports are drawn from what they leave. */
const ROOMS = ['mesos', 'frameworks', 'workloads', 'infra', 'harness'];

function codeHash(project: string, lockfileSha256: string): string {
  const files = ROOMS.flatMap((room) =>
    readdirSync(join(project, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => `${room}/${name}`),
  ).sort();
  const hashes = files.map((file) => `${file} ${sha256(readFileSync(join(project, file)))}`);
  return sha256([lockfileSha256, ...hashes].join('\n'));
}

/** SHA-256 in hexadecimal. */
export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** What git says, or undefined if there is no git or no checkout. */
function git(project: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', ['-C', project, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 256 * 1024 * 1024,
    }).trim();
  } catch {
    return undefined;
  }
}
