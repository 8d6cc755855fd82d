/** The machine kind `ssh`: machines that are there already, reached by OpenSSH. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../inspection.ts';
import { quoted } from '../nodeDaemon/shell.ts';
import { OURS, type Place } from '../place.ts';
import { ownerOf } from './owner.ts';
import { type SshSettings, type SshTarget, socketFolder, sshShell } from './shell.ts';

const execute = promisify(execFile);

/** A machine of an inventory. */
export interface SshMachine extends SshTarget {
  readonly name: string;
  /** Address for the other machines; default the one that the machine was reached at. */
  readonly ip?: string;
  /** Folder there that is ours alone; default one among temporary ones. */
  readonly folder?: string;
}

/** What a shell may say before it is asked anything: a greeting of a .bashrc. */
const MARK = 'mesos-lab is here';
const LIMIT_MS = 30_000;
/** What OpenSSH's client ends with if it could not reach the machine, and a shell if it has no such program. */
const UNREACHABLE = 255;
const NOT_FOUND = 127;

/**
 * Reaches a machine, and finds out what it takes to use it; makes nothing there. `folder` is the deployment's on this machine. Rejects
 * with one sentence that names the machine.
 */
export async function sshPlace(machine: SshMachine, settings: SshSettings, folder: string): Promise<Place> {
  const { name } = machine;
  const [client] = settings.remoteShell ?? ['ssh'];
  if (findProgram(client) === undefined && !client.includes('/'))
    throw new Error(
      `machine ${name} is reached by ${client}, which is not installed: install Debian's openssh-client`,
    );
  if (machine.key !== undefined && !existsSync(machine.key))
    throw new Error(`machine ${name} is reached with the key ${machine.key}, and there is no such file`);
  await makeSocketFolder(folder);
  const shell = sshShell(machine, settings, folder);
  const owner = ownerOf(folder);
  const question = finding(machine, folder, owner);
  const [ip = '', there = '', store = ''] = await ask(name, machine.host, shell, question);
  return { name, ip: machine.ip ?? ip, shell, folder: there, owner, store };
}

/** Ends the connections of a deployment. */
export async function closeConnections(folder: string): Promise<void> {
  const sockets = socketFolder(folder);
  const names = await readdir(sockets).catch(() => []);
  await Promise.all(
    names.map((name) =>
      // A socket whose process is gone refuses; that is as good.
      execute('ssh', ['-o', `ControlPath="${join(sockets, name)}"`, '-O', 'exit', 'any']).catch(() => {}),
    ),
  );
  await rm(sockets, { recursive: true, force: true });
}

/** Makes the folder of a machine that was reached. Rejects with one sentence that names the machine. */
export async function makeSshFolder(
  machine: SshMachine,
  { shell, folder, owner = '' }: Place,
): Promise<void> {
  const making = `umask 077
there=${quoted(folder)}
# Twice: somebody who tears down may remove an empty folder above it in the middle.
mkdir -p "$there" 2>/dev/null || mkdir -p "$there" || exit 5
${owned(machine)}
mark=$there/${OURS}
printf '%s\\n' ${quoted(owner)} 2>/dev/null >"$mark.$$" || {
  rm -f "$mark.$$"
  echo "nothing can be written into $there, whose disk has $(df -Pk "$there" | awk 'END { print $4 }') KiB free" >&2
  exit 5
}
# Whole before it has its name, which one of several gets.
ln "$mark.$$" "$mark" 2>/dev/null
rm -f "$mark.$$"
${unclaimed(owner)}`;
  await ask(machine.name, machine.host, shell, making);
}

/** Removes what is empty of the folders that are above those of machines, unless the user has named those. */
export async function removeParents(machine: SshMachine, { shell, folder }: Place): Promise<void> {
  if (machine.folder !== undefined) return;
  const above = [dirname(folder), dirname(dirname(folder))].map(quoted).join(' ');
  // What another deployment has there stays.
  await ask(machine.name, machine.host, shell, `rmdir ${above} 2>/dev/null; :`);
}

