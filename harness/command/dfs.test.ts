/** The block store as real processes, and its files as people handle them. */

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { $ } from 'zx';
import type { DfsError } from '../../frameworks/dfs/dfsRefusal.ts';
import { openDfs } from '../../frameworks/dfs/openDfs.ts';
import type { Block } from '../../frameworks/files/block.ts';
import { overBlock } from '../../frameworks/files/blockReader.ts';
import { FileClient } from '../../frameworks/files/fileClient.ts';
import { LAB } from '../../infra/local.ts';
import { until } from '../../mesos/isolation/testContainers.ts';
import { type TestDfs, testDfs } from './testDfs.ts';

const FOUR = ['n1', 'n2', 'n3', 'n4'];
const KIB = 1024;
/** Small blocks, and a namenode that loses patience soon. */
const FLAGS = ['--heartbeat', '200ms', '--node_timeout', '2secs', '--block_size', '64KiB'];

/** Lines, so many bytes in all. */
function text(bytes: number, seed = 1): Buffer {
  const lines: string[] = [];
  for (let n = seed, left = bytes; left > 0; n = (n * 48_271) % 2_147_483_647) {
    const line = `${n}\n`.slice(-left);
    lines.push(line);
    left -= line.length;
  }
  return Buffer.from(lines.join(''));
}

async function read(store: TestDfs, path: string): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(store.dfs.read(path)));
}

const test = suite<{ store: TestDfs }>('block store of real processes');
test.before(async (context) => {
  context.store = await testDfs(FOUR, FLAGS);
});
// Each finds all nodes alive, and nothing to repair, whatever became of the one before.
test.before.each(({ store }) => store.settle());
test.after(async ({ store }) => {
  await store[Symbol.asyncDispose]();
});

/** Runs commands that find the store. */
const shell = (store: TestDfs, input = '') =>
  $({
    nothrow: true,
    quiet: true,
    input,
    env: { ...process.env, MESOS_LAB_NAMENODE: store.address, MESOS_LAB_SECRET_FILE: store.secretFile },
  });

/** Runs `lab dfs` on the store. */
const lab = (store: TestDfs, args: readonly string[], input = '') => shell(store, input)`${LAB} dfs ${args}`;

test('files come back as they were stored, by hand', async ({ store }) => {
  const file = join(store.folder, 'local.txt');
  const bytes = text(200 * KIB);
  writeFileSync(file, bytes);
  const put = await lab(store, ['put', file, '/mail/2011']);
  assert.is(put.exitCode, 0, put.stderr);
  assert.match(put.stderr, /^put \/mail\/2011: 200 KiB, .*\/s\n$/);
  assert.match((await lab(store, ['ls', '/mail'])).stdout, /^ +200 KiB +3\/3 +\d{4}-.* {2}\/mail\/2011\n$/);
  const stat = JSON.parse((await lab(store, ['stat', '/mail/2011', '--json'])).stdout);
  assert.is(stat.blocks.length, 4);
  for (const block of stat.blocks) {
    assert.is(block.hosts.length, 3);
    for (const host of block.hosts)
      assert.is(statSync(join(store.dirOf(host), 'blocks', block.id)).size, block.bytes);
  }
  const copy = join(store.folder, 'copy.txt');
  assert.is((await lab(store, ['get', '/mail/2011', copy])).exitCode, 0);
  assert.ok(readFileSync(copy).equals(bytes));
  assert.is((await lab(store, ['put', '-', '/mail/note'], 'one\ntwo')).exitCode, 0);
  assert.is((await lab(store, ['cat', '/mail/note'])).stdout, 'one\ntwo');
  const output = join(store.folder, 'output');
  symlinkSync('/proc/self/fd/1', output);
  const piped = await shell(store)`${LAB} dfs get /mail/note ${output} --overwrite | cat`;
  assert.is(piped.stdout, 'one\ntwo', 'a link to a pipe, as /dev/stdout is one');
  assert.ok(lstatSync(output).isSymbolicLink());
  assert.is((await lab(store, ['put', file, file, '/both', '--concat', '--replication', '1'])).exitCode, 0);
  assert.is(((await store.dfs.stat('/both')) as { bytes: number }).bytes, 400 * KIB);
  assert.is((await lab(store, ['put', file, '/mail/'])).exitCode, 0);
  const names = (await store.dfs.list('/mail')).map(({ path }) => path);
  assert.equal(names, ['/mail/2011', '/mail/local.txt', '/mail/note']);
  const all = await lab(store, ['cat', '--concat', '/mail']);
  assert.is(all.stdout.length, 400 * KIB + 'one\ntwo'.length);
  assert.is((await lab(store, ['mv', '/mail/note', '/note'])).exitCode, 0);
  assert.is((await lab(store, ['rm', '-r', '/mail', '/both', '/note'])).exitCode, 0);
  assert.is((await lab(store, ['ls'])).stdout, '');
});

