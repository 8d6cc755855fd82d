/** A block store in which nodes come, go, go deaf and damage what they hold, at random. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DfsError } from './dfsRefusal.ts';
import { FIVE, HEARTBEAT_MS, REPAIR_MS, TestStore } from './testStore.ts';

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
