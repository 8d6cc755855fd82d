/** To whom the folder of a machine belongs that several deployments, also of other controllers, may have chosen. */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';

const FILE = 'owner';

/** Names the deployment in this folder for good, on one line: an id that nobody else has, and for people where it is kept. */
export function ownerOf(folder: string): string {
  const file = join(folder, FILE);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const owner = `${randomUUID()} ${userInfo().username}@${hostname()}:${folder}`;
  writeFileSync(`${file}.part`, owner, { mode: 0o600, flush: true });
  renameSync(`${file}.part`, file);
  return owner;
}
