/** Whether real runs computed what they should: every output against the same job in a single process. */
import type { Corpus } from '../../workloads/corpus.ts';
import type { TextJob } from '../../workloads/small.ts';
import type { Check } from '../result.ts';
import { readPartOn } from './nodeFiles.ts';
import { sha256 } from './provenance.ts';
import type { FrameworkOutcome } from './real.ts';
import { numbersReference, outputReferences } from './references.ts';
import type { OutputReference } from './referenceThread.ts';

/**
 * Compares the outputs of frameworks with those of single-process runs, to the byte. Of each that computes something one check, in
 * order.
 */
export async function checkExactness(
  outcomes: readonly FrameworkOutcome[],
  corpus: Corpus,
  seed: number,
  stopping: AbortSignal,
): Promise<readonly Check[]> {
  const mixes = outcomes.flatMap((outcome) =>
    outcome.kind === 'hadoop' ? [outcome.framework.work(seed)] : [],
  );
  const references = outputReferences(corpus, mixes, stopping);
  let hadoops = 0;
  const checks = outcomes.map(async (outcome): Promise<readonly Check[]> => {
    switch (outcome.kind) {
      case 'hadoop': {
        const place = hadoops++;
        const expected = (await references)[place] ?? [];
        return [await checkHadoop(outcome, mixes[place]?.jobs ?? [], expected, stopping)];
      }
      case 'mpi':
        return [await checkMpi(outcome, seed, stopping)];
      case 'spark':
        return [await checkSpark(outcome, seed, stopping)];
      case 'load':
        return [];
      default:
        return outcome satisfies never;
    }
  });
  return (await Promise.all([...checks, references.then(() => [])])).flat();
}

type Of<K extends FrameworkOutcome['kind']> = FrameworkOutcome & { readonly kind: K };

async function checkHadoop(
  { framework, summary, machines }: Of<'hadoop'>,
  jobs: readonly TextJob[],
  references: readonly OutputReference[],
  stopping: AbortSignal,
): Promise<Check> {
  const wrong: string[] = [];
  let bytes = 0;
  for (const [at, job] of jobs.entries()) {
    stopping.throwIfAborted();
    const ran = summary.jobs.find(({ id }) => id === job.id);
    const expected = references[at];
    const parts = ran?.parts ?? [];
    if (parts.length !== expected?.size) {
      wrong.push(`${job.id} has ${parts.length} parts instead of ${expected?.size}`);
      continue;
    }
    for (const part of parts) {
      const own = await readPartOn(machines, summary.space, job.id, part);
      bytes += own.length;
      if (expected.get(part.name) !== sha256(own)) wrong.push(`${part.name} of ${job.id} differs`);
    }
  }
  return {
    id: `exact-${framework.name}`,
    claim: `Every output of ${framework.name} equals that of the same job in a single process, byte for byte.`,
    verdict: wrong.length === 0 ? 'passed' : 'failed',
    detail: wrong[0] ?? `${jobs.length} jobs, ${(bytes / 1e6).toFixed(1)} MB of output compared`,
  };
}

async function checkMpi(
  { framework, summary }: Of<'mpi'>,
  seed: number,
  stopping: AbortSignal,
): Promise<Check> {
  const wrong: string[] = [];
  for (const { id, ranks, result } of summary.jobs) {
    const job = framework.jobs(seed).find((one) => one.id === id);
    if (result?.type !== 'poisson' || job === undefined) {
      wrong.push(`${id} has no solution`);
      continue;
    }
    const program = { ...job.program, repeats: 1, tolerance: TOLERANCE, iterationsMax: 100_000 };
    const alone = await numbersReference({ of: 'solution', program }, stopping);
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

async function checkSpark(
  { framework, summary }: Of<'spark'>,
  seed: number,
  stopping: AbortSignal,
): Promise<Check> {
  const { blockBytes: _, ...job } = framework.work(seed);
  const found = await numbersReference({ of: 'factors', job, seed }, stopping);
  const { usersSha256, itemsSha256 } = (summary.result ?? {}) as Record<string, unknown>;
  const isExact = usersSha256 === found.sha256[0] && itemsSha256 === found.sha256[1];
  return {
    id: `exact-${framework.name}`,
    claim: `The factors that ${framework.name} found have the same bits as those of the direct computation.`,
    verdict: isExact ? 'passed' : 'failed',
    detail: isExact ? `${found.numbers} numbers compared` : 'the factors differ',
  };
}
