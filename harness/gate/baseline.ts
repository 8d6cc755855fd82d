/** What a version is held against if nobody says. */
import { execFileSync } from 'node:child_process';

/**
 * The latest tag before the head, if there is one, else the commit before it; `.` is the working tree, whose commit is `HEAD`. Undefined
 * if there is none in the repository of this folder.
 */
export function defaultBaseline(head: string, folder: string): string | undefined {
  const before = `${head === '.' ? 'HEAD' : head}^`;
  const git = (...args: readonly string[]): string | undefined => {
    try {
      return execFileSync('git', ['-C', folder, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return undefined;
    }
  };
  return git('describe', '--tags', '--abbrev=0', before) ?? git('rev-parse', '--verify', before);
}
