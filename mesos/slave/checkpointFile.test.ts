import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CheckpointRecord, recordsOf, restore } from './checkpoint.ts';
import { checkpointPath, openCheckpoint } from './checkpointFile.ts';
import { testTask } from './testSlave.ts';
import { type RecoveredUpdates, WAITING_MAX } from './updates.ts';

const test = suite<{ workDir: string }>('checkpoint on disk');

test.before.each((context) => {
  context.workDir = mkdtempSync(join(tmpdir(), 'checkpoint-'));
});
test.after.each(({ workDir }) => rmSync(workDir, { recursive: true }));

const fail = (error: Error): never => {
  throw error;
};
const open = (workDir: string, more: { bootId?: string; compactBytesMin?: number } = {}) =>
  openCheckpoint({ workDir, onError: fail, ...more });

const task = testTask('t');
const status = (uuid: string, state: 'TASK_RUNNING' | 'TASK_FINISHED', taskId = 't') => ({
  taskId,
  state,
  source: 'SOURCE_EXECUTOR' as const,
  timestamp: 1,
  uuid,
});
const launch = (taskId: string): CheckpointRecord => ({
  kind: 'task',
  frameworkId: 'f',
  info: testTask(taskId),
  isShort: taskId === 's',
  launchedMs: 5,
});

const RECORDS: readonly CheckpointRecord[] = [
  { kind: 'slave', slaveId: 'S0' },
  { kind: 'resources', resources: { cpus: 3, 'cpus(gold)': 1 } },
  { kind: 'framework', frameworkInfo: { user: 'u', name: 'f', id: 'f' } },
  { kind: 'executor', containerId: 'S0-0', frameworkId: 'f', executorInfo: task.executor, state: { pid: 7 } },
  { kind: 'executor', containerId: 'S0-1', frameworkId: 'g', executorInfo: task.executor },
  launch('t'),
  launch('s'),
  { kind: 'update', frameworkId: 'f', status: status('u1', 'TASK_RUNNING') },
  { kind: 'acknowledged', frameworkId: 'f', taskId: 't', uuid: 'u1' },
  { kind: 'update', frameworkId: 'f', status: status('u2', 'TASK_RUNNING') },
  { kind: 'kill', frameworkId: 'f', taskId: 's', order: { cause: 'order', deadlineMs: 9 } },
  { kind: 'executor-ending', containerId: 'S0-0' },
  { kind: 'executor-ended', containerId: 'S0-1' },
];

test('a file that is written anew has no framework of which nothing is left, until it has something again', ({
  workDir,
}) => {
  const checkpoint = open(workDir, { compactBytesMin: 1_000 });
  checkpoint.append({ kind: 'slave', slaveId: 'S0' });
  for (const id of ['f', 'g', 'h'])
    checkpoint.append({ kind: 'framework', frameworkInfo: { user: 'u', name: `name of ${id}`, id } });
  checkpoint.append(launch('t'));
  const text = (): string => readFileSync(checkpointPath(workDir), 'utf8');
  for (let n = 0; text().includes('name of g'); n++) {
    assert.ok(n < 100);
    checkpoint.append({ kind: 'resources', resources: { cpus: n } });
  }
  assert.ok(text().includes('name of f'));
  checkpoint.append({ ...launch('u'), frameworkId: 'g' } as CheckpointRecord);
  assert.equal(
    open(workDir)
      .load()
      ?.frameworks.map(({ id }) => id),
    ['f', 'g'],
  );
});

test('what was kept is there for the next process, as often as it is asked for', ({ workDir }) => {
  assert.is(open(workDir).load(), undefined);
  const checkpoint = open(workDir);
  for (const record of RECORDS) checkpoint.append(record);
  for (let times = 0; times < 3; times++) {
    const recovered = open(workDir).load();
    assert.is(recovered?.slaveId, 'S0');
    assert.equal(
      recovered?.executors.map(({ containerId, state, isEnding }) => [containerId, state, isEnding]),
      [['S0-0', { pid: 7 }, true]],
    );
    assert.equal(
      recovered?.tasks.map(({ info, state, isShort, kill, updates }) => [
        info.taskId,
        state,
        isShort,
        kill,
        updates.waiting.map(({ uuid }) => uuid),
        [...updates.seen].sort(),
      ]),
      [
        ['t', 'TASK_RUNNING', false, undefined, ['u2'], ['u1', 'u2']],
        ['s', 'TASK_STAGING', true, { cause: 'order', deadlineMs: 9 }, [], []],
      ],
    );
    assert.equal(
      recovered?.frameworks.map(({ id }) => id),
      ['f'],
    );
  }
});

