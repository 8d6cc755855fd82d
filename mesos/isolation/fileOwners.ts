/** Names of users and groups, as this machine's own files tell them. */
import { readFileSync } from 'node:fs';

/** Who owns files. */
export interface FileOwners {
  /** A user's name; its number if it has none here. */
  user(uid: number): string;
  group(gid: number): string;
}

/** Reads the names anew. */
export function fileOwners(): FileOwners {
  const users = namesIn('/etc/passwd');
  const groups = namesIn('/etc/group');
  return { user: (uid) => users.get(uid) ?? `${uid}`, group: (gid) => groups.get(gid) ?? `${gid}` };
}

function namesIn(file: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  try {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [name = '', , id = ''] = line.split(':');
      // The first of several counts, as for all programs.
      if (/^\d+$/.test(id) && !names.has(Number(id))) names.set(Number(id), name);
    }
  } catch {
    // A machine without such a file has numbers only.
  }
  return names;
}
