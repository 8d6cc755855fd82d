import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DfsError } from './dfsRefusal.ts';
import { HEARTBEAT_MS, NODE_TIMEOUT_MS, TestStore } from './testStore.ts';

const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];
/** Long enough for nodes to be lost, or taken for alive after a start. */
const LONG_MS = NODE_TIMEOUT_MS + 3 * HEARTBEAT_MS;
/** Long enough for all copies of a few blocks. */
const REPAIR_MS = LONG_MS + 60 * HEARTBEAT_MS;

function refusal(run: () => unknown): DfsError {
  try {
    run();
  } catch (error) {
    assert.instance(error, DfsError);
    return error as DfsError;
  }
  throw new Error('it was not refused');
}

/** How many nodes that are up have a good replica of each block. */
const counts = (store: TestStore): readonly number[] =>
  [...store.blocks()].map(({ good }) => good.filter(({ isUp }) => isUp).length);

const hostsOf = (store: TestStore, path: string): readonly (readonly string[])[] =>
  store.nameNode.call({ call: 'open', path }).blocks.map(({ hosts }) => hosts.toSorted());

function onlyBlock(store: TestStore) {
  const [only, ...more] = store.blocks();
  if (only === undefined || more.length > 0) throw new Error('there is not one block');
  return only;
}

test('the writer has the first replica, and the others are spread evenly', () => {
  const store = new TestStore(FIVE);
  store.write('/own', 12, { replication: 2, first: 'n2' });
  for (const hosts of hostsOf(store, '/own')) {
    assert.ok(hosts.includes('n2'));
    assert.is(new Set(hosts).size, 2);
  }
  const others = hostsOf(store, '/own')
    .flat()
    .filter((host) => host !== 'n2');
  for (const host of ['n1', 'n3', 'n4', 'n5']) assert.is(others.filter((other) => other === host).length, 3);
  store.write('/else', 10, { replication: 1, first: 'somewhere' });
  assert.equal(
    hostsOf(store, '/else').flat().toSorted(),
    FIVE.flatMap((host) => [host, host]),
  );
});

test('what a lost node held is copied from the others; when it comes back, there are no more than wanted', () => {
  const store = new TestStore(FIVE);
  store.write('/f', 20);
  store.kill('n3');
  store.pass(NODE_TIMEOUT_MS / 2);
  assert.ok(counts(store).includes(2), 'nothing is done before it is lost');
  store.pass(REPAIR_MS);
  assert.equal(new Set(counts(store)), new Set([3]));
  assert.ok(store.log.some((line) => /^data node n3 is lost, with its replicas of \d+ blocks$/.test(line)));
  for (const hosts of hostsOf(store, '/f')) assert.not(hosts.includes('n3'));
  store.start('n3');
  store.pass(5 * HEARTBEAT_MS);
  assert.equal(new Set(counts(store)), new Set([3]));
  assert.is(
    [...store.blocks()].every(({ good }) => good.length === 3),
    true,
    'no replica is left over',
  );
});

test('a replica that is damaged is not given to readers, and is replaced, be it on the same node', () => {
  const store = new TestStore(['n1', 'n2', 'n3']);
  store.write('/f', 1);
  const { block } = onlyBlock(store);
  store.damage('n2', block.id);
  store.beat();
  assert.equal(hostsOf(store, '/f'), [['n1', 'n3']]);
  store.pass(5 * HEARTBEAT_MS);
  assert.equal(hostsOf(store, '/f'), [['n1', 'n2', 'n3']]);
  assert.equal(counts(store), [3]);
  for (const host of ['n1', 'n2', 'n3']) store.damage(host, block.id);
  store.beat();
  assert.match(refusal(() => hostsOf(store, '/f')).message, /every replica is damaged/);
  const { scarce, missing } = store.nameNode.call({ call: 'status' });
  assert.equal([scarce, missing], [0, 1]);
});

test('a replica that is shorter on the disk than its block counts as damaged', () => {
  const store = new TestStore(['n1', 'n2', 'n3', 'n4']);
  store.write('/f', 1);
  const { block, good } = onlyBlock(store);
  const host = good[0]?.hostname as string;
  store.node(host).changes.found({ ...block, bytes: 4 });
  store.beat();
  assert.not(hostsOf(store, '/f')[0]?.includes(host));
  store.pass(5 * HEARTBEAT_MS);
  assert.equal(hostsOf(store, '/f')[0]?.length, 3);
});

