/**
 * Logistic regression on the spam corpus, iteration by iteration, on Spark (fine- and coarse-grained) and as a chain of Hadoop jobs:
 * the same data, slaves and mathematics, one after the other in one run (NSDI'11 §6.4, figure 9).
 */
import { parse } from '../../mesos/protocol/resources.ts';
import { median } from '../statistics/quantile.ts';
import { storeExamples, type Trained, trainOnHadoop, trainOnSpark } from '../trials/training.ts';
import { onTrialCluster } from '../trials/trialCluster.ts';
import { type Measurement, measurement } from './measurement.ts';

const ROUNDS = 3;
/** Some 66,000 examples, 250 MB of text, in blocks as in Hadoop at the time. */
const EXAMPLES = { copies: 11, blockBytes: 64 * 1024 * 1024 };
const SPARK = { iterations: 12, cacheBytes: 512 * 1024 * 1024 };
const HADOOP = { iterations: 3 };

type Kind = 'fine' | 'coarse' | 'hadoop';

/** Trains with each, in turns. Throws an Error if the results are not the same. */
export async function benchIterations(): Promise<readonly Measurement[]> {
  const rounds: Readonly<Record<Kind, Trained>>[] = [];
  await onTrialCluster({ slaves: 2, resources: parse('cpus:1;mem:2048') }, async (cluster) => {
    const blocks = await storeExamples(cluster, EXAMPLES);
    for (let round = 0; round < ROUNDS; round++) {
      const fine = await trainOnSpark(cluster, blocks, { name: `fine-${round}`, mode: 'fine', ...SPARK });
      const coarse = await trainOnSpark(cluster, blocks, {
        name: `coarse-${round}`,
        mode: 'coarse',
        ...SPARK,
      });
      const hadoop = await trainOnHadoop(cluster, blocks, { name: `hadoop-${round}`, ...HADOOP });
      requireSame(fine, coarse);
      requireSame(fine, hadoop);
      rounds.push({ fine, coarse, hadoop });
    }
  });
  const first = (kind: Kind): readonly number[] =>
    rounds.map((round) => round[kind].iterationMs[0] as number);
  const later = (kind: Kind): readonly number[] =>
    rounds.map((round) => median(round[kind].iterationMs.slice(1)));
  const hadoop = later('hadoop');
  return [
    measurement('iterations/hadoop-ms', 'ms', 'lower', hadoop),
    ...(['fine', 'coarse'] as const).flatMap((mode) => {
      const ms = later(mode);
      const cheaper = ms.map((one, round) => (hadoop[round] as number) / one);
      return [
        measurement(`iterations/spark-${mode}-first-ms`, 'ms', 'lower', first(mode)),
        measurement(`iterations/spark-${mode}-later-ms`, 'ms', 'lower', ms),
        measurement(`iterations/spark-${mode}-later-cheaper`, 'times', 'higher', cheaper),
      ];
    }),
  ];
}

function requireSame(one: Trained, other: Trained): void {
  for (const [iteration, loss] of other.losses.entries())
    if (one.losses[iteration] !== loss) throw new Error(`the losses of iteration ${iteration + 1} differ`);
}
