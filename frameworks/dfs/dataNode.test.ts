import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Clock } from '../../mesos/driver/actor.ts';
import type { HttpService } from '../files/httpService.ts';
import { type DataNode, startDataNode } from './dataNode.ts';
import type { Dfs } from './dfs.ts';
import { startNameNode } from './nameNodeServer.ts';
import { openDfs } from './openDfs.ts';
import { seeded } from './testStore.ts';

/** A clock whose time passes as fast as the test turns it. */
class TestClock implements Pick<Clock, 'now' | 'after' | 'random'> {
  readonly random = seeded(1);
  #now = 0;
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): { cancel(): void } {
    const timer = { atMs: this.#now + delayMs, run };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Turns it until something holds: to the next timer whenever the network is still. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) {
      await setImmediate();
      const next = Math.min(...this.#timers.map(({ atMs }) => atMs));
      if (next === Number.POSITIVE_INFINITY) continue;
      this.#now = Math.max(this.#now, next);
      const due = this.#timers.filter(({ atMs }) => atMs <= this.#now);
      this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#now);
      for (const { run } of due) run();
    }
  }
}

interface Setting {
  dir: string;
  clock: TestClock;
  nameNode: HttpService;
  nodes: DataNode[];
  dfs: Dfs;
}

const test = suite<Setting>('data node');
const SECRET = 'correct horse';
const RESCAN_MS = 5_000;

const start = ({ dir, clock, nameNode }: Setting, hostname: string): Promise<DataNode> => {
  const how = { dir: join(dir, hostname), secret: SECRET, nameNode: nameNode.url, hostname };
  return startDataNode({ ...how, clock, log() {}, rescanMs: RESCAN_MS });
};

test.before.each(async (context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'mesos-lab-data-nodes-'));
  context.clock = new TestClock();
  const fail = (error: Error): never => {
    throw error;
  };
  const how = { dir: join(context.dir, 'namenode'), secret: SECRET, clock: context.clock, onError: fail };
  // Nodes are never lost: in the time of this clock a heartbeat may take for ever.
  context.nameNode = await startNameNode({ ...how, nodeTimeoutMs: 1e9 });
  context.dfs = openDfs({ url: context.nameNode.url, secret: SECRET });
  context.nodes = await Promise.all(['a', 'b'].map((hostname) => start(context as Setting, hostname)));
  await Promise.all(context.nodes.map(({ registered }) => registered));
});
test.after.each(async ({ dir, nameNode, nodes, dfs }) => {
  dfs.close();
  await Promise.all(nodes.map((node) => node.close()));
  await nameNode.close();
  rmSync(dir, { recursive: true });
});

const block = async ({ dfs, dir }: Setting, path: string) => {
  const [only] = await dfs.blocks(path);
  if (only === undefined) throw new Error('there is no block');
  return { ...only, on: (hostname: string): string => join(dir, hostname, 'blocks', only.id) };
};

test('a block that somebody removed from the disk is noticed, and replaced', async (context) => {
  const { clock, dfs } = context;
  await dfs.write('/f', [Buffer.from('text\n')], { replication: 2 });
  const { on } = await block(context, '/f');
  rmSync(on('a'));
  await clock.until(() => existsSync(on('a')));
  assert.is(readFileSync(on('a'), 'utf8'), 'text\n');
});

test('a block whose file was cut short on the disk is noticed, and replaced', async (context) => {
  const { clock, dfs } = context;
  await dfs.write('/f', [Buffer.from('text\n')], { replication: 2 });
  const { on } = await block(context, '/f');
  writeFileSync(on('b'), 'te');
  await clock.until(() => existsSync(on('b')) && readFileSync(on('b'), 'utf8') === 'text\n');
});

test('blocks of removed files go, and what is not of this store stays', async (context) => {
  const { clock, dfs, dir, nodes } = context;
  await dfs.write('/f', [Buffer.from('text\n')], { replication: 2 });
  const { on, id } = await block(context, '/f');
  const others = [`other${id}`, 'text-00000'].map((name) => join(dir, 'a', 'blocks', name));
  for (const other of others) {
    writeFileSync(other, 'x');
    writeFileSync(other.replace(/([^/]+)$/, '.$1.json'), '{"type":"crc32","crc32":0}');
  }
  // A node that is started again finds all of it, and is told what to remove.
  await nodes[0]?.close();
  await dfs.remove('/f');
  context.nodes[0] = await start(context, 'a');
  await clock.until(() => !existsSync(on('a')) && !existsSync(on('b')));
  for (const other of others) assert.ok(existsSync(other), other);
});

test('a data node begins before its namenode, and finds it when it comes', async (context) => {
  const { dir, clock } = context;
  const port = context.nameNode.port;
  await context.nameNode.close();
  const late = await start(context, 'late');
  context.nodes.push(late);
  mkdirSync(join(dir, 'late'), { recursive: true });
  const fail = (error: Error): never => {
    throw error;
  };
  const how = { dir: join(dir, 'namenode'), secret: SECRET, clock, onError: fail, port };
  context.nameNode = await startNameNode({ ...how, nodeTimeoutMs: 1e9 });
  let isRegistered = false;
  void late.registered.then(() => {
    isRegistered = true;
  });
  await clock.until(() => isRegistered);
  assert.ok('late' in (await context.dfs.nodes()));
});

test.run();