test('copies are bounded, in all and on each node', () => {
  const store = new TestStore(FIVE, { copiesMax: 3, copiesPerNodeMax: 1 });
  store.write('/f', 40);
  store.kill('n1');
  store.pass(REPAIR_MS);
  assert.equal(store.copiesMost, { store: 3, node: 1 });
  assert.equal(new Set(counts(store)), new Set([3]));
});

test('after a start the namenode waits for nodes to report before it copies or removes anything', () => {
  const store = new TestStore(FIVE);
  store.write('/f', 5);
  const before = [...store.blocks()].map(({ good }) => good.map(({ hostname }) => hostname));
  store.kill('n1');
  store.kill('n2');
  store.kill('n3');
  store.restartNameNode();
  store.pass(NODE_TIMEOUT_MS - 2 * HEARTBEAT_MS);
  for (const host of ['n1', 'n2', 'n3']) store.start(host);
  store.pass(HEARTBEAT_MS);
  assert.equal(
    [...store.blocks()].map(({ good }) => good.map(({ hostname }) => hostname)),
    before,
  );
  store.pass(REPAIR_MS);
  assert.equal(
    [...store.blocks()].map(({ good }) => good.map(({ hostname }) => hostname)),
    before,
  );
});

test('who asks for blocks that nodes have still to report is told to come again', () => {
  const store = new TestStore(['n1']);
  store.write('/f', 1, { replication: 1 });
  store.restartNameNode();
  assert.is(refusal(() => hostsOf(store, '/f')).kind, 'not-yet');
  store.kill('n1');
  store.pass(LONG_MS);
  assert.match(refusal(() => hostsOf(store, '/f')).message, /no node that lives holds it/);
});

test('a block that was being written when the namenode was started anew must be written again', () => {
  const store = new TestStore(['n1', 'n2', 'n3']);
  const { nameNode } = store;
  nameNode.call({ call: 'create', writer: 'w', path: '/f', overwrite: false });
  const { id } = nameNode.call({ call: 'allocate', writer: 'w', bytes: 1, without: [] });
  store.restartNameNode();
  store.beat();
  store.beat();
  const block = { id, bytes: 1, crc32: 1 };
  const commit = { call: 'commit', writer: 'w', index: 0, block, hosts: ['n1'] } as const;
  assert.is(refusal(() => store.nameNode.call(commit)).kind, 'unknown');
  const again = store.nameNode.call({ call: 'allocate', writer: 'w', bytes: 1, without: [] });
  assert.is.not(again.id, id);
});

test('what is asked twice, because the answer was lost, is done once', () => {
  const store = new TestStore(['n1', 'n2', 'n3']);
  const { nameNode } = store;
  const create = { call: 'create', writer: 'w', path: '/f', overwrite: false } as const;
  assert.equal(nameNode.call(create), nameNode.call(create));
  const { id } = nameNode.call({ call: 'allocate', writer: 'w', bytes: 1, without: [] });
  const block = { id, bytes: 1, crc32: 1 };
  const commit = { call: 'commit', writer: 'w', index: 0, block, hosts: ['n1', 'n2'] } as const;
  nameNode.call(commit);
  nameNode.call(commit);
  const complete = { call: 'complete', writer: 'w', path: '/f' } as const;
  assert.equal(nameNode.call(complete), nameNode.call(complete));
  store.restartNameNode();
  assert.is((store.nameNode.call(complete) as { blocks: number }).blocks, 1);
  for (const call of ['abandon', 'abandon'] as const) nameNode.call({ call, writer: 'nobody' });
});

test('a writer that falls silent is forgotten, with what it has written', () => {
  const store = new TestStore(['n1', 'n2', 'n3'], { writerTimeoutMs: 5_000 });
  store.nameNode.call({ call: 'create', writer: 'w', path: '/f', overwrite: false });
  store.pass(4_000);
  store.nameNode.call({ call: 'renew', writer: 'w' });
  store.pass(4_000);
  store.nameNode.call({ call: 'renew', writer: 'w' });
  store.pass(7_000);
  assert.is(refusal(() => store.nameNode.call({ call: 'renew', writer: 'w' })).kind, 'unknown');
  assert.ok(store.log.includes('the writer of /f is silent; what it has written is forgotten'));
});

test('a namenode that was stopped for a while does not take its nodes for lost', () => {
  const store = new TestStore(['n1', 'n2', 'n3']);
  store.write('/f', 3);
  store.pass(3 * HEARTBEAT_MS);
  store.now += 10 * NODE_TIMEOUT_MS;
  store.nameNode.tick();
  assert.is(
    store.nameNode.call({ call: 'status' }).nodes.every(({ state }) => state === 'live'),
    true,
  );
});

