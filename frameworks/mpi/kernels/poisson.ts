/**
 * Poisson's equation on the unit square, -Δu = f with u = 0 on the border, by conjugate gradients on the five-point
 * stencil. Each rank has a band of rows; an iteration exchanges the bands' border rows and reduces two dot products.
 *
 * The dot products are summed row by row in one order, so the result has the same bits for any number of ranks. f is
 * made from a known solution, u = x(1-x)eˣ · y(1-y)e⁻ʸ, with which the result is compared.
 */
import { createHash } from 'node:crypto';
import type { Communicator } from '../communicator.ts';
import { bytesOf } from '../frame.ts';
import type { MpiProgram } from '../program.ts';
import type { RankResult } from '../result.ts';

/** What to solve. */
export type PoissonProgram = Extract<MpiProgram, { type: 'poisson' }>;
/** What came out: the same on all ranks, but for the solution's hash, which rank 0 alone has (else it is empty). */
export type PoissonResult = Omit<Extract<RankResult, { type: 'poisson' }>, 'seconds'>;

/** Tags of messages; a pair of ranks has at most one of each on its way per iteration. */
const HALO_TAG = 1;
const ROWS_TAG = 2;

/** Largest sum of the solution's fourth derivatives, |u_xxxx| + |u_yyyy|: 2 · 16 · max x(1-x)eˣ. */
const FOURTH_DERIVATIVES_MAX = 32 * 0.43797448;

/**
 * Solves it together with the other ranks, as often as asked for. Throws an Error if it does not converge, if the
 * solutions differ, or if they are further from the truth than theory allows.
 */
export async function solvePoisson(
  communicator: Communicator,
  program: PoissonProgram,
): Promise<PoissonResult> {
  const { gridSize, repeats } = program;
  const band = bandOf(gridSize, communicator);
  const first = await conjugateGradients(communicator, band, program);
  let last = first;
  for (let solves = 1; solves < repeats; solves++) {
    last = await conjugateGradients(communicator, band, program);
    if (last.iterations !== first.iterations || last.residualSquared !== first.residualSquared)
      throw new Error(
        `solve ${solves + 1} took ${last.iterations} iterations, the first ${first.iterations}`,
      );
  }
  const { residual, error } = await check(communicator, band, last.solution);
  // What the stencil neglects, and what the iteration left: the inverse of -Δ is at most 1/8 (maximum norm).
  const errorBound = (band.step ** 2 * FOURTH_DERIVATIVES_MAX) / 96 + residual / 8;
  if (!(error <= errorBound))
    throw new Error(`the solution is off by ${error}; theory allows ${errorBound} at most`);
  return {
    type: 'poisson',
    gridSize,
    ranks: communicator.size,
    iterations: last.iterations,
    repeats,
    residual,
    error,
    errorBound,
    solutionSha256: await hashRows(communicator, band, last.solution),
  };
}

/** The rows of one rank. Arrays have a row of the neighbour's on either side and a zero at either end of a row. */
interface Band {
  readonly gridSize: number;
  /** Distance of two grid points. */
  readonly step: number;
  /** Index of its first row among all. */
  readonly firstRow: number;
  readonly rows: number;
  /** Entries of a row, its two ends included. */
  readonly width: number;
}

function bandOf(gridSize: number, { rank, size }: Communicator): Band {
  const firstRow = Math.floor((gridSize * rank) / size);
  const rows = Math.floor((gridSize * (rank + 1)) / size) - firstRow;
  return { gridSize, step: 1 / (gridSize + 1), firstRow, rows, width: gridSize + 2 };
}

interface Solve {
  readonly solution: Float64Array;
  readonly iterations: number;
  readonly residualSquared: number;
}

async function conjugateGradients(
  communicator: Communicator,
  band: Band,
  { tolerance, iterationsMax }: PoissonProgram,
): Promise<Solve> {
  const entries = (band.rows + 2) * band.width;
  const solution = new Float64Array(entries);
  const residual = rightHandSide(band);
  const direction = residual.slice();
  const image = new Float64Array(entries);
  const rowSums = new Float64Array(band.gridSize);

  dotRows(band, residual, residual, rowSums);
  let residualSquared = await total(communicator, rowSums);
  const enough = tolerance ** 2 * residualSquared;
  let iterations = 0;
  for (; residualSquared > enough; iterations++) {
    if (iterations === iterationsMax)
      throw new Error(
        `no convergence within ${iterationsMax} iterations; ask for a tolerance above ${tolerance}`,
      );
    await exchangeHalos(communicator, band, direction);
    applyStencil(band, direction, image);
    dotRows(band, direction, image, rowSums);
    const length = residualSquared / (await total(communicator, rowSums));
    addScaled(band, solution, length, direction);
    addScaled(band, residual, -length, image);
    dotRows(band, residual, residual, rowSums);
    const before = residualSquared;
    residualSquared = await total(communicator, rowSums);
    scaleAdd(band, direction, residualSquared / before, residual);
  }
  return { solution, iterations, residualSquared };
}

