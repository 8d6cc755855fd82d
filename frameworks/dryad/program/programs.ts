/** The vertex programs. */
import { addMicros, formatMicros, readMicros } from '../../hadoop/program/decimal.ts';
import { eachLine, Fields } from '../../hadoop/program/lines.ts';
import { Groups } from '../../hadoop/records/groups.ts';
import { rangePartitioner } from '../../hadoop/records/keyHash.ts';
import { compareKeys } from '../../hadoop/records/keyOrder.ts';
import type { RecordCursor, Values } from '../../hadoop/records/record.ts';
import type { Program } from './program.ts';
import type { InnerProgram, SourceProgram, VertexOutput, VertexProgram } from './vertexProgram.ts';

const TAB = 9;
const NOTHING = Buffer.alloc(0);

/** The code of a program. Throws a TypeError if it has none, as models have. */
export function programOf(program: Program): VertexProgram {
  switch (program.type) {
    case 'lines':
      return linesOf(program.every ?? 1);
    case 'fields':
      return fields(program);
    case 'merge':
      return inner((inputs, output) => passOn(merged(inputs), output));
    case 'join':
      return inner(([left, right], output) => join(left, right, program, output));
    case 'sum':
      return inner((inputs, output) => sum(merged(inputs), output));
    case 'rank':
      return inner((inputs, output) => rank(merged(inputs), program, output));
    case 'top':
      return inner((inputs, output) => passOn(merged(inputs), output, program.count));
    case 'values':
      return inner((inputs, output) => values(merged(inputs), output));
    case 'sample':
      return inner((inputs, output) => sample(merged(inputs), program.every, output));
    case 'splitters':
      return inner((inputs, output) => splitters(merged(inputs), program.parts, output));
    case 'range':
      return inner(([data, bounds], output) => {
        if (data === undefined || bounds === undefined) throw new TypeError('A range needs two inputs.');
        output.partitionBy(rangePartitioner(keysOf(bounds)));
        passOn(data, output);
      });
    case 'model':
      throw new TypeError('A modelled vertex can only run in virtual time.');
    default:
      return program satisfies never;
  }
}

const inner = (run: InnerProgram['run']): InnerProgram => ({ shape: 'inner', run });

function linesOf(every: number): SourceProgram {
  // From the middle of the first piece, as `sample` does.
  let n = every >>> 1;
  return {
    shape: 'source',
    partitioner: ([bounds]) => rangePartitioner(bounds === undefined ? [] : keysOf(bounds)),
    lines(bytes, start, end, output) {
      eachLine(bytes, start, end, (from, to) => {
        if (n++ % every === 0) output.emit(bytes, from, to, NOTHING, 0, 0);
      });
    },
  };
}

function fields({ delimiter, key, values }: Program & { readonly type: 'fields' }): SourceProgram {
  const needed = Math.max(key, ...values) + 1;
  const split = new Fields(delimiter.charCodeAt(0), needed);
  return {
    shape: 'source',
    lines(bytes, start, end, output) {
      eachLine(bytes, start, end, (from, to) => {
        if (split.split(bytes, from, to) < needed) return;
        const [first] = values;
        const [keyStart, keyEnd] = [split.start(key), split.end(key)];
        if (values.length === 1 && first !== undefined)
          return output.emit(bytes, keyStart, keyEnd, bytes, split.start(first), split.end(first));
        const value = row(values.map((field) => bytes.subarray(split.start(field), split.end(field))));
        output.emit(bytes, keyStart, keyEnd, value, 0, value.length);
      });
    },
  };
}

/** Several inputs as one, in order. */
function merged(inputs: readonly RecordCursor[]): RecordCursor {
  const [only, ...others] = inputs;
  return only !== undefined && others.length === 0 ? only : new MergedInputs(inputs);
}

/** Inputs are few: the least is found by looking at each. */
class MergedInputs implements RecordCursor {
  #left: RecordCursor[];
  #at: RecordCursor | undefined;
  #isStarted = false;

  constructor(inputs: readonly RecordCursor[]) {
    this.#left = [...inputs];
  }

  get buffer(): Uint8Array {
    return this.#at?.buffer ?? NOTHING;
  }
  get keyStart(): number {
    return this.#at?.keyStart ?? 0;
  }
  get keyEnd(): number {
    return this.#at?.keyEnd ?? 0;
  }
  get valueStart(): number {
    return this.#at?.valueStart ?? 0;
  }
  get valueEnd(): number {
    return this.#at?.valueEnd ?? 0;
  }

