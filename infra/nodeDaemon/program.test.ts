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

test('a program is over when its reader stops or the signal says so, though a part of it that left its group holds its output', async () => {
  // The part speaks when it has left: whoever stops as soon as it hears that would else end it with the others.
  const script = `setsid sh -c 'echo $$; echo said; exec sleep 1000' & sleep 1000`;
  for (const ends of ['reader', 'signal'] as const) {
    const abort = new AbortController();
    const groups = new Set<number>();
    const guard = (group: number) => {
      groups.add(group);
      return () => groups.delete(group);
    };
    const options = { folder: '/', environment: {}, guard, signal: abort.signal };
    let said = '';
    try {
      for await (const piece of outputOf('sh', ['-c', script], options)) {
        said += piece.toString('utf8');
        if (!said.includes('said')) continue;
        if (ends === 'reader') break;
        abort.abort();
      }
    } catch (error) {
      assert.is(ends, 'signal', `${error}`);
    }
    process.kill(Number.parseInt(said, 10), 'SIGKILL');
    assert.is(groups.size, 0);
  }
});

test.run();
