/**
 * Word count for real: 268 MB of e-mail on 8 slave processes through a master, beside the same in a single Node process
 * (wordcountPeer.ts), turn by turn. Each output is compared to the byte.
 *
 * Times are a user's: from the start of the scheduler's process, or of the single one, until it has ended. What slaves and master
 * take to start does not count, what executors take does.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HadoopSummary } from '../../frameworks/hadoop/jobSummary.ts';
import type { RunningProcess } from '../../infra/machine.ts';
import { parse } from '../../mesos/protocol/resources.ts';
import { readPartOn, removeSpace } from '../run/nodeFiles.ts';
import { onTrialCluster, type TrialCluster } from '../trials/trialCluster.ts';
import { storeText, wordCountConfig } from '../trials/wordCount.ts';
import { type Measurement, measurement } from './measurement.ts';
import { peerSeconds } from './peer.ts';

const RUNS = 3;
const SLAVES = { slaves: 8, resources: parse('cpus:1;mem:512') };
const TEXT = { blockBytes: 16 * 1024 * 1024, blocks: 16 };
const REDUCES = 4;
const SAMPLE_MS = 50;

/** Counts words several times, each time in every way. Throws an Error if an output is wrong. */
export function benchWordcount(): Promise<readonly Measurement[]> {
  return onTrialCluster(SLAVES, async (cluster) => {
    const { head } = cluster;
    const text = join(head.folder, 'text');
    await mkdir(text);
    let stored = 0;
    const blocks = await storeText(cluster, TEXT, (block) =>
      writeFile(join(text, `block-${String(stored++).padStart(3, '0')}`), block),
    );
    const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
    const speeds = { mesos: [] as number[], reference: [] as number[], table: [] as number[] };
    const peaksMiB: number[] = [];
    const speed = (seconds: number): number => bytes / 1e6 / seconds;
    for (let run = 0; run < RUNS; run++) {
      for (const how of ['reference', 'table'] as const) {
        const given = [how, text, String(REDUCES), join(head.folder, how)];
        speeds[how].push(speed(await peerSeconds(head, `${how}${run}`, 'wordcountPeer.ts', given)));
      }
      const memory = watchExecutors(cluster.slaves);
      const config = wordCountConfig(cluster, blocks, { name: `run${run}`, memMiB: 512, reduces: REDUCES });
      const { wallSeconds, summary } = await cluster.run('hadoop', config, 'mesos');
      peaksMiB.push(await memory.stop());
      speeds.mesos.push(speed(wallSeconds));
      await compareAndRemove(cluster, summary as HadoopSummary, join(head.folder, 'reference'));
    }
    const ratios = (other: readonly number[]): number[] =>
      speeds.mesos.map((own, run) => own / (other[run] as number));
    return [
      measurement('wordcount/mesos', 'MB/s', 'higher', speeds.mesos),
      measurement('wordcount/single-process', 'MB/s', 'higher', speeds.reference),
      measurement('wordcount/single-process-table', 'MB/s', 'higher', speeds.table),
      measurement('wordcount/ratio', 'to single process', 'higher', ratios(speeds.reference)),
      measurement('wordcount/ratio-to-table', 'to its table', 'higher', ratios(speeds.table)),
      measurement('wordcount/executor-peak-mib', 'MiB resident', 'lower', peaksMiB),
    ];
  });
}

/** Compares the output with that of the single process, and removes all that the job has left. */
async function compareAndRemove(
  { places }: TrialCluster,
  { space, jobs }: HadoopSummary,
  wanted: string,
): Promise<void> {
  const parts = jobs[0]?.parts ?? [];
  if (parts.length !== REDUCES) throw new Error(`there are ${parts.length} parts instead of ${REDUCES}`);
  for (const part of parts)
    if (!(await readFile(join(wanted, part.name))).equals(await readPartOn(places, space, 'count', part)))
      throw new Error(`${part.name} differs from that of a single process`);
  await removeSpace(places, space);
}

/** Follows the memory of all processes that slaves start. `stop` resolves to the most that one of them ever had, in MiB. */
function watchExecutors(slaves: readonly RunningProcess[]): { stop(): Promise<number> } {
  let peakKiB = 0;
  let stopped = false;
  const look = async (slave: number): Promise<void> => {
    const text = await readFile(`/proc/${slave}/task/${slave}/children`, 'utf8').catch(() => '');
    for (const pid of text.split(' ').filter(Boolean)) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      peakKiB = Math.max(peakKiB, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
    }
  };
  const watching = (async () => {
    while (!stopped) {
      await Promise.all(slaves.map(({ pid }) => look(pid)));
      await sleep(SAMPLE_MS);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      return peakKiB / 1024;
    },
  };
}
