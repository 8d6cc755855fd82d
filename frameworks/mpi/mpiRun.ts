/**
 * A real MPI on the slots of a gang. Rank 0 is the mother superior, in Torque's words: it starts mpiexec, reads which daemon
 * is wanted on which slot, and hands each to the rank of that slot, over the link between them. All daemons run in the
 * sandboxes of their slots, and what they start has the environment of its slot. Whatever ends too early ends the job.
 */
import { join } from 'node:path';
import * as v from 'valibot';
import type { Millis } from '../../mesos/driver/actor.ts';
import type { Communicator } from './communicator.ts';
import { type DaemonStart, type Flavour, isDaemon, LAUNCHERS, type Launcher } from './launcher.ts';
import { Output } from './output.ts';
import { type Command, findProgram, inWords, type Processes } from './processes.ts';
import { receiveText, sendText } from './text.ts';

/** What is to run, and with what. */
export interface MpiRun {
  readonly flavour: Flavour;
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Default: the folder of each slot. */
  readonly workingDirectory?: string;
  /** The Debian packages that have the program, for who lacks it. */
  readonly debianPackages?: string;
  /** Does a line that the program writes say that it has failed, though it may never end? */
  readonly isFailure?: (line: string) => boolean;
}

/** What a rank has for it. */
export interface MpiSurroundings {
  /** Address of each slot. */
  readonly hosts: readonly string[];
  readonly folder: string;
  readonly processes: Processes;
  readonly now: () => Millis;
}

/** How it went, on rank 0. */
export interface MpiOutcome {
  /** From the start of mpiexec until its end. */
  readonly wallSeconds: number;
  readonly output: Output;
}

const DAEMON_TAG = 1;
const OVER_TAG = 2;
/** Longest line of mpiexec that may ask for a daemon. */
const LINE_LENGTH_MAX = 65_536;
/** The folder of a slot, for what its daemon starts. */
const FOLDER_VARIABLE = 'MESOS_SANDBOX';
/** Goes where the rank is to work, and becomes its program. */
const ENTER = `cd "\${1:-$${FOLDER_VARIABLE}}" && shift && exec "$@"`;

const ArgvSchema = v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(1000));

/**
 * Runs it together with the other ranks. Resolves when all have ended as they should; its output is closed by then, on rank
 * 0 alone there is one. Rejects with a sentence, on all ranks, if something is missing or ends too early.
 */
export async function runMpi(
  communicator: Communicator,
  run: MpiRun,
  surroundings: MpiSurroundings,
): Promise<MpiOutcome | undefined> {
  const launcher = LAUNCHERS[run.flavour];
  const { rank } = communicator;
  const { folder, processes } = surroundings;
  demand(rank, launcher.daemon, launcher.debianPackage);
  demand(rank, run.program, run.debianPackages, run.workingDirectory ?? folder);
  if (run.arguments.includes(':'))
    throw new Error(`an argument ':' would end the command for ${launcher.mpiexec}`);
  const path = join(folder, rank === 0 ? 'mpiexec.out' : 'daemon.out');
  const output = await Output.open(path, launcher.isNoise);
  try {
    if (rank !== 0) return await holdSlot(communicator, launcher, surroundings, output);
    demand(rank, launcher.mpiexec, launcher.debianPackage);
    const wallSeconds = await lead(communicator, launcher, run, surroundings, output);
    return { wallSeconds, output };
  } catch (error) {
    // Before anything is ended: all are to name the cause, and not what came of it.
    communicator.abort(error instanceof Error ? error : new Error(String(error)));
    throw error;
  } finally {
    // Nothing that has ended writes any more; what has not is not waited for.
    processes.endAll();
    await output.close();
  }
}

/** Throws a sentence if a program is not there; one with a relative path is looked for from the folder. */
function demand(rank: number, program: string, debianPackages: string | undefined, folder?: string): void {
  if (findProgram(program, folder) !== undefined) return;
  const remedy =
    debianPackages === undefined ? '' : `: install it there (Debian: apt-get install ${debianPackages})`;
  throw new Error(`there is no ${program} where rank ${rank} runs${remedy}`);
}

