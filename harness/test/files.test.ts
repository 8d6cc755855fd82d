import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ended, runFiles, type TestFile } from './files.ts';

/** A file with this text. */
async function fileOf(text: string): Promise<{ readonly file: TestFile } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'test-files-'));
  const file = join(folder, 'broken.test.ts');
  await writeFile(file, text);
  return {
    file: { name: 'broken.test.ts', file },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** A file with a test that passes, and leaves this. */
const leaving = (what: string): string => `
  import { test } from ${JSON.stringify(import.meta.resolve('uvu'))};
  test('leaves something', async () => {
    ${what};
  });
  test.run();
`;

const MEAN = {
  name: 'mean.test.ts',
  file: fileURLToPath(new URL('../statistics/mean.test.ts', import.meta.url)),
};

test('a process that ends before its tests costs one file, and says so', async () => {
  await using broken = await fileOf('process.exit(3);\n');
  const told: Ended[] = [];
  const ended = await runFiles([broken.file, MEAN], 1, (one) => told.push(one));
  assert.equal(told, ended);
  assert.equal(
    ended.map(({ name, total, passed }) => [name, total, passed]),
    [
      ['broken.test.ts', 1, 0],
      ['mean.test.ts', 3, 3],
    ],
  );
  assert.match(ended[0]?.said ?? '', /FAIL {2}"broken.test.ts"\n.*ended \(3\)/);
});

test('a file that hangs is ended, and named', async () => {
  await using broken = await fileOf('await new Promise(() => setInterval(() => {}, 1000));\n');
  const [ended] = await runFiles([broken.file], 1, () => {}, { limitMs: 1_000 });
  assert.is(ended?.total, 1);
  assert.match(ended?.said ?? '', /FAIL {2}"broken.test.ts"\n {4}it took more than 1 s\n$/);
});

test('a file that leaves a timer, a server or a connection open has failed, and the next one runs without it', async () => {
  const net = `const { connect, createServer } = await import('node:net');`;
  await using timer = await fileOf(leaving('setInterval(() => {}, 1000)'));
  await using server = await fileOf(leaving(`${net} createServer().listen(0)`));
  await using connection = await fileOf(
    leaving(`${net} const server = createServer().unref();
      server.on('connection', (one) => one.unref());
      await new Promise((listening) => server.listen(0, listening));
      await new Promise((connected) => connect(server.address().port, connected))`),
  );
  const files = [timer.file, server.file, connection.file, MEAN];
  const ended = await runFiles(files, 1, () => {}, { graceMs: 100 });
  assert.equal(
    ended.map(({ total, passed }) => [total, passed]),
    [
      [2, 1],
      [2, 1],
      [2, 1],
      [3, 3],
    ],
  );
  for (const [n, kind] of ['Timeout', 'TCPServerWrap', 'TCPSocketWrap'].entries())
    assert.match(
      ended[n]?.said ?? '',
      new RegExp(
        `FAIL {2}"broken.test.ts"\\n {4}its tests ended, but it left open what keeps a process from ending: ${kind}\\n$`,
      ),
    );
});

test('what ends by itself, or keeps no process from ending, is not left open', async () => {
  await using soon = await fileOf(leaving('setTimeout(() => {}, 50); setInterval(() => {}, 1000).unref()'));
  await using printed = await fileOf(leaving("console.log('one'); process.stderr.write('')"));
  // The other end has said something that nobody reads, and has ended.
  await using unread = await fileOf(
    leaving(`const { connect, createServer } = await import('node:net');
      const server = createServer((one) => one.resume().end('unread', () => server.close()));
      server.listen(0, () => connect(server.address().port).end());
      await new Promise((closed) => server.on('close', closed))`),
  );
  const ended = await runFiles([soon.file, printed.file, unread.file], 1, () => {});
  for (const { total, passed, seconds } of ended) {
    assert.equal([total, passed], [1, 1]);
    assert.ok(seconds < 10, `${seconds} s`);
  }
});

test('a file that ends its process by what it left has failed', async () => {
  await using broken = await fileOf(leaving('setTimeout(() => process.exit(3), 50)'));
  const [ended] = await runFiles([broken.file], 1, () => {});
  assert.equal([ended?.total, ended?.passed], [2, 1]);
  assert.match(
    ended?.said ?? '',
    /FAIL {2}"broken.test.ts"\n {4}its process ended \(3\) when its tests had ended\n$/,
  );
});

test('a process that a file left, and that holds its output, keeps nobody', async () => {
  const sleep = `console.log((await import('node:child_process')).spawn('sleep', ['60'], { stdio: 'inherit' }).pid)`;
  await using left = await fileOf(leaving(sleep));
  await using exits = await fileOf(`${sleep};\nprocess.exit(3);\n`);
  const ended = await runFiles([left.file, exits.file], 1, () => {}, { graceMs: 100 });
  for (const { said } of ended) process.kill(Number(/^\d+$/m.exec(said)?.[0]));
  assert.match(ended[0]?.said ?? '', /from ending: ProcessWrap\n$/);
  assert.match(ended[1]?.said ?? '', /its process ended \(3\) before its tests did\n$/);
});

test('each file is run once, by as many processes as are asked for', async () => {
  const ended = await runFiles([MEAN, { ...MEAN, name: 'again' }], 2, () => {});
  assert.equal(ended.map(({ name, passed }) => [name, passed]).sort(), [
    ['again', 3],
    ['mean.test.ts', 3],
  ]);
});

test.run();
