import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DfsError } from './dfsRefusal.ts';
import { FIVE, HEARTBEAT_MS, LONG_MS, NODE_TIMEOUT_MS, REPAIR_MS, TestStore } from './testStore.ts';

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

test('who completes another file than he writes is refused, and his is still to be completed', () => {
  const store = new TestStore(['n1']);
  const { nameNode } = store;
  store.write('/other', 0);
  nameNode.call({ call: 'create', writer: 'w', path: '/f', overwrite: false });
  for (const path of ['/other', '/nothing'])
    assert.is(refusal(() => nameNode.call({ call: 'complete', writer: 'w', path })).kind, 'invalid');
  assert.is(refusal(() => nameNode.call({ call: 'stat', path: '/f' })).kind, 'absent');
  assert.is(nameNode.call({ call: 'complete', writer: 'w', path: '/f' }).type, 'file');
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

test('what a node was to remove is void when it registers again: another may be told to by then', () => {
  const store = new TestStore(['n1', 'n2', 'n3']);
  const [n1, n2] = [store.node('n1'), store.node('n2')];
  store.write('/own', 1, { replication: 1, first: 'n2' });
  store.write('/f', 1, { replication: 3 });
  store.nameNode.call({ call: 'replicate', path: '/f', replication: 2 });
  // Only n3 is heard of: n2, which holds the most, is to be told, and is not.
  [n1.isUp, n2.isUp] = [false, false];
  store.beat();
  assert.equal(hostsOf(store, '/f'), [['n1', 'n3']]);
  [n1.isUp, n2.isUp] = [true, true];
  store.write('/more', 2, { replication: 1, first: 'n1' });
  // The answer to its registration was lost.
  n2.isRegistered = false;
  store.pass(3 * HEARTBEAT_MS);
  assert.equal(counts(store), [2, 1, 1, 1]);
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

test.run();
