/**
 * The product of two matrices, subtracted from a third: where a dense solver spends its time. Both factors are copied into
 * strips of four, so that the innermost loop reads memory in order and keeps sixteen sums in registers (as Goto's GEMM).
 * Each entry's sum has one order, whatever else is computed with it.
 */

/** A part of an array that holds a matrix by columns. */
export interface MatrixPart {
  readonly entries: Float64Array;
  /** Where its first entry is. */
  readonly start: number;
  /** From one column to the next. */
  readonly stride: number;
}

/** target -= left · right. The target must not overlap the factors. */
export interface Product {
  readonly target: MatrixPart;
  readonly left: MatrixPart;
  readonly right: MatrixPart;
  /** Of the target and the left factor. */
  readonly rows: number;
  /** Columns of the left factor, rows of the right one. */
  readonly inner: number;
  /** Of the target and the right factor. */
  readonly columns: number;
}

/** Rows and columns of what is computed at a time. */
const STRIP = 4;
/** Rows of the left factor that are copied at a time: with 64 columns they fit into the second-level cache. */
const BLOCK_ROWS = 256;

/** See {@link Product}. */
export function subtractProduct({ target, left, right, rows, inner, columns }: Product): void {
  if (rows <= 0 || inner <= 0 || columns <= 0) return;
  const rightStrips = packRight(right, inner, columns);
  const leftStrips = new Float64Array(Math.min(rows + STRIP, BLOCK_ROWS) * inner + STRIP * inner);
  const sums = new Float64Array(STRIP * STRIP);
  for (let top = 0; top < rows; top += BLOCK_ROWS) {
    const height = Math.min(BLOCK_ROWS, rows - top);
    packLeft(left, top, height, inner, leftStrips);
    for (let column = 0; column < columns; column += STRIP)
      for (let row = 0; row < height; row += STRIP) {
        multiplyStrips(leftStrips, row * inner, rightStrips, column * inner, inner, sums);
        const wide = Math.min(STRIP, columns - column);
        const high = Math.min(STRIP, height - row);
        for (let j = 0; j < wide; j++) {
          const at = target.start + (column + j) * target.stride + top + row;
          for (let i = 0; i < high; i++)
            target.entries[at + i] = (target.entries[at + i] as number) - (sums[j * STRIP + i] as number);
        }
      }
  }
}

/** Four columns next to each other, row by row; what is missing of the last four is zero. */
function packRight({ entries, start, stride }: MatrixPart, inner: number, columns: number): Float64Array {
  const strips = new Float64Array(Math.ceil(columns / STRIP) * STRIP * inner);
  for (let column = 0; column < columns; column++) {
    const from = start + column * stride;
    const to = (column - (column % STRIP)) * inner + (column % STRIP);
    for (let k = 0; k < inner; k++) strips[to + k * STRIP] = entries[from + k] as number;
  }
  return strips;
}

/** Four rows next to each other, column by column; what is missing of the last four is whatever it was. */
function packLeft(
  { entries, start, stride }: MatrixPart,
  top: number,
  height: number,
  inner: number,
  strips: Float64Array,
): void {
  for (let k = 0; k < inner; k++) {
    const from = start + k * stride + top;
    for (let row = 0; row < height; row++)
      strips[(row - (row % STRIP)) * inner + k * STRIP + (row % STRIP)] = entries[from + row] as number;
  }
}

/** The product of four rows and four columns, by columns. */
function multiplyStrips(
  left: Float64Array,
  leftStart: number,
  right: Float64Array,
  rightStart: number,
  inner: number,
  sums: Float64Array,
): void {
  let s00 = 0;
  let s10 = 0;
  let s20 = 0;
  let s30 = 0;
  let s01 = 0;
  let s11 = 0;
  let s21 = 0;
  let s31 = 0;
  let s02 = 0;
  let s12 = 0;
  let s22 = 0;
  let s32 = 0;
  let s03 = 0;
  let s13 = 0;
  let s23 = 0;
  let s33 = 0;
  for (let k = 0, l = leftStart, r = rightStart; k < inner; k++, l += STRIP, r += STRIP) {
    const l0 = left[l] as number;
    const l1 = left[l + 1] as number;
    const l2 = left[l + 2] as number;
    const l3 = left[l + 3] as number;
    const r0 = right[r] as number;
    s00 += l0 * r0;
    s10 += l1 * r0;
    s20 += l2 * r0;
    s30 += l3 * r0;
    const r1 = right[r + 1] as number;
    s01 += l0 * r1;
    s11 += l1 * r1;
    s21 += l2 * r1;
    s31 += l3 * r1;
    const r2 = right[r + 2] as number;
    s02 += l0 * r2;
    s12 += l1 * r2;
    s22 += l2 * r2;
    s32 += l3 * r2;
    const r3 = right[r + 3] as number;
    s03 += l0 * r3;
    s13 += l1 * r3;
    s23 += l2 * r3;
    s33 += l3 * r3;
  }
  sums[0] = s00;
  sums[1] = s10;
  sums[2] = s20;
  sums[3] = s30;
  sums[4] = s01;
  sums[5] = s11;
  sums[6] = s21;
  sums[7] = s31;
  sums[8] = s02;
  sums[9] = s12;
  sums[10] = s22;
  sums[11] = s32;
  sums[12] = s03;
  sums[13] = s13;
  sums[14] = s23;
  sums[15] = s33;
}
