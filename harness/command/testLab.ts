/** The `lab` command for tests: its deployments, what it ships and its temporary files are in a folder of the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as assert from 'uvu/assert';
import { LAB } from '../../infra/local.ts';
import { leftovers } from '../leftovers/leftovers.ts';
import { withVariables } from './testVariables.ts';

/** A command that runs. */
export interface Lab {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
  /** Resolves when it has said this on standard error; rejects if it ends before. */
  said(text: string): Promise<void>;
}

/** A process of a deployment, as `lab status --json` tells it. */
export interface Seen {
  readonly name: string;
  readonly pid: number;
  readonly is: string;
}

/** What a test with deployments has. */
export interface LabFolders {
  /** The test's. Temporary files of commands are here. */
  folder: string;
  /** The folder of all deployments. */
  home: string;
}

/** Makes the folders of a test. */
export function makeLabFolders(context: LabFolders): void {
  context.folder = realpathSync(mkdtempSync(join(tmpdir(), 'lab-up-test-')));
  context.home = join(context.folder, 'mesos-lab');
}

/** Takes down what a test that failed has left, and removes its folders. */
export async function removeLabFolders(folders: LabFolders): Promise<void> {
  const { folder } = folders;
  if (!isEmpty(await leftOf(folders))) await lab(folder, 'down', '--all').ended;
  rmSync(folder, { recursive: true, force: true });
}

/** Where the commands of a test keep deployments and temporary files. */
const variables = (folder: string) => ({ XDG_STATE_HOME: folder, TMPDIR: folder });

/** The commands that were run: control groups are named after them. */
const ran: number[] = [];

/** Runs a command. */
export function lab(folder: string, ...args: readonly string[]): Lab {
  const child = spawn(LAB, args, {
    cwd: folder,
    env: { ...process.env, ...variables(folder), XDG_CACHE_HOME: join(folder, 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) ran.push(child.pid);
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece) => {
    out += piece;
  });
  child.stderr.on('data', (piece) => {
    err += piece;
  });
  const lines = createInterface({ input: child.stderr });
  const ended = once(child, 'close').then(([code]) => ({ code, out, err }));
  return {
    child,
    ended,
    async said(text) {
      while (!err.includes(text)) {
        const next = await Promise.race([once(lines, 'line'), ended]);
        if ('code' in next && !err.includes(text)) throw new Error(`it ended without '${text}': ${err}`);
      }
    },
  };
}

/** Runs a command to its end, which must be a good one. Resolves with its output. */
export async function well(folder: string, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await lab(folder, ...args).ended;
  assert.is(code, 0, err);
  return out;
}

/** What `lab status` tells of the only deployment, with its exit code. */
export async function statusOf(folder: string) {
  const { code, out } = await lab(folder, 'status', '--json').ended;
  return { code, ...JSON.parse(out) };
}

/** Processes that work in a folder, or have it in their command lines or their variables. */
export function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const at = `/proc/${pid}`;
      const text = `${readlinkSync(`${at}/cwd`)} ${readFileSync(`${at}/cmdline`)} ${readFileSync(`${at}/environ`)}`;
      return text.includes(folder);
    } catch {
      return false;
    }
  });
}

/** No deployment is there, and no process, control group, namespace or temporary folder of one is left. */
export async function assertNothingLeft(folders: LabFolders): Promise<void> {
  assert.equal(await leftOf(folders), NOTHING);
}

/** What there is of a test: ids of processes, names of deployments, and what `lab doctor --leftovers` would tell. */
interface Left {
  readonly processes: readonly string[];
  readonly deployments: readonly string[];
  readonly leftovers: readonly string[];
}

const NOTHING: Left = { processes: [], deployments: [], leftovers: [] };

const isEmpty = (left: Left): boolean => Object.values(left).every(({ length }) => length === 0);

async function leftOf({ folder, home }: LabFolders): Promise<Left> {
  // What other tests leave at the same time is not ours.
  const isOurs = (text: string): boolean =>
    text.includes(folder) || ran.some((pid) => text.endsWith(`/mesos-lab-${pid}`));
  return {
    processes: processesIn(folder),
    deployments: existsSync(home) ? readdirSync(home) : [],
    leftovers: (await withVariables(variables(folder), leftovers)).flatMap(({ kind, what, why }) => {
      const text = `${kind} ${what}: ${why}`;
      return kind === 'deployment' || isOurs(what) || isOurs(why) ? [text] : [];
    }),
  };
}

/** `lab status` finds all well: every machine is up and runs these processes, and all slaves are registered. */
export async function lookedWell(folder: string, names: readonly (readonly string[])[]): Promise<void> {
  const { code, master, machines } = await statusOf(folder);
  assert.is(code, 0);
  assert.is(master.slaves, names.flat().filter((name) => name.startsWith('slave-')).length);
  assert.equal(
    machines.map(({ is, processes }: { is: string; processes: readonly Seen[] }) => [
      is,
      processes.map(({ name }) => name).sort(),
    ]),
    names.map((own) => ['up', own]),
  );
}
