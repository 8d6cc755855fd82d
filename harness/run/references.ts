/**
 * What a framework must compute, found by a single process. Both systems run the same jobs, so that each is computed once. It is done in
 * threads, beside each other: they end with all that they have held, which may be a hundred times what they found.
 */
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

const outputs = new Map<string, OutputReference>();
const numbers = new Map<string, Promise<NumbersReference>>();

/** The outputs of the jobs of each mix, in order. Rejects with what the thread threw, or if it is stopped. */
export async function outputReferences(
  corpus: Corpus,
  mixes: readonly TextMix[],
  stopping: AbortSignal,
): Promise<readonly (readonly OutputReference[])[]> {
  const wanted = mixes.map(({ dataSet, jobs }) =>
    jobs.map(({ program, input, reduces }): [key: string, order: OutputOrder] => {
      const order = { dataSet, program, input, reduces };
      return [JSON.stringify([corpus.listSha256, order]), order];
    }),
  );
  const unknown = new Map(wanted.flat().filter(([key]) => !outputs.has(key)));
  if (unknown.size > 0) {
    const found = await inThread<readonly OutputReference[]>(
      { of: 'outputs', corpus, wanted: [...unknown.values()] },
      stopping,
    );
    for (const [at, key] of [...unknown.keys()].entries()) outputs.set(key, found[at] as OutputReference);
  }
  return wanted.map((jobs) => jobs.map(([key]) => outputs.get(key) as OutputReference));
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
  const thread = new Worker(new URL('./referenceThread.ts', import.meta.url), { workerData: order });
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
