/** Servers of OpenSSH on machines that are namespaces, so that what is done over ssh can be tried on one machine. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../inspection.ts';
import type { SshSettings, SshTarget } from '../ssh/shell.ts';

const execute = promisify(execFile);

/** Servers of a deployment: they have a key of their own, and let in one key that is made for them. */
export interface Servers {
  /** Script that starts the one of a machine. */
  readonly services: (ip: string) => string;
  readonly target: (ip: string) => SshTarget;
  readonly settings: SshSettings;
}

// The server goes to the background before it listens. One that never does is told of by whoever tries to reach it.
const LISTENS = `i=0
until grep -q ':0016 00000000:0000 0A' /proc/net/tcp || [ $i -gt 200 ]; do
  i=$((i + 1))
  sleep 0.05
done
`;

/** What this machine lacks for servers of OpenSSH in namespaces, in one sentence; undefined if nothing. */
function missingForSshd(): string | undefined {
  if (process.getuid?.() !== 0)
    return 'machines of kind netns are reached by ssh only if root makes them: others cannot change groups in a user namespace';
  if (findProgram('sshd') === undefined)
    return "machines of kind netns are reached by ssh only if sshd is installed: install Debian's openssh-server";
  if (findProgram('ssh-keygen') === undefined)
    return "keys for ssh need ssh-keygen, which is not installed: install Debian's openssh-client";
  return undefined;
}

/** Makes what the servers need in the deployment's folder, or finds it there. Rejects with one sentence. */
export async function prepareServers(folder: string): Promise<Servers> {
  const missing = missingForSshd();
  if (missing !== undefined) throw new Error(missing);
  const own = join(folder, 'netns-ssh');
  await mkdir(own, { recursive: true, mode: 0o700 });
  const at = (name: string): string => join(own, name);
  await Promise.all([makeKey(at('host_key')), makeKey(at('user_key'))]);
  const [kind = '', key = ''] = (await readFile(at('host_key.pub'), 'utf8')).split(' ');
  await writeFile(at('known_hosts'), `* ${kind} ${key}\n`);
  await writeFile(at('sshd_config'), configuration(own));
  return {
    // Its folder in /run is made by whatever starts services, which a machine that is a namespace has not.
    services: (ip) => `mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
'${findProgram('sshd')}' -f '${at('sshd_config')}' -E '${at(`${ip}.log`)}' -o ListenAddress=${ip}
${LISTENS}`,
    target: (ip) => ({ host: ip, user: 'root', key: at('user_key') }),
    settings: { remoteShell: ['ssh', '-F', 'none'], knownHosts: at('known_hosts') },
  };
}

function configuration(folder: string): string {
  return `HostKey "${join(folder, 'host_key')}"
AuthorizedKeysFile "${join(folder, 'user_key.pub')}"
AllowUsers root
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PidFile none
MaxStartups 200
MaxSessions 200
# A shell that is not the first runs no .bashrc, which may take long on a machine that is many machines.
SetEnv SHLVL=1
`;
}

async function makeKey(path: string): Promise<void> {
  if (!existsSync(path))
    await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'mesos-lab', '-f', path]);
}
