import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fold } from './fold.ts';
import { arrivals } from './newcomer.ts';
import {
  frameworkRegistered,
  jobFinished,
  jobSubmitted,
  launched,
  offerAccepted,
  offerDeclined,
  offerSent,
  updated,
  writer,
} from './testHistory.ts';

const SLOT = { cpus: 1 };

test('waits count from the submission, once for each slot; offers that wait are held, tasks are use', () => {
  const write = writer('master@m:1');
  const lines = [
    write(0, frameworkRegistered('f1', 'newcomer')),
    write(0, frameworkRegistered('f2', 'others')),
    write(100, jobSubmitted('newcomer', 'j', 100)),
    write(110, offerSent('o1', 'f1', 's1', SLOT)),
    write(115, offerSent('o9', 'f2', 's9', SLOT)),
    write(130, offerSent('o2', 'f1', 's2', SLOT)),
    write(131, offerAccepted('o1', 1)),
    write(131, offerDeclined('o2')),
    write(131, launched('t1', 'f1', 's1', SLOT)),
    write(131, launched('t9', 'f2', 's9', SLOT)),
    write(140, updated('t1', 'f1', 's1', 'TASK_RUNNING')),
    write(151, updated('t1', 'f1', 's1', 'TASK_FINISHED')),
    write(151, updated('t9', 'f2', 's9', 'TASK_FINISHED')),
    write(152, offerSent('o3', 'f1', 's1', SLOT)),
    write(153, offerDeclined('o3')),
    write(160, jobFinished('newcomer', 'j')),
    write(170, jobSubmitted('newcomer', 'unended', 170)),
  ];
  assert.equal(fold(lines, arrivals('newcomer')), [
    { waitsMs: [10, 30], completionMs: 60, usedMs: 20, heldMs: 21 + 1 + 1 },
  ]);
});

test.run();
