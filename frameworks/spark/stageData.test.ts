import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packTask, unpackTask } from './stageData.ts';
import {
  type OwnData,
  pack,
  packReport,
  type StageData,
  type TaskReport,
  TaskReportSchema,
  unpack,
} from './taskData.ts';

const stageData = (stage: number): StageData => ({
  stage,
  plan: [{ dataset: stage, isCached: false, step: { type: 'source' }, inputs: [] }],
  output: { type: 'result', action: { type: 'count' } },
});
const ownData = (partition: number): OwnData => ({
  partition,
  sources: [{ node: 0, input: { type: 'values', bytes: new Uint8Array([1, 2, 3]) }, hosts: ['node1'] }],
  shuffles: [{ shuffle: 0, hosts: ['node1'], places: Int32Array.of(0, -1) }],
  broadcasts: [],
});

test('tasks of many stages, in any order, are told what their stage is told and what is their own', () => {
  for (const partition of [0, 1])
    for (let stage = 0; stage < 20; stage++) {
      const told = unpackTask(packTask(pack(stageData(stage)), ownData(partition)));
      assert.equal(
        told && JSON.stringify(told),
        JSON.stringify({ ...stageData(stage), ...ownData(partition) }),
      );
    }
});

test('a task without values of an application is told the same', () => {
  const own: OwnData = {
    ...ownData(3),
    sources: [{ node: 0, input: { type: 'model' }, hosts: [] }],
    shuffles: [],
  };
  assert.equal(unpackTask(packTask(pack(stageData(1)), own)), { ...stageData(1), ...own });
});

test('a report is read as it was written, whatever is in it', () => {
  const report = {
    result: { type: 'none' },
    accumulators: [],
    cache: { added: [{ dataset: 1, partition: 2, bytes: 3 }], dropped: [] },
    locality: 'memory',
    inputBytes: 5,
  } as const satisfies TaskReport;
  const inline = { type: 'inline', bytes: new Uint8Array([1, 2]) } as const;
  for (const one of [
    report,
    { ...report, result: inline },
    { ...report, accumulators: [{ id: 0, amount: -Infinity }] },
  ])
    assert.is(JSON.stringify(unpack(TaskReportSchema, packReport(one as TaskReport))), JSON.stringify(one));
});

test('bytes are read wherever they lie', () => {
  const data = packTask(pack(stageData(7)), ownData(1));
  const within = Buffer.concat([Buffer.alloc(3), data, Buffer.alloc(5)]).subarray(3, 3 + data.length);
  assert.is(unpackTask(within)?.partition, 1);
});

test('what is cut off, or is no task at all, is not read', () => {
  const data = packTask(pack(stageData(1)), ownData(0));
  for (const bytes of [
    Buffer.alloc(0),
    data.subarray(0, 3),
    data.subarray(0, 20),
    data.subarray(0, data.length - 9),
  ])
    assert.is(unpackTask(bytes), undefined);
  assert.is(unpackTask(packTask(pack({ stage: -1 }), ownData(0))), undefined);
  assert.is(unpackTask(packTask(pack(stageData(1)), { ...ownData(0), partition: -1 })), undefined);
});

test.run();
