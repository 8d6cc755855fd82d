/** Runs a vertex on real data: fetches its channels, gives them to its program, and stores what that makes. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PartitionIndex } from '../files/beside.ts';
import { overBlock } from '../files/blockReader.ts';
import { publish } from '../files/storedFile.ts';
import { hashPartitioner } from '../hadoop/records/keyHash.ts';
import { RecordOutput } from '../hadoop/records/mapOutput.ts';
import { Merge, recordMerger } from '../hadoop/records/merge.ts';
import type { Partitioner, RecordCursor } from '../hadoop/records/record.ts';
import { PartWriter, storePart } from '../hadoop/tasks/partWriter.ts';
import { Shuffle, type ShuffleSource } from '../hadoop/tasks/shuffle.ts';
import type { TaskContext } from '../hadoop/tasks/taskContext.ts';
import { programOf } from './program/programs.ts';
import type { SourceProgram, VertexOutput } from './program/vertexProgram.ts';
import { channelPath, type VertexData, type VertexReport } from './vertexData.ts';

/**
 * Runs a vertex. Rejects with an UnfetchableError if a channel is gone, with another error, whose message is one sentence for
 * people, if anything else fails.
 */
export async function runVertex(vertex: VertexData, context: TaskContext): Promise<VertexReport> {
  const program = programOf(vertex.program);
  if (program.shape === 'source') return runSource(vertex, program, context);
  const shared = sharedMemory(vertex, context);
  const inputs = await fetchInputs(vertex, shared);
  const work = newWork(vertex, shared);
  try {
    overAll(inputs, [], (cursors) => program.run(cursors, work));
  } catch (error) {
    work.abandon();
    throw error;
  }
  const inputBytes = sum(inputs.map((input) => input.inputBytes));
  const remoteBytes = sum(inputs.map((input) => input.remoteBytes));
  const spills = sum(inputs.map((input) => input.spills));
  const locality = 2 * remoteBytes > inputBytes ? 'remote' : 'local';
  return { locality, inputBytes, remoteBytes, ...(await work.store(context, spills)) };
}

async function runSource(
  vertex: VertexData,
  program: SourceProgram,
  context: TaskContext,
): Promise<VertexReport> {
  const { block, index } = vertex;
  if (block === undefined)
    throw new TypeError(`The program '${vertex.program.type}' reads a block, and was given none.`);
  const shared = sharedMemory(vertex, context);
  const inputs = await fetchInputs(vertex, shared);
  let partitioner: Partitioner | undefined;
  if (inputs.length > 0)
    overAll(inputs, [], (cursors) => {
      partitioner = program.partitioner?.(cursors);
    });
  const { result: work, locality } = await overBlock(block, index, context, () => {
    const code = programOf(vertex.program) as SourceProgram;
    const work = newWork(vertex, shared);
    if (partitioner !== undefined) work.partitionBy(partitioner);
    return {
      visit: (bytes, start, end) => code.lines(bytes, start, end, work),
      finish: () => work,
      abandon: () => work.abandon(),
    };
  });
  const remoteBytes =
    (locality === 'local' ? 0 : block.bytes) + sum(inputs.map((input) => input.remoteBytes));
  const inputBytes = block.bytes + sum(inputs.map((input) => input.inputBytes));
  return { locality, inputBytes, remoteBytes, ...(await work.store(context, 0)) };
}

/** Inputs and outputs share what a vertex may have in memory. */
function sharedMemory({ inputs, outputs }: VertexData, context: TaskContext): TaskContext {
  const { tracker } = context;
  const shares = Math.max(1, inputs.length + outputs.length);
  return {
    ...context,
    tracker: { ...tracker, memoryPerTaskBytes: Math.floor(tracker.memoryPerTaskBytes / shares) },
  };
}

