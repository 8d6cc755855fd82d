/** What is known of a deployment, on disk before it is true of the world: so that whatever crashes, all of it can be found. */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { recordSchema as daemonSchema } from '../nodeDaemon/record.ts';
import { MachinesAskedSchema } from './asked.ts';

/** Each stage can be done again, and goes on where it stopped. */
const STAGES = ['provision', 'prepare', 'run', 'tear down'] as const;
/** What is done with a deployment's machines, one after the other. */
export type Stage = (typeof STAGES)[number];

/** What a deployment is at, or was when whoever worked on it was killed. */
const STATES = ['provisioning', 'preparing', 'starting', 'running', 'tearing down'] as const;

const FailureSchema = v.object({
  stage: v.picklist(STAGES),
  /** One sentence. */
  why: v.string(),
});

const MachineSchema = v.object({
  name: v.string(),
  /** Absent until it is provisioned. */
  ip: v.exactOptional(v.string()),
  /** What answers on it; absent until that was started. */
  daemon: v.exactOptional(daemonSchema),
  /** Why it takes no part; absent if it does. */
  failure: v.exactOptional(FailureSchema),
});
/** A machine of a deployment. */
export type MachineRecord = Readonly<v.InferOutput<typeof MachineSchema>>;

/** What a process is. */
const PARTS = ['zookeeper', 'master', 'namenode', 'fileserver', 'slave'] as const;

const ProcessSchema = v.object({
  machine: v.string(),
  /** Unique on its machine. */
  name: v.string(),
  part: v.picklist(PARTS),
  /** `host:port`, when it listens. */
  address: v.exactOptional(v.string()),
});
/** A process of a deployment. */
export type ProcessRecord = Readonly<v.InferOutput<typeof ProcessSchema>>;

const RecordSchema = v.object({
  schemaVersion: v.literal(1),
  name: v.string(),
  /** ISO 8601, UTC. */
  madeAt: v.string(),
  /** The machines that were asked for. */
  asked: MachinesAskedSchema,
  /** What was to run on them, as whoever runs it reads it; null if machines were all that was asked for. */
  plan: v.unknown(),
  state: v.picklist(STATES),
  machines: v.array(MachineSchema),
  processes: v.array(ProcessSchema),
});
/** A deployment. */
export type DeploymentRecord = Readonly<v.InferOutput<typeof RecordSchema>>;

const FILE = 'deployment.json';

/** Writes the record of the deployment in this folder, whole or not at all. */
export function writeRecord(folder: string, record: DeploymentRecord): void {
  const file = join(folder, FILE);
  writeFileSync(`${file}.part`, `${JSON.stringify(record, null, 1)}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.part`, file);
}

/** What a folder says. */
export type Found =
  | { readonly is: 'found'; readonly record: DeploymentRecord }
  | { readonly is: 'missing' }
  /** One sentence. */
  | { readonly is: 'damaged'; readonly why: string };

/** Reads the record of the deployment in this folder. */
export function readRecord(folder: string): Found {
  const file = join(folder, FILE);
  try {
    return { is: 'found', record: v.parse(RecordSchema, JSON.parse(readFileSync(file, 'utf8'))) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { is: 'missing' };
    return { is: 'damaged', why: `${file} cannot be understood: ${(error as Error).message}` };
  }
}

/** Forgets the deployment in this folder, when nothing of it is left elsewhere. */
export function forget(folder: string): void {
  // At once, so that nobody makes one of that name in the middle.
  const gone = join(dirname(folder), `.${basename(folder)}-${randomUUID()}`);
  try {
    renameSync(folder, gone);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  rmSync(gone, { recursive: true, force: true });
}
