import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { needsOf, roomIn, slotsIn, slotsOf } from './slots.ts';

const EXECUTOR = { executorId: 'e', resources: { cpus: 1, mem: 512 } };
const SLOT = { cpus: 1, mem: 1024 };
const offer = (cpus: number, mem: number, ...executorIds: readonly string[]) => ({
  resources: { cpus, mem },
  executorIds,
});

test('an executor that has yet to be started takes its part of the offer first', () => {
  assert.equal(roomIn(offer(4, 4096), EXECUTOR), { cpus: 3, mem: 3584 });
  assert.is(slotsIn(offer(4, 4096), EXECUTOR, SLOT), 3);
  assert.is(slotsIn(offer(4, 4096, 'other'), EXECUTOR, SLOT), 3);
});

test('beside an executor that runs, or needs nothing, tasks may have all of the offer', () => {
  assert.is(slotsIn(offer(4, 4096, 'e'), EXECUTOR, SLOT), 4);
  assert.is(slotsIn(offer(4, 4096), { ...EXECUTOR, resources: {} }, SLOT), 4);
});

test('where the executor cannot be started there is no room', () => {
  assert.equal(roomIn(offer(8, 256), EXECUTOR), {});
  assert.is(slotsIn(offer(8, 256), EXECUTOR, SLOT), 0);
});

test('so many slots fit into what they are', () => {
  assert.equal(slotsOf(SLOT, 3), { cpus: 3, mem: 3072 });
  assert.is(slotsIn({ resources: slotsOf(SLOT, 3), executorIds: ['e'] }, EXECUTOR, SLOT), 3);
});

test('who needs slots also needs what their executor takes, if that is anything', () => {
  assert.equal(needsOf({ slot: SLOT, executor: EXECUTOR }), { slot: SLOT, executor: EXECUTOR.resources });
  assert.equal(needsOf({ slot: SLOT, executor: { resources: { mem: 0 } } }), { slot: SLOT });
});

test.run();
