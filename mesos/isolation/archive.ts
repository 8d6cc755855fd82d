/** Archives, and how they are extracted. */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { SANDBOX_VARIABLE } from './executorCommand.ts';
import { writeNew } from './newFile.ts';
import { kill } from './processTable.ts';

/** What to extract, and where. */
export interface Extraction {
  readonly file: string;
  /** The sandbox. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Lets through what the content of a file without others may be. */
  readonly bounded: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

/** Most that is told of what a program complains about, in characters. */
const COMPLAINT_LENGTH_MAX = 300;

/** Extracts an archive into a folder, known by its name; other files stay as they are. The archive stays too. */
export async function extract(extraction: Extraction): Promise<void> {
  const { file, folder } = extraction;
  // Not the owners that the archive has written down; root would take them over.
  if (/\.(tar|tar\.gz|tgz|tar\.bz2|tbz2|tar\.xz|txz)$/.test(file))
    return run('tar', ['-x', '-o', '-f', file, '-C', folder], extraction);
  if (file.endsWith('.zip')) return run('unzip', ['-o', '-q', file, '-d', folder], extraction);
  if (file.endsWith('.gz')) return gunzip(extraction);
}

async function gunzip({ file, folder, signal, bounded }: Extraction): Promise<void> {
  // Another archive may have put a link where it is to be.
  const temporary = join(folder, '.extracted');
  try {
    await writeNew(temporary, (target) =>
      pipeline(createReadStream(file), createGunzip(), bounded, target, { signal }),
    );
    await rename(temporary, join(folder, basename(file, '.gz')));
  } catch (error) {
    await rm(temporary, { force: true });
    if (signal.aborted) throw error;
    throw new Error(`it cannot be extracted: ${(error as Error).message}`, { cause: error });
  }
}

/** Runs a program to its end, or, with all that it has started, to the abort. */
function run(program: string, args: readonly string[], { folder, signal }: Extraction): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(program, args, {
    cwd: folder,
    // So that it is found as what is in use of the sandbox.
    env: { PATH: process.env.PATH, [SANDBOX_VARIABLE]: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(0, COMPLAINT_LENGTH_MAX);
  });
  const abort = (): void => {
    if (child.pid !== undefined) kill(-child.pid);
  };
  signal.addEventListener('abort', abort);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('error', ({ code, message }: NodeJS.ErrnoException) =>
    reject(
      new Error(
        code === 'ENOENT'
          ? `it cannot be extracted: there is no program '${program}'; install it on the slave`
          : `it cannot be extracted: ${message}`,
      ),
    ),
  );
  child.once('close', (code) => {
    if (code === 0) return resolve();
    const said = complaint.trim().replaceAll(/\s*\n\s*/g, '; ') || `${program} ended with status ${code}`;
    reject(new Error(`it cannot be extracted: ${said}`));
  });
  return promise.finally(() => signal.removeEventListener('abort', abort));
}
