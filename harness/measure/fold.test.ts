import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fold, foldOf, foldStream, observing } from './fold.ts';
import { launched, offerAccepted, slaveRegistered, updated, writer } from './testHistory.ts';

const SLAVE = { cpus: 4, mem: 8192 };
const write = writer('master@m');
const LINES = [
  write(1, slaveRegistered('s', SLAVE)),
  write(2, offerAccepted('o', 1)),
  write(3, launched('t', 'f', 's', SLAVE)),
  write(4, updated('t', 'f', 's', 'TASK_RUNNING')),
];

/** Says what it got. */
function heard(name: string, said: string[], parts: readonly ReturnType<typeof foldOf>[] = []) {
  return foldOf({
    parts,
    on: {
      every: ({ t }) => void said.push(`${name} at ${t}`),
      'task-launched': ({ taskId }) => void said.push(`${name} launch of ${taskId}`),
    },
    result: () => said.length,
  });
}

test('a fold gets every line, and those about an event once more where it asks for them', () => {
  const said: string[] = [];
  assert.is(fold(LINES, heard('a', said)), 5);
  assert.equal(said, ['a at 1', 'a at 2', 'a at 3', 'a launch of t', 'a at 4']);
});

test('what a fold builds on gets each line before it does, however deep', () => {
  const said: string[] = [];
  const inner = heard('inner', said);
  const outer = heard('outer', said, [heard('middle', said, [inner])]);
  outer.observe(write(7, offerAccepted('o', 1)));
  assert.equal(said, ['inner at 7', 'middle at 7', 'outer at 7']);
});

test('a fold that several build on gets each line once', () => {
  const said: string[] = [];
  const shared = heard('shared', said);
  const observe = observing([heard('a', said, [shared]), heard('b', said, [shared]), shared]);
  for (const line of LINES.slice(0, 2)) observe(line);
  assert.equal(said, ['shared at 1', 'a at 1', 'b at 1', 'shared at 2', 'a at 2', 'b at 2']);
});

test('a fold that asks for nothing but what its parts find has a result all the same', async () => {
  const counted = heard('a', []);
  const doubled = foldOf({ parts: [counted], result: () => 2 * (counted.result() as number) });
  assert.is(
    await foldStream(
      (async function* () {
        yield* LINES;
      })(),
      doubled,
    ),
    10,
  );
});

test.run();
