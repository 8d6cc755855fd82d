/** Word count for real, on a cluster of processes. */
import type { Block } from '../../frameworks/files/block.ts';
import { type HadoopConfig, readHadoopConfig } from '../../frameworks/hadoop/job.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { findCorpus, readBlocks } from '../../workloads/corpus.ts';
import { executorCommand } from '../run/deployment.ts';
import { storeOn } from '../run/nodeFiles.ts';
import type { TrialCluster } from './trialCluster.ts';

/** How much e-mail. */
export interface TextSize {
  readonly blocks: number;
  readonly blockBytes: number;
}

const REPLICATION = 2;

/** Puts the text on the nodes. `each` sees every block on its way. */
export async function storeText(
  { places }: TrialCluster,
  size: TextSize,
  each: (block: Buffer) => Promise<void> = async () => {},
): Promise<readonly Block[]> {
  async function* text(): AsyncGenerator<Buffer, void, void> {
    for await (const block of readBlocks(await findCorpus(), size)) {
      await each(block);
      yield block;
    }
  }
  return storeOn(places, {
    ...{ name: 'text', blocks: text(), replication: REPLICATION, random: seededRandom('wordcount') },
  });
}

/** A framework with one job, `count`. */
export interface WordCountPlan {
  readonly name: string;
  readonly memMiB: number;
  readonly reduces: number;
  /** When the job is submitted; default at once. */
  readonly submitMs?: Millis;
}

/** A framework that counts the words of these blocks. */
export function wordCountConfig(
  { nodes }: TrialCluster,
  input: readonly Block[],
  { name, memMiB, reduces, submitMs = 0 }: WordCountPlan,
): HadoopConfig {
  return readHadoopConfig({
    name,
    slot: { cpus: 1, mem: memMiB },
    nodes,
    executor: { command: executorCommand('hadoop') },
    jobs: [
      {
        ...{ id: 'count', kind: 'word count', input, reduces },
        submission: { when: 'at', ms: submitMs },
        program: { type: 'wordcount' },
      },
    ],
  });
}
