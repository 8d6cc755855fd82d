/** For tests: functions that executors import from here. */
import { taskFunctions } from './program/functions.ts';
import type { Accumulator, Broadcast } from './program/handles.ts';

export const functions = taskFunctions(import.meta.url, {
  double: (n: number) => 2 * n,
  plus: (n: number, more: number) => n + more,
  isEven: (n: number) => n % 2 === 0,
  words: (line: string) => line.split(' ').filter((word) => word !== ''),
  pair: (word: string): [string, number] => [word, 1],
  add: (a: number, b: number) => a + b,
  join: (a: string, b: string) => `${a}${b}`,
  mod: (n: number, by: number) => n % by,
  sumOf: (values: Iterable<number>) => {
    let sum = 0;
    for (const value of values) sum += value;
    return [sum];
  },
  size: (list: readonly unknown[]) => list.length,
  look: (n: number, table: Broadcast<Readonly<Record<string, string>>>) => table.value[n] ?? '?',
  sumTable: (n: number, table: Broadcast<Float64Array>) => n + table.value.length,
  count: (n: number, seen: Accumulator) => {
    seen.add(1);
    return n;
  },
  large: (n: number, length: number) => new Float64Array(length).fill(n),
  total: (numbers: Float64Array) => numbers.reduce((sum, n) => sum + n, 0),
  fail: (n: number): number => {
    if (n === 3) throw new RangeError('three is too many');
    return n;
  },
  badKey: (n: number) => ({ n }) as unknown as number,
  notAPair: (n: number) => n as unknown as [number, number],
  exit: (): never => process.exit(3),
  spin: (n: number): number => {
    for (;;) if (n < 0) return n;
  },
});
