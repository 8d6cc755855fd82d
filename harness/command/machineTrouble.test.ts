import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { machineTrouble } from './machineTrouble.ts';

const thrownBy = (act: () => void): unknown => {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
};

test('a full disk is told in one sentence, also where it is the cause of another error', () => {
  const full = thrownBy(() => writeFileSync('/dev/full', 'text'));
  const sentence = 'the disk is full: make room, and say it again';
  assert.match(machineTrouble(full) ?? '', sentence);
  assert.match(machineTrouble(new Error('no record', { cause: full })) ?? '', sentence);
});

test('an error of the code is none of the machine', () => {
  assert.is(machineTrouble(new TypeError('x is undefined')), undefined);
  assert.is(machineTrouble('a string'), undefined);
  assert.is(machineTrouble(thrownBy(() => writeFileSync('/nowhere/file', 'text'))), undefined);
});

test.run();
