/** What a vertex program is written against: functions on bytes, which run in a thread of their own. */
import type { RecordCollector } from '../../hadoop/program/mapReduce.ts';
import type { Partitioner, RecordCursor } from '../../hadoop/records/record.ts';

/**
 * Where a vertex puts its records: on all channels that leave it, or, in a last stage, into its part of the output.
 * Channels bring records in the order of their keys, then values, in whichever order they come here.
 */
export interface VertexOutput extends RecordCollector {
  /** How records are spread over the vertices of a complete connection from here; before the first record. Default: by hash. */
  partitionBy(partitioner: Partitioner): void;
}

/** A program that reads a block. */
export interface SourceProgram {
  readonly shape: 'source';
  /** Of one that also reads channels: what these say of how records are spread, see {@link VertexOutput.partitionBy}. */
  partitioner?(inputs: readonly RecordCursor[]): Partitioner;
  /** Takes the lines in `bytes[start, end)`, each with its newline. */
  lines(bytes: Buffer, start: number, end: number, output: VertexOutput): void;
}

/** A program that reads channels. */
export interface InnerProgram {
  readonly shape: 'inner';
  /** Reads its inputs, each in the order of keys, then values; an input is all the channels of a connection as one. */
  run(inputs: readonly RecordCursor[], output: VertexOutput): void;
}

/** The code of a vertex program. */
export type VertexProgram = SourceProgram | InnerProgram;
