import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { garbageCollector } from './threadGarbage.ts';

const MIB = 1024 * 1024;

test('a thread collects what it has made since the last time, if that is worth it', () => {
  let heldMiB = 12;
  let collections = 0;
  const collect = garbageCollector({
    heldBytes: () => heldMiB * MIB,
    collect() {
      collections++;
      heldMiB = 7;
    },
  });
  collect();
  assert.is(collections, 1);
  heldMiB = 9;
  collect();
  assert.is(collections, 1);
  heldMiB = 10;
  collect();
  assert.is(collections, 2);
});

test('where nothing can be collected nothing is', () => garbageCollector(undefined)());

test.run();
