/** What of a system can run when some of its machines fail. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { planWithout, type SystemPlan } from './plan.ts';

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `node${n + 1}`);
const slave = (name: string) => ({ name, resources: { cpus: 1 } });

const PLAN: SystemPlan = {
  zookeeper: names(3),
  masters: names(2),
  slaves: names(4).map(slave),
};
const without = (...missing: readonly string[]) => planWithout(PLAN, new Set(missing));

test('all of it runs when no machine fails', () => {
  assert.equal(without(), PLAN);
});

test('the others go on without one, with an odd number of ZooKeeper servers', () => {
  assert.equal(without('node1'), {
    zookeeper: ['node2'],
    masters: ['node2'],
    slaves: ['node2', 'node3', 'node4'].map(slave),
  });
  assert.equal(without('node4'), { ...PLAN, slaves: names(3).map(slave) });
});

test('too few are left without a master, without a slave, and without ZooKeeper where it was asked for', () => {
  assert.match(without('node1', 'node2') as string, /can run a master$/);
  assert.match(planWithout({ ...PLAN, slaves: [slave('node4')] }, new Set(['node4'])) as string, /a slave$/);
  assert.match(
    planWithout({ ...PLAN, masters: ['node4'] }, new Set(names(3))) as string,
    /can run a ZooKeeper server$/,
  );
  assert.equal(planWithout({ ...PLAN, zookeeper: [] }, new Set()), { ...PLAN, zookeeper: [] });
});

test.run();
