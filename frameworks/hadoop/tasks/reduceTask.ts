/**
 * A reduce: fetches its partition of all map outputs, merges them, reduces, and writes a part of the job's
 * output.
 */
import { join } from 'node:path';
import { mapOutputPath } from '../../files/storedFile.ts';
import { partName } from '../outputParts.ts';
import type { FoldProgram, RecordProgram, TaskSetting } from '../program/mapReduce.ts';
import { programOf } from '../program/programs.ts';
import { Groups } from '../records/groups.ts';
import { foldingMerger, Merge, mergeFolded, type RunMerger, recordMerger } from '../records/merge.ts';
import type { RunReader } from '../records/runReader.ts';
import type { ReduceTaskData, TaskReport } from '../taskData.ts';
import { Counters } from './counters.ts';
import { readSideFiles } from './earlierOutput.ts';
import { PartWriter, storePart } from './partWriter.ts';
import { Shuffle, type ShuffleSource } from './shuffle.ts';
import type { TaskContext } from './taskContext.ts';

/**
 * Runs a reduce. Rejects with an UnfetchableError if the output of a map is gone, with another error, whose
 * message is one sentence for people, if anything else fails.
 */
export async function runReduce(task: ReduceTaskData, context: TaskContext): Promise<TaskReport> {
  const program = programOf(task.program);
  if (program.shape === 'scan') throw new TypeError(`A ${task.program.type} job has no reduces.`);
  const side = await readSideFiles(task, context);
  const counters = new Counters();
  const setting = { index: task.index, tag: undefined, side, count: counters.count };
  const shuffle = new Shuffle(mapOutputs(task, context), context, mergerOf(program));
  await shuffle.fetchAll();
  const writer = new PartWriter(join(context.temporary, 'part'));
  try {
    shuffle.read((runs) => reduceInto(writer, program, runs, setting));
  } catch (error) {
    writer.abandon();
    throw error;
  }
  writer.close();
  const part = await storePart(writer, partName('reduce', task.index), task, context);
  const { inputBytes, remoteBytes, spills } = shuffle;
  const locality = remoteBytes === 0 ? 'local' : 'remote';
  const { bytes: outputBytes, lines: outputRecords } = writer;
  const report = { locality, inputBytes, remoteBytes, spills, outputBytes, outputRecords, part } as const;
  return { ...report, ...counters.report() };
}

/** This reduce's partition of the output of each map. */
function mapOutputs(task: ReduceTaskData, { tracker }: TaskContext): readonly ShuffleSource[] {
  const { jobId, index, hosts, mapHosts, mapAttempts = {} } = task;
  return mapHosts.map((place, map) => {
    const host = hosts[place];
    if (host === undefined) throw new Error(`The reduce was not told who holds the output of map ${map}.`);
    const path = mapOutputPath(tracker.space, jobId, map, mapAttempts[map]);
    return { number: map, name: `map ${map}`, host, path, partition: index };
  });
}

function mergerOf(program: FoldProgram | RecordProgram): RunMerger {
  if (program.shape === 'fold') return foldingMerger(program.fold);
  return recordMerger(program.valueOrder ?? 'any', program.combine);
}

function reduceInto(
  writer: PartWriter,
  program: FoldProgram | RecordProgram,
  runs: readonly RunReader[],
  setting: TaskSetting,
): void {
  if (program.shape === 'fold') {
    const { format } = program;
    mergeFolded(runs, program.fold, (bytes, start, end, value) =>
      writer.writeLine(bytes, start, end, value, format),
    );
    return;
  }
  const groups = new Groups(new Merge(runs, program.valueOrder ?? 'any'));
  const reducer = program.startReduce(setting);
  while (groups.next()) reducer.reduce(groups.key, groups.values, writer);
  reducer.finish?.(writer);
}
