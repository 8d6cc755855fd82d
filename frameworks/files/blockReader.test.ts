import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../mesos/runtime/random.ts';
import type { Node } from './block.ts';
import { overBlock } from './blockReader.ts';
import { FileClient } from './fileClient.ts';
import { startFileServer } from './fileServer.ts';
import { storeBlocks } from './testBlocks.ts';

const SECRET = 'of this test';
const TEXT = 'one\ntwo\nthree\n';

/** What a task reads of a block of its own node, while the file server runs and when it has ended. */
async function ownReads(how: NonNullable<Node['ownReads']>): Promise<readonly string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'block-reader-'));
  const server = await startFileServer({ dir, secret: SECRET });
  const client = new FileClient(SECRET);
  try {
    const nodes = { own: { url: server.url, dir, ownReads: how } };
    const [block] = await storeBlocks({
      ...{ name: 'text', blocks: [Buffer.from(TEXT)], nodes, replication: 1 },
      ...{ random: seededRandom('block reader'), secret: SECRET },
    });
    assert.ok(block !== undefined);
    const read = async (): Promise<string> => {
      let text = '';
      const start = () => ({
        visit: (bytes: Buffer, from: number, to: number) => {
          text += bytes.toString('latin1', from, to);
        },
        finish: () => text,
        abandon() {},
      });
      const site = { hostname: 'own', dir, nodes, client: async () => client };
      const { result, locality } = await overBlock(block, 0, site, start);
      return `${locality}: ${result}`;
    };
    const running = await read();
    await server.close();
    return [running, await read().catch((error: Error) => error.name)];
  } finally {
    client.close();
    await server.close();
    rmSync(dir, { recursive: true });
  }
}

const LINES = `local: ${TEXT}`;

test('a block of the own node is read as a file, whatever becomes of the file server', async () => {
  assert.equal(await ownReads('files'), [LINES, LINES]);
});

test('where own blocks are read from the file server, they still count as local', async () => {
  assert.equal(await ownReads('server'), [LINES, 'UnreadableBlockError']);
});

test.run();
