/**
 * A map: reads its block, maps it, combines, spills, sorts, merges, and leaves one sorted run for the
 * reduces.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { overBlock } from '../../dfs/blockReader.ts';
import { mapOutputPath, publish } from '../../dfs/storedFile.ts';
import { partName } from '../outputParts.ts';
import type { KeyedProgram, ScanProgram } from '../program/mapReduce.ts';
import { programOf } from '../program/programs.ts';
import { Spiller } from '../records/spiller.ts';
import type { MapTaskData, TaskReport } from '../taskData.ts';
import { PartWriter, storePart } from './partWriter.ts';
import type { TaskContext } from './taskContext.ts';

/** Runs a map. Rejects with an error whose message is one sentence for people. */
export async function runMap(task: MapTaskData, context: TaskContext): Promise<TaskReport> {
  const program = programOf(task.program);
  switch (program.shape) {
    case 'keyed':
      if (task.reduces === 0) throw new TypeError(`A ${task.program.type} job needs at least one reduce.`);
      return mapToRun(task, program, context);
    case 'scan':
      return mapToPart(task, program, context);
    default:
      return program satisfies never;
  }
}

async function mapToRun(task: MapTaskData, program: KeyedProgram, context: TaskContext): Promise<TaskReport> {
  const { block, jobId, index } = task;
  const { dir, temporary, tracker } = context;
  const output = join(temporary, 'map-output');
  const spillDir = join(temporary, 'spills');
  const { result, locality } = await overBlock(block, index, context, () => {
    rmSync(spillDir, { recursive: true, force: true });
    mkdirSync(spillDir);
    const spiller = new Spiller({
      dir: spillDir,
      partitions: task.reduces,
      memoryBytes: tracker.memoryPerTaskBytes,
      fold: program.fold,
    });
    return {
      visit: (bytes, start, end) => program.map(bytes, start, end, spiller),
      finish: () => ({ run: spiller.finish(output), spiller }),
      abandon: () => undefined,
    };
  });
  const { run, spiller } = result;
  await publish(dir, output, mapOutputPath(tracker.space, jobId, index), { type: 'index', index: run });
  let outputBytes = 0;
  let outputRecords = 0;
  for (const { bytes, records } of run.partitions) {
    outputBytes += bytes;
    outputRecords += records;
  }
  const { emitted: emittedRecords, spills } = spiller;
  return { locality, inputBytes: block.bytes, outputBytes, outputRecords, emittedRecords, spills };
}

async function mapToPart(task: MapTaskData, program: ScanProgram, context: TaskContext): Promise<TaskReport> {
  const { block, jobId, index } = task;
  const { result: writer, locality } = await overBlock(block, index, context, () => {
    const part = new PartWriter(join(context.temporary, 'part'));
    return {
      visit: (bytes, start, end) => program.scan(bytes, start, end, part),
      finish: () => {
        part.close();
        return part;
      },
      abandon: () => part.abandon(),
    };
  });
  const part = await storePart(writer, partName('map', index), jobId, context);
  return { locality, inputBytes: block.bytes, outputBytes: writer.bytes, part };
}
