/** A slave's work folder, which belongs to one slave at a time. */
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { identityOf, isRunning, ProcessIdentitySchema } from './processTable.ts';

const HOLDER = 'slave.json';

/**
 * Makes the work folder and takes hold of it until this process ends or lets go by the function that is returned. A slave that was
 * killed holds it no longer. Throws with one sentence if it cannot be written to, or if another slave uses it: each would clear
 * away what the other one runs.
 */
export function holdWorkFolder(folder: string): () => void {
  const file = join(folder, HOLDER);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Error(`the work folder ${folder} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const holder = v.safeParse(ProcessIdentitySchema, readHolder(file));
  if (holder.success && holder.output.pid !== process.pid && isRunning(holder.output))
    throw new Error(
      `the work folder ${folder} is in use by another slave, process ${holder.output.pid}; give this one a folder of its own`,
    );
  writeFileSync(file, JSON.stringify(identityOf(process.pid)), { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

function readHolder(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
