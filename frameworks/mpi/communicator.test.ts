import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Communicator, Reduction } from './communicator.ts';
import { encodeFrame, FrameReader, PAYLOAD_BYTES_MAX } from './frame.ts';
import { introduce } from './handshake.ts';
import { Link } from './link.ts';
import { RankListener } from './rankListener.ts';
import { joinRanks, onRanks, TEST_SECRET } from './testRanks.ts';

const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9];

const message = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error) => String(error.message),
  );

/** Resolves when a connection is closed, however. */
function closed(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

test('messages arrive in order, by rank and tag, whoever asks first', async () => {
  await onRanks(3, async (ranks) => {
    if (ranks.rank === 0) {
      await ranks.send(1, Float64Array.of(1), 7);
      await ranks.send(1, Float64Array.of(2), 8);
      await ranks.send(1, Float64Array.of(3), 7);
    }
    if (ranks.rank === 2) await ranks.send(1, Float64Array.of(4), 7);
    if (ranks.rank === 1) {
      assert.equal([...(await ranks.receive(0, 8))], [2]);
      assert.equal([...(await ranks.receive(2, 7))], [4]);
      assert.equal([...(await ranks.receive(0, 7))], [1]);
      assert.equal([...(await ranks.receive(0, 7))], [3]);
    }
  });
});

test('a long message arrives whole, and may be changed as soon as it is sent', async () => {
  const length = 500_000;
  const [, sums] = await onRanks(2, async (ranks) => {
    if (ranks.rank === 0) {
      const values = new Float64Array(length).fill(1);
      const sending = ranks.send(1, values);
      values.fill(7);
      await sending;
      await ranks.send(1, values);
      return [];
    }
    const both = [await ranks.receive(0), await ranks.receive(0)];
    return both.map((values) => values.reduce((a, b) => a + b));
  });
  assert.equal(sums, [length, 7 * length]);
});

test('every collective operation is right for 1 to 9 ranks', async () => {
  for (const size of SIZES) {
    const everyone = Array.from({ length: size }, (_, rank) => rank);
    await onRanks(size, async (ranks) => {
      const { rank } = ranks;
      assert.is(ranks.size, size);
      const mine = Float64Array.of(rank + 1, -rank, 0.5);
      const sum = (size * (size + 1)) / 2;
      assert.equal([...(await ranks.allreduce(mine, 'sum'))], [sum, size - sum, size / 2]);
      assert.equal([...(await ranks.allreduce(mine, 'max'))], [size, -0, 0.5]);
      assert.equal([...(await ranks.allreduce(mine, 'min'))], [1, 1 - size || -0, 0.5]);
      assert.equal([...mine], [rank + 1, -rank, 0.5], 'what was given is as it was');
      for (const root of everyone) {
        const given = rank === root ? Float64Array.of(root, 42) : undefined;
        assert.equal([...(await ranks.broadcast(given, root))], [root, 42]);
        const gathered = await ranks.gather(new Float64Array(rank).fill(rank), root);
        if (rank === root)
          assert.equal(
            gathered?.map((values) => [...values]),
            everyone.map((r) => Array(r).fill(r)),
          );
        else assert.is(gathered, undefined);
      }
    });
  }
});

test('nobody leaves a barrier before everybody has come', async () => {
  for (const size of SIZES) {
    let come = 0;
    await onRanks(size, async (ranks) => {
      for (let round = 1; round <= 3; round++) {
        // The later ones take longer: each waits for a message from the one before it.
        if (ranks.rank > 0) await ranks.receive(ranks.rank - 1, round);
        come++;
        if (ranks.rank + 1 < size) await ranks.send(ranks.rank + 1, new Float64Array(1), round);
        await ranks.barrier();
        assert.ok(come >= round * size, `${come} of ${round * size}`);
        await ranks.barrier();
      }
    });
  }
});

test('whatever is reduced, all ranks get the same bits, and the right ones', async () => {
  const communicators = new Map<number, readonly Communicator[]>();
  for (const size of SIZES) communicators.set(size, await joinRanks(size));
  const reference: Readonly<Record<Reduction, (column: readonly number[]) => number>> = {
    sum: (column) => column.reduce((a, b) => a + b, 0),
    max: (column) => Math.max(...column),
    min: (column) => Math.min(...column),
  };
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 20 }),
      fc.constantFrom<Reduction>('sum', 'max', 'min'),
      fc.infiniteStream(fc.integer({ min: -(2 ** 40), max: 2 ** 40 })),
      fc.infiniteStream(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 })),
      async (size, length, reduction, integers, doubles) => {
        const ranks = communicators.get(size) ?? [];
        const draw = (stream: Iterator<number>): number => Number(stream.next().value);
        const exact = ranks.map(() => Float64Array.from({ length }, () => draw(integers)));
        const rough = ranks.map(() => Float64Array.from({ length }, () => draw(doubles)));
        const reduced = await Promise.all(ranks.map((r, i) => r.allreduce(exact[i] ?? fail(), reduction)));
        for (const values of reduced)
          values.forEach((value, at) => {
            assert.ok(value === reference[reduction](exact.map((given) => given[at] ?? Number.NaN)));
          });
        const same = await Promise.all(ranks.map((r, i) => r.allreduce(rough[i] ?? fail(), reduction)));
        for (const values of same) assert.equal(values, same[0]);
      },
    ),
    { numRuns: 200 },
  );
  for (const ranks of communicators.values()) for (const communicator of ranks) communicator.close();
});

