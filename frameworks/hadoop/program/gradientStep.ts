/**
 * One step of logistic regression (workloads/logisticRegression.ts) as a job: maps sum gradients over their blocks, reduces add the
 * sums and write the new weights. A chain of them trains (NSDI'11 §6.4): each reads the weights of the one before as a side file.
 *
 * A map's sum travels in pieces of {@link PIECE} weights, keyed by the number of the piece. A value begins with the number of the map,
 * and values come in the order of their bytes: so blocks are added in their order, and the result has the same bits however the maps
 * ran.
 */
import {
  addGradient,
  type Descent,
  meanLoss,
  readExample,
  stepWeight,
} from '../../../workloads/logisticRegression.ts';
import { eachLine } from './lines.ts';
import type { Mapper, Output, RecordCollector, RecordProgram, Reducer, TaskSetting } from './mapReduce.ts';

/** Name of the side file with the weights: the output of the step before. Without it, all weights are 0. */
export const WEIGHTS_FILE = 'weights';

const PIECE = 1024;
/** Number of the map (4 bytes), examples (8), sum of their losses (8); then the gradient, 8 bytes for each weight. */
const HEADER_BYTES = 20;
const TAB = 9;

/** The program. It counts `examples`. */
export function gradientStep(dimensions: number, descent: Descent): RecordProgram {
  return {
    shape: 'records',
    valueOrder: 'bytes',
    partition: (bytes, start, _, partitions) => readPiece(bytes, start) % partitions,
    startMap: (setting) => sumGradients(dimensions, setting),
    startReduce: (setting) => addSums(dimensions, descent, setting),
  };
}

function readPiece(bytes: Uint8Array, start: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + start).getUint32(0);
}

function sumGradients(dimensions: number, { index, side, count }: TaskSetting): Mapper<RecordCollector> {
  const weights = readWeights(side.get(WEIGHTS_FILE), dimensions);
  const gradient = new Float64Array(dimensions);
  let [examples, loss] = [0, 0];
  return {
    map(bytes, start, end) {
      eachLine(bytes, start, end, (lineStart, lineEnd) => {
        if (lineEnd === lineStart) return;
        loss += addGradient(weights, readExample(bytes, lineStart, lineEnd, dimensions), gradient);
        examples += 1;
      });
    },
    finish(into) {
      const key = Buffer.alloc(4);
      for (let piece = 0; piece * PIECE < dimensions; piece += 1) {
        const own = gradient.subarray(piece * PIECE, (piece + 1) * PIECE);
        const value = Buffer.alloc(HEADER_BYTES + 8 * own.length);
        value.writeUInt32BE(index);
        value.writeDoubleBE(examples, 4);
        value.writeDoubleBE(loss, 12);
        for (const [at, sum] of own.entries()) value.writeDoubleBE(sum, HEADER_BYTES + 8 * at);
        key.writeUInt32BE(piece);
        into.emit(key, 0, key.length, value, 0, value.length);
      }
      count('examples', examples);
    },
  };
}

function addSums(dimensions: number, descent: Descent, { side }: TaskSetting): Reducer {
  const weights = readWeights(side.get(WEIGHTS_FILE), dimensions);
  return {
    reduce(key, values, output) {
      const first = readPiece(key, 0) * PIECE;
      const gradient = new Float64Array(Math.min(PIECE, dimensions - first));
      let [examples, loss] = [0, 0];
      while (values.next()) {
        const { bytes, start } = values;
        const view = new DataView(bytes.buffer, bytes.byteOffset + start);
        examples += view.getFloat64(4);
        loss += view.getFloat64(12);
        for (let at = 0; at < gradient.length; at += 1)
          gradient[at] = (gradient[at] as number) + view.getFloat64(HEADER_BYTES + 8 * at);
      }
      if (first === 0) writeLine(output, 'loss', meanLoss({ loss, examples }));
      for (const [at, sum] of gradient.entries()) {
        const weight = weights[first + at] as number;
        writeLine(output, first + at, stepWeight(first + at, weight, sum, examples, descent));
      }
    },
  };
}

function writeLine(output: Output, name: string | number, value: number): void {
  const line = Buffer.from(`${name}\t${value}\n`, 'latin1');
  output.write(line, 0, line.length);
}

/** The weights in the output of a step: lines `index TAB weight`; `loss` is the mean loss before the step, for people. */
export function readWeights(text: Buffer | undefined, dimensions: number): Float64Array {
  const weights = new Float64Array(dimensions);
  if (text === undefined) return weights;
  eachLine(text, 0, text.length, (start, end) => {
    const tab = text.indexOf(TAB, start);
    const name = text.toString('latin1', start, tab);
    if (name === 'loss') return;
    const [index, weight] = [Number(name), Number(text.toString('latin1', tab + 1, end))];
    if (
      !(tab > start && tab < end && Number.isInteger(index) && index < dimensions && Number.isFinite(weight))
    )
      throw new SyntaxError(
        `The weights have a line '${text.toString('latin1', start, Math.min(end, start + 40))}', which is none of ${dimensions} weights.`,
      );
    weights[index] = weight;
  });
  return weights;
}

/** The mean loss that a step has found before it stepped. */
export function readLoss(output: Buffer): number {
  const match = /^loss\t(.*)$/m.exec(output.toString('latin1'));
  return match === null ? Number.NaN : Number(match[1]);
}