test('of a cluster that lab cluster runs, its folder says it all', async ({ store }) => {
  const cluster = { master: '127.0.0.1:1', namenode: store.address, dfsSecretFile: store.secretFile };
  writeFileSync(join(store.folder, 'cluster.json'), JSON.stringify(cluster));
  await store.dfs.write('/of-cluster/file', []);
  const run = $({ nothrow: true, quiet: true });
  assert.match(
    (await run`${LAB} dfs ls /of-cluster --cluster ${store.folder}`).stdout,
    /\/of-cluster\/file$/m,
  );
  const { exitCode, stderr } = await run`${LAB} dfs ls`;
  assert.is(exitCode, 1);
  assert.match(stderr, /^lab: the store has a secret: give --secret_file, or --cluster, .*\n$/);
  await store.dfs.remove('/of-cluster', { recursive: true });
});

test('what cannot be done is refused in one sentence, with exit code 1', async ({ store }) => {
  const file = join(store.folder, 'small.txt');
  writeFileSync(file, 'x\n');
  await store.dfs.write('/there', [Buffer.from('there\n')]);
  await store.dfs.write('/folder/file', [Buffer.from('file\n')]);
  const wrong = join(store.folder, 'wrong-secret');
  writeFileSync(wrong, 'wrong');
  const refusals = [
    [['cat', '/no'], /There is no file or folder '\/no'/],
    [['put', file, '/there'], /There is a file '\/there' already; remove or overwrite it/],
    [['put', file, 'relative'], /a path in the store, \/…, not 'relative'/],
    [['put', file, file, '/new'], /several files become one only with --concat/],
    [['put', '/no/such/file', '/new'], /\/no\/such\/file cannot be read: ENOENT/],
    [['put', file, '/new', '--block_size', '1TB'], /--block_size must be a size such as 64MiB/],
    [['rm', '/folder'], /'\/folder' is a folder; remove it recursively if all in it is to go/],
    [['get', '/there', file], /is there already; remove it, or give --overwrite/],
    [['ls', '--secret_file', wrong], /not the secret of this cluster/],
    [['ls', '--namenode', 'nowhere'], /'nowhere' is no address of a namenode; give HOST:PORT/],
  ] as const;
  const check = async ([args, complaint]: (typeof refusals)[number]): Promise<void> => {
    const { exitCode, stderr } = await lab(store, args);
    assert.is(exitCode, 1, `${args.join(' ')}: ${stderr}`);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
    assert.match(stderr, complaint);
  };
  await Promise.all(refusals.map(check));
  const away = await lab(store, ['ls', '--namenode', '127.0.0.1:1']);
  assert.is(away.exitCode, 5);
  assert.match(
    away.stderr,
    /^lab: The namenode at http:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/,
  );
  assert.equal(
    (await store.dfs.list('/')).map(({ path }) => path),
    ['/folder', '/there'],
  );
});

test('a second namenode on the same folder, and a data node with the wrong secret, end with one sentence', async ({
  store,
}) => {
  const run = $({ nothrow: true, quiet: true });
  const dir = join(store.folder, 'namenode');
  const second = await run`${LAB} namenode --port 0 --work_dir ${dir} --secret_file ${store.secretFile}`;
  assert.is(second.exitCode, 5);
  assert.match(second.stderr, /^lab: another namenode keeps its files in .*\n$/);
  const wrong = join(store.folder, 'wrong-secret');
  writeFileSync(wrong, 'wrong');
  const files = join(store.folder, 'files');
  const node =
    await run`${LAB} fileserver --port 0 --work_dir ${files} --secret_file ${wrong} --namenode ${store.address}`;
  assert.is(node.exitCode, 5);
  assert.match(node.stderr, /This is not the secret of this cluster/);
});

