import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { priority } from './priority.ts';
import { fill, moduleOf, pairs, slaveOf } from './testModule.ts';

test('a higher priority is offered everything, whatever share it has already', () => {
  const module = moduleOf(priority({ priorities: { high: 1, low: -1 } }));
  for (const role of ['low', '*', 'high']) module.addFramework(role, { role });
  for (let n = 0; n < 10; n++) module.addSlave(`s${n}`, slaveOf({ cpus: 4, mem: 1024 }));
  assert.is(module.allocate(0).filter(({ frameworkId }) => frameworkId === 'high').length, 10);
});

test('what the higher one refuses goes down, one priority after the other', () => {
  const module = moduleOf(priority({ priorities: { high: 1, low: -1 } }));
  for (const role of ['low', '*', 'high']) module.addFramework(role, { role });
  module.addSlave('s', slaveOf({ cpus: 4, mem: 1024 }));
  const order: string[] = [];
  for (let now = 0; now < 3; now++)
    for (const grant of module.allocate(now)) {
      order.push(grant.frameworkId);
      module.returned(grant, 1_000);
    }
  assert.equal(order, ['high', '*', 'low']);
  assert.is(module.nextWakeMs(), undefined, 'the last refusal has not been seen by an allocation yet');
  assert.equal(module.allocate(3), []);
  assert.is(module.nextWakeMs(), 1_000);
  assert.equal(pairs(module.allocate(1_000)), ['high:s']);
});

test('within a priority sharing is fair', () => {
  const module = moduleOf(priority({ priorities: { high: 1 }, weights: { high: 1 } }));
  for (const id of ['one', 'two']) module.addFramework(id, { role: 'high' });
  module.addFramework('low', { role: '*' });
  module.addSlave('s', slaveOf({ cpus: 20, mem: 20_000 }));
  const demand = { cpus: 1, mem: 1000 };
  assert.equal(fill(module, { one: demand, two: demand, low: demand }), { one: 10, two: 10 });
});

test.run();
