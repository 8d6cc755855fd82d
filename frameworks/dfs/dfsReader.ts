/** Reading a file from the block store: from any good replica of each block, and from the next when one fails. */
import { crc32 } from 'node:zlib';
import type { Block } from '../files/block.ts';
import type { ByteRange } from '../files/byteRange.ts';
import { DfsError } from './dfsRefusal.ts';
import type { Answer } from './nameNodeCalls.ts';
import { askNameNode, type NameNodeClientOptions, wait } from './nameNodeClient.ts';

/** A block up to this size is given on when all of it has come and has its checksum; of a larger one, bytes as they come. */
const HELD_BYTES_MAX = 256 * 1024 * 1024;
/** The namenode is asked so often where a block is that could not be read. */
const ROUNDS_MAX = 4;
const ROUND_MS = 1_000;

type Nodes = Answer<'open'>['nodes'];

/** A file that is being read. */
interface Reading {
  readonly nameNode: NameNodeClientOptions;
  readonly path: string;
  /** Hostnames of nodes that have failed: they are tried last, for one that hangs takes its time. */
  readonly failed: Set<string>;
}

/** Reads a file, or a range of it. Fails with a DfsError. */
export async function* readFile(
  nameNode: NameNodeClientOptions,
  path: string,
  range: ByteRange | undefined,
): AsyncGenerator<Buffer, void, void> {
  const { type, blocks, nodes } = await askNameNode(nameNode, { call: 'open', path });
  if (type === 'folder') throw new DfsError('invalid', `'${path}' is a folder; name a file.`);
  const end = range === undefined ? Number.POSITIVE_INFINITY : range.start + range.bytes;
  const pieces: { readonly index: number; readonly piece: ByteRange; readonly block: Block }[] = [];
  let offset = 0;
  for (const [index, block] of blocks.entries()) {
    const from = Math.max(range?.start ?? 0, offset);
    const to = Math.min(end, offset + block.bytes);
    if (from < to) pieces.push({ index, block, piece: { start: from - offset, bytes: to - from } });
    offset += block.bytes;
  }
  const reading: Reading = { nameNode, path, failed: new Set() };
  let ahead: Promise<Buffer> | undefined;
  try {
    for (const [n, { index, block, piece }] of pieces.entries()) {
      if (block.bytes > HELD_BYTES_MAX) {
        yield* stream(reading, block, nodes, index, piece);
        continue;
      }
      const bytes = await (ahead ?? fetchBlock(reading, block, nodes, index, piece));
      const next = pieces[n + 1];
      ahead =
        next !== undefined && next.block.bytes <= HELD_BYTES_MAX
          ? fetchBlock(reading, next.block, nodes, next.index, next.piece)
          : undefined;
      // It may fail before anybody waits for it.
      ahead?.catch(() => {});
      yield bytes;
    }
  } finally {
    await ahead?.catch(() => {});
  }
}

/** Fetches a block, or a piece of it, into memory; whole blocks are checked. Goes through all replicas, and asks for others. */
async function fetchBlock(
  reading: Reading,
  block: Block,
  nodes: Nodes,
  index: number,
  piece: ByteRange,
): Promise<Buffer> {
  const { nameNode, path, failed } = reading;
  const complaints = new Map<string, string>();
  let known = { block, nodes };
  for (let round = 1; ; round += 1) {
    for (const { hostname, url } of replicasOf(known.block, known.nodes, index, failed)) {
      try {
        return await fetchReplica(nameNode, block, url, piece);
      } catch (error) {
        failed.add(hostname);
        complaints.set(hostname, (error as Error).message.replace(/\.$/, ''));
      }
    }
    const { clock } = nameNode;
    if (round === ROUNDS_MAX || (clock === undefined && round > 1)) break;
    if (round > 1 && clock !== undefined) await wait(clock, ROUND_MS);
    const again = await askNameNode(nameNode, { call: 'open', path });
    const same = again.blocks.find(({ id }) => id === block.id);
    if (same === undefined) throw new DfsError('absent', `'${path}' was removed while it was read.`);
    known = { block: same, nodes: again.nodes };
  }
  throw unreadable(block, complaints);
}

async function fetchReplica(
  { client }: NameNodeClientOptions,
  block: Block,
  url: string,
  piece: ByteRange,
): Promise<Buffer> {
  const isWhole = piece.start === 0 && piece.bytes === block.bytes;
  const into = Buffer.allocUnsafe(piece.bytes);
  let at = 0;
  try {
    const download = await client.get(url, isWhole ? undefined : piece);
    if (download.bytes !== piece.bytes || (isWhole && download.crc32 !== block.crc32)) {
      download.forget();
      throw new Error('the replica is not of the bytes of the block');
    }
    for await (const chunk of download.chunks) at += chunk.copy(into, at);
    return into;
  } catch (error) {
    // If it is the replica that is at fault, its node finds that out itself, and tells the namenode.
    client.check(url).catch(() => {});
    throw error;
  }
}

/** A block too large to be held. What has been given on cannot be taken back: damage is told at the end. */
async function* stream(
  { nameNode: { client }, failed }: Reading,
  block: Block,
  nodes: Nodes,
  index: number,
  piece: ByteRange,
): AsyncGenerator<Buffer, void, void> {
  const complaints = new Map<string, string>();
  const isWhole = piece.start === 0 && piece.bytes === block.bytes;
  let done = 0;
  let crc = 0;
  for (const { hostname, url } of replicasOf(block, nodes, index, failed)) {
    try {
      const rest = { start: piece.start + done, bytes: piece.bytes - done };
      const { chunks } = await client.get(url, rest);
      for await (const chunk of chunks) {
        crc = crc32(chunk, crc);
        done += chunk.length;
        yield chunk;
      }
    } catch (error) {
      failed.add(hostname);
      complaints.set(hostname, (error as Error).message.replace(/\.$/, ''));
      client.check(url).catch(() => {});
      continue;
    }
    if (!isWhole || crc === block.crc32) return;
    client.check(url).catch(() => {});
    const message = `Block ${block.id} is damaged on ${hostname}, and what was read of it is wrong; read it again.`;
    throw new DfsError('failed', message);
  }
  throw unreadable(block, complaints);
}

/** The replicas in the order to try: different blocks begin with different ones. */
function replicasOf(
  { id, hosts }: Block,
  nodes: Nodes,
  index: number,
  failed: ReadonlySet<string>,
): readonly { readonly hostname: string; readonly url: string }[] {
  const turned = hosts.map((_, n) => hosts[(index + n) % hosts.length] as string);
  const isFailed = (hostname: string): boolean => failed.has(hostname);
  const ordered = [...turned.filter((host) => !isFailed(host)), ...turned.filter(isFailed)];
  return ordered.flatMap((hostname) => {
    const node = nodes[hostname];
    return node === undefined ? [] : [{ hostname, url: `${node.url}/blocks/${id}` }];
  });
}

function unreadable({ id }: Block, complaints: ReadonlyMap<string, string>): DfsError {
  const why = [...complaints].map(([host, complaint]) => `${host}: ${complaint}`).join('; ');
  return new DfsError(
    'failed',
    `Block ${id} cannot be read: ${why === '' ? 'no node that lives holds it' : why}.`,
  );
}
