/** Whether real runs computed what they should: every output against the same job in a single process. */
import { setImmediate } from 'node:timers/promises';
import { type Corpus, readBlocks } from '../../workloads/corpus.ts';
import type { TextMix } from '../../workloads/small.ts';
import type { Check } from '../result.ts';
import { readPartOn } from './nodeFiles.ts';
import type { FrameworkOutcome } from './real.ts';
import { numericReference, textReference } from './references.ts';

/** Compares the outputs of a framework with those of single-process runs, to the byte; none if it computes nothing. */
export async function checkExactness(
  outcome: FrameworkOutcome,
  corpus: Corpus,
  seed: number,
  stopping: AbortSignal,
): Promise<readonly Check[]> {
  switch (outcome.kind) {
    case 'hadoop': {
      const work = outcome.framework.work(seed);
      const blocks = await Array.fromAsync(readBlocks(corpus, work.dataSet));
      return [await checkHadoop(outcome, work, blocks, stopping)];
    }
    case 'mpi':
      return [await checkMpi(outcome, seed)];
    case 'spark':
      return [await checkSpark(outcome, seed)];
    case 'load':
      return [];
    default:
      return outcome satisfies never;
  }
}

type Of<K extends FrameworkOutcome['kind']> = FrameworkOutcome & { readonly kind: K };

async function checkHadoop(
  { framework, summary, machines }: Of<'hadoop'>,
  work: TextMix,
  blocks: readonly Buffer[],
  stopping: AbortSignal,
): Promise<Check> {
  const wrong: string[] = [];
  let bytes = 0;
  for (const job of work.jobs) {
    await setImmediate();
    stopping.throwIfAborted();
    const ran = summary.jobs.find(({ id }) => id === job.id);
    const expected = await textReference(job, blocks);
    const parts = ran?.parts ?? [];
    if (parts.length !== expected.length) {
      wrong.push(`${job.id} has ${parts.length} parts instead of ${expected.length}`);
      continue;
    }
    for (const part of parts) {
      const own = await readPartOn(machines, summary.space, job.id, part);
      bytes += own.length;
      const same = expected.find(({ name }) => name === part.name)?.bytes.equals(own) ?? false;
      if (!same) wrong.push(`${part.name} of ${job.id} differs`);
    }
  }
  return {
    id: `exact-${framework.name}`,
    claim: `Every output of ${framework.name} equals that of the same job in a single process, byte for byte.`,
    verdict: wrong.length === 0 ? 'passed' : 'failed',
    detail: wrong[0] ?? `${work.jobs.length} jobs, ${(bytes / 1e6).toFixed(1)} MB of output compared`,
  };
}

async function checkMpi({ framework, summary }: Of<'mpi'>, seed: number): Promise<Check> {
  const wrong: string[] = [];
  for (const { id, ranks, result } of summary.jobs) {
    const job = framework.jobs(seed).find((one) => one.id === id);
    if (result?.type !== 'poisson' || job === undefined) {
      wrong.push(`${id} has no solution`);
      continue;
    }
    const program = { ...job.program, repeats: 1, tolerance: TOLERANCE, iterationsMax: 100_000 };
    const alone = await numericReference({ of: 'solution', program });
    if (result.ranks !== ranks || result.solutionSha256 !== alone.sha256[0])
      wrong.push(`the solution of ${id} differs from that of one rank`);
  }
  return {
    id: `exact-${framework.name}`,
    claim: `Every solution of ${framework.name} has the same bits as that of a single rank, and is as near to the truth as theory says.`,
    verdict: wrong.length === 0 ? 'passed' : 'failed',
    detail: wrong[0] ?? `${summary.jobs.length} solutions compared`,
  };
}

/** As frameworks/mpi/job.ts has it by default. */
const TOLERANCE = 1e-8;

async function checkSpark({ framework, summary }: Of<'spark'>, seed: number): Promise<Check> {
  const { blockBytes: _, ...job } = framework.work(seed);
  const { sha256, numbers } = await numericReference({ of: 'factors', job, seed });
  const { usersSha256, itemsSha256 } = (summary.result ?? {}) as Record<string, unknown>;
  const isExact = usersSha256 === sha256[0] && itemsSha256 === sha256[1];
  return {
    id: `exact-${framework.name}`,
    claim: `The factors that ${framework.name} found have the same bits as those of the direct computation.`,
    verdict: isExact ? 'passed' : 'failed',
    detail: isExact ? `${numbers} numbers compared` : 'the factors differ',
  };
}
