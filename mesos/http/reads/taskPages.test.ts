import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Framework, Slave, Task } from '../../master/state.ts';
import { TaskPages } from './taskPages.ts';
import { type TaskRecord, taskJson } from './taskRecord.ts';

function record(n: number): TaskRecord {
  const task = {
    id: `t${n}`,
    name: `task "${n}" \u00e9`,
    framework: { id: 'F', info: { user: 'u', name: 'f' } } as Framework,
    slave: { id: 'S' } as Slave,
    executorId: 'e',
    resources: { cpus: n },
    state: 'TASK_RUNNING',
  } as unknown as Task;
  return { task, statuses: [], counted: 'TASK_RUNNING', holds: true, updateState: undefined };
}

const COMMON = '"framework_id":"F","role":"*"';

const textsOf = (pages: Iterable<Uint8Array>): readonly string[] => {
  const text = Array.from(pages, (page) => Buffer.from(page).toString('latin1')).join('');
  return (JSON.parse(`[${text.slice(1)}]`) as unknown[]).map((task) => JSON.stringify(task)).sort();
};

const shown = (records: readonly TaskRecord[]): readonly string[] =>
  records.map((one) => JSON.stringify(JSON.parse(taskJson(one, COMMON)))).sort();

test('whatever is added, changed and removed, the pages show what there is, and a snapshot what there was', () => {
  const steps = fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constant('add' as const), count: fc.integer({ min: 1, max: 150 }) }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('remove' as const), count: fc.integer({ min: 1, max: 150 }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('change' as const), count: fc.integer({ min: 1, max: 9 }) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), count: fc.constant(0) }) },
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const pages = new TaskPages(COMMON);
      const present: TaskRecord[] = [];
      let made = 0;
      for (const { do: what, count } of all)
        switch (what) {
          case 'add':
            for (let n = 0; n < count; n++) {
              const one = record(made++);
              present.push(one);
              pages.add(one);
            }
            break;
          case 'remove':
            for (const one of present.splice(count % 7, count)) pages.remove(one);
            break;
          case 'change':
            for (const one of present.slice(0, count)) {
              one.statuses = [{ state: 'TASK_RUNNING', source: 'SOURCE_EXECUTOR', timestamp: made++ }];
              pages.changed(one);
            }
            break;
          case 'read':
            assert.equal(textsOf(pages.snapshot()), shown(present));
            break;
          default:
            what satisfies never;
        }
      const before = pages.snapshot();
      const was = present.map(({ task }) => task.id).sort();
      for (const one of present.splice(0, present.length / 2)) pages.remove(one);
      const others = [record(made++), record(made++)];
      for (const one of others) pages.add(one);
      assert.equal(
        textsOf(before)
          .map((json) => JSON.parse(json).id)
          .sort(),
        was,
      );
      assert.equal(textsOf(pages.snapshot()), shown([...present, ...others]));
    }),
    { numRuns: 60, seed: 7 },
  );
});

test('what has not changed is not written again', () => {
  const pages = new TaskPages(COMMON);
  const records = Array.from({ length: 1000 }, (_, n) => record(n));
  for (const one of records) pages.add(one);
  const first = [...pages.snapshot()];
  pages.changed(records[500] as TaskRecord);
  const second = [...pages.snapshot()];
  assert.is(second.filter((page) => !first.includes(page)).length, 1);
});

test.run();
