/** Real masters that elect their leader through real ZooKeeper servers, and fail in the middle of a job (NSDI'11 §3.6, §6.6). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { localMachines } from '../../infra/local.ts';
import type { Machines } from '../../infra/machine.ts';
import { type Ensemble, startEnsemble } from '../../infra/zookeeper.ts';
import { startMaster } from '../run/deployment.ts';
import {
  assertExact,
  assertNothingLost,
  electionFlags,
  leaderOf,
  type SetUp,
  withCluster,
} from './testDeployment.ts';

interface Servers {
  folder: string;
  machines: Machines;
  ensemble: Ensemble;
}

const test = suite<Servers>('masters that fail');
/** ZooKeeper's unit of time: a fifth of the session's length. */
const TICK_MS = 200;

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'failover-'));
  context.machines = await localMachines(context.folder, ['zookeeper1', 'zookeeper2', 'zookeeper3']);
  context.ensemble = await startEnsemble({ machines: context.machines.machines, tickTimeMs: TICK_MS });
  await context.ensemble.serving();
});
test.after(async ({ folder, machines }) => {
  await machines[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const threeBy = (ensemble: Ensemble): SetUp => ({ masters: 3, electBy: ensemble });

test('the leading master is killed: another leads, no task is lost or started twice, and the result is exact', ({
  ensemble,
}) =>
  withCluster(async (cluster) => {
    const leader = await leaderOf(cluster.masters);
    process.kill(leader.process.pid, 'SIGKILL');
    const next = await leaderOf(cluster.masters.filter((each) => each !== leader));
    assert.is.not(next.address, leader.address);
    await assertExact(cluster);
    await assertNothingLost(cluster);
  }, threeBy(ensemble)));

test('all masters are killed: the slaves work on, and a new one finds all as it was', ({ ensemble }) =>
  withCluster(async (cluster) => {
    const { head, where, masters } = cluster;
    for (const { process: master } of masters) process.kill(master.pid, 'SIGKILL');
    await Promise.all(masters.map(({ process: master }) => master.exited));
    await startMaster(head, 'master4', electionFlags(where));
    await assertExact(cluster);
    await assertNothingLost({ ...cluster, masters: [...masters, ...masters.slice(0, 1)] });
  }, threeBy(ensemble)));

test('the leading master is told to end: another leads at once', ({ ensemble }) =>
  withCluster(async (cluster) => {
    const leader = await leaderOf(cluster.masters);
    await leader.process.stop();
    await leaderOf(cluster.masters.filter((each) => each !== leader));
    await assertExact(cluster);
    await assertNothingLost(cluster);
  }, threeBy(ensemble)));

test('the ZooKeeper server that leads is killed: the master that leads goes on', ({ ensemble }) =>
  withCluster(
    async (cluster) => {
      const leader = await leaderOf(cluster.masters);
      const server = await ensemble.leader();
      await server?.kill();
      await assertExact(cluster);
      await assertNothingLost(cluster);
      assert.not.match(leader.process.lastLines().join('\n'), /^deposed$/m);
      await server?.start();
      await ensemble.serving();
    },
    // Longer than the servers need to find a leader of their own.
    { ...threeBy(ensemble), session: '4secs' },
  ));

test.run();
