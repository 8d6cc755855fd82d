/** What a job reads, task by task: blocks, and what tasks of earlier jobs wrote. */
import type { HadoopJob, TaggedBlock } from './job.ts';
import type { JobInProgress } from './jobInProgress.ts';
import { partName } from './outputParts.ts';
import type { MapInput, SideInput, Task } from './task.ts';

/** The tasks that write the output of a job, in order. */
function writersOf({ maps, reduces }: JobInProgress): readonly Task[] {
  return reduces.length > 0 ? reduces : maps;
}

/** What a task has written, or is to write, as a block. */
export function partBlock({ type, index, report, partHosts, host }: Task): TaggedBlock {
  // Modelled tasks write nothing, but it is known where they ran.
  const hosts = partHosts ?? (host === undefined ? [] : [host]);
  const crc32 = report?.part?.crc32;
  return {
    id: report?.part?.file ?? report?.part?.name ?? partName(type, index),
    bytes: report?.outputBytes ?? 0,
    hosts,
    ...(crc32 !== undefined && { crc32 }),
  };
}

/** Is it gone, or not made again yet, what a task of an earlier job wrote? */
export function isMissing({ state, partHosts }: Task): boolean {
  return state !== 'finished' || partHosts?.length === 0;
}

/** The inputs of all maps, in order. `jobOf` gives the earlier jobs. */
export function mapInputs(spec: HadoopJob, jobOf: (id: string) => JobInProgress): readonly MapInput[] {
  return spec.input.flatMap((input): readonly MapInput[] => {
    if (!('outputOf' in input)) return [{ block: input, source: undefined }];
    const tag = input.tag === undefined ? {} : { tag: input.tag };
    return writersOf(jobOf(input.outputOf)).map((source) => ({
      block: { ...partBlock(source), ...tag },
      source,
    }));
  });
}

/** The side files. `jobOf` gives the earlier jobs. */
export function sideInputs(spec: HadoopJob, jobOf: (id: string) => JobInProgress): readonly SideInput[] {
  return (spec.side ?? []).map((file) =>
    'text' in file ? file : { ...file, sources: writersOf(jobOf(file.outputOf)) },
  );
}