/** The sum over all rows of all ranks, always in the same order. `rowSums` has zeros for the rows of others. */
async function total(communicator: Communicator, rowSums: Float64Array): Promise<number> {
  let sum = 0;
  for (const row of await communicator.allreduce(rowSums, 'sum')) sum += row;
  return sum;
}

async function exchangeHalos(communicator: Communicator, band: Band, field: Float64Array): Promise<void> {
  const { rank, size } = communicator;
  const row = (index: number): Float64Array => field.subarray(index * band.width, (index + 1) * band.width);
  const swap = async (peer: number, mine: number, theirs: number): Promise<void> => {
    if (peer < 0 || peer >= size) return;
    row(theirs).set(await communicator.exchange(peer, row(mine), HALO_TAG));
  };
  await Promise.all([swap(rank - 1, 1, 0), swap(rank + 1, band.rows, band.rows + 1)]);
}

/** The right-hand side times the step squared, so that the stencil is 4 and -1. */
function rightHandSide(band: Band): Float64Array {
  const field = new Float64Array((band.rows + 2) * band.width);
  forEachPoint(band, (at, x, y) => {
    const alongX = Math.exp(x) * (x * x + 3 * x) * along(y, -1);
    const alongY = Math.exp(-y) * (y * y - 5 * y + 4) * along(x, 1);
    field[at] = band.step ** 2 * (alongX + alongY);
  });
  return field;
}

/** t(1-t)eᵗ, or with e⁻ᵗ. */
function along(t: number, sign: 1 | -1): number {
  return t * (1 - t) * Math.exp(sign * t);
}

function forEachPoint(band: Band, visit: (at: number, x: number, y: number) => void): void {
  for (let row = 1; row <= band.rows; row++) {
    const y = (band.firstRow + row) * band.step;
    for (let column = 1; column <= band.gridSize; column++)
      visit(row * band.width + column, column * band.step, y);
  }
}

function applyStencil({ rows, width, gridSize }: Band, field: Float64Array, image: Float64Array): void {
  for (let row = 1; row <= rows; row++) {
    const start = row * width + 1;
    for (let at = start; at < start + gridSize; at++)
      image[at] =
        4 * (field[at] as number) -
        (field[at - 1] as number) -
        (field[at + 1] as number) -
        (field[at - width] as number) -
        (field[at + width] as number);
  }
}

function dotRows(band: Band, a: Float64Array, b: Float64Array, rowSums: Float64Array): void {
  for (let row = 1; row <= band.rows; row++) {
    const start = row * band.width + 1;
    let sum = 0;
    for (let at = start; at < start + band.gridSize; at++) sum += (a[at] as number) * (b[at] as number);
    rowSums[band.firstRow + row - 1] = sum;
  }
}

/** target += factor · field, the neighbours' rows left out. */
function addScaled({ rows, width }: Band, target: Float64Array, factor: number, field: Float64Array): void {
  for (let at = width; at < (rows + 1) * width; at++)
    target[at] = (target[at] as number) + factor * (field[at] as number);
}

/** target = field + factor · target, the neighbours' rows left out. */
function scaleAdd({ rows, width }: Band, target: Float64Array, factor: number, field: Float64Array): void {
  for (let at = width; at < (rows + 1) * width; at++)
    target[at] = (field[at] as number) + factor * (target[at] as number);
}

/** The largest residual, computed anew, and the largest distance from the truth. */
async function check(
  communicator: Communicator,
  band: Band,
  solution: Float64Array,
): Promise<{ readonly residual: number; readonly error: number }> {
  await exchangeHalos(communicator, band, solution);
  const image = new Float64Array(solution.length);
  applyStencil(band, solution, image);
  const wanted = rightHandSide(band);
  let residual = 0;
  let error = 0;
  forEachPoint(band, (at, x, y) => {
    const left = Math.abs((wanted[at] as number) - (image[at] as number)) / band.step ** 2;
    residual = Math.max(residual, left);
    error = Math.max(error, Math.abs((solution[at] as number) - along(x, 1) * along(y, -1)));
  });
  const [residualMax = 0, errorMax = 0] = await communicator.allreduce(
    Float64Array.of(residual, error),
    'max',
  );
  return { residual: residualMax, error: errorMax };
}

/** SHA-256 of all rows in order, on rank 0, which asks the others for theirs in turn; '' elsewhere. */
async function hashRows(communicator: Communicator, band: Band, solution: Float64Array): Promise<string> {
  const row = (index: number): Float64Array =>
    solution.subarray(index * band.width + 1, (index + 1) * band.width - 1);
  if (communicator.rank !== 0) {
    await communicator.receive(0, ROWS_TAG);
    for (let index = 1; index <= band.rows; index++) await communicator.send(0, row(index), ROWS_TAG);
    return '';
  }
  const hash = createHash('sha256');
  for (let index = 1; index <= band.rows; index++) hash.update(bytesOf(row(index)));
  for (let peer = 1, rows = band.rows; peer < communicator.size; peer++) {
    await communicator.send(peer, new Float64Array(0), ROWS_TAG);
    const end = Math.floor((band.gridSize * (peer + 1)) / communicator.size);
    for (; rows < end; rows++) hash.update(bytesOf(await communicator.receive(peer, ROWS_TAG)));
  }
  return hash.digest('hex');
}