test('what was appended after a load is there too', ({ workDir }) => {
  for (const record of RECORDS) open(workDir).append(record);
  const checkpoint = open(workDir);
  checkpoint.append({ kind: 'acknowledged', frameworkId: 'f', taskId: 't', uuid: 'u2' });
  checkpoint.append({ kind: 'update', frameworkId: 'f', status: status('u3', 'TASK_FINISHED') });
  assert.is(open(workDir).load()?.tasks.length, 2);
  open(workDir).append({ kind: 'acknowledged', frameworkId: 'f', taskId: 't', uuid: 'u3' });
  assert.equal(
    open(workDir)
      .load()
      ?.tasks.map(({ info }) => info.taskId),
    ['s'],
  );
});

test('a last line that was cut short is left out', ({ workDir }) => {
  const checkpoint = open(workDir);
  for (const record of RECORDS) checkpoint.append(record);
  const text = readFileSync(checkpointPath(workDir), 'utf8');
  const before = text.split('\n').length;
  for (const length of [1, 20, JSON.stringify(launch('x')).length]) {
    appendFileSync(checkpointPath(workDir), JSON.stringify(launch('x')).slice(0, length));
    const recovered = open(workDir).load();
    assert.is(recovered?.tasks.length, 2);
    assert.ok(readFileSync(checkpointPath(workDir), 'utf8').split('\n').length <= before);
  }
});

test('a checkpoint that cannot be read says so, and what to do', ({ workDir }) => {
  const checkpoint = open(workDir);
  for (const record of RECORDS) checkpoint.append(record);
  const text = readFileSync(checkpointPath(workDir), 'utf8');
  const lines = text.split('\n');
  for (const [broken, why] of [
    [lines.with(3, '{"kind":"exec').join('\n'), /line 4 is no JSON/],
    [lines.with(3, '{"kind":"executor"}').join('\n'), /line 4 is no record/],
    [lines.slice(1).join('\n'), /does not begin like a checkpoint/],
    [`\0\0\0\0\n${text}`, /line 1 is no JSON/],
  ] as const) {
    writeFileSync(checkpointPath(workDir), broken);
    assert.throws(() => open(workDir), why);
    assert.throws(
      () => open(workDir),
      /slave\.ndjson cannot be read: .*remove the file to start as a new slave/,
    );
  }
});

test('after a restart of the machine no container can be found again', ({ workDir }) => {
  const checkpoint = open(workDir, { bootId: 'one' });
  for (const record of RECORDS) checkpoint.append(record);
  assert.equal(open(workDir, { bootId: 'one' }).load()?.executors[0]?.state, { pid: 7 });
  for (let times = 0; times < 2; times++) {
    const recovered = open(workDir, { bootId: 'two' }).load();
    assert.is(recovered?.slaveId, 'S0');
    assert.equal(
      recovered?.executors.map(({ state }) => state),
      [undefined],
    );
  }
});

test('what is cleared is gone, and what comes later is kept', ({ workDir }) => {
  const checkpoint = open(workDir);
  for (const record of RECORDS) checkpoint.append(record);
  checkpoint.clear();
  assert.is(open(workDir).load(), undefined);
  checkpoint.append({ kind: 'slave', slaveId: 'S1' });
  assert.is(open(workDir).load()?.slaveId, 'S1');
});

test('how the resources are named outlives what the slave was, a restart of the machine and a file that is written anew', ({
  workDir,
}) => {
  const names = (cpus: number): CheckpointRecord => ({
    kind: 'resources',
    resources: { 'cpus(gold)': cpus },
  });
  const checkpoint = open(workDir, { bootId: 'one', compactBytesMin: 2000 });
  assert.is(checkpoint.resources(), undefined);
  for (const record of RECORDS) checkpoint.append(record);
  assert.equal(open(workDir, { bootId: 'one' }).resources(), { cpus: 3, 'cpus(gold)': 1 });
  for (let n = 0; n < 100; n++) checkpoint.append(names(n));
  for (const bootId of ['one', 'two']) {
    const again = open(workDir, { bootId });
    assert.equal([again.resources(), again.load()?.resources], [{ 'cpus(gold)': 99 }, { 'cpus(gold)': 99 }]);
    assert.is(again.load()?.slaveId, 'S0');
  }
  assert.ok(statSync(checkpointPath(workDir)).size < 4000);
  checkpoint.clear({ 'cpus(gold)': 7 });
  for (let times = 0; times < 2; times++) {
    const again = open(workDir);
    assert.equal([again.resources(), again.load()], [{ 'cpus(gold)': 7 }, undefined]);
  }
  checkpoint.append({ kind: 'slave', slaveId: 'S1' });
  assert.equal(open(workDir).load()?.resources, { 'cpus(gold)': 7 });
});

