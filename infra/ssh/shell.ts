/** The command line that runs a script on a machine through OpenSSH. All that is run on a machine shares one connection. */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoted } from '../nodeDaemon/shell.ts';
import type { Place } from '../place.ts';

/** How a machine is reached. */
export interface SshTarget {
  /** Name, address, or an alias of the user's configuration of ssh. */
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  /** Path of a private key; default those that ssh takes by itself. */
  readonly key?: string;
}

/** How all machines of a deployment are reached. */
export interface SshSettings {
  /** An OpenSSH client and its first arguments, which win over ours; default `ssh`. */
  readonly remoteShell?: readonly [string, ...string[]];
  /** Path of a file with the machines' keys, others are refused; default those that the user knows, and new machines are believed. */
  readonly knownHosts?: string;
}

/** How long a machine may take to answer. */
const CONNECT_LIMIT_S = 10;
/** How long a connection that nobody uses stays. */
const IDLE_S = 600;
/** Sockets have paths of 107 bytes at most, and ssh adds 17 while it makes one. */
const SOCKET_PATH_MAX = 90;
const SOCKET_NAME_LENGTH = 16;

/** Folder of the sockets of the connections of a deployment: in its folder, or, if that has too long a path, among temporary ones. */
export function socketFolder(folder: string): string {
  const own = join(folder, 'ssh');
  if (own.length + 1 + SOCKET_NAME_LENGTH <= SOCKET_PATH_MAX) return own;
  return join(tmpdir(), `mesos-lab-ssh-${digest(folder)}`);
}

// OpenSSH hands words to whatever shell the user has there, with spaces between: the script has to be one word to any of them.
const WRAP = `n=$#
for word; do
  shift
  n=$((n - 1))
  if [ "$n" -gt 0 ]; then set -- "$@" "$word"; else script=$word; fi
done
exec "$0" "$@" "exec sh -c 'eval \\"\\$(echo $(printf %s "$script" | base64 | tr -d '\\n') | base64 -d)\\"'"`;

/** The shell of a machine that is reached by ssh. `folder` is the deployment's on this machine. */
export function sshShell(target: SshTarget, settings: SshSettings, folder: string): Place['shell'] {
  const { remoteShell: [program, ...first] = ['ssh'] } = settings;
  const sockets = socketFolder(folder);
  const words = {
    BatchMode: 'yes',
    ConnectTimeout: String(CONNECT_LIMIT_S),
    ControlMaster: 'auto',
    ControlPath: fileName(join(sockets, digest(JSON.stringify([target, settings])))),
    ControlPersist: String(IDLE_S),
    ServerAliveInterval: '15',
    ...identification(target, settings, folder),
  };
  return ['sh', '-c', WRAP, program, ...first, '-T', ...options(words), '--', target.host];
}

/**
 * What a person types to have a port of this machine lead to an address that the target reaches, as long as it runs. `folder` is the
 * deployment's on this machine.
 */
export function sshForward(
  target: SshTarget,
  settings: SshSettings,
  folder: string,
  from: number,
  to: string,
): string {
  const { remoteShell: command = ['ssh'] } = settings;
  const words = options(identification(target, settings, folder));
  return [...command, '-N', '-L', `${from}:${to}`, ...words, '--', target.host].map(typed).join(' ');
}

/** Who we are to a machine, and how we know that it is the right one, in ssh's words. */
function identification(
  { user, port, key }: SshTarget,
  { knownHosts }: SshSettings,
  folder: string,
): Readonly<Record<string, string>> {
  return {
    StrictHostKeyChecking: knownHosts === undefined ? 'accept-new' : 'yes',
    UserKnownHostsFile:
      knownHosts === undefined
        ? `${fileName(join(folder, 'known_hosts'))} ~/.ssh/known_hosts`
        : fileName(knownHosts),
    ...(key !== undefined && { IdentityFile: fileName(key), IdentitiesOnly: 'yes' }),
    ...(user !== undefined && { User: user }),
    ...(port !== undefined && { Port: String(port) }),
  };
}

const options = (words: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(words).flatMap(([name, value]) => ['-o', `${name}=${value}`]);

/** A word as it is typed: in quotes if it needs any. */
const typed = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word));

/** A path as a word of ssh's configuration. */
function fileName(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}

const digest = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, SOCKET_NAME_LENGTH);
