/**
 * `data` of tasks. What all tasks of a stage are told alike is written once for all of them, and read once by those who get it: a
 * stage may have very many tasks, and its plan is the larger part of what each of them is told.
 */
import { Recent } from '../recent.ts';
import {
  type OwnData,
  OwnDataSchema,
  pack,
  packPlain,
  type StageData,
  StageDataSchema,
  type TaskData,
  unpack,
} from './taskData.ts';

/** Of the stages whose tasks come in turn, for all executors in this process. */
const stages = new Recent<Uint8Array, StageData>(8);

/** The length of the stage's part stands before it, and the task's own part after it. */
const LENGTH_BYTES = 4;

/** Writes what a task is told; `ofStage` is what {@link pack} made of the data of its stage. */
export function packTask(ofStage: Uint8Array, own: OwnData): Buffer {
  const length = Buffer.allocUnsafe(LENGTH_BYTES);
  length.writeUInt32LE(ofStage.length);
  return Buffer.concat([length, ofStage, isPlain(own) ? packPlain(own) : pack(own)]);
}

function isPlain({ sources, shuffles, broadcasts }: OwnData): boolean {
  return (
    shuffles.length === 0 && broadcasts.length === 0 && sources.every(({ input }) => input.type !== 'values')
  );
}

/** Reads what {@link packTask} wrote; undefined if it is something else. Nobody may change what it gives. */
export function unpackTask(data: Uint8Array): TaskData | undefined {
  if (data.length < LENGTH_BYTES) return undefined;
  const length = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
  const stage = readStage(data.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
  const own = stage && unpack(OwnDataSchema, data.subarray(LENGTH_BYTES + length));
  return own && { ...stage, ...own };
}

function readStage(bytes: Uint8Array): StageData | undefined {
  const known = stages.find((read) => Buffer.compare(read, bytes) === 0);
  if (known !== undefined) return known;
  const stage = unpack(StageDataSchema, bytes);
  // A copy, for the bytes may lie in a larger piece of memory.
  if (stage !== undefined) stages.add(Uint8Array.from(bytes), stage);
  return stage;
}