test('a file that grows is written anew without what has ended', ({ workDir }) => {
  const checkpoint = open(workDir, { compactBytesMin: 20_000 });
  for (const record of RECORDS) checkpoint.append(record);
  for (let n = 0; n < 1_000; n++) {
    checkpoint.append(launch(`t${n}`));
    checkpoint.append({
      kind: 'update',
      frameworkId: 'f',
      status: status(`v${n}`, 'TASK_FINISHED', `t${n}`),
    });
    checkpoint.append({ kind: 'acknowledged', frameworkId: 'f', taskId: `t${n}`, uuid: `v${n}` });
  }
  assert.ok(statSync(checkpointPath(workDir)).size < 25_000);
  assert.is(open(workDir).load()?.tasks.length, 2);
});

test('of a task that tells much the latest is kept, whether it is acknowledged or waits', ({ workDir }) => {
  const tell = (count: number, isAcknowledged: boolean): void => {
    const checkpoint = open(workDir, { compactBytesMin: 20_000 });
    for (const record of RECORDS) checkpoint.append(record);
    for (let n = 0; n < count; n++) {
      checkpoint.append({ kind: 'update', frameworkId: 'f', status: status(`v${n}`, 'TASK_RUNNING', 's') });
      if (isAcknowledged)
        checkpoint.append({ kind: 'acknowledged', frameworkId: 'f', taskId: 's', uuid: `v${n}` });
    }
  };
  const told = (): RecoveredUpdates | undefined => open(workDir).load()?.tasks[1]?.updates;
  tell(2_000, true);
  assert.ok(statSync(checkpointPath(workDir)).size < 50_000);
  assert.is(told()?.waiting.length, 0);
  assert.is(told()?.seen.at(-1), 'v1999');
  open(workDir).clear();
  tell(WAITING_MAX + 5, false);
  assert.equal(
    told()
      ?.waiting.map(({ uuid }) => uuid)
      .slice(-2),
    [`v${WAITING_MAX - 2}`, `v${WAITING_MAX + 4}`],
  );
});

test('records that cannot be written are told, and nothing goes on', ({ workDir }) => {
  const checkpoint = open(workDir);
  writeFileSync(join(workDir, 'meta'), 'in the way');
  assert.throws(
    () => checkpoint.append(RECORDS[0] as CheckpointRecord),
    /checkpoint .* cannot be written: .*free some space/,
  );
});

test('an end that nobody has acknowledged is still there after the file was written anew', ({ workDir }) => {
  const checkpoint = open(workDir);
  for (const record of RECORDS.slice(0, -2)) checkpoint.append(record);
  checkpoint.append({ kind: 'acknowledged', frameworkId: 'f', taskId: 't', uuid: 'u2' });
  checkpoint.append({ kind: 'update', frameworkId: 'f', status: status('u3', 'TASK_FINISHED') });
  for (let times = 0; times < 3; times++)
    assert.equal(
      open(workDir)
        .load()
        ?.tasks.map(({ info, updates }) => [info.taskId, updates.waiting.map(({ uuid }) => uuid)]),
      [
        ['t', ['u3']],
        ['s', []],
      ],
    );
});

test('a framework of which nothing runs at the moment stays when the file is written anew', ({ workDir }) => {
  const checkpoint = open(workDir, { compactBytesMin: 1 });
  for (const record of RECORDS.slice(0, 3)) checkpoint.append(record);
  // Enough for the file to be written anew in between.
  for (let n = 0; n < 100; n++) checkpoint.append({ kind: 'slave', slaveId: 'S0' });
  checkpoint.append(launch('t'));
  assert.equal(
    open(workDir)
      .load()
      ?.frameworks.map(({ id }) => id),
    ['f'],
  );
});

test('the fewest records add up to the same', () => {
  const recovered = restore(RECORDS);
  assert.ok(recovered);
  assert.equal(restore(recordsOf(recovered)), recovered);
});

test.run();
