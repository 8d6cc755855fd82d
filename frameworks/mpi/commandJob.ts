/** A command as the program of a rigid job, as Torque runs scripts: on the first rank, or on all. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Communicator } from './communicator.ts';
import { Output } from './output.ts';
import { findProgram, inWords, type Processes } from './processes.ts';
import type { MpiProgram } from './program.ts';
import type { RankResult } from './result.ts';

/** What to run. */
export type CommandProgram = Extract<MpiProgram, { type: 'command' }>;
/** What came of it. */
export type CommandResult = Omit<Extract<RankResult, { type: 'command' }>, 'seconds'>;

/** The job that a command belongs to. */
export interface Surroundings {
  readonly jobId: string;
  /** Of each rank. */
  readonly hosts: readonly string[];
  /** The rank's sandbox. */
  readonly folder: string;
  readonly processes: Processes;
}

/**
 * Runs it where it is to run, and waits until it has ended everywhere. A command that ends with an exit code has ended, as
 * in Torque, whatever the code; one that is ended by a signal is an Error, and so is one that cannot be started.
 */
export async function runCommand(
  communicator: Communicator,
  program: CommandProgram,
  surroundings: Surroundings,
): Promise<CommandResult> {
  const { rank } = communicator;
  const { folder } = surroundings;
  const output = await Output.open(join(folder, 'command.out'));
  try {
    const runsHere = program.on === 'all' || rank === 0;
    const code = runsHere ? await run(communicator, program, surroundings, output) : 0;
    const codes = await communicator.gather(Float64Array.of(code), 0);
    const exitCode = codes?.map(([one = 0]) => one).find((one) => one !== 0) ?? 0;
    return { type: 'command', ranks: communicator.size, exitCode, output: output.path, tail: output.tail };
  } finally {
    await output.close();
  }
}

async function run(
  communicator: Communicator,
  program: CommandProgram,
  { jobId, hosts, folder, processes }: Surroundings,
  output: Output,
): Promise<number> {
  const { rank, size } = communicator;
  const directory = program.workingDirectory ?? folder;
  if (findProgram(program.program, directory) === undefined)
    throw new Error(`rank ${rank} cannot run '${program.program}': there is no such program where it runs`);
  const nodeFile = join(folder, 'nodes');
  writeFileSync(nodeFile, hosts.map((host) => `${host}\n`).join(''));
  const ended = processes.run({
    program: program.program,
    arguments: program.arguments,
    folder: directory,
    environment: {
      ...program.environment,
      MESOS_RANK: String(rank),
      MESOS_RANKS: String(size),
      MESOS_HOSTS: hosts.join(','),
      // As Torque names them.
      PBS_JOBID: jobId,
      PBS_NODEFILE: nodeFile,
      PBS_NP: String(size),
      PBS_VNODENUM: String(rank),
      PBS_O_WORKDIR: directory,
    },
    output: (piece) => output.write(piece),
  });
  const end = await Promise.race([ended, communicator.broken]).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall === undefined) throw error;
    throw new Error(`rank ${rank} cannot run '${program.program}' in ${directory}: ${error.message}`);
  });
  if (end.by === 'signal') throw new Error(`the command of rank ${rank} ${inWords(end)}${output.lastLine}`);
  return end.code;
}