test('a data node that is killed while a file is written, and one while it is read, do no harm', async ({
  store,
}) => {
  const bytes = text(500 * KIB, 7);
  const lost = store.says(/data node n1 is lost/);
  async function* killing(): AsyncGenerator<Buffer> {
    yield bytes.subarray(0, 150 * KIB);
    await store.kill('n1');
    yield bytes.subarray(150 * KIB);
  }
  await store.dfs.write('/killed', killing(), { writer: 'n1' });
  assert.ok((await read(store, '/killed')).equals(bytes));
  await lost;
  // A reader that knows of a node that is dead by now.
  const reading = store.dfs.read('/killed');
  const first = await reading[Symbol.asyncIterator]().next();
  await store.kill('n2');
  const rest = await Array.fromAsync(reading);
  assert.ok(Buffer.concat([first.value as Buffer, ...rest]).equals(bytes));
});

test('what a lost node held is copied from the others; when it comes back it gives up what is too much', async ({
  store,
}) => {
  await store.dfs.write('/copied', [text(300 * KIB, 9)], { replication: 2 });
  const lost = store.says(/data node n3 is lost/);
  await store.kill('n3');
  await lost;
  await store.healed();
  const blocks = await store.dfs.blocks('/copied');
  for (const { hosts } of blocks) assert.ok(hosts.length === 2 && !hosts.includes('n3'));
  await store.start('n3');
  const kept = (): number =>
    FOUR.flatMap((hostname) => readdirSync(join(store.dirOf(hostname), 'blocks'))).filter((name) =>
      blocks.some(({ id }) => id === name),
    ).length;
  await until(() => kept() <= 2 * blocks.length);
  assert.is(kept(), 2 * blocks.length);
  assert.ok((await read(store, '/copied')).equals(text(300 * KIB, 9)));
});

/** Reads a block as a task on that node does, from its disk if that will do. */
async function readAsTask(
  store: TestDfs,
  client: FileClient,
  block: Block,
  hostname: string,
): Promise<Buffer> {
  const nodes = await store.dfs.nodes();
  const site = { hostname, dir: store.dirOf(hostname), nodes, client: async () => client };
  const { result } = await overBlock(block, 0, site, () => {
    const lines: Buffer[] = [];
    return {
      visit: (bytes, start, end) => void lines.push(Buffer.from(bytes.subarray(start, end))),
      finish: () => Buffer.concat(lines),
      abandon() {},
    };
  });
  return result;
}

test('a block that is damaged on a disk is read from elsewhere, and replaced, whoever reads it', async ({
  store,
}) => {
  const bytes = Buffer.concat([text(60 * KIB, 11), Buffer.from('\n')]);
  const client = new FileClient(readFileSync(store.secretFile, 'utf8'));
  for (const reader of ['client', 'task']) {
    const path = `/damaged-${reader}`;
    await store.dfs.write(path, [bytes]);
    const [block] = await store.dfs.blocks(path);
    if (block === undefined) throw new Error('there is no block');
    const host = block.hosts[0] as string;
    const fileOn = (hostname: string): string => join(store.dirOf(hostname), 'blocks', block.id);
    const bad = Buffer.from(bytes);
    bad.writeUInt8(bad.readUInt8(100) ^ 1, 100);
    writeFileSync(fileOn(host), bad);
    const noticed = store.says(new RegExp(`the replica of block ${block.id} on ${host} is damaged`));
    const got = reader === 'task' ? await readAsTask(store, client, block, host) : await read(store, path);
    assert.ok(got.equals(bytes));
    await noticed;
    await store.healed();
    const [healed] = await store.dfs.blocks(path);
    assert.is(healed?.hosts.length, 3);
    for (const hostname of healed?.hosts ?? []) assert.ok(readFileSync(fileOn(hostname)).equals(bytes));
  }
  client.close();
});

test('a namenode that is killed while a file is written goes on where it was', async ({ store }) => {
  const bytes = text(300 * KIB, 13);
  const before = await store.dfs.list('/');
  async function* killing(): AsyncGenerator<Buffer> {
    yield bytes.subarray(0, 200 * KIB);
    await store.restartNameNode();
    yield bytes.subarray(200 * KIB);
  }
  await store.dfs.write('/restarted', killing());
  assert.ok((await read(store, '/restarted')).equals(bytes));
  const after = (await store.dfs.list('/')).filter(({ path }) => path !== '/restarted');
  const plain = (entries: typeof before) => entries.map((entry) => ({ ...entry, replicas: 0 }));
  assert.equal(plain(after), plain(before));
});

