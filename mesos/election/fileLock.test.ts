import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { localMachines } from '../../infra/local.ts';
import type { Machine, Machines } from '../../infra/machine.ts';
import type { OpenElection } from './election.ts';
import { fileLockElection } from './fileLock.ts';
import { follow, leaders, stand, startCandidate, until } from './testElection.ts';

const test = suite<{
  machines: Machines;
  machine: Machine;
  path: string;
  url: string;
  election: OpenElection;
}>('the election by a lock on a file');

test.before.each(async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'file-lock-'));
  context.machines = await localMachines(folder, ['local']);
  context.machine = context.machines.machines[0] as Machine;
  context.path = join(context.machine.folder, 'lock');
  context.url = pathToFileURL(context.path).href;
  context.election = fileLockElection(context.url);
});
test.after.each(async ({ election, machines }) => {
  await election.close();
  await machines[Symbol.asyncDispose]();
});

test('one leads; when it withdraws the next one does, and all know', async ({ election, path, url }) => {
  const follower = follow(election);
  await until('vacancy is known', () => follower.seen.length === 1);
  const first = stand(election, '127.0.0.1:5051');
  await until('the first leads', () => first.candidacy.leads());
  const other = fileLockElection(url);
  const second = stand(other, '127.0.0.1:5052');
  await until('the first is known', () => follower.seen.length === 2);
  assert.not(second.candidacy.leads());
  first.candidacy.withdraw();
  assert.not(first.candidacy.leads());
  await until('the second leads', () => second.candidacy.leads());
  await until('the second is known', () => {
    const last = follower.seen.at(-1);
    return last?.is === 'held' && last.master === 'master@127.0.0.1:5052';
  });
  await other.close();
  await until('vacancy is known', () => follower.seen.at(-1)?.is === 'vacant');
  assert.is((await readFile(path, 'utf8')).trim(), '');
  const third = stand(election, '127.0.0.1:5053');
  await until('the third leads', () => third.candidacy.leads());
  assert.equal(
    [first, second, third].map(({ told }) => told.map(({ event, isFirst }) => [event, isFirst])),
    [[['elected', true]], [['elected', false]], [['elected', false]]],
  );
});

test('when the process that leads is killed, the next one leads at once', async ({
  election,
  machine,
  url,
}) => {
  const first = await startCandidate(machine, url, '127.0.0.1:5051', 1_000);
  await first.time('elected');
  const second = stand(election, '127.0.0.1:5052');
  const follower = follow(election);
  await until('the first is found', () => follower.seen.length === 1);
  assert.equal(leaders(follower), ['master@127.0.0.1:5051']);
  first.signal('SIGKILL');
  await until('the second leads', () => second.candidacy.leads());
  await until('the second is found', () => follower.seen.length === 2);
  assert.is(leaders(follower).at(-1), 'master@127.0.0.1:5052');
  assert.not(second.told[0]?.isFirst);
});

test('a leader whose process was stopped still leads, and nobody has led meanwhile', async ({
  election,
  machine,
  url,
}) => {
  const first = await startCandidate(machine, url, '127.0.0.1:5051', 1_000);
  await first.time('leads');
  const second = stand(election, '127.0.0.1:5052');
  first.signal('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(second.told, []);
  first.signal('SIGCONT');
  await first.time('resumed leads=true');
  await first.stop();
  await until('the second leads', () => second.candidacy.leads());
});

test('a candidate that waits and is killed leaves no lock and nothing that waits', async ({
  election,
  machine,
  url,
}) => {
  const first = stand(election, '127.0.0.1:5051');
  await until('the first leads', () => first.candidacy.leads());
  const second = await startCandidate(machine, url, '127.0.0.1:5052', 1_000);
  await second.time('standing');
  second.signal('SIGKILL');
  await second.exited;
  first.candidacy.withdraw();
  const third = stand(election, '127.0.0.1:5053');
  await until('the third leads', () => third.candidacy.leads());
});

test('a leader whose lock file somebody removes is deposed', async ({ election, path }) => {
  const leader = stand(election, '127.0.0.1:5050');
  await until('it leads', () => leader.candidacy.leads());
  await rm(path);
  await until('it is deposed', () => leader.told.length === 2);
  assert.not(leader.candidacy.leads());
  assert.match(leader.told[1]?.reason ?? '', /somebody removed or replaced the lock file/);
});

test('a lock file that cannot be had is told in one sentence', async ({ machine, election, path }) => {
  const impossible = fileLockElection(pathToFileURL(join(machine.folder, 'no/such/folder/lock')).href);
  const candidate = stand(impossible, '127.0.0.1:5050');
  assert.equal(candidate.told, []);
  const follower = follow(impossible);
  await until('it is told', () => candidate.told.length === 1);
  assert.match(candidate.told[0]?.reason ?? '', /the lock file cannot be opened: ENOENT/);
  await until('it is vacant', () => follower.seen.length === 1);
  assert.equal(follower.seen, [{ is: 'vacant' }]);
  await impossible.close();

  await writeFile(path, 'not a master\n');
  const other = follow(election);
  await until('it is unknown', () => other.seen.length === 1);
  assert.equal(other.seen, [{ is: 'unknown' }]);
});

test.run();
