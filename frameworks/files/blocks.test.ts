import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Random } from '../../mesos/driver/actor.ts';
import type { Node } from './block.ts';
import { chooseReplicas, cutBlocks } from './blocks.ts';
import { startFileServer } from './fileServer.ts';
import { storeBlocks } from './testBlocks.ts';

function seeded(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const uint32 = (): number => generator.next() >>> 0;
  return { uint32, uniform: () => uint32() / 2 ** 32 };
}

async function cut(texts: readonly string[], blockBytes: number): Promise<string[]> {
  const out: string[] = [];
  for await (const block of cutBlocks(
    texts.map((text) => Buffer.from(text)),
    blockBytes,
  ))
    out.push(block.toString());
  return out;
}

test('blocks together are the texts, end at line ends, and are no larger than they may be', async () => {
  const text = fc.stringMatching(/^[ab\n]{0,40}$/);
  await fc.assert(
    fc.asyncProperty(fc.array(text), fc.integer({ min: 1, max: 30 }), async (texts, blockBytes) => {
      const blocks = await cut(texts, blockBytes);
      assert.is(blocks.join(''), texts.join(''));
      for (const block of blocks.slice(0, -1)) {
        assert.ok(block.endsWith('\n'));
        if (block.length > blockBytes) assert.is(block.indexOf('\n'), block.length - 1, 'one long line');
      }
      for (const block of blocks) assert.ok(block.length > 0);
    }),
  );
});

test('many small files fill a block, one large file fills many', async () => {
  assert.equal(await cut(['a\n', 'b\n', 'c\n'], 4), ['a\nb\n', 'c\n']);
  assert.equal(await cut(['aaa\nbbb\nccc\n'], 5), ['aaa\n', 'bbb\n', 'ccc\n']);
  assert.equal(await cut([], 5), []);
});

test('a line far longer than a block is put together once, not anew with each piece of it that comes', async () => {
  const { concat } = Buffer;
  let copied = 0;
  Buffer.concat = (list, length) => {
    const whole = concat(list, length);
    copied += whole.length;
    return whole;
  };
  try {
    const line = [...Array.from({ length: 1000 }, () => 'aaaa'), 'a\nb'];
    assert.equal(await cut(line, 10), [`${'a'.repeat(4001)}\n`, 'b']);
    assert.ok(copied < 3 * 4003, `${copied} bytes were copied`);
  } finally {
    Buffer.concat = concat;
  }
});

test('replicas are on distinct hosts, and evenly spread', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer(),
      (hostCount, replication, blocks, seed) => {
        const hosts = Array.from({ length: hostCount }, (_, n) => `node${n}`);
        const chosen = chooseReplicas(hosts, replication, seeded(seed));
        const held = new Map(hosts.map((host) => [host, 0]));
        for (let block = 0; block < blocks; block += 1) {
          const some = chosen.next().value;
          assert.is(some.length, Math.min(replication, hostCount));
          assert.is(new Set(some).size, some.length);
          for (const host of some) held.set(host, (held.get(host) ?? 0) + 1);
        }
        const counts = [...held.values()];
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 2, `${counts}`);
      },
    ),
  );
});

test('the same seed chooses the same hosts, another seed others', () => {
  const hosts = Array.from({ length: 20 }, (_, n) => `node${n}`);
  const ten = (seed: number): unknown => {
    const chosen = chooseReplicas(hosts, 3, seeded(seed));
    return Array.from({ length: 10 }, () => chosen.next().value);
  };
  assert.equal(ten(1), ten(1));
  assert.not.equal(ten(1), ten(2));
});

test('blocks are stored on the file servers of their hosts, with their checksums', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'mesos-lab-blocks-'));
  const secret = 'secret';
  const servers = await Promise.all(
    ['a', 'b', 'c'].map((name) => startFileServer({ dir: join(dir, name), secret })),
  );
  const nodes: Record<string, Node> = {};
  for (const [n, name] of ['a', 'b', 'c'].entries())
    nodes[name] = { url: servers[n]?.url ?? '', dir: join(dir, name) };
  const texts = ['one\n', 'two\n', 'three\n'].map((text) => Buffer.from(text));
  const options = { name: 'mail', blocks: texts, nodes, replication: 2, random: seeded(1) };
  const blocks = await storeBlocks({ ...options, secret });
  assert.equal(
    blocks.map(({ id, bytes }) => [id, bytes]),
    [
      ['mail-00000', 4],
      ['mail-00001', 4],
      ['mail-00002', 6],
    ],
  );
  for (const [n, block] of blocks.entries()) {
    assert.is(block.hosts.length, 2);
    assert.is(block.crc32, crc32(texts[n] as Buffer));
    for (const host of block.hosts)
      assert.equal(readFileSync(join(dir, host, 'blocks', block.id)), texts[n] as Buffer);
  }
  await assertRejects(storeBlocks({ ...options, secret: 'wrong' }), /401/);
  await Promise.all(servers.map((server) => server.close()));
  await assertRejects(storeBlocks({ ...options, secret }), /ECONNREFUSED/);
  rmSync(dir, { recursive: true });
});

async function assertRejects(promise: Promise<unknown>, expected: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (cause: Error) => cause,
  );
  assert.match(error?.message ?? 'no error', expected);
}

test.run();