async function fetchInputs(vertex: VertexData, context: TaskContext): Promise<readonly Shuffle[]> {
  const shuffles: Shuffle[] = [];
  let number = 0;
  for (const [n, { stage, output, partition, first, places }] of vertex.inputs.entries()) {
    const sources = places.map((place, at): ShuffleSource => {
      const index = first + at;
      const host = vertex.hosts[place];
      if (host === undefined)
        throw new Error(`Nobody is named who holds the output of vertex ${index} of '${stage}'.`);
      const path = channelPath(context.tracker.space, { jobId: vertex.jobId, stage, index }, output);
      return { number: number++, name: `vertex ${index} of stage '${stage}'`, host, path, partition };
    });
    const temporary = join(context.temporary, `input-${n}`);
    mkdirSync(temporary);
    const shuffle = new Shuffle(sources, { ...context, temporary }, recordMerger('bytes', undefined));
    await shuffle.fetchAll();
    shuffles.push(shuffle);
  }
  return shuffles;
}

/** Calls back with all inputs, open at the same time. */
function overAll(
  [next, ...others]: readonly Shuffle[],
  open: readonly RecordCursor[],
  use: (cursors: readonly RecordCursor[]) => void,
): void {
  if (next === undefined) return use(open);
  next.read((runs) => overAll(others, [...open, new Merge(runs, 'bytes')], use));
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

type Stored = Pick<VertexReport, 'outputBytes' | 'outputRecords' | 'spills' | 'part'>;

/** What a vertex makes, while it makes it. */
interface Work extends VertexOutput {
  /** Puts it where others find it; `spills` are those of the inputs. */
  store(context: TaskContext, spills: number): Promise<Stored>;
  /** It will not be stored. */
  abandon(): void;
}

function newWork(vertex: VertexData, context: TaskContext): Work {
  return vertex.part === undefined ? channelWork(vertex, context) : partWork(vertex.part, vertex, context);
}

function partWork(name: string, { jobId }: VertexData, { temporary }: TaskContext): Work {
  const part = new PartWriter(join(temporary, 'part'));
  let buffer = Buffer.allocUnsafe(4096);
  return {
    // A part is in the order in which it was written, and nobody's input.
    partitionBy() {},
    emit(key, keyStart, keyEnd, value, valueStart, valueEnd) {
      const [keyLength, valueLength] = [keyEnd - keyStart, valueEnd - valueStart];
      if (keyLength + valueLength + 2 > buffer.length)
        buffer = Buffer.allocUnsafe(2 * (keyLength + valueLength + 2));
      buffer.set(key.subarray(keyStart, keyEnd), 0);
      let end = keyLength;
      if (keyLength > 0 && valueLength > 0) end = buffer.writeUInt8(9, end);
      buffer.set(value.subarray(valueStart, valueEnd), end);
      end = buffer.writeUInt8(10, end + valueLength);
      part.write(buffer, 0, end);
    },
    async store(context) {
      part.close();
      const stored = await storePart(part, name, { jobId }, context);
      return { outputBytes: part.bytes, outputRecords: part.lines, part: stored };
    },
    abandon: () => part.abandon(),
  };
}

function channelWork(vertex: VertexData, { temporary, tracker }: TaskContext): Work {
  let partitioner: Partitioner = hashPartitioner;
  const partition: Partitioner = (bytes, start, end, partitions) =>
    partitions === 1 ? 0 : partitioner(bytes, start, end, partitions);
  const outputs = vertex.outputs.map((partitions, n) => {
    const dir = join(temporary, `output-${n}`);
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir);
    const { memoryPerTaskBytes: memoryBytes } = tracker;
    return new RecordOutput({ dir, partitions, memoryBytes, partition, order: 'bytes', combine: undefined });
  });
  const [only, ...others] = outputs;
  return {
    partitionBy(wanted) {
      partitioner = wanted;
    },
    emit(key, keyStart, keyEnd, value, valueStart, valueEnd) {
      only?.emit(key, keyStart, keyEnd, value, valueStart, valueEnd);
      for (const output of others) output.emit(key, keyStart, keyEnd, value, valueStart, valueEnd);
    },
    async store({ dir, tracker: { space } }, inputSpills) {
      let [outputBytes, outputRecords, spills] = [0, 0, inputSpills];
      for (const [n, output] of outputs.entries()) {
        const file = join(temporary, `channels-${n}`);
        const index: PartitionIndex = output.finish(file);
        await publish(dir, file, channelPath(space, vertex, n), { type: 'index', index });
        for (const { bytes, records } of index.partitions) {
          outputBytes += bytes;
          outputRecords += records;
        }
        spills += output.spills;
      }
      return { outputBytes, outputRecords, spills };
    },
    abandon() {},
  };
}
