/**
 * A dense system of linear equations, Ax = b with random entries, by LU factorisation with partial pivoting, in the manner
 * of High-Performance LINPACK on a grid of one row. Blocks of columns go around the ranks. Who has the next block factors
 * it, which needs nobody else, and sends it to all, who swap the rows, solve for their part of U and update the rest.
 *
 * The right-hand side is one more column. No sum depends on who computes it, so the solution has the same bits for any
 * number of ranks. What is checked, and how operations are counted, is HPL's.
 */
import { createHash } from 'node:crypto';
import type { Millis } from '../../../mesos/driver/actor.ts';
import { seededUniform } from '../../../workloads/random.ts';
import type { Communicator } from '../communicator.ts';
import { bytesOf } from '../frame.ts';
import type { MpiProgram } from '../program.ts';
import type { RankResult } from '../result.ts';
import { subtractProduct } from './matrixProduct.ts';

/** What to solve. */
export type LuProgram = Extract<MpiProgram, { type: 'lu' }>;
/** What came out, the same on all ranks. */
export type LuResult = Omit<Extract<RankResult, { type: 'lu' }>, 'seconds'>;

/** HPL's bound for the scaled residual. */
export const RESIDUAL_MAX = 16;
/** Distance from 1 to the next number, halved: what rounding may change a number by, relative to it. */
const ROUNDING = 2 ** -53;
/** So few columns are factored one by one. */
const NARROW_COLUMNS = 8;
/** Tag of the right-hand side that goes from the owner of a block to that of the one before. */
const BACK_TAG = 1;

/**
 * Solves it together with the other ranks. `now` is the clock that the speed is taken from. Throws an Error if the matrix is
 * singular or the residual is too large.
 */
export async function solveLinear(
  communicator: Communicator,
  program: LuProgram,
  now: () => Millis,
): Promise<LuResult> {
  const { n, nb } = program;
  const columns = await makeColumns(program, communicator);
  await communicator.barrier();
  const startedMs = now();
  await factor(communicator, columns);
  const solution = await substituteBack(communicator, columns);
  const solveSeconds = (now() - startedMs) / 1000;
  const residual = await scaledResidual(communicator, columns, solution);
  if (!(residual < RESIDUAL_MAX))
    throw new Error(`the scaled residual is ${residual}; HPL allows less than ${RESIDUAL_MAX}`);
  return {
    type: 'lu',
    n,
    nb,
    ranks: communicator.size,
    solveSeconds,
    gflops: ((2 / 3) * n ** 3 + (3 / 2) * n ** 2) / Math.max(solveSeconds, 1e-9) / 1e9,
    residual,
    solutionSha256: createHash('sha256').update(bytesOf(solution)).digest('hex'),
  };
}

/** The columns that one rank has, one after the other, of the n × (n+1) matrix. */
interface Columns {
  readonly program: LuProgram;
  /** All entries; a column has n. */
  readonly entries: Float64Array;
  /** Number of each column among all, in the order in which they lie. */
  readonly numbers: readonly number[];
}

async function makeColumns(program: LuProgram, communicator: Communicator): Promise<Columns> {
  const { n, nb, seed } = program;
  const { rank, size } = communicator;
  const all = Array.from({ length: n + 1 }, (_, column) => column);
  const numbers = all.filter((column) => Math.floor(column / nb) % size === rank);
  const entries = new Float64Array(numbers.length * n);
  for (const [place, column] of numbers.entries()) {
    fillColumn(entries.subarray(place * n, (place + 1) * n), seed, column);
    if (place % BREATH_COLUMNS === BREATH_COLUMNS - 1) await communicator.breathe();
  }
  return { program, entries, numbers };
}

/** Columns that are made between two breaths. */
const BREATH_COLUMNS = 256;

/** A column of the matrix or, if it is the last, the right-hand side: random numbers from -1/2 to 1/2, as HPL has them. */
export function fillColumn(target: Float64Array, seed: number, column: number): void {
  const uniform = seededUniform(`lu ${seed} ${column}`);
  for (let row = 0; row < target.length; row++) target[row] = uniform() - 0.5;
}

/** Where a block of columns begins in a rank's entries: full blocks lie one after the other. */
function placeOfBlock(block: number, nb: number, size: number): number {
  return Math.floor(block / size) * nb;
}

