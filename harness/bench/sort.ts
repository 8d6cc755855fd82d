/**
 * Dryad's sort by sample for real: the lines of a table `uservisits` of 100 MB on 8 slave processes through a master, beside the same
 * in a single Node process (sortPeer.ts), turn by turn. Each output is compared to the byte.
 *
 * Times are a user's, as for word count: from the start of the scheduler's process, or of the single one, until it has ended.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDryadConfig } from '../../frameworks/dryad/job.ts';
import type { DryadSummary } from '../../frameworks/dryad/scheduler.ts';
import type { Block, Node } from '../../frameworks/files/block.ts';
import { cutBlocks } from '../../frameworks/files/blocks.ts';
import { parse } from '../../mesos/protocol/resources.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { userVisitsTable } from '../../workloads/tables/userVisits.ts';
import { executorCommand } from '../run/deployment.ts';
import { readPartOn, removeSpace, storeOn } from '../run/nodeFiles.ts';
import { onTrialCluster, type TrialCluster } from '../trials/trialCluster.ts';
import { type Measurement, measurement } from './measurement.ts';
import { peerSeconds } from './peer.ts';

const RUNS = 3;
const SLAVES = { slaves: 8, resources: parse('cpus:1;mem:512') };
const ROWS = 770_000;
const BLOCK_BYTES = 8 * 1024 * 1024;
const PARTS = 8;

/** Sorts several times, each time in both ways. Throws an Error if an output is wrong. */
export function benchSort(): Promise<readonly Measurement[]> {
  return onTrialCluster(SLAVES, async (cluster) => {
    const { head, places, nodes } = cluster;
    const table = Buffer.concat([...userVisitsTable({ rows: ROWS, seed: 1, pages: 100_000 })]);
    const [input, sorted] = [join(head.folder, 'table'), join(head.folder, 'sorted')];
    await writeFile(input, table);
    const blocks = await storeOn(places, {
      ...{ name: 'table', blocks: cutBlocks([table], BLOCK_BYTES), replication: 2 },
      random: seededRandom('sort'),
    });
    const speeds = { dryad: [] as number[], alone: [] as number[] };
    const speed = (seconds: number): number => table.length / 1e6 / seconds;
    for (let run = 0; run < RUNS; run++) {
      speeds.alone.push(speed(await peerSeconds(head, `alone${run}`, 'sortPeer.ts', [input, sorted])));
      const { wallSeconds, summary } = await cluster.run(
        'dryad',
        configOf(`run${run}`, nodes, blocks),
        'mesos',
      );
      speeds.dryad.push(speed(wallSeconds));
      await compareAndRemove(cluster, summary as DryadSummary, sorted);
    }
    const ratios = speeds.dryad.map((own, run) => own / (speeds.alone[run] as number));
    return [
      measurement('sort/dryad', 'MB/s', 'higher', speeds.dryad),
      measurement('sort/single-process', 'MB/s', 'higher', speeds.alone),
      measurement('sort/ratio', 'to single process', 'higher', ratios),
    ];
  });
}

function configOf(name: string, nodes: Readonly<Record<string, Node>>, input: readonly Block[]) {
  const stages = [
    { id: 'sample', program: { type: 'lines', every: 1000 }, input },
    {
      id: 'splitters',
      program: { type: 'splitters', parts: PARTS },
      vertices: 1,
      inputs: [{ stage: 'sample', connect: 'complete' }],
    },
    {
      id: 'ranges',
      program: { type: 'lines' },
      input,
      inputs: [{ stage: 'splitters', connect: 'broadcast' }],
    },
    {
      id: 'sorted',
      program: { type: 'merge' },
      vertices: PARTS,
      inputs: [{ stage: 'ranges', connect: 'complete' }],
    },
  ];
  const command = executorCommand('dryad');
  const slot = { cpus: 1, mem: 512 };
  return readDryadConfig({ name, nodes, jobs: [{ id: 'sort', stages }], slot, executor: { command } });
}

async function compareAndRemove(
  { places }: TrialCluster,
  { space, jobs }: DryadSummary,
  wanted: string,
): Promise<void> {
  const parts: Buffer[] = [];
  for (const part of jobs[0]?.parts ?? []) parts.push(await readPartOn(places, space, 'sort', part));
  if (!Buffer.concat(parts).equals(await readFile(wanted)))
    throw new Error('the output differs from that of a single process');
  await removeSpace(places, space);
}
