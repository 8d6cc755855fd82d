/**
 * An election without servers, for masters on one machine: who holds the lock on a file leads, and the file says who that is.
 *
 * The lock is the kernel's, `flock(2)`. It belongs to this process as long as the file is open: it is kept while the process
 * is stopped, and gone the moment the process is, however it ends. Node cannot ask for it, so Debian's `flock` does, on the
 * open file that it inherits. Limits: docs/high-availability.md.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  type FSWatcher,
  fstatSync,
  ftruncateSync,
  openSync,
  statSync,
  watch,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { type MasterInfo, MasterInfoSchema } from '../protocol/entities.ts';
import type { Candidacy, CandidateEvents, Leadership, OpenElection } from './election.ts';
import { followers, type Source } from './followers.ts';

/** The file is looked at this often, in case its folder cannot be watched or an event is lost. */
const LOOK_MS = 1_000;
/** Longest wait of one `flock`: how long one may be left behind by a candidate that was killed. */
const WAIT_SECONDS = 2;
/** What one who led leaves in the file. */
const VACANT = '\n';
/** How `flock` says that it has waited for as long as it should. */
const WAITED_CODE = 1;

/** The election by a lock on the file `file:///path`. Throws, in one sentence, what is wrong with the URL. */
export function fileLockElection(url: string): OpenElection {
  const path = pathOf(url);
  const candidacies = new Set<Candidacy>();
  const detector = followers((tell) => detect(path, tell));
  return {
    follow: detector.follow,
    stand(candidate, events) {
      const candidacy = contend(path, candidate, {
        elected: events.elected,
        deposed: (reason) => {
          candidacies.delete(candidacy);
          events.deposed(reason);
        },
      });
      candidacies.add(candidacy);
      return candidacy;
    },
    async close() {
      for (const candidacy of candidacies) candidacy.withdraw();
      await detector.close();
    },
  };
}

function pathOf(url: string): string {
  try {
    const path = fileURLToPath(url);
    if (basename(path) !== '' && !url.endsWith('/')) return path;
  } catch {
    // Told below.
  }
  throw new Error(`the lock file must be given as file:///PATH, not as '${url}'`);
}

/** Stands: waits for the lock, and keeps it. */
function contend(path: string, candidate: MasterInfo, events: CandidateEvents): Candidacy {
  let state: 'standing' | 'leading' | 'over' = 'standing';
  /** The open file that the lock is on. */
  let file: number | undefined;
  let waiting: ChildProcess | undefined;
  let stopWatching = (): void => {};

  function attempt(): void {
    if (state !== 'standing') return;
    try {
      file ??= openSync(path, 'a+', 0o644);
    } catch (error) {
      return depose(`the lock file cannot be opened: ${(error as Error).message}`);
    }
    const flock = spawn('flock', ['--exclusive', '--timeout', String(WAIT_SECONDS), '3'], {
      stdio: ['ignore', 'ignore', 'ignore', file],
    });
    waiting = flock;
    flock.once('error', (error) =>
      depose(`'flock' of Debian's util-linux cannot be started: ${error.message}`),
    );
    flock.once('exit', (code) => {
      if (state !== 'standing') return;
      if (code === 0) locked();
      else if (code === WAITED_CODE) attempt();
      else depose(`the lock on ${path} cannot be had: flock ended with ${code}`);
    });
  }

  /** The lock is ours, on the file that was opened. */
  function locked(): void {
    if (!isInPlace()) {
      // Somebody has replaced the file meanwhile, and others lock the new one.
      closeFile();
      attempt();
      return;
    }
    // Whoever has led has left something in it.
    const isFirst = fstatSync(file ?? -1).size === 0;
    try {
      write(`${JSON.stringify(candidate)}\n`);
    } catch (error) {
      return depose(`the lock file cannot be written: ${(error as Error).message}`);
    }
    state = 'leading';
    stopWatching = look(path, () => {
      if (!isInPlace()) depose(`somebody removed or replaced the lock file ${path}`);
    });
    events.elected(isFirst);
  }

  /** Is the file that is locked the one that others find? */
  function isInPlace(): boolean {
    try {
      const own = fstatSync(file ?? -1);
      const found = statSync(path);
      return found.ino === own.ino && found.dev === own.dev;
    } catch {
      return false;
    }
  }

  function write(text: string): void {
    if (file === undefined) return;
    ftruncateSync(file);
    writeSync(file, text);
  }

  function closeFile(): void {
    if (file !== undefined) closeSync(file);
    file = undefined;
  }

  function depose(reason: string): void {
    const former = state;
    if (former === 'over') return;
    state = 'over';
    events.deposed(reason);
    release(former);
  }

  function withdraw(): void {
    const former = state;
    state = 'over';
    release(former);
  }

  function release(former: typeof state): void {
    stopWatching();
    waiting?.kill('SIGKILL');
    try {
      if (former === 'leading') write(VACANT);
    } catch {
      // Detectors will think that we lead until another writes that it does.
    }
    closeFile();
  }

  // Not at once, so that nothing is told before this function has returned.
  setImmediate(attempt);
  return { leads: () => state === 'leading', withdraw };
}

/** Tells what the file says. */
function detect(path: string, tell: (leadership: Leadership) => void): Source {
  let state: 'following' | 'stopped' = 'following';
  const read = (): void => {
    void readFile(path, 'utf8').then(
      (content) => {
        const leadership = leadershipIn(content);
        if (state === 'following' && leadership !== undefined) tell(leadership);
      },
      (error: NodeJS.ErrnoException) => {
        if (state === 'following') tell({ is: error.code === 'ENOENT' ? 'vacant' : 'unknown' });
      },
    );
  };
  const stop = look(path, read);
  read();
  return {
    async close() {
      state = 'stopped';
      stop();
    },
  };
}

/** Undefined if it is only a part of what will be there. */
function leadershipIn(content: string): Leadership | undefined {
  if (content === '' || content === VACANT) return { is: 'vacant' };
  if (!content.endsWith('\n')) return undefined;
  try {
    const { address, id } = v.parse(MasterInfoSchema, JSON.parse(content));
    return { is: 'held', master: `master@${address}`, masterId: id };
  } catch {
    return { is: 'unknown' };
  }
}

/** Calls when the file may have changed, and now and then. Returns how to stop. */
function look(path: string, run: () => void): () => void {
  const timer = setInterval(run, LOOK_MS);
  let watcher: FSWatcher | undefined;
  try {
    const name = basename(path);
    watcher = watch(dirname(path), (_event, changed) => {
      if (changed === null || changed === name) run();
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // A folder that is not there, or too many watches: looking now and then must do.
  }
  return () => {
    clearInterval(timer);
    watcher?.close();
  };
}
