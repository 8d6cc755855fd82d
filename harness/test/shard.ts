/** A part of the tests, in a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const UVU = fileURLToPath(new URL('../../node_modules/uvu/bin.js', import.meta.url));

/** How a part ended. */
export interface ShardEnd {
  /** Of all its tests; undefined if it has not come to its end. */
  readonly sums: Sums | undefined;
  readonly hasPassed: boolean;
}

/** Numbers of tests. */
export interface Sums {
  readonly total: number;
  readonly passed: number;
  readonly skipped: number;
}

/** A part that runs. */
export interface Shard {
  readonly ended: Promise<ShardEnd>;
  /** From now on what it writes is seen at once; all that it has written so far, now. */
  show(): void;
}

/** Starts the tests in files whose paths match a pattern. What they write is kept until it is to be shown. */
export function startShard(pattern: string): Shard {
  const ignored = ['^node_modules$', '^out$'].flatMap((folder) => ['--ignore', folder]);
  const child = spawn(process.execPath, [UVU, '.', pattern, ...ignored], {
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  let text = '';
  let hidden: Buffer[] | undefined = [];
  const hear = (piece: Buffer): void => {
    text += piece.toString('utf8');
    if (hidden === undefined) process.stdout.write(piece);
    else hidden.push(piece);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const { promise: ended, resolve, reject } = Promise.withResolvers<ShardEnd>();
  child.once('error', reject);
  child.once('close', (code) => {
    const sums = sumsOf(text);
    // One that ends without its sums has not run all of its tests, whatever its exit code.
    resolve({ sums, hasPassed: code === 0 && sums !== undefined });
  });
  return {
    ended,
    show() {
      for (const piece of hidden ?? []) process.stdout.write(piece);
      hidden = undefined;
    },
  };
}

/** Reads the sums that uvu writes last; undefined if they are not there. */
export function sumsOf(output: string): Sums | undefined {
  const number = (label: string): number =>
    Number(
      output
        .match(new RegExp(`^ *${label}: +(\\d+)`, 'gm'))
        ?.at(-1)
        ?.match(/\d+/)?.[0] ?? Number.NaN,
    );
  const sums = { total: number('Total'), passed: number('Passed'), skipped: number('Skipped') };
  return Object.values(sums).every(Number.isInteger) ? sums : undefined;
}
