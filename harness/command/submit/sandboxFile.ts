/** A file that a task has left in its sandbox, from the slave that it ran on. */
import * as v from 'valibot';
import { infrastructureError } from '../exit.ts';
import type { MasterReader } from '../masterReads.ts';

const SlavesSchema = v.object({ slaves: v.array(v.object({ id: v.string(), pid: v.string() })) });

/** Fetches it by its path, which names the slave as all sandboxes do. Rejects with a CommandError. */
export async function sandboxFile(reader: MasterReader, path: string): Promise<Buffer> {
  const [, slaveId] = /\/slaves\/([^/]+)\/frameworks\//.exec(path) ?? [];
  const { slaves } = await reader.get(SlavesSchema, '/slaves');
  const slave = slaves.find(({ id }) => id === slaveId);
  if (slave === undefined)
    throw infrastructureError(`${path} cannot be fetched: the slave that has it is not there any more`);
  const place = slave.pid.slice(slave.pid.indexOf('@') + 1);
  return reader.fileFrom(place, `/files/download?path=${encodeURIComponent(path)}`);
}
