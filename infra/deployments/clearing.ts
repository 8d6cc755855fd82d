/** Clears a machine through its shell alone, whatever has become of its daemon. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { quoted } from '../nodeDaemon/shell.ts';
import { OURS, type Place } from '../place.ts';

const execute = promisify(execFile);

/** How long a shell may take before it is given up. */
const LIMIT_MS = 60_000;

// All that was started there works in the folder or below. The shell itself must not. What another deployment has there is let alone.
const SCRIPT = `
cd "$folder" 2>/dev/null || exit 0
[ -z "$owner" ] || [ ! -s ${OURS} ] || [ "$(cat ${OURS})" = "$owner" ] || exit 0
folder=$(pwd -P)
cd /
for round in 1 2 3 4 5 6 7 8 9 10; do
  found=$(ls -l /proc/[0-9]*/cwd 2>/dev/null | while IFS= read -r line; do
    case $line in
      *" -> $folder" | *" -> $folder/"* | *" -> $folder (deleted)") line=\${line#*/proc/}; echo "\${line%%/*}" ;;
    esac
  done)
  [ -z "$found" ] && break
  kill -9 $found 2>/dev/null
done
rm -rf "$folder"
`;

/** Kills all that works in the machine's folder, and removes that. Rejects with one sentence if the machine cannot be reached. */
export async function clearByShell({ name, shell, folder, owner = '' }: Place): Promise<void> {
  const [program, ...args] = shell;
  try {
    await execute(program, [...args, `folder=${quoted(folder)}\nowner=${quoted(owner)}\n${SCRIPT}`], {
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
  } catch (error) {
    throw new Error(`machine ${name} cannot be cleared: ${wordsOf(error as ShellError)}`, { cause: error });
  }
}

interface ShellError extends Error {
  readonly stderr?: string;
  readonly killed?: boolean;
  readonly code?: number | string;
}

function wordsOf({ message, stderr = '', killed, code }: ShellError): string {
  if (killed) return `its shell has not answered for ${LIMIT_MS / 1000} s`;
  // What a .bashrc writes comes first.
  const last = stderr.trim().split('\n').at(-1) ?? '';
  if (last !== '') return last;
  return typeof code === 'number' ? `its shell ended with code ${code}` : message;
}
