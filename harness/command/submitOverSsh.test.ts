/** Jobs of who reaches nothing of the machines but ssh: a firewall drops, or refuses, all else that is not from one of them. As root. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { placesOf } from '../../infra/deployments/provision.ts';
import { readRecord } from '../../infra/deployments/record.ts';
import { firewall } from '../../infra/nodeDaemon/testFirewall.ts';
import { until } from '../../mesos/election/testElection.ts';
import { assertNothingLeft, type LabFolders, makeLabFolders, removeLabFolders, well } from './testLab.ts';

const test = suite<LabFolders & { cluster: string; on: readonly string[] }>('jobs over nothing but ssh');

async function closePorts(cluster: string, verdict: 'drop' | 'reject with tcp reset'): Promise<void> {
  const found = readRecord(cluster);
  assert.ok(found.is === 'found');
  const places = await placesOf(found.record.asked, cluster);
  for (const place of places)
    firewall(
      place,
      verdict,
      places.map(({ ip }) => ip),
    );
}

test.before(async (context) => {
  makeLabFolders(context);
  context.cluster = join(context.home, 'netns');
  context.on = ['--cluster', context.cluster];
  await well(context.folder, 'up', '--netns', '4', '--over', 'ssh', '--masters', '3');
  writeFileSync(join(context.folder, 'text'), 'one two\ntwo three three\n'.repeat(1000));
});
test.after(async (folders) => {
  assert.is(await well(folders.folder, 'down'), 'netns is down; nothing of it is left\n');
  await assertNothingLeft(folders);
  await removeLabFolders(folders);
});

test('files are put into the store and come back', async ({ folder, cluster, on }) => {
  await closePorts(cluster, 'reject with tcp reset');
  await well(folder, 'dfs', 'put', 'text', '/text', ...on);
  assert.is(await well(folder, 'dfs', 'cat', '/text', ...on), readFileSync(join(folder, 'text'), 'utf8'));
  await well(folder, 'dfs', 'rm', '/text', ...on);
});

test('a job runs on what is stored for it, and its output comes here', async ({ folder, cluster, on }) => {
  await closePorts(cluster, 'drop');
  const job = ['submit', 'hadoop', 'wordcount', '--input', 'text', '--output', 'counts', '--mem', '128'];
  await well(folder, ...job, ...on);
  assert.is(
    readFileSync(join(folder, 'counts', 'part-r-00000'), 'utf8'),
    'one\t1000\nthree\t2000\ntwo\t2000\n',
  );
  assert.is(await well(folder, 'jobs', ...on), 'no jobs\n');
});

test('a cluster that is up already is looked at and brought up again', async ({ folder, cluster }) => {
  await closePorts(cluster, 'drop');
  assert.match(await well(folder, 'status'), /leads; slaves registered: /);
  const said = await well(folder, 'up', '--netns', '4', '--over', 'ssh', '--masters', '3');
  assert.match(said, /runs on 4 of 4 machines/);
  const [, command = '', page, token] =
    /by ssh alone, as long as this runs:\n\n {2}(ssh .*)\n\nThen it is (\S+); sign in with the token (\S+)\n/.exec(
      said,
    ) ?? [];
  const tunnel = spawn('sh', ['-c', `exec ${command}`], { stdio: 'ignore' });
  try {
    const ask = (path: string) =>
      fetch(`${page}${path}`, { headers: { Authorization: `Bearer ${token}` }, redirect: 'manual' });
    await until(`${command} leads there`, () =>
      ask('')
        .then(({ ok }) => ok)
        .catch(() => false),
    );
    assert.is((await ask('state')).status, 200, 'it leads');
  } finally {
    tunnel.kill();
  }
});

test.run();
