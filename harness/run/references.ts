/**
 * What a framework must compute, found by a single process. Both systems run the same jobs, and some jobs are alike, or but for their
 * number of reduces: each is computed once. What is plain mathematics is computed in a thread of its own, beside the words that this one counts.
 */
import { Worker } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { type MappedReference, mapReference, type ReferencePart } from '../../frameworks/hadoop/reference.ts';
import type { TextJob } from '../../workloads/small.ts';
import type { Reference, ReferenceOrder } from './referenceThread.ts';

const mapped = new Map<string, Promise<MappedReference>>();
const texts = new Map<string, Promise<readonly ReferencePart[]>>();
const others = new Map<string, Promise<Reference>>();

/** The output of a job over these blocks. */
export function textReference(
  { program, input, reduces }: TextJob,
  blocks: readonly Buffer[],
): Promise<readonly ReferencePart[]> {
  const text = blocks.slice(input.firstBlock, input.firstBlock + input.blocks);
  const key = JSON.stringify([program, text.map((block) => [block.length, crc32(block)])]);
  return once(texts, `${reduces} ${key}`, async () => {
    const partsOf = await once(mapped, key, () => mapReference(program, text));
    return partsOf(reduces);
  });
}

/** What a solver, or a factoring, finds. Rejects with what the thread threw. */
export function numericReference(order: ReferenceOrder): Promise<Reference> {
  return once(others, JSON.stringify(order), () => inThread(order));
}

function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

async function inThread(order: ReferenceOrder): Promise<Reference> {
  const thread = new Worker(new URL('./referenceThread.ts', import.meta.url), { workerData: order });
  try {
    return await new Promise<Reference>((resolve, reject) => {
      thread.once('message', resolve).once('error', reject);
      thread.once('exit', (code) => reject(new Error(`the thread of a reference ended with code ${code}`)));
    });
  } finally {
    await thread.terminate();
  }
}
