import { parse } from '../../mesos/protocol/resources.ts';
import { ITERATIONS_CLAIMS } from '../../reports/paper/iterations.ts';
import type { Curve } from '../result.ts';
import { median } from '../statistics/quantile.ts';
import { storeExamples, type Trained, trainOnHadoop, trainOnSpark } from '../trials/training.ts';
import { onTrialCluster } from '../trials/trialCluster.ts';
import type { Experiment, Findings, Trial } from './experiment.ts';

const SLAVES = { slaves: 2, resources: parse('cpus:1;mem:2048') };
/** The corpus six times: some 136 MB. */
const EXAMPLES = { copies: 6, blockBytes: 32 * 1024 * 1024 };
const SPARK = { iterations: 30, cacheBytes: 512 * 1024 * 1024 };
const HADOOP = { iterations: 5 };

/** Iterative work on Spark and on Hadoop (NSDI'11 §6.4, figure 9). */
export const iterations: Experiment = {
  id: 'iterations',
  title: 'Iterative work on a framework made for it',
  question:
    'What is a framework worth that keeps its data in memory between iterations, where Hadoop reads and parses it each time?',
  paper:
    'NSDI’11 §6.4 ran logistic regression over 29 GB on 20 nodes, with 1 to 30 iterations (figure 9): Hadoop took 127 s for each ' +
    'iteration, Spark 174 s for the first and some 6 s for each further one.',
  claims: ITERATIONS_CLAIMS,
  scenarios: [
    {
      kind: 'trial',
      clock: 'real',
      id: 'training',
      label: 'Logistic regression',
      seeds: 3,
      parameters: {
        slaves: SLAVES.slaves,
        'examples (MB)': 23 * EXAMPLES.copies,
        'block (MiB)': EXAMPLES.blockBytes / 2 ** 20,
        'iterations on Spark': SPARK.iterations,
        'iterations on Hadoop': HADOOP.iterations,
      },
      run: train,
    },
  ],
  caveats: [
    'Real processes on one machine: 2 slaves with one slot each, some 136 MB of e-mail as examples instead of 29 GB on 20 nodes. ' +
      'What is compared is the shape of the curves, not their seconds.',
    'Hadoop is run for 5 iterations. They are independent of each other and take the same time each, so 10 are taken as twice as long, and ' +
      '30 as six times.',
    'Both compute the same: their losses are equal bit by bit after each iteration, and a run in which they differ counts as failed.',
  ],
};

async function train({ seed, report, ...surroundings }: Trial): Promise<Findings> {
  const { spark, hadoop } = await onTrialCluster(
    SLAVES,
    async (cluster) => {
      report(0, 3, 'storing the examples');
      const blocks = await storeExamples(cluster, EXAMPLES);
      const onSpark = () => trainOnSpark(cluster, blocks, { name: 'spark', mode: 'fine', ...SPARK });
      const onHadoop = () => trainOnHadoop(cluster, blocks, { name: 'hadoop', ...HADOOP });
      report(1, 3, 'training');
      // In turns, so that neither is always the one that finds a cold machine.
      const sparkFirst = seed % 2 === 1;
      const first = sparkFirst ? await onSpark() : await onHadoop();
      report(2, 3, 'training');
      const second = sparkFirst ? await onHadoop() : await onSpark();
      return sparkFirst ? { spark: first, hadoop: second } : { spark: second, hadoop: first };
    },
    surroundings,
  );
  for (const [iteration, loss] of hadoop.losses.entries())
    if (spark.losses[iteration] !== loss)
      throw new Error(`Spark and Hadoop differ in the loss after iteration ${iteration + 1}`);
  const hadoopS = median(hadoop.iterationMs) / 1000;
  const laterS = median(spark.iterationMs.slice(1)) / 1000;
  const firstS = (spark.iterationMs[0] as number) / 1000;
  const [onHadoop, onSpark] = [curveOf(hadoop), curveOf(spark)];
  const sparkS = (iterations: number): number => onSpark.y[iterations - 1] as number;
  const perHadoopS = (onHadoop.y.at(-1) as number) / HADOOP.iterations;
  return {
    values: {
      'iteration on Hadoop (s)': hadoopS,
      'first iteration on Spark (s)': firstS,
      'later iteration on Spark (s)': laterS,
      'first iteration, Spark over Hadoop (×)': firstS / hadoopS,
      'later iteration, Hadoop over Spark (×)': hadoopS / laterS,
      'speed-up at 10 iterations (×)': (10 * perHadoopS) / sparkS(10),
      'speed-up at 30 iterations (×)': (30 * perHadoopS) / sparkS(30),
    },
    curves: { 'on Hadoop (s)': onHadoop, 'on Spark (s)': onSpark },
  };
}

/** Time since the start against iterations done. */
function curveOf({ iterationMs }: Trained): Curve {
  const until = (n: number): number => iterationMs.slice(0, n).reduce((sum, ms) => sum + ms, 0) / 1000;
  const x = iterationMs.map((_, n) => n + 1);
  return { x, y: x.map(until) };
}