async function factor(communicator: Communicator, columns: Columns): Promise<void> {
  const { program, entries } = columns;
  const { n, nb } = program;
  const { rank, size } = communicator;
  for (let first = 0, block = 0; first < n; first += nb, block++) {
    const width = Math.min(nb, n - first);
    const rows = n - first;
    const owner = block % size;
    let sent: Float64Array | undefined;
    if (rank === owner) {
      const place = placeOfBlock(block, nb, size);
      sent = new Float64Array(width + rows * width);
      const pivots = sent.subarray(0, width);
      const panel = sent.subarray(width);
      for (let column = 0; column < width; column++) {
        const start = (place + column) * n + first;
        panel.set(entries.subarray(start, start + rows), column * rows);
      }
      const singular = factorPanel({ panel, rows, pivots }, 0, width);
      if (singular !== undefined)
        throw new Error(`the matrix is singular: column ${first + singular} has no pivot`);
      for (let column = 0; column < width; column++)
        entries.set(panel.subarray(column * rows, (column + 1) * rows), (place + column) * n + first);
    }
    const got = await communicator.broadcast(sent, owner);
    await update(communicator, columns, {
      first,
      width,
      pivots: got.subarray(0, width),
      panel: got.subarray(width),
    });
  }
}

/** The columns of a block, from its first row on. */
interface Panel {
  readonly panel: Float64Array;
  /** Length of a column. */
  readonly rows: number;
  /** For each column the row that was swapped with its own, counted from the first row of the block. */
  readonly pivots: Float64Array;
}

/**
 * Factors the columns from one to before another, in halves, so that most of the work is products of matrices. The number
 * of a column without a pivot, if there is one.
 */
function factorPanel(block: Panel, from: number, to: number): number | undefined {
  if (to - from <= NARROW_COLUMNS) return factorNarrow(block, from, to);
  const middle = from + Math.ceil((to - from) / 2);
  const left = factorPanel(block, from, middle);
  if (left !== undefined) return left;
  const { panel, rows, pivots } = block;
  for (let column = middle; column < to; column++) {
    swapRows(panel, column * rows, pivots, from, middle);
    solveLower(panel, rows, from, middle, panel, column * rows);
  }
  subtractProduct({
    target: { entries: panel, start: middle * rows + middle, stride: rows },
    left: { entries: panel, start: from * rows + middle, stride: rows },
    right: { entries: panel, start: middle * rows + from, stride: rows },
    rows: rows - middle,
    inner: middle - from,
    columns: to - middle,
  });
  const right = factorPanel(block, middle, to);
  if (right !== undefined) return right;
  for (let column = from; column < middle; column++) swapRows(panel, column * rows, pivots, middle, to);
  return undefined;
}

function factorNarrow({ panel, rows, pivots }: Panel, from: number, to: number): number | undefined {
  for (let column = from; column < to; column++) {
    const start = column * rows;
    let pivot = column;
    for (let row = column + 1; row < rows; row++)
      if (Math.abs(panel[start + row] as number) > Math.abs(panel[start + pivot] as number)) pivot = row;
    if (panel[start + pivot] === 0) return column;
    pivots[column] = pivot;
    for (let other = from; other < to; other++) swap(panel, other * rows + column, other * rows + pivot);
    const scale = 1 / (panel[start + column] as number);
    for (let row = column + 1; row < rows; row++) panel[start + row] = (panel[start + row] as number) * scale;
    for (let other = column + 1; other < to; other++) {
      const factor = panel[other * rows + column] as number;
      const target = other * rows;
      for (let row = column + 1; row < rows; row++)
        panel[target + row] = (panel[target + row] as number) - (panel[start + row] as number) * factor;
    }
  }
  return undefined;
}

/** A block that has been factored, as all ranks get it. */
interface Factored {
  /** Its first row and column. */
  readonly first: number;
  readonly width: number;
  readonly pivots: Float64Array;
  /** L below the diagonal, where it has ones that are not kept, and U above. */
  readonly panel: Float64Array;
}

/** Brings the columns behind a block to where they would be if the block had been eliminated from the equations. */
async function update(
  communicator: Communicator,
  { program: { n }, entries, numbers }: Columns,
  { first, width, pivots, panel }: Factored,
): Promise<void> {
  const rows = n - first;
  const behind = numbers.findIndex((column) => column >= first + width);
  if (behind < 0) return;
  for (let place = behind; place < numbers.length; place++) {
    const start = place * n + first;
    swapRows(entries, start, pivots, 0, width);
    solveLower(panel, rows, 0, width, entries, start);
  }
  // In pieces, so that the rank hears what is going on.
  const piece = Math.max(1, Math.ceil(PIECE_OPERATIONS / (2 * rows * width)));
  for (let place = behind; place < numbers.length; place += piece) {
    subtractProduct({
      target: { entries, start: place * n + first + width, stride: n },
      left: { entries: panel, start: width, stride: rows },
      right: { entries, start: place * n + first, stride: n },
      rows: rows - width,
      inner: width,
      columns: Math.min(piece, numbers.length - place),
    });
    if (place + piece < numbers.length) await communicator.breathe();
  }
}

