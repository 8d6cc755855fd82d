/**
 * A reduce: fetches its partition of all map outputs, merges them, reduces, and writes a part of the job's
 * output.
 */
import { join } from 'node:path';
import { partName } from '../outputParts.ts';
import { programOf } from '../program/programs.ts';
import type { ReduceTaskData, TaskReport } from '../taskData.ts';
import { PartWriter, storePart } from './partWriter.ts';
import { Shuffle } from './shuffle.ts';
import type { TaskContext } from './taskContext.ts';

/**
 * Runs a reduce. Rejects with an UnfetchableError if the output of a map is gone, with another error, whose
 * message is one sentence for people, if anything else fails.
 */
export async function runReduce(task: ReduceTaskData, context: TaskContext): Promise<TaskReport> {
  const program = programOf(task.program);
  if (program.shape !== 'keyed') throw new TypeError(`A ${task.program.type} job has no reduces.`);
  const shuffle = new Shuffle(task, context, program.fold);
  await shuffle.fetchAll();
  const writer = new PartWriter(join(context.temporary, 'part'));
  let outputRecords = 0;
  try {
    shuffle.merge((bytes, start, end, value) => {
      outputRecords += 1;
      writer.writeLine(bytes, start, end, value);
    });
  } catch (error) {
    writer.abandon();
    throw error;
  }
  writer.close();
  const part = await storePart(writer, partName('reduce', task.index), task.jobId, context);
  const { inputBytes, remoteBytes, spills } = shuffle;
  const locality = remoteBytes === 0 ? 'local' : 'remote';
  return { locality, inputBytes, remoteBytes, spills, outputRecords, outputBytes: writer.bytes, part };
}