function fail(): never {
  throw new Error('no values for that rank');
}

test('a peer that gives up ends everything that is pending and all that follows, with one sentence for all', async () => {
  const ranks = await joinRanks(4);
  const [r0, r1, r2, r3] = ranks as [Communicator, Communicator, Communicator, Communicator];
  const pending = [r0.barrier(), r1.receive(2, 5), r3.receive(0), r1.barrier()];
  const messages = Promise.all(pending.map(message));
  r2.abort(new Error('power cut'));
  for (const text of await messages) assert.match(text, /^rank 2 at 127\.0\.0\.1:\d+ gave up: power cut$/);
  assert.match(await message(r0.barrier()), /^rank 2 at .* gave up: power cut$/);
  assert.match(await message(r1.send(0, new Float64Array(1))), /^rank 2 at .* gave up: power cut$/);
  assert.is(await message(r2.receive(0)), 'power cut');
});

test('a peer whose process is gone is named by all the others', async () => {
  const listeners = await Promise.all([RankListener.listen(), RankListener.listen()]);
  const endpoints = [...listeners.map(({ endpoint }) => endpoint), { host: '127.0.0.1', port: 1 }];
  const joining = listeners.map((listener, rank) => listener.join({ rank, endpoints, secret: TEST_SECRET }));
  // The third rank: the connecting side of the handshake, then nothing but a closed socket.
  const sockets = endpoints.slice(0, 2).map(({ host, port }) => connect({ host, port }));
  const me = { rank: 2, size: 3, secret: TEST_SECRET };
  await Promise.all(sockets.map((socket, peer) => introduce(new Link(socket), me, peer)));
  const [r0, r1] = (await Promise.all(joining)) as [Communicator, Communicator];
  const pending = [r0.barrier(), r1.receive(0), r1.receive(2)].map(message);
  for (const socket of sockets) socket.destroy();
  for (const text of await Promise.all(pending))
    assert.match(text, /^rank 2 at 127\.0\.0\.1:1 is gone: its connection broke$/);
});

test('a peer that has left is missed only by those who wait for it', async () => {
  const [r0, r1, r2] = (await joinRanks(3)) as [Communicator, Communicator, Communicator];
  await r1.send(0, Float64Array.of(9));
  r1.close();
  const exchanged = await Promise.all([
    r0.exchange(2, Float64Array.of(1)),
    r2.exchange(0, Float64Array.of(2)),
  ]);
  assert.equal(
    exchanged.map(([value]) => value),
    [2, 1],
  );
  assert.equal([...(await r0.receive(1))], [9], 'what it sent before is still there');
  assert.match(await message(r0.receive(1)), /^rank 1 at .* has left the job while rank 0 waits for it$/);
  assert.is(await message(r1.barrier()), 'rank 1 has left the job');
  r2.close();
});

test('ranks that reduce different numbers of values are told so', async () => {
  const ranks = await joinRanks(2);
  const messages = await Promise.all(
    ranks.map((communicator, rank) => message(communicator.allreduce(new Float64Array(rank + 1), 'sum'))),
  );
  assert.ok(messages.some((text) => /the ranks reduce \d and \d values/.test(text)));
  assert.ok(messages.every((text) => text !== 'resolved'));
});

test('a rank cannot talk to itself or to one that does not exist', async () => {
  await onRanks(2, async (ranks) => {
    const peer = ranks.rank;
    assert.match(await message(ranks.send(peer, new Float64Array(1))), /cannot talk to rank/);
    assert.match(await message(ranks.receive(2)), /cannot talk to rank 2/);
  });
});

