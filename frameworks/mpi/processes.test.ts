import { type ChildProcess, spawn } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ended, isAlive } from '../../mesos/isolation/testContainers.ts';
import { findProgram, inWords, Processes } from './processes.ts';

interface World {
  processes: Processes;
  /** What has been written so far, by line. */
  lines(count: number): Promise<readonly string[]>;
  output: (piece: Buffer) => Promise<void>;
}

const test = suite<World>('the processes of a rank');

test.before.each((world) => {
  let text = '';
  let wake = (): void => {};
  world.processes = new Processes();
  world.output = async (piece) => {
    text += piece;
    wake();
  };
  world.lines = async (count) => {
    for (;;) {
      const found = text.split('\n').slice(0, -1);
      if (found.length >= count) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
});
test.after.each(({ processes }) => processes.close());

const shell = (script: string, { output }: World) => ({
  program: 'sh',
  arguments: ['-c', script],
  folder: '/tmp',
  environment: { COLOUR: 'red' },
  output,
});

test('a process has its arguments as they are, its environment and its folder', async (world) => {
  const end = await world.processes.run({
    ...shell('', world),
    arguments: ['-c', 'echo "$0|$1"; echo $COLOUR; pwd; exit 3', '$HOME *', ''],
  });
  assert.is(inWords(end), 'ended with exit code 3');
  assert.equal(await world.lines(3), ['$HOME *|', 'red', '/tmp']);
});

test('what cannot be started rejects', async (world) => {
  const run = world.processes.run({ ...shell('', world), program: '/no/such/program' });
  assert.match(await run.catch((error) => error.code), /ENOENT/);
  assert.is(findProgram('/no/such/program'), undefined);
  assert.is(findProgram('no-such-program'), undefined);
  assert.is(findProgram('/'), undefined);
  assert.match(findProgram('sh') ?? '', /\/sh$/);
});

test('all that was started ends when it is told to, in sessions and groups of its own too', async (world) => {
  const run = world.processes.run(
    shell('setsid sh -c "echo \\$\\$; exec sleep 1000" & echo $$; exec sleep 1000', world),
  );
  const pids = (await world.lines(2)).map(Number);
  world.processes.endAll();
  assert.is(inWords(await run), 'was ended by SIGKILL');
  for (const pid of pids) await ended(pid);
});

test('what a process leaves behind ends with it, and leaves the others alone', async (world) => {
  const other = world.processes.run(shell('echo $$; exec sleep 1000', world));
  const [otherPid] = await world.lines(1);
  const leave =
    'mkfifo $0; setsid sh -c "echo \\$\\$ > $0; exec sleep 1000" & read -r left < $0; rm $0; echo $left';
  const pipe = `/tmp/left-${process.pid}`;
  const end = await world.processes.run({ ...shell('', world), arguments: ['-c', leave, pipe] });
  const [, left] = await world.lines(2);
  assert.is(inWords(end), 'ended with exit code 0');
  await ended(Number(left));
  assert.ok(isAlive(Number(otherPid)));
  world.processes.close();
  await other;
});

test('what a process starts as it ends is found, though it shows no variables in the middle of execve', async (world) => {
  const pids: number[] = [];
  const output = async (piece: Buffer): Promise<void> => void pids.push(Number(piece));
  for (let n = 0; n < 200; n++)
    await world.processes.run({
      ...shell('setsid sleep 1000 >&- 2>&- & echo $!', world),
      output,
    });
  assert.is(pids.length, 200);
  for (const pid of pids) await ended(pid);
});

test('all of it ends with the process that started it, however that ends', async () => {
  const script = `
    import { Processes } from ${JSON.stringify(new URL('processes.ts', import.meta.url).href)};
    const output = async (piece) => void process.stdout.write(piece);
    void new Processes().run({ program: 'sh', arguments: ['-c', 'setsid sh -c "echo \\\\$\\\\$; exec sleep 1000" & echo $$; exec sleep 1000'], folder: '/', environment: {}, output });
  `;
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const piece of child.stdout ?? []) {
    text += piece;
    if (text.split('\n').length > 2) break;
  }
  const pids = text.split('\n').slice(0, 2).map(Number);
  assert.is(pids.filter(isAlive).length, 2);
  child.kill('SIGKILL');
  for (const pid of pids) await ended(pid);
});

test.run();
