/** Whether a folder is a disk of its own: the whole of a file system that is mounted there, and nowhere else. */

/** A line of the kernel's table of mounts (proc(5), `mountinfo`). */
interface Mount {
  /** Of the file system, `major:minor`. */
  readonly device: string;
  /** What of the file system is mounted: `/` if all of it. */
  readonly root: string;
  readonly at: string;
}

/** Why a folder, by its path without links, is no disk of its own in this table of mounts; undefined if it is one. */
export function notItsOwn(mountinfo: string, path: string): string | undefined {
  const mounts = mountinfo.split('\n').flatMap(mountOf);
  // What was mounted last hides what was there before.
  const mount = mounts.findLast(({ at }) => at === path);
  if (mount === undefined) return 'nothing is mounted there';
  if (mount.root !== '/') return `it is a part of a larger one (${mount.root})`;
  const other = mounts.find(({ device, at }) => device === mount.device && at !== path);
  return other && `it is mounted at ${other.at} too`;
}

function mountOf(line: string): Mount | [] {
  const [, , device, root, at] = line.split(' ').map(unescaped);
  return device === undefined || root === undefined || at === undefined ? [] : { device, root, at };
}

/** Spaces and the like are written in octal. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
