/** Real masters that elect their leader through real ZooKeeper servers, and fail in the middle of a job (NSDI'11 §3.6, §6.6). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../mesos/protocol/history.ts';
import type { Listening } from './run/deployment.ts';
import { startMaster } from './run/deployment.ts';
import { assertExact, type Cluster, electionFlags, withCluster } from './testDeployment.ts';

const MASTERS = { masters: 3 };

/** The first of these masters that says that it leads. */
function leaderOf(masters: readonly Listening[]): Promise<Listening> {
  return Promise.any(
    masters.map(async (each) => {
      await each.process.waitForLine(/^elected$/);
      return each;
    }),
  );
}

/** The histories of these processes, in the order of time. */
async function historyOf({ deployment }: Cluster, names: readonly string[]): Promise<readonly HistoryLine[]> {
  const texts = await Promise.all(
    names.map((name) => readFile(join(deployment.histories, `${name}.ndjson`), 'utf8')),
  );
  const lines = texts.flatMap((text) => text.split('\n').slice(0, -1));
  return lines.map((line): HistoryLine => JSON.parse(line)).toSorted((a, b) => a.t - b.t);
}

/** No task was lost, none had to be tried again, and no executor ended before the framework did. */
async function assertNothingLost(cluster: Cluster): Promise<void> {
  const masters = cluster.masters.map((_, n) => `master${n + 1}`);
  const history = await historyOf(cluster, masters);
  const bad = history.filter(
    (line) =>
      line.event === 'slave-lost' || (line.event === 'task-updated' && /LOST|FAILED|ERROR/.test(line.state)),
  );
  assert.equal(bad, []);
  const launches = history.flatMap((line) => (line.event === 'task-launched' ? [line.taskId] : []));
  assert.is(new Set(launches).size, launches.length);
}

test('the leading master is killed: another leads, no task is lost or started twice, and the result is exact', () =>
  withCluster(async (cluster) => {
    const leader = await leaderOf(cluster.masters);
    process.kill(leader.process.pid, 'SIGKILL');
    const next = await leaderOf(cluster.masters.filter((each) => each !== leader));
    assert.is.not(next.address, leader.address);
    await assertExact(cluster);
    await assertNothingLost(cluster);
  }, MASTERS));

test('all masters are killed: the slaves work on, and a new one finds all as it was', () =>
  withCluster(async (cluster) => {
    const { head, deployment, ensemble, masters } = cluster;
    for (const { process: master } of masters) process.kill(master.pid, 'SIGKILL');
    await Promise.all(masters.map(({ process: master }) => master.exited));
    if (ensemble === undefined) throw new Error('there is no ensemble');
    await startMaster(head, deployment, 'master4', electionFlags(ensemble));
    await assertExact(cluster);
    await assertNothingLost({ ...cluster, masters: [...masters, ...masters.slice(0, 1)] });
  }, MASTERS));

test('the ZooKeeper server that leads is killed: the master that leads goes on', () =>
  withCluster(
    async (cluster) => {
      const leader = await leaderOf(cluster.masters);
      await (await cluster.ensemble?.leader())?.kill();
      await assertExact(cluster);
      await assertNothingLost(cluster);
      assert.not.match(leader.process.lastLines().join('\n'), /^deposed$/m);
      // Longer than the servers need to find a leader of their own.
    },
    { ...MASTERS, session: '4secs' },
  ));

test('the leading master is told to end: another leads at once', () =>
  withCluster(async (cluster) => {
    const leader = await leaderOf(cluster.masters);
    await leader.process.stop();
    await leaderOf(cluster.masters.filter((each) => each !== leader));
    await assertExact(cluster);
    await assertNothingLost(cluster);
  }, MASTERS));

test.run();