/** Who owns the uppermost folder of ours owns all below it. */
function owned({ folder: asked }: SshMachine): string {
  const top = asked === undefined ? '$(dirname "$(dirname "$there")")' : '$there';
  return `top=${top}
[ ! -e "$top" ] || case $(ls -ldn "$top" | awk '{ print $3 }') in
  "$(id -u)") ;;
  *) echo "$top belongs to somebody else" >&2; exit 5 ;;
esac`;
}

/** No two deployments may share a folder: whoever clears it ends what works there. */
function unclaimed(owner: string): string {
  return `mark=$there/${OURS}
if [ -s "$mark" ] && [ "$(cat "$mark")" != ${quoted(owner)} ]; then
  echo "$there is in use by the deployment $(cut -d ' ' -f 2- "$mark"): end that one, or give this one another name or folder;" \\
    "if that one is no more, remove $there" >&2
  exit 5
fi`;
}

/** Says on three lines a machine's address, its folder, which need not be there yet, and where it keeps what was shipped. */
function finding(machine: SshMachine, folder: string, owner: string): string {
  const { name, folder: asked } = machine;
  const there =
    asked === undefined
      ? `"\${TMPDIR:-/tmp}/mesos-lab-$(id -u)"${quoted(`/${basename(folder)}/${name}`)}`
      : quoted(asked);
  const refusal = `if [ -d "$there" ] && [ ! -e "$there/${OURS}" ] && ls -A "$there" | grep -qv '^${OURS.replace('.', '\\.')}'; then
  echo "$there holds files that are not ours: name another folder, or empty it" >&2; exit 5
fi`;
  return `there=${there}
${owned(machine)}
${asked === undefined ? '' : refusal}
${unclaimed(owner)}
up=$there rest=
while [ ! -d "$up" ]; do rest=/$(basename "$up")$rest; up=$(dirname "$up"); done
up=$(cd "$up" && pwd -P) || exit 5
set -- $SSH_CONNECTION
echo '${MARK}'
echo "$3"
echo "\${up%/}$rest"
echo "\${XDG_CACHE_HOME:-$HOME/.cache}/mesos-lab"`;
}

async function ask(
  name: string,
  host: string,
  [program, ...args]: Place['shell'],
  question: string,
): Promise<readonly string[]> {
  try {
    const { stdout } = await execute(program, [...args, question], {
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
      env: { ...process.env, LC_ALL: 'C' },
    });
    const lines = stdout.split('\n');
    return lines.slice(lines.lastIndexOf(MARK) + 1);
  } catch (error) {
    throw new Error(`machine ${name} ${whyNot(error as ShellError, host)}`, { cause: error });
  }
}

interface ShellError extends Error {
  readonly code?: number | string;
  readonly killed?: boolean;
  readonly stderr?: string;
}

/** What happened, in the words of who has to do something about it. */
function whyNot({ code, killed, stderr = '', message }: ShellError, host: string): string {
  const last = stderr.trim().split('\n').at(-1)?.trim() ?? '';
  if (killed) return `(${host}) has not answered for ${LIMIT_MS / 1000} s`;
  if (code === NOT_FOUND) return `(${host}) has no sh, or no base64, in the PATH of its shell: ${last}`;
  if (code !== UNREACHABLE) return `(${host}) cannot be used: ${last || message}`;
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(stderr))
    return `(${host}) has another host key than before: if it was installed anew, forget the old one by 'ssh-keygen -R ${host}'`;
  if (/Host key verification failed|No \S+ host key is known/.test(stderr))
    return `(${host}) has a host key that is not among the known ones: add it to the file of known hosts`;
  if (/Permission denied/.test(stderr))
    return `(${host}) refuses the key: add the public key to ~/.ssh/authorized_keys there, or name the right key and user`;
  return `(${host}) cannot be reached: ${last || message}`;
}

async function makeSocketFolder(folder: string): Promise<void> {
  const path = socketFolder(folder);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(path);
  if (uid !== process.getuid?.() || (mode & 0o77) !== 0)
    throw new Error(`${path} is open to others: remove it, and try again`);
}
