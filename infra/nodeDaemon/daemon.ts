/** A machine's daemon: starts what its controller says, and ends it when the controller is gone. It restarts nothing. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { ownIdentity } from '../processIdentity.ts';
import { machineFiles } from './files.ts';
import { listen } from './listener.ts';
import { processTable } from './processTable.ts';
import { type DaemonRecord, RECORD } from './record.ts';
import { serve } from './service.ts';
import { sessionsOf } from './sessions.ts';

/** What a daemon is told by who starts it, on its standard input, as JSON. */
export const settingsSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\w.-]{1,253}$/)),
  /** The only address that it listens on. */
  ip: v.pipe(v.string(), v.ip()),
  port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
  folder: v.pipe(v.string(), v.startsWith('/')),
  store: v.pipe(v.string(), v.startsWith('/')),
  lab: v.string(),
  /** It ends when nobody has been connected for so long, and no process is kept. */
  idleMs: v.pipe(v.number(), v.minValue(100)),
  keys: v.strictObject({ ca: v.string(), cert: v.string(), key: v.string() }),
});
export type DaemonSettings = v.InferOutput<typeof settingsSchema>;

/** A daemon that runs. */
export interface Daemon {
  readonly record: DaemonRecord;
  /** Resolves with the reason when it has ended, with all its processes. */
  readonly ended: Promise<string>;
  end(why: string): void;
}

/** Whether it is needed is asked this often in the time after which it ends if it is not. */
const IDLE_CHECKS = 10;

/** Starts a daemon. Rejects with one sentence if the folder, the address or the keys are no good. */
export async function runDaemon(settings: DaemonSettings, log: (line: string) => void): Promise<Daemon> {
  const { name, ip, folder, store, lab, idleMs, keys } = settings;
  await checkFolder(folder);
  const id = randomUUID();
  const table = processTable(folder, id);
  const sessions = sessionsOf(table, log);
  const ending = Promise.withResolvers<{ readonly why: string; readonly removesFolder: boolean }>();
  const shutdown = (removesFolder: boolean): void =>
    ending.resolve({ why: 'its controller says so', removesFolder });
  const listener = await listen(
    { ip, port: settings.port },
    keys,
    (server) => serve(server, { folder, table, files: machineFiles(folder, store), sessions, shutdown }),
    log,
  );
  const record: DaemonRecord = {
    id,
    name,
    ip,
    port: listener.port,
    folder,
    lab,
    ...ownIdentity(),
    startedAt: new Date().toISOString(),
  };
  await writeRecord(record);
  const isNeeded = (): boolean =>
    listener.connections() > 0 || table.running().some(({ owner }) => owner === undefined);
  const stopWatch = watchIdle(isNeeded, idleMs, () =>
    ending.resolve({ why: `nobody was connected for ${idleMs / 1000} s`, removesFolder: false }),
  );
  const ended = ending.promise.then(async ({ why, removesFolder }) => {
    stopWatch();
    log(`ends: ${why}`);
    await sessions.endAll();
    await table.endAll();
    if (removesFolder) await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    else await removeRecord(record);
    listener.close();
    return why;
  });
  return { record, ended, end: (why) => ending.resolve({ why, removesFolder: false }) };
}

async function checkFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new Error(`the folder ${folder} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

async function writeRecord(record: DaemonRecord): Promise<void> {
  const path = join(record.folder, RECORD);
  await writeFile(`${path}.part`, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  await rename(`${path}.part`, path);
}

/** Unless it is another's by now. */
async function removeRecord({ folder, id }: DaemonRecord): Promise<void> {
  const path = join(folder, RECORD);
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text.includes(id)) await rm(path, { force: true });
}

function watchIdle(isNeeded: () => boolean, idleMs: number, idle: () => void): () => void {
  let lonely = 0;
  const timer = setInterval(() => {
    lonely = isNeeded() ? 0 : lonely + 1;
    if (lonely >= IDLE_CHECKS) idle();
  }, idleMs / IDLE_CHECKS);
  return () => clearInterval(timer);
}