/** What rank 0 does: mpiexec, the daemons of all, its own among them. The time of it in seconds. */
async function lead(
  communicator: Communicator,
  launcher: Launcher,
  run: MpiRun,
  surroundings: MpiSurroundings,
  output: Output,
): Promise<number> {
  const { hosts, folder, processes, now } = surroundings;
  const { size } = communicator;
  const startedMs = now();
  const wanted = new Set(hosts.keys());
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => undefined);
  const start = ({ slot, argv }: DaemonStart): void => {
    if (!wanted.delete(slot)) return;
    const started =
      slot === 0
        ? runDaemon(0, launcher, argv, surroundings, output)
        : sendText(communicator, slot, JSON.stringify(argv), DAEMON_TAG);
    started.catch(fail);
  };
  const lines = linesTo((line) => {
    const daemon = wanted.size === 0 ? undefined : launcher.readLine(line);
    if (daemon !== undefined) start(daemon);
    else if (run.isFailure?.(line)) fail(new Error(`${run.program} has failed: ${line.trim()}`));
  });
  const environment = Object.entries(run.environment).map(([name, value]) => `${name}=${value}`);
  const argv = ['/usr/bin/env', ...environment, '/bin/sh', '-c', ENTER, 'rank', run.workingDirectory ?? ''];
  const mpiexec: Command = {
    program: launcher.mpiexec,
    arguments: launcher.mpiexecArguments({
      addresses: hosts,
      argv: [...argv, run.program, ...run.arguments],
    }),
    ...surroundingsOf(folder),
    output: async (piece) => {
      lines(piece);
      await output.write(piece);
    },
  };
  const end = await Promise.race([processes.run(mpiexec), communicator.broken, failed]);
  if (end.by === 'signal' || end.code !== 0)
    throw new Error(`${launcher.mpiexec} ${inWords(end)}${output.lastLine}`);
  if (wanted.size > 0)
    throw new Error(
      `${launcher.mpiexec} ended before it had asked for all of its ${size} daemons${output.lastLine}`,
    );
  const wallSeconds = (now() - startedMs) / 1000;
  for (let slot = 1; slot < size; slot++) await communicator.send(slot, new Float64Array(0), OVER_TAG);
  return wallSeconds;
}

/** What the other ranks do: the daemon of their slot, until rank 0 says that all is over. */
async function holdSlot(
  communicator: Communicator,
  launcher: Launcher,
  surroundings: MpiSurroundings,
  output: Output,
): Promise<undefined> {
  const { rank } = communicator;
  const over = communicator.receive(0, OVER_TAG);
  over.catch(() => undefined);
  const argv = v.parse(ArgvSchema, JSON.parse(await receiveText(communicator, 0, DAEMON_TAG)));
  const daemon = runDaemon(rank, launcher, argv, surroundings, output).catch(async (error) => {
    // Another rank's failure that ended it may have been told already.
    await communicator.breathe();
    throw error;
  });
  // A daemon that has ended well may be the first to know that all is over.
  await Promise.race([over, daemon.then(() => over)]);
}

/** Runs a daemon until it ends well. Rejects with a sentence if it does not. */
async function runDaemon(
  rank: number,
  launcher: Launcher,
  argv: readonly string[],
  { folder, processes }: MpiSurroundings,
  output: Output,
): Promise<void> {
  if (!isDaemon(launcher, argv))
    throw new Error(`rank ${rank} was asked to start '${argv[0]}', no ${launcher.daemon}`);
  const [program = '', ...rest] = argv;
  const write = (piece: Buffer): Promise<void> => output.write(piece);
  const end = await processes.run({ program, arguments: rest, ...surroundingsOf(folder), output: write });
  if (end.by === 'exit' && end.code === 0) return;
  throw new Error(`the ${launcher.daemon} of rank ${rank} ${inWords(end)}${output.lastLine}`);
}

/** Temporary files, of which Open MPI has many, go into the sandbox: slots on one machine must not share them. */
function surroundingsOf(folder: string): Pick<Command, 'folder' | 'environment'> {
  return { folder, environment: { [FOLDER_VARIABLE]: folder, TMPDIR: folder } };
}

/** Cuts what comes in pieces into lines. Lines that are too long are passed over. */
function linesTo(take: (line: string) => void): (piece: Buffer) => void {
  let rest = '';
  return (piece) => {
    const lines = (rest + piece.toString('utf8')).split('\n');
    rest = (lines.pop() ?? '').slice(0, LINE_LENGTH_MAX);
    for (const line of lines) if (line.length < LINE_LENGTH_MAX) take(line);
  };
}
