/** Rigid jobs as data: a job runs on all its ranks at once or not at all (NSDI'11 §4.1, §5). */
import * as v from 'valibot';
import { IdSchema, type Immutable, TextSchema } from '../../mesos/protocol/entities.ts';
import type { RigidJob } from '../../workloads/jobs.ts';
import { MpiProgramSchema, RANKS_MAX, SpanMsSchema } from '../mpi/program.ts';

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
  /** Relative to the framework's first registration. */
  submission: SubmissionSchema,
  program: MpiProgramSchema,
});
/** A rigid job. */
export type TorqueJob = Immutable<v.InferOutput<typeof TorqueJobSchema>>;

/** A job of a workload, with its modelled times as the program. */
export function modelledJob({ id, kind, ranks, submission, model }: RigidJob): TorqueJob {
  return { id, kind, ranks, submission, program: { type: 'model', workMs: model.workMs, cv: model.cv } };
}
