import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { followFile, type Shown } from './tail.ts';

interface World {
  fetch: typeof fetch;
}

const test = suite<World>('the end of a file');

test.before((world) => {
  world.fetch = globalThis.fetch;
});
test.after((world) => {
  globalThis.fetch = world.fetch;
});

/** Follows a file of ASCII, to which `more` is written and then nothing, until all of it has come. */
async function following(content: string, more = '') {
  globalThis.fetch = async (url) => {
    const { pathname, searchParams } = new URL(`${url}`);
    const [offset, length] = ['offset', 'length'].map((name) => Number(searchParams.get(name))) as [
      number,
      number,
    ];
    if (pathname === '/files/follow') return new Response(content.slice(offset) + more);
    if (offset < 0) return Response.json({ offset: content.length, data: '' });
    return Response.json({ offset, data: content.slice(offset, offset + length) });
  };
  const complete = Promise.withResolvers<void>();
  let latest: Shown | undefined;
  const slave = { hostname: 'node1', origin: 'http://node1:5051' };
  const tail = followFile(slave, undefined, '/stdout', (shown) => {
    latest = shown;
    if (!shown.isFollowing) complete.resolve();
  });
  await complete.promise;
  return { tail, shown: () => latest as Shown };
}

test('what stands before is shown once, however often it is asked for at a time', async () => {
  const content = Array.from({ length: 30_000 }, (_, n) => `line ${n}\n`).join('');
  const { tail, shown } = await following(content);
  await Promise.all([tail.earlier(), tail.earlier()]);
  assert.ok(shown().fromByte > 0);
  assert.ok(shown().text === content.slice(shown().fromByte));
});

test('what stands before may fail to come, and be asked for again, while the file is followed', async () => {
  const { tail, shown } = await following('x'.repeat(100_000));
  const { fetch } = globalThis;
  globalThis.fetch = async () => new Response('no such slave', { status: 502 });
  const error = await tail.earlier().catch((error: Error) => error);
  assert.instance(error, Error);
  assert.is(shown().trouble, undefined, 'following goes on as it did');
  globalThis.fetch = fetch;
  await tail.earlier();
  assert.is(shown().fromByte, 0);
});

test('of a line that never ends, the end is kept', async () => {
  const more = `${'x'.repeat(3 << 20)}end`;
  const { shown } = await following('', more);
  const { text, fromByte } = shown();
  assert.ok(text.length <= 1 << 20);
  assert.ok(text === more.slice(fromByte));
});

test.run();
