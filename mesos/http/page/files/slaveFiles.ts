/** The sandboxes of a slave and the files in them, as the slave serves them on its own port. */
import { askMaster } from '../ask.ts';
import { type Json, list, number, object, text } from '../json.ts';

/** A slave that shows files. */
export interface FileSlave {
  readonly hostname: string;
  /** E.g. `http://10.0.0.7:5051`. */
  readonly origin: string;
}

/** The sandbox of an executor, living or not. */
export interface Sandbox {
  readonly frameworkId: string;
  readonly framework: string;
  readonly executorId: string;
  readonly containerId: string;
  readonly directory: string;
  readonly isLive: boolean;
  readonly tasks: readonly string[];
}

/** Something in a folder. */
export interface Entry {
  readonly path: string;
  readonly name: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number;
  readonly changedMs: number;
  readonly mode: string;
  readonly owner: string;
}

/** Where a slave is, as its master knows. Throws an Error if it knows no such slave. */
export async function findSlave(authorization: string | undefined, slaveId: string): Promise<FileSlave> {
  const answer = await askMaster(authorization, `/slaves?slave_id=${encodeURIComponent(slaveId)}`);
  const slave = list(object(answer).slaves).find(({ id }) => id === slaveId);
  const pid = text(slave?.pid);
  if (slave === undefined || !pid.includes('@'))
    throw new Error('the master knows no such slave; it may have left, and its files with it');
  return {
    hostname: text(slave.hostname),
    origin: `${location.protocol}//${pid.slice(pid.indexOf('@') + 1)}`,
  };
}

/** Asks a slave. Throws an Error that says what is wrong. */
export async function askSlave(
  { origin, hostname }: FileSlave,
  authorization: string | undefined,
  path: string,
  query: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Response> {
  const question = new URLSearchParams(query).toString();
  const response = await fetch(`${origin}${path}${question === '' ? '' : `?${question}`}`, {
    headers: authorization === undefined ? {} : { Authorization: authorization },
    credentials: 'omit',
    cache: 'no-store',
    ...(signal !== undefined && { signal }),
  }).catch((error: Error) => {
    if (error.name === 'AbortError') throw error;
    throw new Error(`${hostname} cannot be reached from here, at ${origin}`);
  });
  if (response.ok) return response;
  const reason = (await response.text()).trim().slice(0, 300);
  throw new Error(reason === '' ? `the slave answered with status ${response.status}` : reason);
}

/** The sandboxes that a slave's state tells of, those of living executors first. */
export function sandboxesIn(state: unknown): readonly Sandbox[] {
  const { frameworks, completed_frameworks } = object(state);
  const all = [...list(frameworks), ...list(completed_frameworks)].flatMap((framework) => [
    ...list(framework.executors).map((executor) => sandboxOf(framework, executor, true)),
    ...list(framework.completed_executors).map((executor) => sandboxOf(framework, executor, false)),
  ]);
  const shown = all.filter(({ directory }) => directory !== '');
  return [...shown.filter(({ isLive }) => isLive), ...shown.filter(({ isLive }) => !isLive)];
}

function sandboxOf(framework: Json, executor: Json, isLive: boolean): Sandbox {
  const { tasks, completed_tasks, queued_tasks } = executor;
  return {
    frameworkId: text(framework.id),
    framework: text(framework.name),
    executorId: text(executor.id),
    containerId: text(executor.container),
    directory: text(executor.directory),
    isLive,
    tasks: [...list(queued_tasks), ...list(tasks), ...list(completed_tasks)].map(({ id }) => text(id)),
  };
}

/** The entries of a folder, folders first. */
export function entriesIn(answer: unknown): readonly Entry[] {
  const entries = list(answer).map(({ path, size, mtime, mode, uid, gid }) => ({
    path: text(path),
    name: text(path).slice(text(path).lastIndexOf('/') + 1),
    isFolder: text(mode).startsWith('d'),
    sizeBytes: number(size),
    changedMs: number(mtime) * 1000,
    mode: text(mode),
    owner: `${text(uid)}:${text(gid)}`,
  }));
  return entries.toSorted((a, b) => Number(b.isFolder) - Number(a.isFolder) || (a.name < b.name ? -1 : 1));
}
