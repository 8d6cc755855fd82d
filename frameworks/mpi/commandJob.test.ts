import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CommandProgram, type CommandResult, runCommand } from './commandJob.ts';
import { Processes } from './processes.ts';
import { onRanks } from './testRanks.ts';

interface World {
  folder: string;
  /** Runs a command on three ranks. */
  run(command: Partial<CommandProgram>): Promise<readonly CommandResult[]>;
}

const test = suite<World>('a command as the program of a job');
const HOSTS = ['10.0.0.1', '10.0.0.2', '10.0.0.2'];

test.before.each((world) => {
  world.folder = mkdtempSync(join(tmpdir(), 'command-job-'));
  world.run = (command) =>
    onRanks(HOSTS.length, async (ranks) => {
      const folder = mkdtempSync(join(world.folder, `rank${ranks.rank}-`));
      const processes = new Processes();
      const program: CommandProgram = {
        type: 'command',
        program: 'sh',
        arguments: [],
        environment: {},
        on: 'all',
        ...command,
      };
      try {
        return await runCommand(ranks, program, { jobId: 'job7', hosts: HOSTS, folder, processes });
      } catch (error) {
        // As a rank does, so that the others do not wait for ever.
        ranks.abort(error as Error);
        throw error;
      } finally {
        processes.close();
      }
    });
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const script = (text: string): Pick<CommandProgram, 'arguments'> => ({ arguments: ['-c', text] });

test('every rank runs it, and it knows its rank, the others and their hosts', async ({ run }) => {
  const results = await run(
    script('echo $MESOS_RANK of $MESOS_RANKS on $MESOS_HOSTS for $PBS_JOBID; cat $PBS_NODEFILE'),
  );
  const nodes = HOSTS.map((host) => `${host}\n`).join('');
  results.forEach(({ tail, output, exitCode, ranks }, rank) => {
    assert.is(tail, `${rank} of 3 on ${HOSTS.join(',')} for job7\n${nodes}`);
    assert.is(readFileSync(output, 'utf8'), tail);
    assert.equal([exitCode, ranks], [0, 3]);
  });
});

test('on the first rank alone, the others hold their slots until it has ended', async ({ run }) => {
  const results = await run({ ...script('echo here; echo there >&2'), on: 'first' });
  assert.equal(
    results.map(({ tail }) => tail.split('\n').sort().join(' ').trim()),
    ['here there', '', ''],
  );
});

test('an exit code is a result, that of the first rank that has one', async ({ run }) => {
  const [first] = await run(script('exit $((MESOS_RANK * 3))'));
  assert.is(first?.exitCode, 3);
});

test('its environment and its folder are as they are given, and no shell reads them', async ({
  run,
  folder,
}) => {
  const [first] = await run({
    ...script('pwd; echo "$COLOUR"; echo "$1"'),
    arguments: ['-c', 'pwd; echo "$COLOUR"; echo "$1"', 'name', '$(id); *'],
    environment: { COLOUR: '`id`', MESOS_RANK: 'forged' },
    workingDirectory: folder,
  });
  assert.is(first?.tail, `${folder}\n\`id\`\n$(id); *\n`);
});

test('a program with a relative path is that of the folder it runs in', async ({ run, folder }) => {
  writeFileSync(join(folder, 'hello'), '#!/bin/sh\necho hello\n', { mode: 0o755 });
  const [first] = await run({ program: './hello', workingDirectory: folder });
  assert.is(first?.tail, 'hello\n');
  await run({ program: './hello' }).then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, /cannot run '\.\/hello'/),
  );
});

for (const [what, command, message] of [
  [
    'that does not exist',
    { program: 'no-such-program' },
    /^rank \d cannot run 'no-such-program': there is no such program where it runs$/,
  ],
  [
    'in a folder that does not exist',
    { ...script('true'), workingDirectory: '/no/such' },
    /^rank \d cannot run 'sh' in \/no\/such: .*ENOENT/,
  ],
  [
    'that is killed',
    script('echo dying; kill -9 $$'),
    /^the command of rank \d was ended by SIGKILL: dying$/,
  ],
] as const)
  test(`a command ${what} fails the job with a sentence`, async ({ run }) => {
    const told = await run(command).then(
      () => 'nothing',
      (error) => error.message,
    );
    assert.match(told, message);
  });

test.run();