test('who does not know the secret does not get in, and does not disturb those who do', async () => {
  const listeners = await Promise.all([RankListener.listen(), RankListener.listen()]);
  const [l0, l1] = listeners as [RankListener, RankListener];
  const endpoints = listeners.map(({ endpoint }) => endpoint);
  const impostor = await RankListener.listen();
  const joining = l0.join({ rank: 0, endpoints, secret: TEST_SECRET });
  const refused = message(impostor.join({ rank: 1, endpoints, secret: 'another secret altogether' }));
  assert.match(await refused, /^rank 1 cannot join rank 0 at .*: it does not know the job's secret$/);

  // One who skips checking the other side and guesses the proof.
  const guesser = connect(l0.endpoint);
  const hello = Buffer.alloc(24);
  hello.writeUInt32LE(1, 0);
  hello.writeUInt32LE(2, 4);
  guesser.write(encodeFrame('hello', 0, hello));
  await once(guesser, 'data');
  guesser.write(encodeFrame('proof', 0, Buffer.alloc(32, 1)));
  await closed(guesser);

  // One who sends more than a handshake has.
  const flooder = connect(l0.endpoint);
  flooder.write(encodeFrame('data', 0, Buffer.alloc(100_000)));
  await closed(flooder);

  const [r0, r1] = await Promise.all([joining, l1.join({ rank: 1, endpoints, secret: TEST_SECRET })]);
  const both = await Promise.all([r0.exchange(1, Float64Array.of(1)), r1.exchange(0, Float64Array.of(2))]);
  assert.equal([...(both[0] ?? [])], [2]);
  r0.close();
  r1.close();
});

test('ranks find each other in whatever order they are told to start', async () => {
  const listeners = await Promise.all(Array.from({ length: 4 }, () => RankListener.listen()));
  const endpoints = listeners.map(({ endpoint }) => endpoint);
  const join = (rank: number) =>
    (listeners[rank] as RankListener).join({ rank, endpoints, secret: TEST_SECRET });
  const last = join(3);
  // The last one's connections arrive where nobody knows the secret yet.
  await new Promise((resolve) => setImmediate(resolve));
  const ranks = await Promise.all([join(0), join(1), join(2), last]);
  const sums = await Promise.all(ranks.map((r) => r.allreduce(Float64Array.of(1), 'sum')));
  assert.equal(
    sums.map(([sum]) => sum),
    [4, 4, 4, 4],
  );
  for (const communicator of ranks) communicator.close();
});

test('a rank that nobody joins gives up in time, and one that is told to at once', async () => {
  const listeners = await Promise.all([RankListener.listen(), RankListener.listen()]);
  const endpoints = listeners.map(({ endpoint }) => endpoint);
  const [l0, l1] = listeners as [RankListener, RankListener];
  const late = l0.join({ rank: 0, endpoints, secret: TEST_SECRET, timeoutMs: 20 });
  assert.match(await message(late), /^rank 1 at .* has not connected to rank 0 within 0\.02 s$/);
  const refused = l1.join({ rank: 1, endpoints, secret: TEST_SECRET });
  assert.match(await message(refused), /^rank 1 cannot join rank 0 at .*: ECONNREFUSED$/);
  const third = await RankListener.listen();
  const given = third.join({ rank: 0, endpoints: [third.endpoint, l1.endpoint], secret: TEST_SECRET });
  third.close(new Error('the rank was killed'));
  assert.is(await message(given), 'the rank was killed');
});

test('frames are cut from a stream wherever its chunks end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      (payloads, lengths) => {
        const stream = Buffer.concat(payloads.map((payload, tag) => encodeFrame('data', tag, payload)));
        const reader = new FrameReader();
        const frames = [];
        for (let at = 0; at < stream.length; ) {
          const length = Number(lengths.next().value);
          frames.push(...reader.push(stream.subarray(at, at + length)));
          at += length;
        }
        assert.equal(
          frames.map(({ tag, payload }) => [tag, [...payload]]),
          payloads.map((payload, tag) => [tag, [...payload]]),
        );
      },
    ),
  );
});

test('frames that are too long or of no known kind are refused', () => {
  const frame = encodeFrame('data', 0, Buffer.alloc(65));
  assert.throws(() => [...new FrameReader().push(frame)], /a frame of 65 bytes; at most 64 are allowed/);
  const odd = encodeFrame('bye');
  odd.writeUInt8(77, 4);
  assert.throws(() => [...new FrameReader().push(odd)], /a frame of unknown kind/);
  const huge = { byteLength: PAYLOAD_BYTES_MAX + 1 } as Uint8Array;
  assert.throws(() => encodeFrame('data', 0, huge), /at most 67108864 are allowed/);
});

test('all ranks of a large job may knock before a rank knows of them', async () => {
  const size = 300;
  const listener = await RankListener.listen();
  const { host, port } = listener.endpoint;
  const endpoints = Array.from({ length: size }, () => ({ host, port }));
  const sockets = endpoints.slice(1).map(() => connect({ host, port }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const links = sockets.map((socket) => new Link(socket));
  const others = links.map((link, n) => introduce(link, { rank: n + 1, size, secret: TEST_SECRET }, 0));
  const join = async (): Promise<Communicator> => {
    for (let turns = 0; turns < 2 * size; turns++) await new Promise(setImmediate);
    return listener.join({ rank: 0, endpoints, secret: TEST_SECRET });
  };
  const [communicator] = await Promise.all([join(), ...others]);
  assert.is(communicator.size, size);
  communicator.close();
  for (const link of links) link.destroy(new Error('the test is over'));
});

test.run();