test('the output of a job becomes files without being copied, and outlives the job', async ({ store }) => {
  // As a job leaves it: in the folders of the nodes.
  const { crc32 } = await import('node:zlib');
  const client = new FileClient(readFileSync(store.secretFile, 'utf8'));
  const nodes = await store.dfs.nodes();
  const parts = [
    { name: 'part-r-00000', hosts: ['n1'], bytes: text(100 * KIB, 17) },
    { name: 'part-r-00001', hosts: ['n2', 'n3'], bytes: text(5, 19) },
  ];
  for (const { name, hosts, bytes } of parts)
    for (const host of hosts)
      await client.put(`${nodes[host]?.url}/output/f1/job/${name}`, {
        from: 'memory',
        bytes,
        crc32: crc32(bytes),
      });
  const output = { space: 'f1', jobId: 'job', parts };
  await store.dfs.adopt('/out', output, { replication: 1 });
  const [block] = await store.dfs.blocks('/out/part-r-00000');
  assert.equal(block?.hosts, ['n1']);
  const inode = (path: string): number => statSync(join(store.dirOf('n1'), path)).ino;
  assert.is(inode(`blocks/${block?.id}`), inode('output/f1/job/part-r-00000'));
  await store.dfs.adopt('/copied-out', output, { replication: 3 });
  for (const { path } of await store.dfs.list('/copied-out')) {
    const [{ hosts } = { hosts: [] }] = await store.dfs.blocks(path);
    assert.is(new Set(hosts).size, 3, 'all replicas are there at once');
  }
  for (const host of ['n1', 'n2', 'n3']) await client.remove(`${nodes[host]?.url}/output/f1/job`);
  client.close();
  for (const { name, bytes } of parts) assert.ok((await read(store, `/out/${name}`)).equals(bytes));
  const again = await store.dfs.adopt('/out', output).catch((error: DfsError) => error);
  assert.match((again as DfsError).message, /'\/out' is there already/);
  const gone = await store.dfs.adopt('/other', output).catch((error: DfsError) => error);
  assert.match((gone as DfsError).message, /cannot be made .*n1: .*404 There is no file/);
  assert.equal(
    (await store.dfs.list('/')).filter(({ path }) => /other|adopt/.test(path)),
    [],
  );
});

test('a file whose writer fails is not there', async ({ store }) => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield text(100 * KIB);
    throw new Error('the source broke off');
  }
  const error = await store.dfs.write('/failed', failing()).catch((cause: Error) => cause);
  assert.match((error as Error).message, /the source broke off/);
  assert.is(((await store.dfs.stat('/failed').catch((cause: DfsError) => cause)) as DfsError).kind, 'absent');
  assert.is((await store.dfs.status()).writing, 0);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot('a node whose disk is full is passed over', async ({ store }) => {
  // With a namenode that hears so seldom that it does not know.
  const small = join(store.folder, 'small');
  mkdirSync(small);
  await $({ quiet: true })`mount -t tmpfs -o size=1m tmpfs ${small}`;
  const seldom = await testDfs(
    [],
    ['--heartbeat', '1hrs', '--node_timeout', '2hrs', '--block_size', '64KiB'],
  );
  const secret = readFileSync(seldom.secretFile, 'utf8');
  const { startDataNode } = await import('../../frameworks/dfs/dataNode.ts');
  const { realClock } = await import('./realClock.ts');
  const start = async (hostname: string, dir: string) => {
    const options = { dir, secret, nameNode: `http://${seldom.address}`, hostname };
    const node = await startDataNode({ ...options, clock: realClock(), log() {} });
    await node.registered;
    return node;
  };
  const nodes = [await start('full', small), await start('roomy', join(seldom.folder, 'roomy'))];
  try {
    await $({ quiet: true, nothrow: true })`dd if=/dev/zero of=${join(small, 'filler')} bs=64k`;
    const bytes = text(300 * KIB);
    await seldom.dfs.write('/f', [bytes], { writer: 'full', replication: 2 });
    for (const { hosts } of await seldom.dfs.blocks('/f')) assert.equal(hosts, ['roomy']);
    assert.ok((await read(seldom, '/f')).equals(bytes));
    await nodes[1]?.close();
    const error = await seldom.dfs.write('/g', [bytes]).catch((cause: DfsError) => cause);
    assert.is((error as DfsError).kind, 'no-space');
    assert.match(
      (error as DfsError).message,
      /could store the block: .*full: .*507 The disk of this node is full/,
    );
  } finally {
    await Promise.all(nodes.map((node) => node.close().catch(() => {})));
    await seldom[Symbol.asyncDispose]();
    await $({ quiet: true })`umount ${small}`;
  }
});

test('an address that is none is refused when it is given', () => {
  assert.throws(() => openDfs({ url: 'https://x', secret: 's' }), /is no address of a namenode/);
});

test.run();
