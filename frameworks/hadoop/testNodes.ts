/** For tests: nodes with file servers, in this process, that hold the blocks of a text. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Random } from '../../mesos/driver/actor.ts';
import { seeded } from '../dfs/testStore.ts';
import type { Block, Node } from '../files/block.ts';
import { cutBlocks } from '../files/blocks.ts';
import { type FileServer, startFileServer } from '../files/fileServer.ts';
import { storeBlocks } from '../files/testBlocks.ts';

/** Of the file servers. */
export const SECRET = 'of these tests';
/** Hostnames of the nodes. */
export const HOSTS = ['a', 'b', 'c'];
/** What a test has. */
export interface Setting {
  dir: string;
  servers: Record<string, FileServer>;
  nodes: Record<string, Node>;
  texts: Buffer[];
  blocks: readonly Block[];
}

/** Text in which few words are frequent and many are rare. */
function text(bytes: number, random: Random): Buffer {
  let out = '';
  while (out.length < bytes) {
    const words = Array.from({ length: 8 }, () => `Word${Math.floor(3000 * random.uniform() ** 3)}`);
    out += `${words.join(random.uniform() < 0.5 ? ' ' : ', ')}\n`;
  }
  return Buffer.from(out);
}

/** Tests that share such nodes. */
export function onNodes(name: string): Test<Setting> {
  const test = suite<Setting>(name);
  test.before(async (context) => {
    context.dir = mkdtempSync(join(tmpdir(), 'mesos-lab-hadoop-'));
    context.servers = {};
    context.nodes = {};
    for (const host of HOSTS) {
      const server = await startFileServer({ dir: join(context.dir, host), secret: SECRET });
      context.servers[host] = server;
      context.nodes[host] = { url: server.url, dir: join(context.dir, host) };
    }
    const random = seeded(1);
    const texts = [text(700_000, random), text(500_000, random)];
    context.texts = [];
    for await (const block of cutBlocks(texts, 200_000)) context.texts.push(block);
    context.blocks = await storeBlocks({
      name: 'mail',
      blocks: context.texts,
      nodes: context.nodes,
      replication: 2,
      random,
      secret: SECRET,
    });
  });

  test.after(async ({ dir, servers }) => {
    for (const server of Object.values(servers)) await server.close();
    rmSync(dir, { recursive: true });
  });
  return test;
}

/** No task has left unfinished files on any node. */
export function assertTidy({ dir }: Setting): void {
  for (const host of HOSTS) {
    const unfinished = join(dir, host, 'unfinished');
    const left = existsSync(unfinished) ? readdirSync(unfinished, { recursive: true }) : [];
    assert.equal(
      left.filter((name) => String(name).includes('/')),
      [],
      host,
    );
  }
}
