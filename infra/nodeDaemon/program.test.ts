import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { outputOf } from './program.ts';

const run = async (script: string): Promise<string> => {
  let said = '';
  const options = {
    folder: '/',
    environment: {},
    guard: () => () => {},
    signal: new AbortController().signal,
  };
  for await (const piece of outputOf('sh', ['-c', script], options)) said += piece.toString('utf8');
  return said;
};

test('a program yields what it writes', async () => {
  assert.is(await run('echo one; echo two'), 'one\ntwo\n');
});

test('the last words of a program that fails are told, also if they come when it has ended', async () => {
  // A part of it goes on until the shell has been waited for, and speaks then.
  const script = '(while kill -0 $$ 2>/dev/null; do :; done; echo bad >&2) >/dev/null & exit 4';
  const error = await run(script).then(
    () => undefined,
    ({ message }: Error) => message,
  );
  assert.is(error, 'sh ended (exit code 4): bad');
});

test.run();
