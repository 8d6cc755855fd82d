/**
 * What a framework must compute, found by a single process. Both systems run the same jobs, so that each is computed once. It is done in
 * threads, beside each other: they end with all that they have held, which may be a hundred times what they found.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Corpus } from '../../workloads/corpus.ts';
import type { TextMix } from '../../workloads/small.ts';
import type {
  NumbersOrder,
  NumbersReference,
  OutputOrder,
  OutputReference,
  ReferenceOrder,
} from './referenceThread.ts';

/** Of each thread. By default they take a fifth more memory, and no less time. */
const YOUNG_MIB = 12;

const outputs = new Map<string, OutputReference>();
const numbers = new Map<string, Promise<NumbersReference>>();

/** The outputs of the jobs of each mix, in order. Rejects with what a thread threw, or if it is stopped. */
export async function outputReferences(
  corpus: Corpus,
  mixes: readonly TextMix[],
  stopping: AbortSignal,
): Promise<readonly (readonly OutputReference[])[]> {
  const keyOf = (order: OutputOrder): string => JSON.stringify([corpus.listSha256, order]);
  const wanted = mixes.map(({ dataSet, jobs }) =>
    jobs.map(({ program, input, reduces }): OutputOrder => ({ dataSet, program, input, reduces })),
  );
  const unknown = new Map(wanted.flat().map((order) => [keyOf(order), order]));
  for (const key of unknown.keys()) if (outputs.has(key)) unknown.delete(key);
  await Promise.all(
    lotsOf([...unknown.values()], availableParallelism()).map(async (lot) => {
      const order = { of: 'outputs', corpus, wanted: lot } as const;
      const found = await inThread<readonly OutputReference[]>(order, stopping);
      for (const [at, one] of lot.entries()) outputs.set(keyOf(one), found[at] as OutputReference);
    }),
  );
  return wanted.map((jobs) => jobs.map((order) => outputs.get(keyOf(order)) as OutputReference));
}

/** A lot of orders for each thread, with about as much to read; those that read the same are in one, the largest first. */
function lotsOf(orders: readonly OutputOrder[], threads: number): readonly (readonly OutputOrder[])[] {
  const alike = Map.groupBy(orders, ({ reduces: _, ...mapped }) => JSON.stringify(mapped));
  const bytesOf = ([first]: readonly OutputOrder[]): number =>
    first === undefined ? 0 : first.input.blocks * first.dataSet.blockBytes;
  const lots = Array.from({ length: threads }, () => ({ orders: [] as OutputOrder[], bytes: 0 }));
  for (const group of [...alike.values()].toSorted((a, b) => bytesOf(b) - bytesOf(a))) {
    const least = lots.reduce((one, other) => (other.bytes < one.bytes ? other : one));
    least.orders.push(...group);
    least.bytes += bytesOf(group);
  }
  return lots.map((lot) => lot.orders).filter((lot) => lot.length > 0);
}

/** What a solver, or a factoring, finds. Rejects with what the thread threw, or if it is stopped. */
export function numbersReference(order: NumbersOrder, stopping: AbortSignal): Promise<NumbersReference> {
  const key = JSON.stringify(order);
  const found = numbers.get(key) ?? inThread<NumbersReference>(order, stopping);
  numbers.set(key, found);
  found.catch(() => numbers.delete(key));
  return found;
}

async function inThread<T>(order: ReferenceOrder, stopping: AbortSignal): Promise<T> {
  const thread = new Worker(new URL('./referenceThread.ts', import.meta.url), {
    workerData: order,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const stop = (): void => reject(stopping.reason);
  stopping.addEventListener('abort', stop);
  if (stopping.aborted) stop();
  thread.once('message', resolve).once('error', reject);
  thread.once('exit', (code) => reject(new Error(`the thread of a reference ended with code ${code}`)));
  try {
    return await promise;
  } finally {
    stopping.removeEventListener('abort', stop);
    await thread.terminate();
  }
}
