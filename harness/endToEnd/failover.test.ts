/** Real masters that elect their leader through real ZooKeeper servers, and fail in the middle of a job (NSDI'11 §3.6, §6.6). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startMaster } from '../run/deployment.ts';
import { assertExact, assertNothingLost, electionFlags, leaderOf, withCluster } from './testDeployment.ts';

const MASTERS = { masters: 3 };

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
    const { head, ensemble, masters } = cluster;
    for (const { process: master } of masters) process.kill(master.pid, 'SIGKILL');
    await Promise.all(masters.map(({ process: master }) => master.exited));
    if (ensemble === undefined) throw new Error('there is no ensemble');
    await startMaster(head, 'master4', electionFlags(ensemble));
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