test('an order to remove that is lost on its way is given again', () => {
  const store = new TestStore(['n1', 'n2', 'n3', 'n4']);
  store.write('/f', 4);
  store.kill('n1');
  store.pass(REPAIR_MS);
  store.start('n1');
  for (const { hostname } of store.nodes) store.node(hostname).isDeaf = true;
  store.beat();
  for (const { hostname } of store.nodes) store.node(hostname).isDeaf = true;
  store.beat();
  store.pass(5 * HEARTBEAT_MS);
  assert.is(
    [...store.blocks()].every(({ good }) => good.length === 3),
    true,
  );
});

test('a block that is being written stays on its nodes, however long it takes; one that was given up does not', () => {
  const store = new TestStore(['n1', 'n2', 'n3']);
  const { nameNode } = store;
  nameNode.call({ call: 'create', writer: 'w', path: '/f', overwrite: false });
  const { id } = nameNode.call({ call: 'allocate', writer: 'w', bytes: 1, without: [] });
  const n1 = store.node('n1');
  const block = { id, bytes: 1, crc32: 1 };
  n1.disk.set(id, block);
  n1.changes.stored(block);
  store.pass(20 * HEARTBEAT_MS);
  assert.ok(n1.disk.has(id));
  nameNode.call({ call: 'abandon', writer: 'w' });
  store.pass(2 * HEARTBEAT_MS);
  assert.not(n1.disk.has(id));
});

test('a node that is told to remove a replica is not counted on, whatever else it says of it', () => {
  const store = new TestStore(['n1', 'n2', 'n3', 'n4']);
  store.write('/f', 1);
  store.kill('n1');
  store.pass(REPAIR_MS);
  store.start('n1');
  for (let beats = 0; beats < 5; beats += 1) {
    // As if each had written its replica anew.
    for (const { disk, changes } of store.nodes) for (const replica of disk.values()) changes.stored(replica);
    store.pass(HEARTBEAT_MS);
  }
  assert.equal(counts(store), [3]);
});

test('a node that has been silent for a while is no reason to remove a replica of another', () => {
  const store = new TestStore(['n1', 'n2', 'n3', 'n4']);
  store.write('/f', 1);
  const holder = onlyBlock(store).good[0]?.hostname as string;
  store.kill(holder);
  store.pass(REPAIR_MS);
  const silent = store.nodes.find(({ hostname }) => hostname !== holder)?.hostname as string;
  store.kill(silent);
  store.pass(5 * HEARTBEAT_MS);
  store.start(holder);
  store.pass(2 * HEARTBEAT_MS);
  assert.equal(counts(store), [3]);
});

test('two nodes of one name are told apart by their folders', () => {
  const store = new TestStore(['n1', 'n2']);
  const register = { call: 'register', hostname: 'n1', instance: 'other', replicas: [] } as const;
  const node = { url: 'http://n1:2', dir: '/elsewhere' };
  assert.match(
    refusal(() => store.nameNode.call({ ...register, node })).message,
    /Another data node is called 'n1'/,
  );
  const restarted = { ...register, node: { ...node, dir: '/disk/n1' } };
  assert.is(store.nameNode.call(restarted).store, 'dfstest');
});

test('without nodes, or without room, nothing can be written, and the refusal says so', () => {
  const none = new TestStore([]);
  assert.is(refusal(() => none.write('/f', 1)).kind, 'not-yet');
  none.pass(LONG_MS);
  assert.match(refusal(() => none.write('/f', 1)).message, /No data node lives/);
  const dead = new TestStore(['n1']);
  dead.kill('n1');
  assert.match(refusal(() => dead.write('/f', 1)).message, /None of the data nodes that live could store/);
  assert.equal(refusal(() => dead.nameNode.call({ call: 'stat', path: '/f' })).kind, 'absent');
});

test('a folder is listed in pieces, and as an input it is its files in order', () => {
  const store = new TestStore(['n1']);
  for (let n = 0; n < 1_005; n += 1) store.write(`/d/${String(n).padStart(4, '0')}`, 0);
  const first = store.nameNode.call({ call: 'list', path: '/d' });
  assert.equal([first.entries.length, first.isWhole], [1_000, false]);
  const rest = store.nameNode.call({ call: 'list', path: '/d', after: '0999' });
  assert.equal([rest.entries.length, rest.isWhole], [5, true]);
  for (const name of ['b', 'a', '_logs', '.hidden', 'c/d']) store.write(`/in/${name}`, 1);
  const { type, blocks } = store.nameNode.call({ call: 'open', path: '/in' });
  const own = (path: string) => store.nameNode.call({ call: 'open', path }).blocks;
  assert.is(type, 'folder');
  assert.equal(blocks, [...own('/in/a'), ...own('/in/b')]);
});

