/** Rigid jobs as data: a job runs on all its ranks at once or not at all (NSDI'11 §4.1, §5). */
import * as v from 'valibot';
import { IdSchema, type Immutable, TextSchema } from '../../mesos/protocol/entities.ts';
import type { RigidJob } from '../../workloads/jobs.ts';
import { MpiProgramSchema, misfit, RANKS_MAX, SpanMsSchema } from '../mpi/program.ts';

/** Names a job; short enough that task ids can be made from it. */
const JobIdSchema = v.pipe(IdSchema, v.maxLength(200));

const SubmissionSchema = v.variant('when', [
  v.object({ when: v.literal('at'), ms: SpanMsSchema }),
  v.object({ when: v.literal('after'), jobId: JobIdSchema, delayMs: SpanMsSchema }),
]);

export const TorqueJobSchema = v.object({
  id: JobIdSchema,
  kind: TextSchema,
  ranks: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(RANKS_MAX)),
  /** Relative to the framework's first registration, or to when the server was told of the job. */
  submission: SubmissionSchema,
  /** Jobs of a higher priority come first, whenever they were submitted; 0 if it has none (qsub -p). */
  priority: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(-1024), v.maxValue(1023))),
  /** How long it may run: what backfilling counts on, and when it is killed (qsub -l walltime). */
  wallTimeMs: v.exactOptional(v.pipe(SpanMsSchema, v.minValue(1))),
  /** Most of its ranks on one slave (qsub -l nodes=N:ppn=M). */
  slotsPerSlaveMax: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(RANKS_MAX))),
  program: MpiProgramSchema,
});
/** A rigid job. */
export type TorqueJob = Immutable<v.InferOutput<typeof TorqueJobSchema>>;

/** What is wrong with a job by itself, or on a server that takes so many slots at most; undefined if nothing is. */
export function complaintAbout(
  { id, ranks, program }: TorqueJob,
  slotsMax = Number.POSITIVE_INFINITY,
): string | undefined {
  if (ranks > slotsMax)
    return `job '${id}' needs ${ranks} slots and the server may have ${slotsMax} at most: it could never start`;
  const unfit = misfit(program, ranks);
  return unfit && `job '${id}' ${unfit}`;
}

/** A job of a workload, with its modelled times as the program. */
export function modelledJob({ id, kind, ranks, submission, model }: RigidJob): TorqueJob {
  return { id, kind, ranks, submission, program: { type: 'model', workMs: model.workMs, cv: model.cv } };
}
