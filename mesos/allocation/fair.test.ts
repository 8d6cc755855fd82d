import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Resources } from '../protocol/resources.ts';
import { allocator } from './allocator.ts';
import { fair } from './fair.ts';
import { byShare, type Claimant, inOrder, type LineFactory } from './line.ts';
import { fill, moduleOf, slaveOf } from './testModule.ts';

test('the worked example of the DRF paper: 3 tasks of <1 CPU, 4 GB> and 2 of <3 CPU, 1 GB>', () => {
  const module = moduleOf(fair());
  module.addFramework('A', { role: '*' });
  module.addFramework('B', { role: '*' });
  module.addSlave('s', slaveOf({ cpus: 9, mem: 18 * 1024 }));
  const demands = { A: { cpus: 1, mem: 4 * 1024 }, B: { cpus: 3, mem: 1024 } };
  assert.equal(fill(module, demands), { A: 3, B: 2 });
});

test('weights scale the dominant shares', () => {
  const module = moduleOf(fair({ weights: { gold: 3 } }));
  module.addFramework('gold', { role: 'gold' });
  module.addFramework('plain', { role: '*' });
  module.addSlave('s', slaveOf({ cpus: 40, mem: 40_000 }));
  const demand = { cpus: 1, mem: 1000 };
  assert.equal(fill(module, { gold: demand, plain: demand }), { gold: 30, plain: 10 });
});

test('of equal shares, who was granted less often comes first: a slave that nobody uses goes round', () => {
  const module = moduleOf(fair());
  for (const id of ['f', 'g', 'h']) module.addFramework(id, { role: '*' });
  module.addSlave('s', slaveOf({ cpus: 1, mem: 64 }));
  const order: string[] = [];
  for (let now = 0; now < 6; now++)
    for (const grant of module.allocate(now)) {
      order.push(grant.frameworkId);
      module.returned(grant);
    }
  assert.equal(order, ['f', 'g', 'h', 'f', 'g', 'h']);
});

test('a role is a name, whatever it means to the language', () => {
  const module = moduleOf(fair({ weights: { gold: 3 }, guarantees: {} }));
  for (const role of ['constructor', '__proto__', 'toString']) module.addFramework(`f ${role}`, { role });
  module.addSlave('s', slaveOf({ cpus: 30, mem: 30_000 }));
  const demand = { cpus: 1, mem: 1000 };
  const demands = { 'f constructor': demand, 'f __proto__': demand, 'f toString': demand };
  assert.equal(Object.values(fill(module, demands)), [10, 10, 10]);
});

test('slaves that come one after the other do not make all frameworks find their places anew each time', () => {
  let moves = 0;
  const counting: LineFactory = (random) => {
    const line = inOrder(byShare)(random);
    const put = (claimant: Claimant): void => {
      moves++;
      line.put(claimant);
    };
    return { ...line, put };
  };
  const module = moduleOf(allocator({}, counting));
  for (let n = 0; n < 50; n++) module.addFramework(`f${n}`, { role: '*' });
  const addSlave = (id: string, total: Resources): void => {
    module.addSlave(id, slaveOf(total));
    module.allocate(0);
  };
  addSlave('first', { cpus: 4, mem: 4096 });
  const movesBefore = moves;
  for (let n = 1; n < 100; n++) addSlave(`s${n}`, { cpus: 4, mem: 4096 });
  assert.is(moves - movesBefore, 99);
  // One that is not like the others changes what all shares are.
  addSlave('large', { cpus: 4, mem: 1_000_000 });
  assert.is(moves - movesBefore, 99 + 50 + 1);
});

test.run();
