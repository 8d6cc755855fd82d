import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from '../protocol/resources.ts';
import type { SlaveOrder } from '../protocol/slave.ts';
import { memoryCheckpoint, runTask, silentIsolation, testCommand, testSlave, testTask } from './testSlave.ts';

const renaming = (text: string, slaveId = 'S0'): SlaveOrder => ({
  type: 'CHECKPOINT_RESOURCES',
  slaveId,
  resources: parse(text),
});

test('what a container holds counts what is reserved as the rest', () => {
  const { isolation, updates } = silentIsolation();
  const commandExecutor = { shell: false, value: 'command', arguments: [], environment: {} };
  const { run, send, pass } = testSlave({ isolate: () => isolation, slave: { commandExecutor } });
  run(testTask('t', 1e9, { resources: parse('cpus(gold):1;cpus:1;mem(gold):64') }));
  assert.equal(updates.at(-1), { cpus: 2.5, mem: 64 });
  send(runTask({ ...testCommand('c'), resources: parse('cpus(gold):1;mem(gold):64') }));
  pass(10);
  assert.equal(updates.at(-1), { cpus: 2, mem: 128 });
});

test('the slave tells of its resources as they are named, once it has been told, and keeps that', () => {
  const checkpoint = memoryCheckpoint();
  const { run, send, pass, received, reports, crash, start, restartMaster } = testSlave({
    slave: { checkpoint },
  });
  run();
  send(renaming('cpus(gold):2;cpus:2;mem:4096'));
  pass(10);
  assert.equal(checkpoint.resources(), { 'cpus(gold)': 2, cpus: 2, mem: 4096 });
  for (const who of ['master', 'slave']) {
    received.length = 0;
    if (who === 'slave') crash();
    restartMaster();
    if (who === 'slave') start();
    pass(10_000);
    assert.equal(reports('REREGISTER_SLAVE')[0]?.slaveInfo.resources, {
      'cpus(gold)': 2,
      cpus: 2,
      mem: 4096,
    });
  }
});

test('it does not believe that it has other resources, or what was meant for another slave', () => {
  const checkpoint = memoryCheckpoint();
  const { run, send, pass, restartMaster, received, reports } = testSlave({ slave: { checkpoint } });
  run();
  for (const order of [
    renaming('cpus(gold):2;cpus:3;mem:4096'),
    renaming('cpus:4'),
    renaming('cpus(gold):4;mem:4096;gpus:1'),
    renaming('cpus(gold):4;mem:4096', 'S1'),
  ])
    send(order);
  pass(10);
  assert.is(checkpoint.resources(), undefined);
  received.length = 0;
  restartMaster();
  pass(10_000);
  assert.equal(reports('REREGISTER_SLAVE')[0]?.slaveInfo.resources, { cpus: 4, mem: 4096 });
});

test.run();