/** Operations between two breaths: some tenths of a second. */
const PIECE_OPERATIONS = 5e8;

/** Swaps rows `from` to before `to` of one column with their pivots, in this order. */
function swapRows(
  entries: Float64Array,
  start: number,
  pivots: Float64Array,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) swap(entries, start + row, start + (pivots[row] as number));
}

function swap(entries: Float64Array, a: number, b: number): void {
  const kept = entries[a] as number;
  entries[a] = entries[b] as number;
  entries[b] = kept;
}

/** Solves Ly = c for rows `from` to before `to` of one column c, in place; L has ones on its diagonal. */
function solveLower(
  lower: Float64Array,
  stride: number,
  from: number,
  to: number,
  entries: Float64Array,
  start: number,
): void {
  for (let column = from; column < to; column++) {
    const value = entries[start + column] as number;
    const at = column * stride;
    for (let row = column + 1; row < to; row++)
      entries[start + row] = (entries[start + row] as number) - (lower[at + row] as number) * value;
  }
}

/** Solves Ux = y, block by block from the last one. The right-hand side goes to who has the block. All get the solution. */
async function substituteBack(communicator: Communicator, columns: Columns): Promise<Float64Array> {
  const { program, entries, numbers } = columns;
  const { n, nb } = program;
  const { rank, size } = communicator;
  const own = new Float64Array(n);
  const blocks = Math.ceil(n / nb);
  let holder = Math.floor(n / nb) % size;
  const last = numbers.length - 1;
  let right: Float64Array = rank === holder ? entries.slice(last * n, (last + 1) * n) : new Float64Array(0);
  for (let block = blocks - 1; block >= 0; block--) {
    const first = block * nb;
    const end = Math.min(first + nb, n);
    const owner = block % size;
    if (owner !== holder) {
      if (rank === holder) await communicator.send(owner, right.subarray(0, end), BACK_TAG);
      if (rank === owner) right = await communicator.receive(holder, BACK_TAG);
      holder = owner;
    }
    if (rank !== owner) continue;
    for (let column = end - 1; column >= first; column--) {
      const start = (placeOfBlock(block, nb, size) + column - first) * n;
      const value = (right[column] as number) / (entries[start + column] as number);
      // Adding zero leaves a single zero, so that the sum over the ranks has the bits of one rank.
      own[column] = value + 0;
      for (let row = 0; row < column; row++)
        right[row] = (right[row] as number) - (entries[start + row] as number) * value;
    }
  }
  return communicator.allreduce(own, 'sum');
}

/** HPL's measure of how well x solves Ax = b. The matrix is made anew, column by column. */
async function scaledResidual(
  communicator: Communicator,
  { program, numbers }: Columns,
  solution: Float64Array,
): Promise<number> {
  const { n, seed } = program;
  // Ax - b, then the sums of the rows' absolute values.
  const sums = new Float64Array(2 * n);
  const values = new Float64Array(n);
  let rightMax = 0;
  for (const [place, column] of numbers.entries()) {
    fillColumn(values, seed, column);
    const factor = column === n ? -1 : (solution[column] as number);
    for (let row = 0; row < n; row++) {
      const value = values[row] as number;
      sums[row] = (sums[row] as number) + value * factor;
      if (column === n) rightMax = Math.max(rightMax, Math.abs(value));
      else sums[n + row] = (sums[n + row] as number) + Math.abs(value);
    }
    if (place % BREATH_COLUMNS === BREATH_COLUMNS - 1) await communicator.breathe();
  }
  const total = await communicator.allreduce(sums, 'sum');
  const [right = 0] = await communicator.allreduce(Float64Array.of(rightMax), 'max');
  const differenceMax = largest(total.subarray(0, n));
  const matrixMax = largest(total.subarray(n));
  return differenceMax / (ROUNDING * (matrixMax * largest(solution) + right) * n);
}

/** Its maximum norm. */
function largest(values: Float64Array): number {
  let found = 0;
  for (const value of values) found = Math.max(found, Math.abs(value));
  return found;
}
