/**
 * What ends the processes of a daemon that was killed: a shell beside it, which knows their groups and reads from a pipe that closes
 * however the daemon ends. It also ends what left its group, by a variable in its environment.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** The guard of a daemon. */
export interface Guard {
  /** From now on this group ends with the daemon. */
  add(group: number): void;
  /** This group has ended; its number may soon be somebody else's. */
  remove(group: number): void;
}

/** `$1` is the mark: a variable and its value, in the environment of all that the daemon starts. */
const SCRIPT = `
groups=' '
while read -r verb group; do
  case $verb in
    add) groups="$groups$group " ;;
    remove) groups=\${groups%%" $group "*}' '\${groups#*" $group "} ;;
  esac
done
for group in $groups; do kill -9 "-$group"; done
for round in 1 2 3; do
  for file in $(grep -lsF "$1" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -9 "\${pid%/environ}"
  done
done
`;

/** Starts the guard. */
export function startGuard(mark: string): Guard {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'guard', mark], {
    cwd: '/',
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a guard all works but the end of a daemon that was killed.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  // It keeps nobody from ending: that is what it waits for.
  child.unref();
  (child.stdin as Socket).unref();
  return {
    add: (group) => void child.stdin.write(`add ${group}\n`),
    remove: (group) => void child.stdin.write(`remove ${group}\n`),
  };
}