type Step =
  | { readonly do: 'kill' | 'start' | 'deafen' | 'damage'; readonly node: number }
  | { readonly do: 'write' | 'remove' | 'replicate'; readonly file: number; readonly size: number }
  | { readonly do: 'pass'; readonly beats: number }
  | { readonly do: 'restart' | 'settle' };

const node = fc.nat({ max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'start', 'deafen', 'damage'), node }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('write' as const, 'write', 'remove', 'replicate'),
      file: fc.nat({ max: 3 }),
      size: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), beats: fc.integer({ min: 1, max: 15 }) }),
  },
  fc.record({ do: fc.constantFrom('restart' as const, 'settle') }),
);

const REPLICATION = 3;

/** Do what a step says, as long as no more replicas go than may between two repairs. Returns how many went. */
function run(store: TestStore, one: Step, spent: number): number {
  const host = 'node' in one ? (FIVE[one.node] as string) : '';
  switch (one.do) {
    case 'kill':
      if (spent >= REPLICATION - 1 || !store.node(host).isUp) return 0;
      store.kill(host);
      return 1;
    case 'damage': {
      const id = [...store.node(host).disk.keys()].at(-1);
      if (spent >= REPLICATION - 1 || id === undefined) return 0;
      store.damage(host, id);
      return 1;
    }
    case 'start':
      store.start(host);
      return 0;
    case 'deafen':
      store.node(host).isDeaf = true;
      return 0;
    case 'write':
      try {
        store.write(`/${one.file}`, one.size);
      } catch (error) {
        // After a start it takes until the nodes have registered.
        if (!(error instanceof DfsError) || !/no-space|not-yet/.test(error.kind)) throw error;
      }
      return 0;
    case 'remove':
    case 'replicate': {
      const path = `/${one.file}`;
      const replication = Math.min(REPLICATION + 1, REPLICATION + (one.size % 2));
      try {
        if (one.do === 'remove') store.nameNode.call({ call: 'remove', path, recursive: false });
        else store.nameNode.call({ call: 'replicate', path, replication });
      } catch (error) {
        assert.is((error as DfsError).kind, 'absent');
      }
      return 0;
    }
    case 'pass':
      store.pass(one.beats * HEARTBEAT_MS);
      return 0;
    case 'restart':
      store.restartNameNode();
      return 0;
    case 'settle':
      settle(store);
      return -spent;
    default:
      return one satisfies never;
  }
}

/** Time enough for all repairs; then there are as many replicas as are wanted, no more, and of no other blocks. */
function settle(store: TestStore): void {
  store.pass(REPAIR_MS);
  const up = store.nodes.filter(({ isUp }) => isUp);
  const known = new Set<string>();
  for (const { path, block, good } of store.blocks()) {
    known.add(block.id);
    const entry = store.nameNode.call({ call: 'stat', path });
    const wanted = Math.min(entry.type === 'file' ? entry.replication : 0, up.length);
    const held = good.filter(({ isUp }) => isUp).length;
    assert.is(held, wanted, `${block.id} of ${path} has ${held} replicas, not ${wanted}`);
    const [told] = store.nameNode.call({ call: 'open', path }).blocks.filter(({ id }) => id === block.id);
    assert.equal(
      told?.hosts.toSorted(),
      good.flatMap(({ isUp, hostname }) => (isUp ? [hostname] : [])),
    );
  }
  for (const { disk, hostname } of up)
    for (const [id, { crc32 }] of disk) {
      assert.ok(known.has(id), `${hostname} keeps ${id}, which is of no file`);
      assert.is.not(crc32, 999, `${hostname} keeps a damaged replica`);
    }
}

test('no block is lost while less than its replicas go between two repairs, and repairs are complete', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(), (steps, seed) => {
      const store = new TestStore(
        FIVE,
        { replication: REPLICATION, copiesMax: 4, copiesPerNodeMax: 1 },
        seed,
      );
      let spent = 0;
      for (const one of steps) {
        spent += run(store, one, spent);
        for (const { block, path, good } of store.blocks())
          assert.ok(
            good.some(({ isUp }) => isUp),
            `block ${block.id} of ${path} is lost`,
          );
        for (const { hosts } of [...store.blocks()].map(({ good }) => ({
          hosts: good.map((n) => n.hostname),
        })))
          assert.is(new Set(hosts).size, hosts.length);
      }
      settle(store);
      assert.ok(store.copiesMost.store <= 4 && store.copiesMost.node <= 1);
    }),
    { numRuns: 300 },
  );
});

test.run();
