/** Sessions: whose processes end when, whatever dies first, and what is told of them over connections that break. */
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { duplexPair, PassThrough } from 'node:stream';
import { mock } from 'node:test';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startProxy } from '../../mesos/election/testProxy.ts';
import { connect, type RemoteMachine } from './connect.ts';
import { processTable } from './processTable.ts';
import { AWAITED_MAX, decode, encode, type News, newsSchema } from './protocol.ts';
import type { SessionCall } from './sessionNews.ts';
import { sessionsOf } from './sessions.ts';
import { gone, type TestMachine, type TestPlace, testMachine, testPlace } from './testPlace.ts';

let place: TestPlace;
let machine: TestMachine;
// Not as the file is read: the tests of other files keep this process so busy that the session would be lost.
test.before(async () => {
  place = await testPlace();
  machine = await testMachine(place);
});
test.after(async () => {
  await machine[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** For sessions that are to be lost soon, and not while a busy machine starts something. */
const SILENCE_MS = 3_000;

/** A shell that says its pid and that of a child in a session of its own, and waits. */
const PAIR = 'setsid sleep 1000 & echo "pids $$ $!"; wait';

async function startPair(on: RemoteMachine, name: string, isKept = false): Promise<readonly number[]> {
  const process = await on.start({ name, program: 'sh', arguments: ['-c', PAIR], isKept });
  const [, shell, child] = await process.waitForLine(/^pids (\d+) (\d+)$/);
  return [Number(shell), Number(child)];
}

test('a controller that is killed leaves nothing running, nor what has left its group', async () => {
  const script = `
    import { connect } from ${JSON.stringify(import.meta.resolve('./connect.ts'))};
    const { record, keys } = JSON.parse(process.env.TARGET);
    const machine = await connect(record, keys, { silenceMs: ${SILENCE_MS} });
    const pair = await machine.start({ name: 'pair', program: 'sh', arguments: ['-c', ${JSON.stringify(PAIR)}] });
    console.log((await pair.waitForLine(/^pids/)).input);
  `;
  const { record, keys } = machine;
  const controller = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TARGET: JSON.stringify({ record, keys }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let wasKilled = false;
  for await (const line of createInterface({ input: controller.stdout })) {
    const pids = line.split(' ').slice(1).map(Number);
    assert.is(pids.length, 2);
    controller.kill('SIGKILL');
    wasKilled = true;
    await Promise.all(pids.map(gone));
  }
  assert.ok(wasKilled, 'it ended by itself');
  assert.is((await machine.processes()).find(({ name }) => name === 'pair')?.exit === null, false);
});

test('what is kept outlives its controller, is followed by another one, and names are taken once', async () => {
  const first = await connect(machine.record, machine.keys);
  const [pid = 0] = await startPair(first, 'kept', true);
  await startPair(first, 'not-kept');
  await first[Symbol.asyncDispose]();
  const known = (await machine.processes()).filter(({ exit }) => exit === null);
  assert.equal(
    known.map((process) => [process.name, process.pid, process.isKept]),
    [['kept', pid, true]],
  );
  const refused = await machine
    .start({ name: 'kept', program: 'true', arguments: [] })
    .catch((error) => error);
  assert.is(refused.message, "machine node1: a process 'kept' is running already");
  const followed = await Promise.all(known.map((process) => machine.follow(process)));
  assert.match((await followed[0]?.waitForLine(/^pids/))?.input ?? '', `pids ${pid} `);
  await followed[0]?.stop();
  assert.equal(await followed[0]?.exited, { code: null, signal: 'SIGTERM' });
});

test('of processes that are asked for at a time, one has their name', async () => {
  await using own = await testPlace('names');
  await mkdir(own.folder, { recursive: true });
  const table = processTable(own.folder, 'names');
  const spec = { name: 'same', program: 'sleep', arguments: ['1000'] };
  const started = await Promise.allSettled([table.start('1', spec, 'one'), table.start('2', spec, 'other')]);
  const running = table.running().map(({ id }) => id);
  await table.endAll();
  assert.equal(
    started.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.equal(running, ['1']);
});

test('a connection that breaks ends nothing; lines that could not be kept meanwhile are counted', async () => {
  const proxy = await startProxy(`127.0.0.1:${machine.record.port}`);
  const port = Number(proxy.address.split(':')[1]);
  await using behind = await connect({ ...machine.record, port }, machine.keys);
  const script =
    'echo ready; kill -STOP $$; i=0; while [ $i -lt 9000 ]; do i=$((i + 1)); echo "line $i"; done';
  const process = await behind.start({ name: 'chatty', program: 'sh', arguments: ['-c', script] });
  await process.waitForLine(/^ready$/);
  let seen = 0;
  let leftOut = 0;
  process.onLine(/^line/, () => {
    seen += 1;
  });
  process.onLine(/^\[(\d+) lines are left out/, ([, count]) => {
    leftOut += Number(count);
  });
  proxy.freeze();
  const [chatty] = (await machine.processes()).filter(({ name, exit }) => name === 'chatty' && exit === null);
  assert.ok(chatty);
  const other = await machine.follow(chatty);
  other.signal('SIGCONT');
  await other.exited;
  const late = behind.start({ name: 'late', program: 'echo', arguments: ['late'] });
  proxy.thaw();
  assert.equal(await process.exited, { code: 0, signal: null });
  assert.is(seen + leftOut, 9_000);
  assert.ok(leftOut > 0, 'no more than a bounded number is kept');
  assert.equal(process.lastLines().at(-1), 'line 9000');
  assert.is(String(await machine.read('chatty.log')).split('\n').length, 9_002);
  // What was ordered while nothing came through is done, once.
  assert.equal(await (await late).exited, { code: 0, signal: null });
  await behind[Symbol.asyncDispose]();
  await proxy.close();
});

test('when nothing comes through for too long, the daemon ends the processes and the controller says that they are lost', async () => {
  const proxy = await startProxy(`127.0.0.1:${machine.record.port}`);
  const port = Number(proxy.address.split(':')[1]);
  const behind = await connect({ ...machine.record, port }, machine.keys, { silenceMs: SILENCE_MS });
  const process = await behind.start({ name: 'lost', program: 'sleep', arguments: ['1000'] });
  proxy.freeze();
  await gone(process.pid);
  assert.equal(await process.exited, { code: null, signal: 'SIGKILL' });
  assert.match((await behind.lost).message, /^machine node1: lost: nothing was heard of it for 3000 ms$/);
  const late = await behind.start({ name: 'late', program: 'true', arguments: [] }).catch((error) => error);
  assert.is(late.message, (await behind.lost).message);
  await proxy.close();
});

test('a controller that comes back at the last moment has been heard', async () => {
  await using own = await testPlace('late');
  await mkdir(own.folder, { recursive: true });
  const said: string[] = [];
  const table = processTable(own.folder, 'late');
  const sessions = sessionsOf(table, (line) => said.push(line));
  const order = (silenceMs: number) =>
    encode({ order: 'hello', session: 'one', silenceMs, seen: {}, awaited: [] });
  const callWith = (hello: Buffer): void => {
    const call = new PassThrough({ objectMode: true });
    sessions.take(call as unknown as SessionCall);
    // What a stream is given comes out at the other end a moment later.
    call.emit('data', hello);
  };
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  try {
    callWith(order(1_000));
    // It is called silent, and looked at once more.
    mock.timers.tick(1_050);
    callWith(order(5_000));
    mock.timers.tick(1_000);
    assert.equal(said, ['session one begins']);
    mock.timers.tick(4_200);
    mock.timers.tick(200);
    assert.equal(said, ['session one begins', 'session one ends: nothing was heard for 5000 ms']);
  } finally {
    mock.timers.reset();
  }
});

test('why something was refused is told again to who waits for it, and not kept of more than may wait', async () => {
  await using own = await testPlace('refusals');
  await mkdir(own.folder, { recursive: true });
  const table = processTable(own.folder, 'refusals');
  const sessions = sessionsOf(table, () => {});
  using calls = new DisposableStack();
  const connected = async (order: { silenceMs: number; awaited: readonly string[] }) => {
    const [here, there] = duplexPair({ objectMode: true });
    calls.defer(() => there.destroy());
    sessions.take(there as unknown as SessionCall);
    here.write(encode({ order: 'hello', session: 'one', seen: {}, ...order }));
    const all = here[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const next = async (): Promise<News> => {
      const news = decode(newsSchema, (await all.next()).value);
      return news.news === 'beat' ? next() : news;
    };
    assert.is((await next()).news, 'welcome');
    return { here, next };
  };
  const silenceMs = 60_000;
  const first = await connected({ silenceMs, awaited: [] });
  for (let n = 0; n <= AWAITED_MAX; n++) {
    first.here.write(encode({ order: 'follow', id: `${n}` }));
    assert.equal(await first.next(), { news: 'refused', id: `${n}`, reason: 'it is not known any more' });
  }
  const { here, next } = await connected({ silenceMs, awaited: ['0', '1', `${AWAITED_MAX}`] });
  here.write(encode({ order: 'end' }));
  const told: News[] = [];
  while (told.at(-1)?.news !== 'ended') told.push(await next());
  assert.equal(
    told.flatMap((news) => (news.news === 'refused' ? [news.id] : [])),
    ['1', `${AWAITED_MAX}`],
  );
});

test('a daemon that is killed takes its processes with it, the kept and those that left their group too', async () => {
  await using own = await testPlace('victim');
  const victim = await testMachine(own);
  const pids = await startPair(victim, 'pair');
  const kept = await startPair(victim, 'kept', true);
  process.kill(victim.record.pid, 'SIGKILL');
  await Promise.all([...pids, ...kept].map(gone));
  assert.match(
    (await victim.lost).message,
    /^machine victim: no daemon listens on 127\.0\.0\.1:\d+; has it ended\?$/,
  );
});

test.run();
