/** Chains of jobs as they are wanted: the join of the Hive benchmark (HIVE-396), and training by gradient descent. */

import type { Submission } from '../../workloads/jobs.ts';
import type { Descent } from '../../workloads/logisticRegression.ts';
import type { Block } from '../files/block.ts';
import type { HadoopJob } from './job.ts';
import { WEIGHTS_FILE } from './program/gradientStep.ts';
import { RANKINGS_TAG, USER_VISITS_TAG, type VisitRange } from './program/join.ts';

/** What all chains have. */
export interface ChainOptions {
  /** The beginning of the ids of its jobs. */
  readonly id: string;
  readonly submission?: Submission;
}

const AT_ONCE: Submission = { when: 'at', ms: 0 };
/** The range of HIVE-396. */
const YEAR_1999: VisitRange = { visitedAfter: '1999-01-01', visitedBefore: '2000-01-01' };

/**
 * The join, as Hive runs it, in three jobs: `ID-join`, `ID-group` and `ID-order`, whose output is that of the query.
 *
 *     SELECT sourceIP, avg(pageRank), sum(adRevenue) AS totalRevenue
 *     FROM rankings R JOIN uservisits UV ON (R.pageURL = UV.destURL)
 *     WHERE UV.visitDate > '1999-01-01' AND UV.visitDate < '2000-01-01'
 *     GROUP BY sourceIP ORDER BY totalRevenue DESC LIMIT 1
 */
export function joinQuery(
  tables: { readonly rankings: readonly Block[]; readonly userVisits: readonly Block[] },
  options: ChainOptions & Partial<VisitRange> & { readonly reduces: number; readonly limit?: number },
): readonly HadoopJob[] {
  const { id, submission = AT_ONCE, reduces, limit = 1 } = options;
  const { visitedAfter = YEAR_1999.visitedAfter, visitedBefore = YEAR_1999.visitedBefore } = options;
  const kind = 'join';
  const [join, group, order] = [`${id}-join`, `${id}-group`, `${id}-order`];
  return [
    {
      ...{ id: join, kind, submission, reduces },
      input: [
        ...tables.rankings.map((block) => ({ ...block, tag: RANKINGS_TAG })),
        ...tables.userVisits.map((block) => ({ ...block, tag: USER_VISITS_TAG })),
      ],
      program: { type: 'join', visitedAfter, visitedBefore },
    },
    {
      ...{ id: group, kind, submission, reduces },
      input: [{ outputOf: join }],
      program: { type: 'revenuePerSource' },
    },
    {
      ...{ id: order, kind, submission, reduces: 1 },
      input: [{ outputOf: group }],
      program: { type: 'topRevenue', limit },
    },
  ];
}

/**
 * Training by gradient descent: a job for each iteration, `ID-00000` and so on, which reads the weights that the one before wrote.
 * The output of the last one is the weights (readWeights in program/gradientStep.ts).
 */
export function trainingJobs(
  examples: readonly Block[],
  options: ChainOptions &
    Descent & { readonly dimensions: number; readonly iterations: number; readonly reduces: number },
): readonly HadoopJob[] {
  const { id, submission = AT_ONCE, dimensions, rate, l2, iterations, reduces } = options;
  const nameOf = (iteration: number): string => `${id}-${String(iteration).padStart(5, '0')}`;
  return Array.from({ length: iterations }, (_, iteration): HadoopJob => {
    const program = { type: 'gradientStep', dimensions, rate, l2 } as const;
    const job = {
      id: nameOf(iteration),
      kind: 'logistic regression',
      submission,
      input: examples,
      reduces,
      program,
    };
    if (iteration === 0) return job;
    return { ...job, side: [{ name: WEIGHTS_FILE, outputOf: nameOf(iteration - 1) }] };
  });
}
