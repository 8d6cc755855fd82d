import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { newPass } from './pass.ts';
import { launched, offerAccepted, offerDeclined, offerSent, slaveRegistered, writer } from './testHistory.ts';

const SLAVE = { cpus: 4, mem: 8192 };

/** Lines of a kind have the ids that this kind has. */
const written = <K extends string>(by: string, event: Parameters<ReturnType<typeof writer>>[1]) =>
  writer(by)(0, event) as HistoryLine & { readonly [id in K]: string };

const ofTask = (by: string, taskId: string, frameworkId: string) =>
  written<'taskId' | 'frameworkId' | 'slaveId'>(by, launched(taskId, frameworkId, 's', SLAVE));

test('a task has one number, whichever master tells of it, and none that another has', () => {
  const pass = newPass();
  const numbers = [
    ofTask('master@m1', 't', 'f'),
    ofTask('master@m1', 't', 'g'),
    ofTask('master@m1', 'u', 'f'),
    ofTask('standalone@f1', 't', 'f'),
    ofTask('standalone@f2', 't', 'f'),
  ].map(pass.task);
  assert.equal(numbers, [0, 1, 2, 3, 4]);
  assert.is(pass.task(ofTask('master@m2', 't', 'f')), 0);
  assert.is(pass.task(ofTask('standalone@f2', 't', 'f')), 4);
});

test('slaves and frameworks are numbered by themselves, as tasks are', () => {
  const pass = newPass();
  const [own, other] = [ofTask('master@m1', 't', 'f'), ofTask('standalone@f1', 't', 'f')];
  assert.is(pass.task(own), 0);
  assert.is(pass.framework(own), 0);
  assert.is(pass.framework(other), 1);
  assert.is(pass.framework(ofTask('master@m2', 'u', 'f')), 0);
  const registered = written<'slaveId'>('master@m2', slaveRegistered('s', SLAVE));
  assert.is(pass.slave(own), 0);
  assert.is(pass.slave(other), 1);
  assert.is(pass.slave(registered), 0);
});

test('an offer is one of the master that made it, and of no other', () => {
  const pass = newPass();
  const sent = written<'offerId'>('master@m1', offerSent('o', 'f', 's', SLAVE));
  assert.is(pass.offer(sent), 0);
  assert.is(pass.offer(written<'offerId'>('master@m2', offerSent('o', 'f', 's', SLAVE))), 1);
  assert.is(pass.offer(written<'offerId'>('master@m1', offerAccepted('o', 1))), 0);
  assert.is(pass.offer(written<'offerId'>('master@m1', offerDeclined('p'))), 2);
});

test('all that ask for a fold in a pass get the same one, those of other passes another', () => {
  const made: unknown[] = [];
  const make = (pass: unknown): object => {
    made.push(pass);
    return {};
  };
  const pass = newPass();
  assert.is(pass.shared(make), pass.shared(make));
  assert.equal(made, [pass]);
  assert.is.not(newPass().shared(make), pass.shared(make));
});

test.run();