  next(): boolean {
    if (!this.#isStarted) this.#left = this.#left.filter((input) => input.next());
    else if (this.#at?.next() === false) this.#left = this.#left.filter((input) => input !== this.#at);
    this.#isStarted = true;
    this.#at = this.#left.reduce<RecordCursor | undefined>(
      (least, input) => (least === undefined || compareRecords(input, least) < 0 ? input : least),
      undefined,
    );
    return this.#at !== undefined;
  }
}

function compareRecords(a: RecordCursor, b: RecordCursor): number {
  return (
    compareKeys(a.buffer, a.keyStart, a.keyEnd, b.buffer, b.keyStart, b.keyEnd) ||
    compareKeys(a.buffer, a.valueStart, a.valueEnd, b.buffer, b.valueStart, b.valueEnd)
  );
}

function passOn(input: RecordCursor, output: VertexOutput, most = Number.POSITIVE_INFINITY): void {
  for (let n = 0; n < most && input.next(); n++) {
    const { buffer, keyStart, keyEnd, valueStart, valueEnd } = input;
    output.emit(buffer, keyStart, keyEnd, buffer, valueStart, valueEnd);
  }
}

/** Most bytes of the values that one key may have in the first input of a join: they are held in memory. */
const JOIN_BYTES_MAX = 64 * 1024 * 1024;

function join(
  left: RecordCursor | undefined,
  right: RecordCursor | undefined,
  program: Program & { readonly type: 'join' },
  output: VertexOutput,
): void {
  if (left === undefined || right === undefined) throw new TypeError('A join needs two inputs.');
  const [one, other] = [new Groups(left), new Groups(right)];
  let isLeft = one.next();
  let isRight = other.next();
  while (isLeft && isRight) {
    const order = compareKeys(one.key, 0, one.key.length, other.key, 0, other.key.length);
    if (order < 0) isLeft = one.next();
    else if (order > 0) isRight = other.next();
    else {
      const held = copies(one.values, one.key);
      while (other.values.next()) {
        const { bytes, start, end } = other.values;
        const value = Buffer.from(bytes.subarray(start, end));
        for (const each of held) emitFields(row([one.key, each, value]), program, output);
      }
      isLeft = one.next();
      isRight = other.next();
    }
  }
}

function copies(values: Values, key: Buffer): readonly Buffer[] {
  const held: Buffer[] = [];
  let bytes = 0;
  while (values.next()) {
    bytes += values.end - values.start;
    if (bytes > JOIN_BYTES_MAX)
      throw new RangeError(
        `The key '${key.toString('utf8', 0, 80)}' has more than ${JOIN_BYTES_MAX} bytes of values in the first input of a join.`,
      );
    held.push(Buffer.from(values.bytes.subarray(values.start, values.end)));
  }
  return held;
}

/** Emits some fields of a row as key and value. */
function emitFields(
  whole: Buffer,
  { key, values }: { readonly key: number; readonly values: readonly number[] },
  output: VertexOutput,
): void {
  const cells = cellsOf(whole);
  const cell = (n: number): Uint8Array => {
    const found = cells[n];
    if (found === undefined) throw new RangeError(`A row has ${cells.length} fields, and no field ${n}.`);
    return found;
  };
  const value = row(values.map(cell));
  output.emit(cell(key), 0, cell(key).length, value, 0, value.length);
}

function sum(input: RecordCursor, output: VertexOutput): void {
  const groups = new Groups(input);
  while (groups.next()) {
    const sums: number[] = [];
    const { values, key } = groups;
    while (values.next())
      for (const [n, cell] of cellsOf(values.bytes.subarray(values.start, values.end)).entries()) {
        const micros = readMicros(cell, 0, cell.length);
        if (micros < 0) throw new TypeError(`'${text(cell)}' is not an amount; sums are of numbers from 0.`);
        sums[n] = addMicros(sums[n] ?? 0, micros);
      }
    const value = Buffer.from(sums.map(formatMicros).join('\t'));
    output.emit(key, 0, key.length, value, 0, value.length);
  }
}

/** Digits of the largest amount, in millionths. */
const RANK_DIGITS = 16;

function rank(input: RecordCursor, program: Program & { readonly type: 'rank' }, output: VertexOutput): void {
  while (input.next()) {
    const { buffer, keyStart, keyEnd, valueStart, valueEnd } = input;
    const whole = row([buffer.subarray(keyStart, keyEnd), buffer.subarray(valueStart, valueEnd)]);
    const cell = cellsOf(whole)[program.key] ?? NOTHING;
    const micros = readMicros(cell, 0, cell.length);
    if (micros < 0) throw new TypeError(`'${text(cell)}' is not an amount; ranks are of numbers from 0.`);
    const rank = program.order === 'ascending' ? micros : Number.MAX_SAFE_INTEGER - micros;
    const key = Buffer.from(String(rank).padStart(RANK_DIGITS, '0'));
    output.emit(key, 0, key.length, whole, 0, whole.length);
  }
}

function values(input: RecordCursor, output: VertexOutput): void {
  while (input.next()) output.emit(NOTHING, 0, 0, input.buffer, input.valueStart, input.valueEnd);
}

function sample(input: RecordCursor, every: number, output: VertexOutput): void {
  // From the middle of the first piece, so that few records give some sample too.
  for (let n = every >>> 1; input.next(); n++)
    if (n % every === 0) output.emit(input.buffer, input.keyStart, input.keyEnd, NOTHING, 0, 0);
}

/** Most keys that splitters are chosen from, in memory. */
const SAMPLE_MAX = 1_000_000;

function keysOf(input: RecordCursor): readonly Buffer[] {
  const keys: Buffer[] = [];
  while (input.next()) {
    if (keys.length === SAMPLE_MAX)
      throw new RangeError(`A sample of more than ${SAMPLE_MAX} keys is too large; take fewer of them.`);
    keys.push(Buffer.from(input.buffer.subarray(input.keyStart, input.keyEnd)));
  }
  return keys;
}

function splitters(input: RecordCursor, parts: number, output: VertexOutput): void {
  const keys = keysOf(input);
  for (let part = 1; part < parts; part++) {
    const key = keys[Math.floor((part * keys.length) / parts)];
    if (key !== undefined) output.emit(key, 0, key.length, NOTHING, 0, 0);
  }
}

const SEPARATOR = Buffer.of(TAB);

/** Cells with tabs between them. */
function row(cells: readonly Uint8Array[]): Buffer {
  return Buffer.concat(cells.flatMap((cell, n) => (n === 0 ? [cell] : [SEPARATOR, cell])));
}

function cellsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const cells: Uint8Array[] = [];
  let start = 0;
  for (let tab = bytes.indexOf(TAB); tab >= 0; tab = bytes.indexOf(TAB, start)) {
    cells.push(bytes.subarray(start, tab));
    start = tab + 1;
  }
  cells.push(bytes.subarray(start));
  return cells;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8', 0, 80);
