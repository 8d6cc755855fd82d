/** How the machines of a deployment that answered are to be reached, on disk: whoever takes it down need not find out again. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Place } from '../place.ts';

const FILE = 'reached.json';

const ReachedSchema = v.array(
  v.object({
    name: v.string(),
    ip: v.string(),
    shell: v.tupleWithRest([v.string()], v.string()),
    folder: v.string(),
    owner: v.exactOptional(v.string()),
    store: v.string(),
  }),
);

/** Writes down places; `folder` is the deployment's. Those that have been there before and do not answer now are kept. */
export async function writeReached(folder: string, places: readonly Place[]): Promise<void> {
  const before = await readReached(folder);
  const names = new Set(places.map(({ name }) => name));
  const all = [...before.filter(({ name }) => !names.has(name)), ...places];
  const file = join(folder, FILE);
  await writeFile(`${file}.part`, `${JSON.stringify(all, null, 1)}\n`, { mode: 0o600 });
  await rename(`${file}.part`, file);
}

/** The places that were written down; none if none ever were. */
export async function readReached(folder: string): Promise<readonly Place[]> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => '[]');
  return v.parse(ReachedSchema, JSON.parse(text));
}
