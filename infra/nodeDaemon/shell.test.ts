import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Place } from '../place.ts';
import { tell } from './shell.ts';

const PLACE: Place = {
  name: 'here',
  ip: '127.0.0.1',
  shell: ['sh', '-c'],
  folder: '/nowhere',
  store: '/nowhere',
};
/** More than a pipe holds. */
const much = () => Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(65_536)));

test('a script that ends well without reading all of its input has ended well', async () => {
  assert.is(await tell(PLACE, 'exit 0', much()), '');
});

test('one that fails is told by its last words, or by how it ended', async () => {
  const said = (script: string, input: string | Readable) =>
    tell(PLACE, script, input).then(
      () => undefined,
      ({ message }: Error) => message,
    );
  assert.is(await said('echo no space >&2; exit 3', much()), 'machine here: no space');
  assert.is(await said('exit 3', ''), 'machine here: its shell ended (exit code 3)');
});

/** A shell whose files greet whoever comes: `$0` is the script. */
const greeting = (words: string): Place => ({ ...PLACE, shell: ['sh', '-c', `${words}; exec sh -c "$0"`] });

test('what the files of a shell write before the script begins is no part of its answer', async () => {
  for (const words of ['echo welcome', 'printf "no end"', 'seq 1 200000', ':']) {
    assert.is(await tell(greeting(words), 'echo answer; echo more', ''), 'answer');
    assert.is(await tell(greeting(words), 'cat >/dev/null', much()), '');
  }
});

test('a shell that does not run what it is given is told by what it says', async () => {
  const place: Place = { ...PLACE, shell: ['sh', '-c', 'echo "this account is for mail only"'] };
  const error = await tell(place, 'echo answer', '').catch(({ message }: Error) => message);
  assert.is(
    error,
    'machine here: its shell does not run what it is given; it says: this account is for mail only',
  );
});

test('input that breaks off is an error although the script ends well', async () => {
  const broken = new Readable({
    read() {
      this.destroy(new Error('the archive cannot be made'));
    },
  });
  const error = await tell(PLACE, 'cat >/dev/null', broken).then(
    () => undefined,
    ({ message }: Error) => message,
  );
  assert.is(error, 'machine here: the archive cannot be made');
});

test.run();
