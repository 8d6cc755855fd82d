import { textScan } from '../../workloads/small.ts';
import { localMaps } from '../measure/locality.ts';
import { readCosts } from '../measure/readCosts.ts';
import type { RealRunScenario } from './experiment.ts';
import type { RealFramework, RealScenario } from './realScenario.ts';

const NODES = 8;
const INSTANCES = 4;
const SLOTS_PER_NODE = 2;
const BLOCK_BYTES = 2 * 1024 * 1024;
const BLOCKS = 96;

/** A node gives its two slots a block each in a second, as long as both are local. */
const DISK_BITS_PER_SECOND = 32e6;
/**
 * Chosen on static partitions alone, where nearly two maps at a time read from each node: so much makes such a map take twice as long as
 * one that shares its disk with one other, as is assumed of the paper's.
 */
const NETWORK_BITS_PER_SECOND = 14e6;
/** Of the file servers, which stand for the disks: what they send to their own node is limited. HDFS's data nodes had this port. */
const PORT = 50_010;

/** A local map of the paper takes some 9.3 s (365 s for 34 waves); one of these 1 s. So its waits of 1 and 5 s are a tenth here. */
const CASES = [
  { id: 'netns-static', label: 'small, static partitions', system: 'static', waitS: 0 },
  { id: 'netns-no-wait', label: 'small, no wait', system: 'mesos', waitS: 0 },
  { id: 'netns-wait-0.1s', label: 'small, 0.1 s wait', system: 'mesos', waitS: 0.1 },
  { id: 'netns-wait-0.5s', label: 'small, 0.5 s wait', system: 'mesos', waitS: 0.5 },
] as const;

/** Figure 8 for real, small: scans on 8 machines that are namespaces, whose network and disks are limited. */
export const REAL_LOCALITY: readonly RealRunScenario[] = CASES.map(({ id, label, system, waitS }) => ({
  kind: 'real',
  ...{ id, label, system, seeds: 3, isLarge: true, cluster: clusterWith(waitS) },
  measures: [localMaps, readCosts],
  parameters: {
    'wait (s)': waitS,
    instances: INSTANCES,
    'blocks of each': BLOCKS,
    'block (MiB)': BLOCK_BYTES / 2 ** 20,
    'network of a node (Mb/s)': NETWORK_BITS_PER_SECOND / 1e6,
    'disk of a node (Mb/s)': DISK_BITS_PER_SECOND / 1e6,
  },
}));

function clusterWith(waitS: number): RealScenario {
  return {
    machines: {
      kind: 'netns',
      networkBitsPerSecond: NETWORK_BITS_PER_SECOND,
      disk: { port: PORT, bitsPerSecond: DISK_BITS_PER_SECOND },
    },
    slaves: NODES,
    slaveResources: { cpus: SLOTS_PER_NODE, mem: 1024 },
    replication: 1,
    blocksOn: 'cluster',
    fileServers: { port: PORT, ownReads: 'server' },
    frameworks: Array.from(
      { length: INSTANCES },
      (_, index): RealFramework => ({
        kind: 'hadoop',
        name: `hadoop${index + 1}`,
        partition: NODES / INSTANCES,
        slot: { cpus: 1, mem: 128 },
        localityWaitMs: 1_000 * waitS,
        work: () => textScan({ blockBytes: BLOCK_BYTES, blocks: BLOCKS }),
      }),
    ),
    limitMs: 10 * 60_000,
  };
}
