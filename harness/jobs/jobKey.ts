/**
 * Who may send jobs to a job server, and delete them. Server and client have a key in common: the secret of the cluster, or one that
 * only this user of the machine can read. It does not travel: what does is a token made from it for the one server, so that a
 * framework that only pretends to be a job server learns nothing that is of use elsewhere.
 */

import { createHmac, randomBytes } from 'node:crypto';
import { linkSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '../folder.ts';

/** The token that opens the job server at `host:port`. */
export function tokenFor(key: string, server: string): string {
  return createHmac('sha256', key).update(`job server ${server}`, 'utf8').digest('base64url');
}

/** Where the key of this user is. */
function keyFile(): string {
  const state = process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return join(state, 'mesos-lab', 'jobs_key');
}

/** The key of this user, made when it is first needed. Throws an Error of one sentence if it cannot be kept safe. */
export function ownKey(file = keyFile()): string {
  try {
    makeFolder(dirname(file), 0o700);
    const mine = `${file}.${randomBytes(8).toString('hex')}`;
    writeFileSync(mine, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
    try {
      // Whole or not at all, also when two commands make it at the same time.
      linkSync(mine, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(mine, { force: true });
    }
    return readOwn(file);
  } catch (error) {
    throw new Error(`the key for job servers cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

function readOwn(file: string): string {
  const { uid, mode } = lstatSync(file);
  if (uid !== userInfo().uid || (mode & 0o077) !== 0)
    throw new Error(`${file} must belong to you, and nobody else may read it; remove it`);
  const key = readFileSync(file, 'utf8');
  if (!/^[0-9a-f]{64}$/.test(key)) throw new Error(`${file} is damaged; remove it`);
  return key;
}
