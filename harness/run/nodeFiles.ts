/**
 * Blocks and outputs on the machines of a run: they are written and read as files of the machines, so that this process need not be
 * in the machines' network.
 */
import { join } from 'node:path';
import type { Block } from '../../frameworks/files/block.ts';
import { type PlaceOptions, placeBlocks } from '../../frameworks/files/blocks.ts';
import { filesOfBlock, partPath } from '../../frameworks/files/storedFile.ts';
import type { OutputPart } from '../../frameworks/hadoop/jobSummary.ts';
import type { Machine } from '../../infra/machine.ts';
import { fileFolder } from './deployment.ts';

/** Stores blocks, each on several of these machines. Resolves to the blocks in order. */
export function storeOn(
  machines: readonly Machine[],
  what: Omit<PlaceOptions, 'hosts' | 'put'>,
): Promise<readonly Block[]> {
  return placeBlocks({
    ...what,
    hosts: machines.map(({ name }) => name),
    put: async (host, id, bytes, crc32) => {
      const machine = machineOf(machines, host);
      for (const [path, content] of filesOfBlock(id, bytes, crc32))
        await machine.write(join(fileFolder(machine), path), content);
    },
  });
}

/** Reads a part of a job's output, of at most 64 MiB, from the first machine that gives it. Rejects with the last error if none does. */
export async function readPartOn(
  machines: readonly Machine[],
  space: string,
  jobId: string,
  part: OutputPart,
): Promise<Buffer> {
  let failure: unknown = new Error(`no machine is known that holds ${part.name} of job '${jobId}'`);
  for (const host of part.hosts) {
    try {
      const machine = machineOf(machines, host);
      return await machine.read(join(fileFolder(machine), partPath(space, jobId, part.file ?? part.name)));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Removes all that a framework that has ended has left on these machines. */
export async function removeSpace(machines: readonly Machine[], space: string): Promise<void> {
  await Promise.all(
    machines.map((machine) => {
      const folders = ['intermediate', 'unfinished', 'output'].map((area) =>
        join(fileFolder(machine), area, space),
      );
      return machine.run('rm', '-rf', ...folders);
    }),
  );
}

function machineOf(machines: readonly Machine[], host: string): Machine {
  const machine = machines.find(({ name }) => name === host);
  if (machine === undefined) throw new Error(`there is no machine '${host}'`);
  return machine;
}
