/** Reading what earlier jobs wrote: as the input of a map, or whole as a side file (Hadoop's distributed cache). */
import type { Block } from '../../files/block.ts';
import { type BlockRun, type Locality, overBlock, UnreadableBlockError } from '../../files/blockReader.ts';
import { partPath } from '../../files/storedFile.ts';
import type { TaskData } from '../taskData.ts';
import { type TaskContext, UnreadablePartError } from './taskContext.ts';

/** Side files are held in memory by every task. */
const SIDE_BYTES_MAX = 64 * 1024 * 1024;

/** Runs something over all lines of a part of a job's output. Rejects with an {@link UnreadablePartError} if nobody has it any more. */
export async function overPart<T>(
  jobId: string,
  part: Block,
  index: number,
  context: TaskContext,
  start: () => BlockRun<T>,
): Promise<{ readonly result: T; readonly locality: Locality }> {
  const path = partPath(context.tracker.space, jobId, part.id);
  return overBlock(part, index, context, start, path).catch((error: unknown) => {
    if (error instanceof UnreadableBlockError) throw new UnreadablePartError(jobId, part, error);
    throw error;
  });
}

/** The side files of a task, by name. Rejects with an Error if they are too large to be side files. */
export async function readSideFiles(
  { side = [], index }: TaskData,
  context: TaskContext,
): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const file of side) {
    if ('text' in file) {
      files.set(file.name, Buffer.from(file.text));
      continue;
    }
    const bytes = file.parts.reduce((sum, part) => sum + part.bytes, 0);
    if (bytes > SIDE_BYTES_MAX)
      throw new RangeError(
        `The output of job '${file.outputOf}' has ${bytes} bytes, too many for a side file; make it an input.`,
      );
    const chunks: Buffer[] = [];
    for (const part of file.parts) chunks.push(...(await wholePart(file.outputOf, part, index, context)));
    files.set(file.name, Buffer.concat(chunks));
  }
  return files;
}

async function wholePart(
  jobId: string,
  part: Block,
  index: number,
  context: TaskContext,
): Promise<readonly Buffer[]> {
  const { result } = await overPart(jobId, part, index, context, () => {
    const chunks: Buffer[] = [];
    return {
      visit: (bytes, start, end) => void chunks.push(Buffer.from(bytes.subarray(start, end))),
      finish: () => chunks,
      abandon: () => undefined,
    };
  });
  return result;
}
