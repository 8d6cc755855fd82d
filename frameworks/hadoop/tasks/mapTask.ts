/**
 * A map: reads its block, maps it, combines, spills, sorts, merges, and leaves one sorted run for the reduces. A map-only job's map
 * writes a part of the output instead.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BlockRun, type Locality, overBlock } from '../../files/blockReader.ts';
import { mapOutputPath, publish } from '../../files/storedFile.ts';
import { partName } from '../outputParts.ts';
import type { FoldProgram, Mapper, RecordProgram, ScanProgram, TaskSetting } from '../program/mapReduce.ts';
import { programOf } from '../program/programs.ts';
import { FoldOutput, type MapOutput, type MapOutputOptions, RecordOutput } from '../records/mapOutput.ts';
import type { MapTaskData, TaskReport } from '../taskData.ts';
import { Counters } from './counters.ts';
import { overPart, readSideFiles } from './earlierOutput.ts';
import { PartWriter, storePart } from './partWriter.ts';
import type { TaskContext } from './taskContext.ts';

/** Runs a map. Rejects with an error whose message is one sentence for people. */
export async function runMap(task: MapTaskData, context: TaskContext): Promise<TaskReport> {
  const program = programOf(task.program);
  switch (program.shape) {
    case 'fold':
    case 'records':
      if (task.reduces === 0) throw new TypeError(`A ${task.program.type} job needs at least one reduce.`);
      return mapToRun(task, program, context);
    case 'scan':
      return mapToPart(task, program, context);
    default:
      return program satisfies never;
  }
}

/** A map's program, its output, and what it has counted. */
interface Work {
  readonly visit: (bytes: Buffer, start: number, end: number) => void;
  readonly finish: () => void;
  readonly output: MapOutput;
}

function startWork(
  program: FoldProgram | RecordProgram,
  setting: TaskSetting,
  options: MapOutputOptions,
): Work {
  const { partition } = program;
  if (program.shape === 'fold') {
    const output = new FoldOutput({ ...options, partition, fold: program.fold });
    return { output, ...feeding(program.startMap(setting), output) };
  }
  const { combine, valueOrder: order = 'any' } = program;
  const output = new RecordOutput({ ...options, partition, combine, order });
  return { output, ...feeding(program.startMap(setting), output) };
}

function feeding<Into>(mapper: Mapper<Into>, into: Into): Pick<Work, 'visit' | 'finish'> {
  return {
    visit: (bytes, start, end) => mapper.map(bytes, start, end, into),
    finish: () => mapper.finish?.(into),
  };
}

async function mapToRun(
  task: MapTaskData,
  program: FoldProgram | RecordProgram,
  context: TaskContext,
): Promise<TaskReport> {
  const { block, jobId, index, attempt } = task;
  const { dir, temporary, tracker } = context;
  const path = join(temporary, 'map-output');
  const spillDir = join(temporary, 'spills');
  const side = await readSideFiles(task, context);
  const { result, locality } = await overInput(task, context, () => {
    rmSync(spillDir, { recursive: true, force: true });
    mkdirSync(spillDir);
    const counters = new Counters();
    const options = { dir: spillDir, partitions: task.reduces, memoryBytes: tracker.memoryPerTaskBytes };
    const work = startWork(program, settingOf(task, side, counters), options);
    const meter = metered(work.visit, block.bytes, context);
    return {
      visit: meter.visit,
      finish: () => {
        work.finish();
        return { run: work.output.finish(path), output: work.output, lines: meter.lines(), counters };
      },
      abandon: () => undefined,
    };
  });
  const { run, output, lines: inputRecords, counters } = result;
  await publish(dir, path, mapOutputPath(tracker.space, jobId, index, attempt), {
    type: 'index',
    index: run,
  });
  let outputBytes = 0;
  let outputRecords = 0;
  for (const { bytes, records } of run.partitions) {
    outputBytes += bytes;
    outputRecords += records;
  }
  const { emitted: emittedRecords, spills } = output;
  const inputBytes = block.bytes;
  const read = { locality, inputBytes, inputRecords };
  return { ...read, outputBytes, outputRecords, emittedRecords, spills, ...counters.report() };
}

async function mapToPart(task: MapTaskData, program: ScanProgram, context: TaskContext): Promise<TaskReport> {
  const { block, index } = task;
  const side = await readSideFiles(task, context);
  const { result, locality } = await overInput(task, context, () => {
    const counters = new Counters();
    const part = new PartWriter(join(context.temporary, 'part'));
    const work = feeding(program.startMap(settingOf(task, side, counters)), part);
    const meter = metered(work.visit, block.bytes, context);
    return {
      visit: meter.visit,
      finish: () => {
        work.finish();
        part.close();
        return { writer: part, lines: meter.lines(), counters };
      },
      abandon: () => part.abandon(),
    };
  });
  const { writer, lines: inputRecords, counters } = result;
  const part = await storePart(writer, partName('map', index), task, context);
  const read = { locality, inputBytes: block.bytes, inputRecords };
  const { bytes: outputBytes, lines: outputRecords } = writer;
  return { ...read, outputBytes, outputRecords, part, ...counters.report() };
}

const NEWLINE = 10;

/** Counts the lines that a program is given, and tells, if somebody wants to know, how much of the block they are. */
function metered(
  visit: Work['visit'],
  blockBytes: number,
  { progress }: TaskContext,
): { readonly visit: Work['visit']; readonly lines: () => number } {
  let lines = 0;
  let seen = 0;
  return {
    visit: (bytes, start, end) => {
      // First: the program may overwrite them.
      for (let at = start; at < end; at = bytes.indexOf(NEWLINE, at) + 1) lines += 1;
      visit(bytes, start, end);
      seen += end - start;
      progress?.(seen / blockBytes);
    },
    lines: () => lines,
  };
}

/** The lines of a map's block: of a stored file, or of an earlier job's output. */
function overInput<T>(
  { block, index, outputOf }: MapTaskData,
  context: TaskContext,
  start: () => BlockRun<T>,
): Promise<{ readonly result: T; readonly locality: Locality }> {
  if (outputOf === undefined) return overBlock(block, index, context, start);
  return overPart(outputOf, block, index, context, start);
}

function settingOf(
  { index, block }: MapTaskData,
  side: TaskSetting['side'],
  { count }: Counters,
): TaskSetting {
  return { index, tag: block.tag, side, count };
}
