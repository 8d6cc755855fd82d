/** The block store: how fast files are written and read over 4 data nodes, beside a plain file; and how fast the namenode is. */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Dfs } from '../../frameworks/dfs/dfs.ts';
import { openDfs } from '../../frameworks/dfs/openDfs.ts';
import { localMachines } from '../../infra/local.ts';
import type { Machine } from '../../infra/machine.ts';
import { makeOwnFolder } from '../../infra/ownFolder.ts';
import { realClock } from '../command/realClock.ts';
import { prepare, startDataNode, startNameNode } from '../run/deployment.ts';
import { type Measurement, measurement } from './measurement.ts';

const NODES = ['node1', 'node2', 'node3', 'node4'];
const REPETITIONS = 5;
const MB = 1e6;
const CHUNK_BYTES = 1024 * 1024;
const CHUNKS = 192;
/** Empty files of one repetition, and how many are created at a time. */
const FILES = 2_000;
const AT_A_TIME = 32;

/** Starts a store of processes, and measures it and a plain file in turn. */
export async function benchDfs(): Promise<readonly Measurement[]> {
  const folder = await makeOwnFolder('bench');
  try {
    await using machines = await localMachines(join(folder, 'machines'), ['head', ...NODES]);
    const [head, ...nodes] = machines.machines as [Machine, ...Machine[]];
    const deployment = await prepare(machines.machines, 'of this benchmark only');
    const { address } = await startNameNode(head);
    await Promise.all(nodes.map((node) => startDataNode(node, address)));
    const dfs = openDfs({ url: address, secret: deployment.fileSecret, clock: realClock() });
    try {
      return await measure(dfs, join(folder, 'plain'));
    } finally {
      dfs.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(dfs: Dfs, plainFile: string): Promise<readonly Measurement[]> {
  const line = 'a line of text such as there are in logs, with a number: 0123456789\n';
  const chunk = Buffer.alloc(CHUNK_BYTES, line);
  const chunks = Array.from({ length: CHUNKS }, () => chunk);
  const figures = new Map<string, number[]>();
  const note = (id: string, value: number): void => void figures.set(id, [...(figures.get(id) ?? []), value]);
  const rate = async (id: string, run: () => unknown): Promise<void> => {
    const start = performance.now();
    await run();
    note(id, (CHUNKS * CHUNK_BYTES) / MB / ((performance.now() - start) / 1_000));
  };
  await dfs.write('/warm-up', chunks.slice(0, 64));
  for (let n = 0; n < REPETITIONS; n++) {
    await rate('plain-write', () => writePlain(plainFile, chunks));
    await rate('plain-read', () => readPlain(plainFile, chunk.length));
    for (const replication of [1, 3]) {
      const path = `/r${replication}`;
      await rate(`put-replication-${replication}`, () =>
        dfs.write(path, chunks, { replication, overwrite: true }),
      );
      await rate(`get-replication-${replication}`, () => readAll(dfs, path));
    }
    const start = performance.now();
    await createFiles(dfs, `/files-${n}`);
    note('files', FILES / ((performance.now() - start) / 1_000));
  }
  const of = (id: string): readonly number[] => figures.get(id) ?? [];
  const ratio = (id: string, base: string): readonly number[] =>
    of(id).map((value, n) => value / (of(base)[n] as number));
  return [
    ...['plain-write', 'plain-read'].map((id) => measurement(`dfs/${id}`, 'MB/s', 'higher', of(id))),
    ...[1, 3].flatMap((replication) => [
      measurement(
        `dfs/put-replication-${replication}`,
        'MB/s',
        'higher',
        of(`put-replication-${replication}`),
      ),
      measurement(
        `dfs/get-replication-${replication}`,
        'MB/s',
        'higher',
        of(`get-replication-${replication}`),
      ),
    ]),
    measurement('dfs/put-1-of-plain-write', 'ratio', 'higher', ratio('put-replication-1', 'plain-write')),
    measurement('dfs/get-3-of-plain-read', 'ratio', 'higher', ratio('get-replication-3', 'plain-read')),
    measurement('dfs/files-created-per-second', '1/s', 'higher', of('files')),
  ];
}

/** Both count a checksum, as the store does. */
function writePlain(path: string, chunks: readonly Buffer[]): void {
  const file = openSync(path, 'w');
  let crc = 0;
  for (const chunk of chunks) {
    crc = crc32(chunk, crc);
    writeSync(file, chunk);
  }
  closeSync(file);
}

function readPlain(path: string, bufferBytes: number): void {
  const file = openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(bufferBytes);
  let crc = 0;
  for (let read = 1; read > 0; ) {
    read = readSync(file, buffer);
    crc = crc32(buffer.subarray(0, read), crc);
  }
  closeSync(file);
}

async function readAll(dfs: Dfs, path: string): Promise<void> {
  let bytes = 0;
  for await (const block of dfs.read(path)) bytes += block.length;
  if (bytes !== CHUNKS * CHUNK_BYTES) throw new Error(`${path} has ${bytes} bytes`);
}

/** Each is on the namenode's disk before the next of its row is begun. */
async function createFiles(dfs: Dfs, folder: string): Promise<void> {
  let next = 0;
  const row = async (): Promise<void> => {
    while (next < FILES) await dfs.write(`${folder}/${next++}`, []);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, row));
}
