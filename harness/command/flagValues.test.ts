import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { duration, resourceList, wholeNumber } from './flagValues.ts';

test('whole numbers are read within their range, both ends included', () => {
  const read = wholeNumber('--port', 0, 65_535);
  assert.is(read('0'), 0);
  assert.is(read('65535'), 65_535);
  for (const text of ['', '-1', '1.5', '1e3', '0x10', '65536', 'x'])
    assert.throws(() => read(text), /^--port must be a whole number from 0 to 65535, not '/, text);
});

test('time spans are read as Mesos writes them, in milliseconds', () => {
  const read = duration('--offer_timeout');
  for (const [text, ms] of [
    ['1ms', 1],
    ['1.5secs', 1_500],
    ['2mins', 120_000],
    ['24hrs', 86_400_000],
    ['1days', 86_400_000],
  ] as const)
    assert.is(read(text), ms, text);
  for (const text of ['', '5', '0ms', '-1secs', '5 secs', '25hrs', '1weeks'])
    assert.throws(
      () => read(text),
      /^--offer_timeout must be a time such as .*, from 1ms to 24hrs, not '/,
      text,
    );
});

test('a time span may be as long as its flag allows', () => {
  assert.is(duration('--gc_delay', '52weeks')('1weeks'), 604_800_000);
});

test('resources are read, and what is wrong with them is told with the name of the flag', () => {
  assert.equal(resourceList('--resources')('cpus:4;mem:4096'), { cpus: 4, mem: 4096 });
  assert.throws(() => resourceList('--resources')('cpus'), /^--resources: /);
});

test.run();
